"""How a command has the running gate call its office now, and hears what became of it.

Only the gate writes its journal, so it is the gate that has to call. A command leaves a file in `var/bell`, a folder
that belongs to the gate's own user; the gate takes it away and writes beside it, again and again until the end, how far
it is. Nothing in these files is believed but their names.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import structlog

from kiosk.errors import SyncError
from kiosk.worker import NowAndThen

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
HEARD_WITHIN_S = 15.0  # the gate looks twice a second
STALE_S = 600.0  # answers that nobody fetched
_RING = re.compile(r"[0-9a-f]{16}\.ring")
_ENDED = ("done", "failed", "later")


class Calls(Protocol):
    """The scheduler, as far as a bell needs it."""

    def sync_now(self) -> Any: ...

    def told(self, wish: Any) -> dict[str, Any]: ...

    def state(self) -> dict[str, Any]: ...


class Bell(NowAndThen):
    """The gate's end: looks for rings and answers them."""

    def __init__(self, var: Path, calls: Calls) -> None:
        super().__init__("bell", LOOK_EVERY_S)
        self._box = var / "bell"
        self._calls = calls
        self._open: dict[str, Any] = {}  # ring → the wish that it became

    def look(self) -> None:
        """Take what was rung, and say how far the open ones are."""
        if not self._box.is_dir():
            return
        for file in self._box.iterdir():
            if _RING.fullmatch(file.name):
                with contextlib.suppress(OSError):
                    file.unlink()
                self._open[file.stem] = self._calls.sync_now()
            elif time.time() - _written_at(file) > STALE_S:
                with contextlib.suppress(OSError):
                    file.unlink()
        for name, wish in list(self._open.items()):
            said = self._calls.told(wish)
            self._answer(name, said | {"progress": self._calls.state()["progress"]})
            if said["state"] in _ENDED:
                del self._open[name]

    def _answer(self, name: str, said: dict[str, Any]) -> None:
        try:
            _write(self._box / f"{name}.json", json.dumps(said, ensure_ascii=False))
        except OSError as error:
            log.warning("bell", trouble=str(error))


def ring(var: Path, shown: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Have the gate that runs on `var` call now; what came of it, as `Wish.told` says it. `shown` hears every answer.

    Raises SyncError where no gate hears it.
    """
    box, name = var / "bell", secrets.token_hex(8)
    answer = box / f"{name}.json"
    try:
        box.mkdir(mode=0o700, exist_ok=True)
        _write(box / f"{name}.ring", "")
        return _followed(answer, shown)
    except OSError as error:
        raise SyncError(f"{box}: the gate cannot be reached there ({error.strerror})") from error
    finally:
        for file in (answer, box / f"{name}.ring"):
            with contextlib.suppress(OSError):
                file.unlink()


def _followed(answer: Path, shown: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    heard_s, before = time.monotonic(), ""
    pause = threading.Event()
    while True:
        text = answer.read_text(encoding="utf-8") if answer.exists() else ""
        if text and text != before:
            said: dict[str, Any] = json.loads(text)
            shown(said)
            if said["state"] in _ENDED:
                return said
        if text and _written_at(answer) + HEARD_WITHIN_S > time.time():
            heard_s = time.monotonic()
        if time.monotonic() - heard_s > HEARD_WITHIN_S:
            raise SyncError(
                "the journal is in use, but no gate answers: most likely another command is at work, or the gate hangs"
            )
        before = text
        pause.wait(LOOK_EVERY_S / 2)


def _written_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return time.time()


def _write(path: Path, text: str) -> None:
    """Whole or not at all, for nobody else to read."""
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
