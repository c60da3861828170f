"""How many bytes went over the line today, for links that are paid by the byte."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import requests

SAVE_EVERY_S = 60.0


class Traffic:
    """Counts what HTTP sends and receives, heads included; what TLS and TCP add is not seen from here.

    With a `path` the count of the day outlives a restart, but for its last minute.
    """

    def __init__(self, today: Callable[[], date] = date.today, path: Path | None = None) -> None:
        self._today = today
        self._path = path
        self._lock = threading.Lock()
        self._day, self._sent, self._received = today(), 0, 0
        self._saved_s = time.monotonic()
        self._load()

    def saw(self, response: requests.Response) -> None:
        """Count an exchange whose answer was read."""
        head, body = response.request.headers, response.request.body
        sent = _size(head) + (len(body) if isinstance(body, bytes) else 0)
        self.add(sent, _size(response.headers) + response.raw.tell())

    def add(self, sent: int, received: int) -> None:
        with self._lock:
            self._turn()
            self._sent += sent
            self._received += received
            due = time.monotonic() - self._saved_s >= SAVE_EVERY_S
        if due:
            self.save()

    def today(self) -> dict[str, int]:
        """`{"sent", "received"}` in bytes."""
        with self._lock:
            self._turn()
            return {"sent": self._sent, "received": self._received}

    def save(self) -> None:
        """Keep the count; a disk that takes nothing costs the count, not the call."""
        if self._path is None:
            return
        self._saved_s = time.monotonic()
        said = {"day": self._day.isoformat(), **self.today()}
        draft = self._path.with_suffix(".draft")
        with contextlib.suppress(OSError):
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(said), encoding="utf-8")
            draft.replace(self._path)

    def _turn(self) -> None:
        if (today := self._today()) != self._day:
            self._day, self._sent, self._received = today, 0, 0

    def _load(self) -> None:
        if self._path is None:
            return
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            if said["day"] == self._day.isoformat():
                self._sent, self._received = int(said["sent"]), int(said["received"])
        except (OSError, ValueError, KeyError, TypeError):
            return  # none yet, or not readable: counted from now on


def _size(headers: Mapping[str, Any]) -> int:
    """Bytes of a head, its lines' ends included."""
    return sum(len(name) + len(value) + 4 for name, value in headers.items())
