"""How many events of a gate never came, as far as the journals that followed say so.

A journal that was begun behind another names that one's last event. Its digest stands for all events before it, and so
does the digest of each event that was recorded once more: where the office holds the very same event, it holds all
before it too. What stands there under another digest was written by a second machine with a copy of the same disk,
and takes the place of nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from sync.office.days.successions import Told
from sync.office.db.days import RepeatedRow, SuccessionRow
from sync.office.db.log import EventRow, ForkEventRow, JournalRow

GIVEN_UP = "fork"  # a journal begun for this reason repeats what the one before it could not deliver
OWN = "journal.%"  # kinds of what a journal says of itself: not recorded again
CHUNK = 500

Digests = dict[int, str]  # by number


@dataclass(frozen=True, slots=True)
class Repeats:
    """What a journal recorded once more, by the journal it was recorded in first: `first`, right behind its own first
    event, all that a damaged file still had; `later` what somebody found elsewhere."""

    first: dict[str, Digests]
    later: dict[str, Digests]


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as the office holds it, up to number `seq`."""

    id: str
    community: str
    seq: int


def missing(tx: Connection, gates: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Gate, day and count for each journal of these gates behind which something is missing."""
    columns = (SuccessionRow.gate_id, SuccessionRow.day, SuccessionRow.journal_id, SuccessionRow.follows)
    wanted = (
        select(*columns, SuccessionRow.seq, SuccessionRow.told, func.coalesce(JournalRow.seq, 0).label("held"))
        .outerjoin(JournalRow, JournalRow.id == SuccessionRow.follows)
        .where(SuccessionRow.gate_id.in_(gates), SuccessionRow.why != GIVEN_UP)
    )
    for row in tx.execute(wanted).all():
        if (count := _missing(tx, row)) > 0:
            yield row.gate_id, row.day, count


def _missing(tx: Connection, row: Any) -> int:
    if row.told is None:  # of a time when the number alone was kept
        return int(row.seq - row.held)
    told = msgspec.json.decode(row.told, type=Told)
    return _behind_the_end(tx, row, told) if told.lost is None else _of_a_damaged_file(tx, row, told, told.lost)


def _behind_the_end(tx: Connection, row: Any, told: Told) -> int:
    """Of a journal whose file ends before its last event: what lies between, unless it came after all."""
    journal = _journal(tx, row.follows)
    if _agreed(tx, journal, {row.seq: told.digest}) or (row.held >= row.seq and not told.digest):
        return 0
    repeats = _repeats(tx, row.journal_id)
    again = {**repeats.first.get(row.follows, {}), **repeats.later.get(row.follows, {})}
    sure = _agreed(tx, journal, again | dict([told.kept] if told.kept else []))
    sure = max(sure, _kept(tx, row, told))
    if again and not sure:
        sure = 1  # a journal's first event says only that it begins
    written: int = row.seq
    return written - sure - sum(sure < seq <= written for seq in again)


def _kept(tx: Connection, row: Any, told: Told) -> int:
    """How far the office holds what the gate's own file still has of the journal that is followed. Where it goes as far
    itself, and its last event there is another one, only what it had at the time is sure."""
    end = told.kept[0] if told.kept else row.seq
    held: int = row.held if row.held < end else min(told.held.get(row.follows, 0), end)
    parted = _parted(tx, row.follows)
    return held if parted is None else min(held, parted - 1)


def _of_a_damaged_file(tx: Connection, row: Any, told: Told, lost: int) -> int:
    """What the file had lost and the office had not been sent, with what the office had acknowledged and lost itself;
    without what it is sure to hold of that."""
    low = {name: min(through, told.held.get(name, 0)) for name, through in told.acknowledged.items()}
    lacking = lost + sum(through - low[name] for name, through in told.acknowledged.items())
    if not lacking:
        return 0
    repeats = _repeats(tx, row.journal_id)
    for name in {row.follows, *low, *repeats.first, *repeats.later}:
        again = repeats.first.get(name, {})
        marks = again | ({row.seq: told.digest} if name == row.follows else {})
        behind, found = low.get(name, 0), _Found(tx, name, marks)
        through = told.acknowledged.get(name, 0)
        lacking -= found.count(behind, through) - sum(behind < seq <= found.sure for seq in again)
        elsewhere = found.elsewhere(row.journal_id) | repeats.later.get(name, {}).keys()
        lacking -= sum(seq > max(behind, found.sure) for seq in elsewhere - again.keys())
    return lacking


class _Found:
    """What the office is sure to hold of the journal `name`, whose events `marks` are known by their digests."""

    def __init__(self, tx: Connection, name: str, marks: Digests) -> None:
        self._tx = tx
        self._name = name
        self._marks = marks
        self._journal = _journal(tx, name)
        self.sure = _agreed(tx, self._journal, marks)  # so far it is the very same journal

    def count(self, behind: int, acknowledged: int) -> int:
        """How many numbers behind `behind`; beyond `acknowledged` without what the journal says of itself."""
        if self._journal is None or self.sure <= behind:
            return 0
        own = select(func.count()).where(*_of(self._journal), EventRow.kind.like(OWN))
        beyond = EventRow.seq.between(max(behind, acknowledged) + 1, self.sure)
        return self.sure - behind - (self._tx.scalar(own.where(beyond)) or 0)

    def elsewhere(self, but: str) -> set[int]:
        """Numbers that other journals than `but` repeat of this very one."""
        others: dict[str, Digests] = defaultdict(dict)
        wanted = select(RepeatedRow.by_journal, RepeatedRow.seq, RepeatedRow.digest).where(
            RepeatedRow.journal_id == self._name, RepeatedRow.by_journal != but
        )
        for row in self._tx.execute(wanted):
            others[row.by_journal][row.seq] = row.digest
        same = [(digests, self._same(digests)) for digests in others.values()]
        return {seq for digests, last in same for seq in digests if seq <= last}

    def _same(self, digests: Digests) -> int:
        return max((seq for seq, digest in digests.items() if self._marks.get(seq) == digest), default=0)


def _journal(tx: Connection, name: str) -> Journal | None:
    row = tx.execute(select(JournalRow.community_id, JournalRow.seq).where(JournalRow.id == name)).one_or_none()
    return row and Journal(name, row.community_id, row.seq)


def _of(journal: Journal) -> tuple[Any, ...]:
    return EventRow.community_id == journal.community, EventRow.journal_id == journal.id


def _agreed(tx: Connection, journal: Journal | None, marks: Digests) -> int:
    """The last number under which the office holds the very event of `marks`; 0 when there is none."""
    if journal is None:
        return 0
    numbers = sorted((seq for seq in marks if seq <= journal.seq), reverse=True)
    for start in range(0, len(numbers), CHUNK):
        wanted = select(EventRow.seq, EventRow.digest).where(
            *_of(journal), EventRow.seq.in_(numbers[start : start + CHUNK])
        )
        if same := [int(row.seq) for row in tx.execute(wanted) if row.digest == marks[row.seq]]:
            return max(same)
    return 0


def _repeats(tx: Connection, journal: str) -> Repeats:
    found = Repeats(defaultdict(dict), defaultdict(dict))
    wanted = select(*RepeatedRow.__table__.columns).where(RepeatedRow.by_journal == journal)
    last = 1  # number of the journal's own first event
    for row in tx.execute(wanted.order_by(RepeatedRow.by_seq)):
        at_once = row.by_seq in (last, last + 1)
        last = row.by_seq if at_once else last
        (found.first if at_once else found.later)[row.journal_id][row.seq] = row.digest
    return found


def _parted(tx: Connection, journal: str) -> int | None:
    """From which number on there are two versions of a journal; None when there is one."""
    first: int | None = tx.scalar(select(func.min(ForkEventRow.seq)).where(ForkEventRow.journal_id == journal))
    return first
