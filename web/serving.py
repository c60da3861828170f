"""The gate that this application serves, for its views."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import abort, current_app, request

from kiosk.model import LaneInfo
from web.tablet.pairing import Pairing

if TYPE_CHECKING:
    from kiosk.service import GateService
    from kiosk.staff import Volunteer

EXTENSION = "gatehouse-gate"
REMEMBERED = 500


@dataclass(slots=True)
class Once:
    """Tickets that count once: a second click, or a request sent again, presents nobody twice."""

    _seen: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def first(self, ticket: str) -> bool:
        """Whether this ticket was never seen before; no ticket is always the first."""
        if not ticket:
            return True
        with self._lock:
            if ticket in self._seen:
                return False
            self._seen[ticket] = None
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
            return True


@dataclass(slots=True)
class Serving:
    """`epoch` changes with each start of the gate: a screen then forgets the numbers it knew."""

    service: GateService
    pairing: Pairing
    once: Once = field(default_factory=Once)
    photos: Lock = field(default_factory=Lock)  # held while one is read
    last_on_duty: Volunteer | None = None  # while the volunteers' file cannot be read
    epoch: str = field(default_factory=lambda: secrets.token_hex(8))


def serving() -> Serving:
    found: Serving = current_app.extensions[EXTENSION]
    return found


def gate() -> GateService:
    return serving().service


def utc_now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The gate's own day."""
    return utc_now().astimezone(gate().settings.zone).date()


def lane_or_404(name: str) -> LaneInfo:
    lanes = {lane.name: lane for lane in gate().lanes}
    return lanes[name] if name in lanes else abort(404)


def scanner_keys(lane: LaneInfo) -> dict[str, str]:
    """What a lane's handheld scanner types before and after a text, for the screen that listens."""
    settings = {each.name: each for each in gate().settings.lane}[lane.name]
    return {"prefix": settings.scanner_prefix, "suffix": settings.scanner_suffix}


def typed() -> dict[str, Any]:
    """The JSON object that a screen sent; 400 for anything else."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(400)
    return body
