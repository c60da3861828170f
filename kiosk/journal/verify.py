"""Does every event hold? Streams the whole file and names the first number that does not."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date
from itertools import accumulate
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError

from kiosk import chain
from kiosk.journal import erasing
from kiosk.journal.days import day_of, to_day
from kiosk.journal.lock import Mark
from kiosk.journal.reading import View
from kiosk.journal.rows import EventRow, event_of, flaw_in_form
from kiosk.journal.values import Head, Verification
from kiosk.model import ZERO_DIGEST, Event

_FOR_EVER = to_day(date.max)


def verify(view: View, mark: Mark | None) -> Verification:
    """What the file is worth, from its first event to its last; `mark` is what this gate remembers to have written.

    A personal part is checked against its seal while its day's key lives. Where the key is gone, the journal itself
    must say that the day was forgotten. A page that cannot be read counts as a number that does not hold.
    """
    if not view.lives:
        return Verification(False, "", 0, ZERO_DIGEST, 1, "no journal was begun in this file")
    walk = _Walk(view)
    try:
        for row in view.rows():
            if why := walk.step(row):
                return walk.broken(why)
    except DBAPIError as error:
        return walk.broken(f"the file is damaged here: {error.orig}")
    return walk.end(mark)


class _Walk:
    """Where the walk through the file stands: the last good event, and what has to hold of the next."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._keys = view.keys
        self._forgotten = _Forgotten(view)
        self._emptied: list[int] = []
        self._said_emptied: str | None = None  # by the last event that says so
        self._coming = list(view.lives)
        self._life = self._coming.pop(0)
        self._head = Head()
        self._zone: ZoneInfo | None = None

    def step(self, row: EventRow) -> str | None:
        """Why the row does not hold as the next one; None when it does."""
        self._enter()
        if row.number != self._life.number(self._head.seq + 1):
            return "it is missing"
        try:
            event = event_of(row, self._life, self._keys)
            why = (
                flaw_in_form(row, event, self._keys)
                or chain.flaw(event, self._head.digest)
                or self._flaw_in_day(row, event)
                or self._flaw_in_receipt(event)
            )
        except ValueError as error:
            return f"it cannot be read: {error}"
        if not why:
            self._head = Head(event.seq, event.digest)
            self._note_emptied(row, event)
        return why

    def broken(self, why: str) -> Verification:
        journal = self._life.name
        return Verification(False, journal, self._head.seq, self._head.digest, self._head.seq + 1, why)

    def end(self, mark: Mark | None) -> Verification:
        """The answer once every row held: is there anything that should have followed?"""
        self._enter()
        if self._coming:
            return self.broken("it is missing: a later journal begins beyond it")
        if self._head.seq == 0:
            return self.broken("it is missing: the journal has no events")
        if self._life.through > self._head.seq:
            return self.broken(f"it is missing: the office has acknowledged {self._life.through}")
        if self._emptied and erasing.digest(self._emptied) != self._said_emptied:
            return self._unaccounted(self._emptied[0])
        good = Verification(True, self._life.name, self._head.seq, self._head.digest)
        return (mark and self._against(mark)) or good

    def _enter(self) -> None:
        """Step into the next journal when this one is complete."""
        if self._coming and self._life.number(self._head.seq + 1) == self._coming[0].first and self._head.seq:
            self._life, self._head = self._coming.pop(0), Head()

    def _flaw_in_day(self, row: EventRow, event: Event) -> str | None:
        if event.kind in ("journal.begin", "journal.zone"):
            self._zone = _zone(event)
        if self._zone is None:
            return "the journal does not begin with its time zone"
        if row.day != day_of(event.at, self._zone):
            return "it is filed under another day than its own"
        if row.key not in self._keys and not self._forgotten.covers(row.number, row.day):
            return "the key of its day is gone, but the journal does not say that the day was forgotten"
        return None

    def _flaw_in_receipt(self, event: Event) -> str | None:
        life = self._life
        if event.seq == life.through and life.acknowledged and life.acknowledged.hex() != event.digest:
            return "it is not the event that the office acknowledged"
        return None

    def _note_emptied(self, row: EventRow, event: Event) -> None:
        if not row.sealed:
            self._emptied.append(row.number)
        if event.kind == erasing.KIND and "again" not in event.open:
            self._said_emptied = str(event.open.get("erased"))

    def _unaccounted(self, number: int) -> Verification:
        """The answer when sealed parts are missing that no event says were erased."""
        life = self._view.life_at(number)
        seq = life.seq(number)
        why = "its sealed part is missing, and the journal does not say that just these were erased"
        return Verification(False, life.name, seq - 1, self._view.digest(life, seq - 1), seq, why)

    def _against(self, mark: Mark) -> Verification | None:
        """The answer when the file is not what this gate remembers to have written, though all of it holds."""
        life = next((life for life in self._view.lives if life.name == mark.journal), None)
        if life is None:
            return self.broken(f"it is missing: this gate had written journal {mark.journal}")
        if mark.head.seq <= life.length and self._view.digest(life, mark.head.seq) == mark.head.digest:
            return None
        bad = min(mark.head.seq, life.length + 1)
        why = f"it is not what this gate had written: {mark.head.seq} numbers, the last with digest {mark.head.digest}"
        return Verification(False, mark.journal, bad - 1, self._view.digest(life, bad - 1), bad, why)


class _Forgotten:
    """Which days the journal itself says it has forgotten."""

    def __init__(self, view: View) -> None:
        said = [(row.number, _before(row, view)) for row in view.rows("journal.forget")]
        self._numbers = [number for number, _ in said]
        self._before = list(accumulate(reversed([before for _, before in said]), max))[::-1]

    def covers(self, number: int, day: int) -> bool:
        """Whether `day` was forgotten after row `number` was written."""
        later = bisect_left(self._numbers, number)
        return later < len(self._before) and self._before[later] > day


def _before(row: EventRow, view: View) -> int:
    """The first day that was kept. A row that was tampered with covers everything, and fails when its turn comes."""
    try:
        event = event_of(row, view.life_at(row.number), {})
        return _FOR_EVER if chain.flaw(event, event.prev) else to_day(date.fromisoformat(event.open["before"]))
    except (ValueError, KeyError, TypeError):
        return _FOR_EVER


def _zone(event: Event) -> ZoneInfo:
    """Raises ValueError for a zone this machine does not know."""
    try:
        return ZoneInfo(event.open["zone"])
    except (KeyError, TypeError) as error:  # an unknown zone is a KeyError too
        raise ValueError("it names no known time zone") from error
