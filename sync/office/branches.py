"""Journals that two machines continued: which records are on which branch. Neither is lost.

The branch that came first stands in the journal. The other one's first differing event is kept as evidence; its gate
then begins a journal of its own that follows this one, and records there again what was refused, by its old number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from kiosk.model import from_iso
from sync.office.db import Database
from sync.office.db.days import SuccessionRow
from sync.office.db.log import EventRow, ForkEventRow, JournalRow
from sync.office.db.tables import GateRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound
from sync.office.scope import within
from sync.office.values import Scope

MOST = 200  # records shown of a branch


@dataclass(frozen=True, slots=True)
class Forked:
    """A journal with two writers: from number `seq` on there are two versions."""

    journal: str
    gate: str
    gate_name: str
    seq: int
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a branch. `seq` is its number in the forked journal, None for what only the new journal has."""

    seq: int | None
    journal: str
    own_seq: int
    id: str
    kind: str
    at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Branches:
    """The first `MOST` records of each branch and how many there are; `evidence` are those that were refused."""

    forked: Forked
    first: tuple[Record, ...]
    first_total: int
    second: tuple[Record, ...]
    second_total: int
    evidence: tuple[Record, ...]


class Forks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, scope: Scope) -> tuple[Forked, ...]:
        """Every forked journal, the one found last first."""
        with self._database.read() as tx:
            return tuple(_forked(tx, scope))

    def of(self, journal: str, scope: Scope) -> Branches:
        """Both branches of a forked journal. Raises NotFound."""
        with self._database.read() as tx:
            forked = next((item for item in _forked(tx, scope) if item.journal == journal), None)
            if forked is None:
                raise NotFound(f"no forked journal {journal}")
            first, second = tuple(_held(tx, forked)), tuple(_again(tx, forked))
            return Branches(forked, first[:MOST], len(first), second[:MOST], len(second), tuple(_evidence(tx, forked)))


def _forked(tx: Connection, scope: Scope) -> Iterator[Forked]:
    row = ForkEventRow
    begins, found = func.min(row.seq).label("seq"), func.min(row.received_at).label("found_at")
    wanted = (
        select(row.journal_id, JournalRow.gate_id, GateRow.name, begins, found)
        .join(JournalRow, JournalRow.id == row.journal_id)
        .join(GateRow, GateRow.id == JournalRow.gate_id)
        .where(within(row.community_id, scope))
        .group_by(row.journal_id, JournalRow.gate_id, GateRow.name)
        .order_by(found.desc())
    )
    for item in tx.execute(wanted):
        yield Forked(item.journal_id, item.gate_id, item.name, item.seq, item.found_at)


def _held(tx: Connection, forked: Forked) -> Iterator[Record]:
    """What stands in the journal from the parting on."""
    columns = (EventRow.journal_id, EventRow.seq, EventRow.id, EventRow.kind, EventRow.at, EventRow.digest)
    wanted = select(*columns).where(*_within_journal(tx, forked.journal), EventRow.seq >= forked.seq)
    for row in tx.execute(wanted.order_by(EventRow.seq)):
        yield Record(row.seq, row.journal_id, row.seq, row.id, row.kind, row.at, row.digest)


def _again(tx: Connection, forked: Forked) -> Iterator[Record]:
    """What the other machine wrote: in the journals that follow the forked one, with the numbers it had there."""
    followers = select(SuccessionRow.journal_id).where(has_id(SuccessionRow.follows, forked.journal))
    for journal in tx.scalars(followers).all():
        wanted = select(EventRow).where(*_within_journal(tx, journal)).order_by(EventRow.seq)
        for row in tx.execute(wanted):
            yield Record(_number(row.open, forked.journal), journal, row.seq, row.id, row.kind, row.at, row.digest)


def _evidence(tx: Connection, forked: Forked) -> Iterator[Record]:
    wanted = select(ForkEventRow).where(ForkEventRow.journal_id == forked.journal).order_by(ForkEventRow.seq)
    for row in tx.execute(wanted):
        event: Any = msgspec.json.decode(row.event)
        at = from_iso(event["at"])
        yield Record(row.seq, row.journal_id, row.seq, event["id"], event["kind"], at, row.digest)


def _within_journal(tx: Connection, journal: str) -> tuple[Any, ...]:
    community = tx.scalar(select(JournalRow.community_id).where(JournalRow.id == journal))
    return EventRow.community_id == community, EventRow.journal_id == journal


def _number(said: str, journal: str) -> int | None:
    """The number that a repeated event had in the forked journal."""
    named = msgspec.json.decode(said).get("again")
    return named.get("seq") if isinstance(named, dict) and named.get("journal") == journal else None
