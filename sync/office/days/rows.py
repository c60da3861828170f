"""The queries behind the days, and their rows as values."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from kiosk.model import from_iso
from sync.office.days.book import day_of
from sync.office.days.lateness import AWAY, HELD, Span
from sync.office.days.missing import missing
from sync.office.days.states import Close, Figures
from sync.office.db.days import ContactRow, DayCloseRow, GateDayRow
from sync.office.db.log import EventRow, ForkEventRow, JournalRow
from sync.office.values import Gate, Page

NOTHING = Figures()


@dataclass(frozen=True, slots=True)
class Part:
    """The numbers of one journal among which a day's events lie."""

    community: str
    journal: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a day, without anything personal. `late` is away, held or None."""

    journal: str
    seq: int
    id: str
    kind: str
    at: datetime
    received_at: datetime
    offset_ms: int | None
    late: str | None
    parked: str | None
    digest: str


@dataclass(slots=True)
class Found:
    """All that the table of days is judged from, read at once."""

    _figures: dict[tuple[str, str], Figures] = field(default_factory=lambda: defaultdict(Figures))
    _closes: dict[tuple[str, str], Close] = field(default_factory=dict)
    _first: dict[str, str] = field(default_factory=dict)
    _closed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, tx: Connection, gates: Sequence[str], first: date, last: date, zone: ZoneInfo) -> Found:
        found, days = cls(), (first.isoformat(), last.isoformat())
        found._read_counts(tx, gates, days)
        found._read_parked(tx, gates, days, zone)
        found._read_forks(tx, gates, zone)
        found._read_missing(tx, gates)
        found._read_closes(tx, gates, days)
        return found

    def figures(self, gate: str, day: date) -> Figures:
        return self._figures.get((gate, day.isoformat()), NOTHING)

    def close(self, gate: str, day: date) -> Close | None:
        return self._closes.get((gate, day.isoformat()))

    def first_day(self, gate: str) -> date | None:
        return date.fromisoformat(self._first[gate]) if gate in self._first else None

    def closed_until(self, gate: str, today: date) -> date | None:
        """The newest day closed, of those that are over: a clock years ahead closes days that are still to come."""
        closed = [day for day in self._closed[gate] if day < today.isoformat()]
        return date.fromisoformat(max(closed)) if closed else None

    def _read_counts(self, tx: Connection, gates: Sequence[str], days: tuple[str, str]) -> None:
        names = ("events", "passages", AWAY, HELD)
        row = GateDayRow
        sums = [func.sum(getattr(row, name)).label(name) for name in names]
        wanted = select(row.gate_id, row.day, *sums, func.max(row.worst_s).label("worst_s"))
        among = row.gate_id.in_(gates)
        for item in tx.execute(wanted.where(among, row.day.between(*days)).group_by(row.gate_id, row.day)):
            counted = {name: int(getattr(item, name)) for name in (*names, "worst_s")}
            self._figures[item.gate_id, item.day] = Figures(**counted)
        begun = select(row.gate_id, func.min(row.day)).where(among).group_by(row.gate_id)
        self._first = {row[0]: row[1] for row in tx.execute(begun)}

    def _read_parked(self, tx: Connection, gates: Sequence[str], days: tuple[str, str], zone: ZoneInfo) -> None:
        wanted = select(EventRow.gate_id, EventRow.at).where(EventRow.parked.is_not(None), EventRow.gate_id.in_(gates))
        for row in tx.execute(wanted):
            if days[0] <= (day := day_of(row.at, zone)) <= days[1]:
                self._add(row.gate_id, day, parked=1)

    def _read_forks(self, tx: Connection, gates: Sequence[str], zone: ZoneInfo) -> None:
        wanted = select(ForkEventRow.gate_id, ForkEventRow.event).where(ForkEventRow.gate_id.in_(gates))
        for row in tx.execute(wanted):
            self._add(row.gate_id, day_of(from_iso(msgspec.json.decode(row.event)["at"]), zone), forks=1)

    def _read_missing(self, tx: Connection, gates: Sequence[str]) -> None:
        """Numbers that a later journal says were written, and that are not here."""
        for gate, day, count in missing(tx, gates):
            self._add(gate, day, missing=count)

    def _read_closes(self, tx: Connection, gates: Sequence[str], days: tuple[str, str]) -> None:
        among = DayCloseRow.gate_id.in_(gates)
        closed = select(DayCloseRow.gate_id, DayCloseRow.day).where(among, DayCloseRow.day >= days[0])
        for gate, day in tx.execute(closed):
            self._closed[gate].append(day)
        wanted = select(DayCloseRow).where(among, DayCloseRow.day.between(*days))
        for row in tx.execute(wanted.order_by(DayCloseRow.received_at, DayCloseRow.seq)):
            self._closes[row.gate_id, row.day] = close_of(row)

    def _add(self, gate: str, day: str, **more: int) -> None:
        known = self._figures[gate, day]
        self._figures[gate, day] = replace(known, **{name: getattr(known, name) + n for name, n in more.items()})


def close_of(row: Any) -> Close:
    return Close(row.journal_id, row.seq, row.digest, row.signature, json.loads(row.counts), row.at, row.received_at)


def each(first: date, last: date) -> Iterator[date]:
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)


def parts(tx: Connection, gate_id: str, day: date) -> tuple[Part, ...]:
    wanted = (
        select(GateDayRow.journal_id, GateDayRow.first_seq, GateDayRow.last_seq, JournalRow.community_id)
        .join(JournalRow, JournalRow.id == GateDayRow.journal_id)
        .where(GateDayRow.gate_id == gate_id, GateDayRow.day == day.isoformat())
        .order_by(JournalRow.begun_at, JournalRow.id)
    )
    return tuple(Part(row.community_id, row.journal_id, row.first_seq, row.last_seq) for row in tx.execute(wanted))


def lines(
    tx: Connection, gate: Gate, day: date, bounds: tuple[datetime, datetime], which: str, page: int, size: int
) -> Page[Line]:
    within = or_(false(), *(_part(part) for part in parts(tx, gate.id, day)))
    conditions = [within, EventRow.at >= bounds[0], EventRow.at < bounds[1], *_which(which)]
    wanted = select(*EventRow.__table__.columns).where(*conditions).order_by(EventRow.journal_id, EventRow.seq)
    total = tx.scalar(select(func.count()).select_from(EventRow).where(*conditions)) or 0
    found = tx.execute(wanted.limit(size).offset((page - 1) * size)).all()
    return Page(tuple(_line(row) for row in found), total, page, size)


def contacts_of(tx: Connection, gate_id: str, begin: datetime, end: datetime) -> tuple[Span, ...]:
    wanted = select(ContactRow.since, ContactRow.until).where(ContactRow.gate_id == gate_id, ContactRow.until >= begin)
    spans = [Span(row.since, row.until) for row in tx.execute(wanted.order_by(ContactRow.since))]
    inside = [span for span in spans if span.since < end]
    after = [] if inside and inside[-1].until >= end else spans[len(inside) : len(inside) + 1]
    return (*inside, *after)


def _part(part: Part) -> ColumnElement[bool]:
    return and_(
        EventRow.community_id == part.community,
        EventRow.journal_id == part.journal,
        EventRow.seq.between(part.first, part.last),
    )


def _which(which: str) -> list[ColumnElement[bool]]:
    match which:
        case "":
            return []
        case "late":
            return [EventRow.late.is_not(None)]
        case "away" | "held":
            return [EventRow.late == which]
        case "parked":
            return [EventRow.parked.is_not(None)]
        case kind:
            return [EventRow.kind == kind]


def _line(row: Any) -> Line:
    return Line(
        row.journal_id,
        row.seq,
        row.id,
        row.kind,
        row.at,
        row.received_at,
        msgspec.json.decode(row.clock).get("offset_ms"),
        row.late,
        row.parked,
        row.digest,
    )
