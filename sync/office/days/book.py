"""What intake enters of each day as events come in: counts, lateness, the gate's report and the countersignature."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs
from sqlalchemy import Connection, func
from sqlalchemy.dialects import postgresql, sqlite

from kiosk import signet
from sync import protocol
from sync.office import projection
from sync.office.days import contacts, successions
from sync.office.days.lateness import AWAY, GRACE, HELD, IN_TIME, Lateness, happened, judge
from sync.office.db.days import DayCloseRow, GateDayRow
from sync.office.db.once import insert_once
from sync.office.reading import Ready, Sender

SUMS = ("events", "passages", AWAY, HELD)


@dataclass(slots=True)
class Tally:
    """What a batch adds to one day of a gate."""

    first_seq: int
    last_seq: int
    events: int = 0
    passages: int = 0
    away: int = 0
    held: int = 0
    worst_s: int = 0

    def add(self, wire: protocol.WireEvent, late: Lateness, *, repeated: bool = False) -> None:
        self.first_seq, self.last_seq = min(self.first_seq, wire.seq), max(self.last_seq, wire.seq)
        self.events += 1
        self.passages += wire.kind == "passage" and wire.open.get("demo") is not True and not repeated
        self.away += late.why == AWAY
        self.held += late.why == HELD
        if late.why:
            self.worst_s = max(self.worst_s, round(late.total.total_seconds()))


@dataclass(slots=True)
class Tallies:
    """By day of the office's zone, as text."""

    zone: ZoneInfo
    days: dict[str, Tally] = field(default_factory=dict)

    def add(self, wire: protocol.WireEvent, at: datetime, late: Lateness, *, repeated: bool = False) -> str:
        day = day_of(at, self.zone)
        self.days.setdefault(day, Tally(wire.seq, wire.seq)).add(wire, late, repeated=repeated)
        return day


class DayBook:
    def __init__(self, zone: ZoneInfo, sign_key: Ed25519PrivateKey) -> None:
        self.zone = zone
        self._sign_key = sign_key

    def enter(self, tx: Connection, sender: Sender, good: Sequence[Ready]) -> None:
        """Judges the lateness of new events (into their rows) and enters what they add to their days."""
        if not good:
            return
        judged = _judged(tx, sender, good)
        tallies = Tallies(self.zone)
        for item, late in zip(good, judged, strict=True):
            assert item.at is not None
            assert item.event is not None  # only what holds is entered
            item.event["late"] = late.why
            day = tallies.add(item.wire, item.at, late, repeated=item.repeated)
            self.follow(tx, sender, item.wire, day)
        successions.repeated(tx, sender.journal, [item.wire for item in good])
        add_up(tx, sender, tallies)

    def follow(self, tx: Connection, sender: Sender, wire: protocol.WireEvent, day: str) -> None:
        """Keeps what an event says of the journal itself: which one it follows, which day it closes."""
        if wire.kind == "journal.begin":
            successions.begun(tx, sender, wire, day)
        if seal := self.seal(sender, wire):
            row = {"journal_id": seal.journal, "seq": seal.seq, "gate_id": sender.gate, "day": seal.day}
            more = {"digest": seal.digest, "counts": _counts(wire.open), "signature": seal.signature}
            at = protocol.from_wire(sender.journal, wire).at
            tx.execute(insert_once(tx, DayCloseRow), {**row, **more, "at": at, "received_at": sender.received_at})

    def seal(self, sender: Sender, wire: protocol.WireEvent) -> protocol.DaySeal | None:
        """The countersignature under a `day.close`, always the same one; None for any other event."""
        if (day := projection.closed_day(wire.kind, wire.open)) is None:
            return None
        seal = protocol.DaySeal(day.isoformat(), sender.journal, wire.seq, wire.digest, "")
        return structs.replace(seal, signature=signet.sign(self._sign_key, protocol.day_statement(sender.gate, seal)))

    def seals(self, sender: Sender, events: Iterable[protocol.WireEvent], through: int) -> list[protocol.DaySeal]:
        """The countersignatures for a receipt: of every day closed among `events` that are held."""
        made = (self.seal(sender, wire) for wire in events if wire.seq <= through)
        return [seal for seal in made if seal]


def add_up(tx: Connection, sender: Sender, tallies: Tallies) -> None:
    """Adds to the days' rows what a batch brought."""
    if not tallies.days:
        return
    named = {"gate_id": sender.gate, "journal_id": sender.journal, "received_at": sender.received_at}
    fields = Tally.__slots__
    rows = [
        {**named, "day": day, **{name: getattr(tally, name) for name in fields}} for day, tally in tallies.days.items()
    ]
    is_postgres = tx.dialect.name == "postgresql"
    table = GateDayRow.__table__.c
    new: Any = (postgresql.insert if is_postgres else sqlite.insert)(GateDayRow)
    least, most = ("least", "greatest") if is_postgres else ("min", "max")  # of two values
    sums: dict[str, Any] = {name: table[name] + new.excluded[name] for name in SUMS}
    sums["first_seq"] = getattr(func, least)(table.first_seq, new.excluded.first_seq)
    for name in ("last_seq", "worst_s"):
        sums[name] = getattr(func, most)(table[name], new.excluded[name])
    sums["received_at"] = new.excluded.received_at
    tx.execute(new.on_conflict_do_update(index_elements=["gate_id", "day", "journal_id"], set_=sums), rows)


def day_of(at: datetime, zone: ZoneInfo) -> str:
    """The office's own day of a time; a time that no calendar of the zone knows counts for the day it has in UTC."""
    try:
        return at.astimezone(zone).date().isoformat()
    except OverflowError:
        return at.date().isoformat()


def _judged(tx: Connection, sender: Sender, good: Sequence[Ready]) -> list[Lateness]:
    times = [happened(item.at, item.wire.clock.offset_ms) for item in good if item.at]
    since = contacts.drained(tx, sender.gate, sender.received_at)
    first = min(times)
    if sender.received_at - first <= GRACE:
        return [IN_TIME] * len(times)
    spans = contacts.between(tx, sender.gate, first, sender.received_at)
    return [judge(at, sender.received_at, since, spans) for at in times]


def _counts(said: dict[str, Any]) -> str:
    counts = said.get("counts")
    plain = counts if isinstance(counts, dict) else {}
    return json.dumps({str(key)[:40]: value for key, value in plain.items() if type(value) is int}, ensure_ascii=False)
