"""What a damaged journal file still says: its journals, its keys, and every event that holds.

An event holds when its digest fits its content and its predecessor, if that one can be read, is the one it names. What
cannot be read is left out; what was changed fits no digest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self, cast
from uuid import UUID

from kiosk import chain
from kiosk.errors import JournalError
from kiosk.journal.lock import Mark
from kiosk.journal.pages import Cell, Pages, Values
from kiosk.journal.rows import EventRow, Life, event_of
from kiosk.journal.values import Head
from kiosk.journal.vault import DayKey, Vault
from kiosk.model import Event

_EVENT, _LIFE, _DAY_KEY, _VAULT = 12, 7, 3, 2  # columns, by which the tables are told apart
_COLUMNS = frozenset((_EVENT, _LIFE, _DAY_KEY, _VAULT))
_TYPES = (bytes, str, int, str, str, int, int, bytes, bytes, bytes, bytes)
_WRAPPED_BYTES = 60  # a day's key
_PROOF_BYTES = 45


@dataclass(frozen=True, slots=True)
class Row:
    """A row of `events`, named as the table names its columns."""

    number: int
    id: bytes
    kind: str
    at: int
    clock: str
    open: str
    day: int
    key: int
    sealed: bytes
    seal: bytes
    prev: bytes
    digest: bytes


class Wreck:
    """A journal file that is read without SQLite. `mark` is what this gate remembers to have written last."""

    def __init__(self, path: Path, vault: Vault, mark: Mark | None = None) -> None:
        self.path = path
        self._pages = Pages(path)
        self._vault = vault
        self._places: dict[int, int] = {}  # row number → where it lies
        self._keys: dict[int, DayKey] = {}
        self._proofs: list[bytes] = []
        found: dict[int, Life] = {}
        for cell in self._pages.cells(_COLUMNS):
            self._sort_in(cell, found)
        self.mark = mark
        self.lives = self._arranged(list(found.values()))

    def close(self) -> None:
        self._pages.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def strange(self) -> bool:
        """Whether it was sealed with another gate's key: it has a proof or day keys, and none of them opens."""
        if any(key.cipher for key in self._keys.values()):
            return False
        return bool(self._proofs or self._keys) and not any(self._opens(proof) for proof in self._proofs)

    @property
    def end(self) -> Mark | None:
        """The last event, as this gate remembers it or as far as the file goes."""
        if self.mark or not self.lives:
            return self.mark
        life = self.lives[-1]
        row = self._row(life.last)
        return Mark(life.name, Head(life.length, row.digest.hex())) if row else None

    def due(self, life: Life) -> int:
        """How many numbers of a journal the office had still to be sent, whether they can be read or not."""
        last = max(life.length, self._written(life))
        return max((last if life.refused_from is None else life.refused_from - 1) - life.through, 0)

    def waits(self, life: Life, event: Event) -> bool:
        """Whether an event had still to be sent."""
        return life.through < event.seq and (life.refused_from is None or event.seq < life.refused_from)

    def lost(self) -> int:
        """How many events the office had still to be sent that do not hold."""
        return sum(self.due(life) for life in self.lives) - sum(
            self.waits(life, event) for life, event in self.events(waiting=True)
        )

    def acknowledged(self) -> dict[str, int]:
        """How far the office had acknowledged each journal: it is not sent these events again, should it lack them."""
        return {life.name: life.through for life in self.lives if life.through}

    def events(self, *, waiting: bool = False) -> Iterator[tuple[Life, Event]]:
        """Every event that holds, journal after journal, in order; or only those the office had still to be sent."""
        for life in self.lives:
            before: Row | None = None
            for number in self._numbers(life, life.through if waiting else 0):
                row = self._row(number)
                event = row and self._sound(row, life, before)
                before = row
                if event:
                    yield life, event

    def _sort_in(self, cell: Cell, lives: dict[int, Life]) -> None:
        columns = cell.values[1:]
        if len(cell.values) == _EVENT and _is_event(columns):
            self._places[cell.rowid] = cell.place
        elif len(cell.values) == _LIFE and _is_life(columns):
            journal, first, through, acknowledged, synced_at, refused_from = columns
            lives[cell.rowid] = Life(
                UUID(bytes=journal), first, first - 1, through, acknowledged, synced_at, refused_from
            )
        elif len(cell.values) == _DAY_KEY and is_key(columns):
            self._keys[cell.rowid] = DayKey(cell.rowid, columns[0], self._vault.unwrapped(*columns))
        elif len(cell.values) == _VAULT and isinstance(columns[0], bytes) and len(columns[0]) == _PROOF_BYTES:
            self._proofs.append(columns[0])

    def _arranged(self, found: list[Life]) -> tuple[Life, ...]:
        """The journals, oldest first; the one that the mark names also where its own row was lost or changed."""
        if self.mark and not any(self._agrees(life, self.mark) for life in found) and (life := self._marked(self.mark)):
            found = [other for other in found if other.first < life.first and other.journal != life.journal] + [life]
        if not found:
            return ()
        found.sort(key=lambda life: life.first)
        newest = max(self._places, default=0)
        lasts = [life.first - 1 for life in found[1:]] + [max(newest, found[-1].last)]
        whole = [replace(life, last=last) for life, last in zip(found, lasts, strict=True)]
        return tuple(replace(life, through=self._through(life)) for life in whole)

    def _agrees(self, life: Life, mark: Mark) -> bool:
        row = self._row(life.number(mark.head.seq))
        return life.name == mark.journal and (row is None or row.digest.hex() == mark.head.digest)

    def _marked(self, mark: Mark) -> Life | None:
        """The journal of the mark, placed by the event that the mark names."""
        for number in sorted(self._places, reverse=True):
            row = self._row(number)
            if row and row.digest.hex() == mark.head.digest:
                first = number - mark.head.seq + 1
                return Life(UUID(mark.journal), first, first - 1)
        return None

    def _through(self, life: Life) -> int:
        """What the office acknowledged. Not believed where the event of that number is another, or was never written:
        it is told everything again then, and knows by the digests what it has."""
        if not 1 <= life.through <= max(life.length, self._written(life)):
            return 0
        row = self._row(life.number(life.through))
        return life.through if row is None or row.digest == life.acknowledged else 0

    def _written(self, life: Life) -> int:
        return self.mark.head.seq if self.mark and self.mark.journal == life.name else 0

    def _numbers(self, life: Life, behind: int) -> Iterator[int]:
        return (number for number in range(life.first + behind, life.last + 1) if number in self._places)

    def _row(self, number: int) -> Row | None:
        place = self._places.get(number)
        cell = None if place is None else self._pages.cell(place)
        return None if cell is None else Row(number, *cell.values[1:])

    def _sound(self, row: Row, life: Life, before: Row | None) -> Event | None:
        try:
            event = event_of(cast(EventRow, row), life, self._keys)
        except ValueError:
            return None
        if before and before.number == row.number - 1 and before.number >= life.first and before.digest != row.prev:
            return None
        return None if chain.flaw(event, event.prev) else event

    def _opens(self, proof: bytes) -> bool:
        try:
            self._vault.check(proof)
        except JournalError:
            return False
        return True


def _is_event(columns: Values) -> bool:
    return all(isinstance(value, kind) for value, kind in zip(columns, _TYPES, strict=True))


def _is_life(columns: Values) -> bool:
    journal, first, through, acknowledged, synced_at, refused_from = columns
    return (
        isinstance(journal, bytes)
        and len(journal) == 16
        and isinstance(first, int)
        and isinstance(through, int)
        and first >= 1
        and isinstance(acknowledged, bytes | None)
        and isinstance(synced_at, int | None)
        and isinstance(refused_from, int | None)
    )


def is_key(columns: Values) -> bool:
    """Whether a row may be one of `day_keys`."""
    day, wrapped = columns
    return isinstance(day, int) and isinstance(wrapped, bytes) and len(wrapped) == _WRAPPED_BYTES
