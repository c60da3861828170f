"""What can be asked of the file. Each view is one unmoving state of it, while the gate goes on writing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kiosk.errors import JournalError
from kiosk.journal import schema, seals
from kiosk.journal.days import from_ms
from kiosk.journal.faults import translated
from kiosk.journal.projections import Recorded, token_key
from kiosk.journal.rows import EventRow, Life, event_of
from kiosk.journal.schema import (
    COUNTS,
    TALLIED,
    changes,
    day_keys,
    events,
    last_seen,
    lives,
    outs,
    state,
    tallies,
    used,
)
from kiosk.journal.seals import Countersign
from kiosk.journal.values import Head, LastSeen, Left, Outbox
from kiosk.journal.vault import DayKey, Vault
from kiosk.model import ZERO_DIGEST, Event

CHUNK = 500


class Reader:
    """Opens views of one file. Many threads may read at once."""

    def __init__(self, path: Path, vault: Vault) -> None:
        self._path = path
        self._vault = vault
        self._engine = schema.reading(path)

    @contextmanager
    def view(self) -> Iterator[View]:
        """The file as it is now. Raises JournalError for whatever goes wrong while it is read."""
        with translated(self._path), self._engine.connect() as connection:
            yield View(self._path, connection, self._vault)

    def close(self) -> None:
        self._engine.dispose()


class View:
    """The file as it was when the view was opened."""

    def __init__(self, path: Path, connection: Connection, vault: Vault) -> None:
        self._path = path
        self._connection = connection
        self._vault = vault

    @cached_property
    def lives(self) -> tuple[Life, ...]:
        """All journals of the file, oldest first."""
        newest = self._connection.scalar(sa.select(sa.func.max(events.c.number))) or 0
        rows = self._connection.execute(sa.select(lives).order_by(lives.c.life)).all()
        lasts = [row.first - 1 for row in rows[1:]] + [newest]
        return tuple(
            Life(
                UUID(bytes=row.journal), row.first, last, row.through, row.acknowledged, row.synced_at, row.refused_from
            )
            for row, last in zip(rows, lasts, strict=False)
        )

    @cached_property
    def keys(self) -> Mapping[int, DayKey]:
        """The day keys that still live."""
        return self._vault.keyring(self._connection.execute(sa.select(day_keys)))

    def check_key(self) -> None:
        """Raises JournalError unless the gate's key belongs to this file."""
        proof = self._connection.scalar(sa.select(schema.vault.c.proof))
        if proof is None:
            raise JournalError(f"{self._path}: no journal was begun in it; start the gate once")
        self._vault.check(proof)

    def life(self, journal: str | None = None) -> Life:
        """The named journal, or the present one. Raises JournalError when it is not in the file."""
        for life in reversed(self.lives):
            if journal is None or life.name == journal:
                return life
        raise JournalError(f"{self._path}: there is no journal {journal or ''} in it")

    def life_at(self, number: int) -> Life:
        """The journal that row `number` belongs to. Raises JournalError when there is none."""
        for life in reversed(self.lives):
            if life.first <= number:
                return life
        raise JournalError(f"{self._path}: row {number} belongs to no journal; see `python -m kiosk journal verify`")

    def head(self, life: Life) -> Head:
        """The last event's number and digest. Raises JournalError when that row is not there."""
        if life.length < 1:
            return Head()
        return Head(life.length, self.digest(life, life.length))

    def digest(self, life: Life, seq: int) -> str:
        """The digest of a number, zeros for 0. Raises JournalError when that row is not there."""
        if seq == 0:
            return ZERO_DIGEST
        query = sa.select(events.c.digest).where(events.c.number == life.number(seq))
        if not 1 <= seq <= life.length or (digest := self._connection.scalar(query)) is None:
            raise JournalError(f"{self._path}: number {seq} is missing; see `python -m kiosk journal verify`")
        return bytes(digest).hex()

    def after(self, life: Life, seq: int, limit: int) -> list[Event]:
        """The events behind `seq`, at most `limit`."""
        numbers = events.c.number.between(life.number(seq + 1), life.last)
        return self._events(sa.select(events).where(numbers).order_by(events.c.number).limit(limit))

    def recent(self, limit: int, kinds: Sequence[str]) -> list[Event]:
        """The newest events of these kinds, newest first, over all journals of the file."""
        query = sa.select(events).where(events.c.kind.in_(kinds)).order_by(events.c.number.desc()).limit(limit)
        if "passage" not in kinds:
            query = query.where(schema.NOT_A_PASSAGE)
        return self._events(query)

    def since(self, day: int, behind: int, limit: int) -> list[tuple[int, Event]]:
        """The passages from a local day on behind row `behind`, each with its row's number."""
        wanted = (events.c.kind == "passage", events.c.day >= day, events.c.number > behind)
        query = sa.select(events).where(*wanted).order_by(events.c.number).limit(limit)
        return [(row.number, self._event(row)) for row in self._connection.execute(query)]

    def rows(self, kind: str | None = None, *, behind: int = 0, rare: bool = False) -> Iterator[EventRow]:
        """Every row of the file in order behind number `behind`, or those of one kind that is not `passage`, with
        `rare` all that are none; read a chunk at a time."""
        query = sa.select(events).where(events.c.number > behind).order_by(events.c.number)
        if rare:
            query = query.where(schema.NOT_A_PASSAGE)
        if kind is not None:
            query = query.where(events.c.kind == kind, schema.NOT_A_PASSAGE)
        yield from self._connection.execution_options(yield_per=CHUNK).execute(query)

    def at(self, numbers: Collection[int]) -> list[Event]:
        """The events in these rows, in order."""
        wanted = sorted(numbers)
        chunks = (wanted[begin : begin + CHUNK] for begin in range(0, len(wanted), CHUNK))
        query = sa.select(events).order_by(events.c.number)
        return [event for chunk in chunks for event in self._events(query.where(events.c.number.in_(chunk)))]

    def recorded(self) -> Iterator[Recorded]:
        """Every event of the file in order. Raises JournalError for one that cannot be read."""
        for row in self.rows():
            yield Recorded(row.number, row.day, self._event(row))

    def repeated(self) -> Iterator[dict[str, Any]]:
        """Which events of other journals are recorded once more in this file: `again` of each, innermost last."""
        query = sa.select(events).where(events.c.open.contains('"again":{'))
        for row in self._connection.execution_options(yield_per=CHUNK).execute(query):
            named = self._event(row).open.get("again")
            while named:
                yield named
                named = named.get("again")

    def outbox(self, life: Life) -> Outbox:
        last = life.length if life.refused_from is None else life.refused_from - 1
        oldest = sa.select(events.c.at).where(events.c.number == life.number(life.through + 1))
        waiting = max(last - life.through, 0)
        oldest_at = self._connection.scalar(oldest) if waiting else None
        return Outbox(
            journal=life.name,
            through=life.through,
            waiting=waiting,
            synced_at=None if life.synced_at is None else from_ms(life.synced_at),
            oldest_at=None if oldest_at is None else from_ms(oldest_at),
        )

    def counts(self, day: int) -> dict[str, int]:
        row = self._connection.execute(sa.select(tallies).where(tallies.c.day == day)).mappings().first()
        tallied = {name: row[name] for name in TALLIED} if row else {}
        changed = self._connection.execute(sa.select(changes.c.name, changes.c.count).where(changes.c.day == day))
        return dict.fromkeys(COUNTS, 0) | tallied | {row[0]: row[1] for row in changed}

    def closed(self) -> set[int]:
        """The days that were closed."""
        return set(self._connection.scalars(sa.select(tallies.c.day).where(tallies.c.closed.is_not(None))))

    def first_day(self) -> int:
        """The first day anything was recorded on."""
        begun = self._connection.scalars(sa.select(events.c.day).order_by(events.c.number).limit(1))
        counted = self._connection.scalars(sa.select(tallies.c.day).order_by(tallies.c.day).limit(1))
        days: list[int] = [*begun, *counted]
        return min(days)

    def countersigns(self) -> list[Countersign]:
        return seals.kept(self._connection)

    def unsigned(self, life: Life, limit: int) -> list[int]:
        return seals.lacking(self._connection, life, limit)

    def state(self, name: str) -> int | None:
        return self._connection.scalar(sa.select(state.c.value).where(state.c.name == name))

    def outs(self, household: str, since: int) -> list[Left]:
        """Who of a household went out from day `since` on, oldest first."""
        wanted = sa.select(outs).where(outs.c.household == token_key(household), outs.c.day >= since)
        rows = self._connection.execute(wanted.order_by(outs.c.at))
        return [Left(from_ms(row.at), row.day, row.who.hex()) for row in rows]

    def used(self, declaration: str) -> bool:
        wanted = sa.select(used.c.day).where(used.c.declaration == declaration)
        return self._connection.execute(wanted).first() is not None

    def last_seen(self, token: str) -> LastSeen | None:
        row = self._connection.execute(sa.select(last_seen).where(last_seen.c.token == token_key(token))).first()
        if row is None:
            return None
        life = self.life_at(row.number)
        return LastSeen(life.name, life.seq(row.number), from_ms(row.at), row.direction, row.verdict)

    def _events(self, query: sa.Select[tuple[object, ...]]) -> list[Event]:
        return [self._event(row) for row in self._connection.execute(query)]

    def _event(self, row: EventRow) -> Event:
        try:
            return event_of(row, self.life_at(row.number), self.keys)
        except ValueError as error:
            advice = "see `python -m kiosk journal verify`"
            raise JournalError(f"{self._path}: row {row.number} cannot be read ({error}); {advice}") from error
