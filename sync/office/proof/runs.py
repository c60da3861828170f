"""The stored events of a gate's day: from the head that was countersigned before it up to the day's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from kiosk.model import ZERO_DIGEST
from sync import protocol
from sync.office.days import rows
from sync.office.db.days import DayCloseRow
from sync.office.db.log import EventRow, JournalRow
from sync.office.values import Gate

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Run:
    """Numbers `first` to `last` of a journal; `before` is the digest in front of them, `seals` the countersignatures
    among them. The first event is the journal's first, or an earlier day's report, which is countersigned."""

    community: str
    journal: str
    first: int
    last: int
    before: str
    seals: tuple[protocol.DaySeal, ...]


def of_day(tx: Connection, gate: Gate, day: date) -> tuple[Run, ...]:
    """One run for each journal that the day is in, by its events or by its report."""
    spans = {part.journal: (part.first, part.last) for part in rows.parts(tx, gate.id, day)}
    closes = select(DayCloseRow).where(DayCloseRow.gate_id == gate.id, DayCloseRow.day == day.isoformat())
    for row in tx.execute(closes.order_by(DayCloseRow.received_at)):
        first, last = spans.get(row.journal_id, (row.seq, row.seq))
        spans[row.journal_id] = (min(first, row.seq), max(last, row.seq))
    return tuple(_run(tx, journal, day.isoformat(), *span) for journal, span in spans.items())


def events(tx: Connection, run: Run) -> Iterator[Any]:
    """The rows of a run in order, some hundreds in memory at a time."""
    wanted = select(EventRow).where(
        EventRow.community_id == run.community,
        EventRow.journal_id == run.journal,
        EventRow.seq.between(run.first, run.last),
    )
    yield from tx.execute(wanted.order_by(EventRow.seq).execution_options(yield_per=CHUNK))


def _run(tx: Connection, journal: str, day: str, first: int, last: int) -> Run:
    among = DayCloseRow.journal_id == journal
    earlier = select(func.max(DayCloseRow.seq)).where(among, DayCloseRow.seq <= first, DayCloseRow.day < day)
    begin = tx.scalar(earlier) or 1
    closes = tx.execute(
        select(DayCloseRow).where(among, DayCloseRow.seq.between(begin, last)).order_by(DayCloseRow.seq)
    )
    seals = tuple(protocol.DaySeal(row.day, journal, row.seq, row.digest, row.signature) for row in closes)
    community = tx.scalar(select(JournalRow.community_id).where(JournalRow.id == journal)) or ""
    this = (EventRow.community_id == community, EventRow.journal_id == journal, EventRow.seq == begin)
    before = tx.scalar(select(EventRow.prev).where(*this)) if begin > 1 else ZERO_DIGEST
    return Run(community, journal, begin, last, before or ZERO_DIGEST, seals)
