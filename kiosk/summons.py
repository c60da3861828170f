"""A tablet or a lane calls the volunteer: the call stands on the console until somebody comes."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from kiosk.hub import Hub
from kiosk.model import Verdict, iso
from kiosk.visit import LaneView

ANSWERED = ("measure", "several")  # calls that a finished visit answers


class Summons:
    """At most one call a lane; a repeated one keeps its first time. `alone`: the lanes where no volunteer stands."""

    def __init__(self, hub: Hub, alone: frozenset[str]) -> None:
        self._hub = hub
        self._alone = alone
        self._lock = threading.Lock()
        self._calls: dict[str, dict[str, Any]] = {}

    def call(self, lane: str, why: str, at: datetime) -> None:
        with self._lock:
            first = self._calls.get(lane, {"lane": lane, "at": iso(at)})
            self._calls[lane] = first | {"why": why}
        self._tell()

    def follow(self, view: LaneView, at: datetime) -> None:
        """A visit ended: where people check in alone, whoever is not admitted or is to be measured again needs the
        volunteer. A call to measure or to tell two codes apart is answered."""
        if view.lane not in self._alone or view.last is None:
            return
        if view.last.rest_until:
            self.call(view.lane, "rest", at)
        elif view.last.verdict not in (None, Verdict.ADMIT):
            self.call(view.lane, view.last.verdict.value, at)
        elif self._open(view.lane) in ANSWERED:
            self.dismiss(view.lane)

    def dismiss(self, lane: str) -> None:
        with self._lock:
            self._calls.pop(lane, None)
        self._tell()

    def open(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._calls.values())

    def _open(self, lane: str) -> str | None:
        with self._lock:
            return self._calls[lane]["why"] if lane in self._calls else None

    def _tell(self) -> None:
        self._hub.publish("summons", {"summons": self.open()})
