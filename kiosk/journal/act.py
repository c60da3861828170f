"""One transaction under way: what it appends, and where the journal stands with it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import uuid_utils

from kiosk import __version__
from kiosk.errors import JournalError
from kiosk.journal import projections, schema
from kiosk.journal.days import day_of
from kiosk.journal.lock import Mark
from kiosk.journal.projections import Recorded
from kiosk.journal.rows import Life, compose
from kiosk.journal.schema import events, lives
from kiosk.journal.values import Head
from kiosk.journal.vault import Vault
from kiosk.model import Clock, Draft, Event

_INSERT = schema.sql(sa.insert(events), paramstyle="qmark")
_BEGIN = schema.sql(sa.insert(lives).values(journal=sa.bindparam("journal"), first=sa.bindparam("first")))
_NAMED = schema.sql(
    sa.select(events.c.number)
    .join(lives, lives.c.journal == sa.bindparam("journal"))
    .where(
        events.c.number == lives.c.first + sa.bindparam("seq") - sa.literal_column("1"),
        events.c.id == sa.bindparam("id"),
    )
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where and when a journal is written: the gate's id ("" before enrolment), the zone in which its days end, how
    many bytes must be free on the disk for an event more."""

    gate: str
    zone: ZoneInfo
    boot: str
    now: Callable[[], datetime]
    least_free: int = 0

    def clock(self, offset_ms: int | None) -> Clock:
        return Clock(self.boot, time.monotonic_ns() // 1_000_000, offset_ms)


@dataclass(slots=True)
class Act:
    """`life` and `head` are where the journal will stand once the transaction is committed."""

    connection: sqlite3.Connection
    vault: Vault
    site: Site
    offset_ms: int | None
    life: Life
    head: Head

    def append(self, *drafts: Draft) -> tuple[Event, ...]:
        """The events that `drafts` become. Raises JournalError for one that cannot be written down."""
        recorded = [self._written(draft) for draft in drafts]
        projections.apply(self.connection, recorded)
        return tuple(item.event for item in recorded)

    def begin(self, why: str, follows: Mark | None, **more: Any) -> None:
        """Begin a new journal behind everything that is in the file; `follows` is the last event before it."""
        first = self.life.number(self.head.seq) + 1
        self.life, self.head = Life(UUID(str(uuid_utils.uuid7())), first, first - 1), Head()
        named = follows and {"journal": follows.journal, "seq": follows.head.seq, "digest": follows.head.digest}
        self.connection.execute(_BEGIN, {"journal": self.life.journal.bytes, "first": first})
        self.state("journal.begin", why=why, software=__version__, zone=self.site.zone.key, follows=named, **more)

    def state(self, kind: str, **said: Any) -> None:
        """Append what the journal says of itself."""
        self.append(Draft(kind, self.site.now(), {"gate": self.site.gate, **said}))

    def _written(self, draft: Draft) -> Recorded:
        if draft.kind == "correction" and "again" not in draft.open:
            self._check_corrects(draft.open.get("corrects"))
        try:
            day = day_of(draft.at, self.site.zone)
        except (ValueError, OverflowError) as error:
            raise JournalError(f"{draft.kind!r} cannot be recorded: {error}") from error
        key = self.vault.key_of(self.connection, day)
        event, row = compose(draft, self.head, self.life, self.site.clock(self.offset_ms), key)
        self.connection.execute(_INSERT, row)
        self.head = Head(event.seq, event.digest)
        return Recorded(self.life.number(event.seq), day, event)

    def _check_corrects(self, named: Any) -> None:
        """A correction names an event that is there. Raises JournalError."""
        try:
            where = {"journal": UUID(named["journal"]).bytes, "seq": int(named["seq"]), "id": UUID(named["id"]).bytes}
        except (KeyError, TypeError, ValueError) as error:
            raise JournalError("a correction must say which event it corrects: {journal, seq, id}") from error
        if not self.connection.execute(_NAMED, where).fetchone():
            raise JournalError(f"there is no event {named['seq']} of that id to correct")


def again(events: Iterable[Event]) -> Iterable[Draft]:
    """Drafts that say once more what `events` said, each naming the one it repeats."""
    for event in events:
        named: dict[str, Any] = {"journal": event.journal, "seq": event.seq, "digest": event.digest}
        if earlier := event.open.get("again"):
            named["again"] = earlier
        yield Draft(event.kind, event.at, {**event.open, "again": named}, event.personal or {})
