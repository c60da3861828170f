"""Wire events made ready for the database, before any lock is taken: checked, sealed, projected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from kiosk import chain
from kiosk.model import Event
from sync import protocol
from sync.office import projection
from sync.office.db.types import is_id
from sync.office.seal import Filed, Sealer

HASH = re.compile(r"[0-9a-f]{64}")
MAX_KIND = 64
FIRST, LAST = datetime(1, 1, 8, tzinfo=UTC), datetime(9999, 12, 24, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose events these are and when they came."""

    gate: str
    community: str
    journal: str
    received_at: datetime
    carried: bool = False  # on a stick, not over the line


@dataclass(frozen=True, slots=True)
class Ready:
    """One event and what it leaves in each table. With a `flaw` the rest is None: it must not be stored."""

    wire: protocol.WireEvent
    flaw: str | None = None
    at: datetime | None = None
    event: dict[str, Any] | None = None
    passage: dict[str, Any] | None = None
    alert: dict[str, Any] | None = None
    repeated: bool = False  # held under another number already
    used: str = ""  # the declaration on which somebody was let in
    code: dict[str, Any] | None = None  # which code was seen
    personal: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def seq(self) -> int:
        return self.wire.seq


def prepare(events: Sequence[protocol.WireEvent], sender: Sender, sealer: Sealer) -> list[Ready]:
    """Each event ready to store. Its chain is checked against the event before it in the batch; that the first one
    continues the journal is for the caller to check, under the journal's lock."""
    ready = []
    prev = events[0].prev if events else ""
    for wire in events:
        ready.append(_ready(wire, prev, sender, sealer))
        prev = wire.digest
    return ready


def _ready(wire: protocol.WireEvent, prev: str, sender: Sender, sealer: Sealer) -> Ready:
    try:
        event = protocol.from_wire(sender.journal, wire)
        if flaw := _envelope_flaw(wire) or chain.flaw(event, prev):
            return Ready(wire, flaw)
        return stored(wire, event, sender, sealer)
    except RecursionError:
        return Ready(wire, "nested too deeply")
    except (ValueError, OverflowError) as error:
        return Ready(wire, str(error))


def _envelope_flaw(wire: protocol.WireEvent) -> str | None:
    """What the columns of a journal could not hold. The wire's own patterns catch this for events read from JSON."""
    if not is_id(wire.id):
        return "id is not a UUID"
    if not 0 < len(wire.kind) <= MAX_KIND or not wire.kind.isprintable():
        return "kind is not a printable word"
    if not all(HASH.fullmatch(text) for text in (wire.seal, wire.prev, wire.digest)):
        return "seal, prev and digest must be SHA-256 in lower-case hexadecimal"
    return None


def stored(wire: protocol.WireEvent, event: Event, sender: Sender, sealer: Sealer) -> Ready:
    """What an event that holds leaves in each table; parked, with the reason, where its body cannot be read."""
    parked, shown = None, projection.NOTHING
    try:
        _check_calendar(event.at)
        shown = projection.shown(event)
    except (msgspec.ValidationError, ValueError) as error:
        parked = str(error)
    number = {
        "community_id": sender.community,
        "journal_id": sender.journal,
        "seq": event.seq,
        "at": event.at,
        "id": event.id,
        "gate_id": sender.gate,
        "kind": event.kind,
        "received_at": sender.received_at,
    }
    filed = Filed(sender.community, event.at, sender.received_at)
    raw = _raw(wire, sealer, place(sender.journal, event.seq), filed)
    error_ms = None if event.clock.offset_ms is None else -event.clock.offset_ms
    personal = dict(event.personal or {})
    return Ready(
        wire,
        at=event.at,
        event={**number, **raw, "parked": parked, "late": None},
        passage=shown.passage and {**number, "clock_error_ms": error_ms, **shown.passage},
        alert=shown.alert and {**shown.alert, "subject": event.id, "at": event.at, "personal": personal},
        used=shown.used,
        code=shown.code and {**number, **shown.code},
        personal=personal if shown.code else {},
    )


def _check_calendar(at: datetime) -> None:
    """Raises ValueError for a time that cannot be reckoned with: a deadline or another zone leaves the calendar."""
    if not FIRST <= at <= LAST:
        raise ValueError(f"its time, {at.isoformat()}, is at the end of the calendar")


def _raw(wire: protocol.WireEvent, sealer: Sealer, where: str, filed: Filed) -> dict[str, Any]:
    sealed = None
    if wire.personal is not None:
        sealed = sealer.seal_json_in_day(where, {"personal": wire.personal, "salt": wire.salt}, filed)
    return {
        "clock": msgspec.json.encode(wire.clock).decode(),
        "open": msgspec.json.encode(wire.open).decode(),
        "sealed": sealed,
        "seal": wire.seal,
        "prev": wire.prev,
        "digest": wire.digest,
    }


def place(journal: str, seq: int) -> str:
    """Where an event's personal part is sealed for."""
    return f"event:{journal}:{seq}:sealed"
