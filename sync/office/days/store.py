"""The days of the gates, as the staff look at them: a table of states, one day with all that is known, its events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from sync.office.audit import Audit
from sync.office.days import rows
from sync.office.days.book import DayBook
from sync.office.days.lateness import GRACE, Span
from sync.office.days.older import count_older
from sync.office.days.states import GateDay, Where, state
from sync.office.db import Database
from sync.office.entries import day_bounds
from sync.office.errors import NotFound
from sync.office.values import Gate, Page

SILENT_S = 30 * 60  # today without a word for so long after it should have called: what it has waits there
MOST_DAYS = 62
WEEK = timedelta(days=7)


class Days:
    def __init__(self, database: Database, book: DayBook, audit: Audit, now: Callable[[], datetime]) -> None:
        self._database = database
        self._book = book
        self._audit = audit
        self._now = now

    @property
    def today(self) -> date:
        return self._now().astimezone(self._book.zone).date()

    def table(self, gates: tuple[Gate, ...], first: date, last: date) -> dict[str, tuple[GateDay, ...]]:
        """gate → its days from `first` to `last`, one for each. Raises ValueError for more than MOST_DAYS."""
        if not 0 <= (last - first).days < MOST_DAYS:
            raise ValueError(f"from 1 to {MOST_DAYS} days")
        with self._database.read() as tx:
            return self._table(tx, gates, first, last)

    def one(self, gate: Gate, day: date) -> GateDay:
        return self.table((gate,), day, day)[gate.id][0]

    def contacts(self, gate: Gate, day: date) -> tuple[Span, ...]:
        """When the gate was in contact on a day, and the first contact after it when it was in none at its end."""
        begin, end = day_bounds(day, self._book.zone)
        with self._database.read() as tx:
            return rows.contacts_of(tx, gate.id, begin, end)

    def journals(self, gate: Gate, day: date) -> tuple[rows.Part, ...]:
        """Which numbers of which journals belong to a day."""
        with self._database.read() as tx:
            return rows.parts(tx, gate.id, day)

    def events(self, gate: Gate, day: date, which: str = "", page: int = 1, size: int = 50) -> Page[rows.Line]:
        """The events behind a figure, in order; `which` is away, held, parked, a kind, or "" for all."""
        with self._database.read() as tx:
            return rows.lines(tx, gate, day, day_bounds(day, self._book.zone), which, max(page, 1), size)

    def count_older(self) -> int:
        """Counts the journals that came in before days were counted; how many there were."""
        return count_older(self._database, self._book)

    def _table(
        self, tx: Connection, gates: tuple[Gate, ...], first: date, last: date
    ) -> dict[str, tuple[GateDay, ...]]:
        found = rows.Found.read(tx, [gate.id for gate in gates], first, last, self._book.zone)
        return {gate.id: tuple(self._day(gate, day, found) for day in rows.each(first, last)) for gate in gates}

    def _day(self, gate: Gate, day: date, found: rows.Found) -> GateDay:
        figures, close = found.figures(gate.id, day), found.close(gate.id, day)
        where = Where(self._begins(gate, found), found.closed_until(gate.id, self.today), self.today, self._stuck(gate))
        judged = state(day, figures, close, where)
        return GateDay(gate.id, gate.name, gate.community, gate.community_name, day, judged, figures, close)

    def _begins(self, gate: Gate, found: rows.Found) -> date | None:
        enrolled = gate.enrolled_at and gate.enrolled_at.astimezone(self._book.zone).date()
        known: list[Any] = [day for day in (enrolled, found.first_day(gate.id)) if day]
        return min(known, default=None)

    def _stuck(self, gate: Gate) -> bool:
        """Whether what a gate records now does not arrive here, as far as it is known."""
        if gate.waiting and (gate.queue_oldest_s or 0) > GRACE.total_seconds():
            return True
        return gate.last_contact_at is not None and gate.silent_s(self._now()) > SILENT_S


def day_from(text: str) -> date:
    """Raises NotFound for what is no day."""
    try:
        day = date.fromisoformat(text)
        _ = day - WEEK, day + WEEK  # what stands beside it has to be days too
    except (ValueError, OverflowError):
        raise NotFound(f"no day {text[:20]!r}; write it as 2026-11-22") from None
    return day
