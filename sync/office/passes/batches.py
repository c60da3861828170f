"""Passes in bulk: a list is read and checked, somebody looks at every problem, and only what they confirm is issued."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update
from uuid_utils import uuid7

from kiosk.model import Saying
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.tables import PassBatchRow, PassRow, UnitRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Problem, Refused
from sync.office.passes.register import Passes
from sync.office.passes.rows import Origin
from sync.office.passes.wanted import Wanted, tidy
from sync.office.passes.workbook import Line
from sync.office.scope import within
from sync.office.seal import Sealer
from sync.office.values import EVERYTHING, Scope, Unit

DRAFT_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a list. `valid` is the number of a pass that this person has already and that is still valid."""

    row: int
    wanted: Wanted
    problems: tuple[Problem, ...]
    valid: str = ""

    @property
    def good(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Batch:
    """A list. While it waits to be confirmed `rows` has everybody in it; afterwards it is empty and `count` is how many
    passes were issued."""

    id: str
    community: str
    community_name: str
    title: str
    made_at: datetime
    made_by: str
    issued_at: datetime | None
    count: int
    printed: int = 0
    rows: tuple[Row, ...] = ()

    @property
    def good(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.good)

    @property
    def bad(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.problems)

    @property
    def holding(self) -> tuple[Row, ...]:
        """Who could get a pass and has a valid one."""
        return tuple(row for row in self.rows if row.good and row.valid)


class Batches:
    def __init__(
        self, database: Database, sealer: Sealer, passes: Passes, audit: Audit, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._passes = passes
        self._audit = audit
        self._now = now

    def draft(
        self, community_id: str, title: str, lines: Iterable[Line], *, who: str, scope: Scope = EVERYTHING
    ) -> Batch:
        """A checked list, kept (sealed) for a day until somebody confirms it; nothing is issued. Raises NotFound."""
        community = self._passes.community(community_id, scope)
        rows = self._checked(community, list(lines))
        made = Batch(
            str(uuid7()), community.id, community.name, title.strip()[:100], self._now(), who, None, 0, 0, rows
        )
        with self._database.write() as tx:
            self._forget_old(tx)
            tx.execute(
                insert(PassBatchRow).values(
                    id=made.id,
                    community_id=made.community,
                    title=made.title,
                    sealed=self._sealer.seal(_place(made.id), msgspec.json.encode(rows)),
                    made_at=made.made_at,
                    made_by=who,
                )
            )
        return made

    def get(self, batch_id: str, scope: Scope) -> Batch:
        """Raises NotFound, for a draft that nobody confirmed within a day too."""
        with self._database.read() as tx:
            return self._found(tx, batch_id, scope)

    def list(self, scope: Scope, most: int = 20) -> tuple[Batch, ...]:
        """Issued lists, newest first."""
        issued = PassBatchRow.issued_at.is_not(None)
        wanted = _batches().where(issued, within(PassBatchRow.community_id, scope))
        with self._database.read() as tx:
            found = tx.execute(wanted.order_by(PassBatchRow.made_at.desc()).limit(most)).all()
            return tuple(self._batch(tx, row) for row in found)

    def confirm(self, batch_id: str, scope: Scope, *, who: str, again: bool = False) -> Batch:
        """Issues a pass to everybody of the list without a problem; with `again` also to those who have a valid one.

        All in one transaction; confirming once more changes nothing. Raises NotFound, Refused when nobody is left.
        """
        with self._database.write() as tx:
            batch = self._found(tx, batch_id, scope, lock=True)
            if batch.issued_at is None:
                self._issue(tx, batch, who, again=again)
        return self.get(batch_id, scope)

    def discard(self, batch_id: str, scope: Scope) -> None:
        """Forgets a list that was not confirmed. Raises NotFound."""
        with self._database.write() as tx:
            if self._found(tx, batch_id, scope).issued_at is None:
                tx.execute(delete(PassBatchRow).where(PassBatchRow.id == batch_id))

    def _issue(self, tx: Connection, batch: Batch, who: str, *, again: bool) -> None:
        community = self._passes.community(batch.community, EVERYTHING)
        rows = self._with_valid(tx, batch.community, batch.good)
        ready = [row.wanted for row in rows if again or not row.valid]
        if not ready:
            raise Refused("nobody in this list is to get a pass: all have a problem or a valid pass")
        drawn = [self._passes.draw(self._passes.checked(one, community), community) for one in ready]
        self._passes.keep(tx, community, drawn, Origin(who, self._now(), batch=batch.id))
        done = {"issued_at": self._now(), "count": len(drawn), "sealed": None}
        tx.execute(update(PassBatchRow).where(PassBatchRow.id == batch.id).values(**done))
        self._audit.note(tx, who, "pass.bulk", batch.id, str(len(drawn)), community.id)

    def _checked(self, community: Unit, lines: Sequence[Line]) -> tuple[Row, ...]:
        rows: list[Row] = []
        first: dict[str, int] = {}
        for line in lines:
            ready = tidy(line.wanted, self._passes.today())
            unread = {problem.field for problem in line.problems}
            found = [each for each in self._passes.problems(ready, community) if each.field not in unread]
            mark = self._passes.person_mark(community.id, ready)
            if mark is not None and first.setdefault(mark, line.row) != line.row:
                zh, en = f"与第 {first[mark]} 行是同一人", f"the same person as in row {first[mark]}"
                found.append(Problem("name", Saying(zh, en)))
            rows.append(Row(line.row, ready, (*line.problems, *found)))
        with self._database.read() as tx:
            return self._with_valid(tx, community.id, rows)

    def _with_valid(self, tx: Connection, community_id: str, rows: Sequence[Row]) -> tuple[Row, ...]:
        marks = [self._passes.person_mark(community_id, row.wanted) for row in rows]
        valid = self._passes.valid_of(tx, community_id, {mark for mark in marks if mark})
        return tuple(replace(row, valid=valid.get(mark or "", "")) for row, mark in zip(rows, marks, strict=True))

    def _found(self, tx: Connection, batch_id: str, scope: Scope, *, lock: bool = False) -> Batch:
        wanted = _batches().where(has_id(PassBatchRow.id, batch_id), within(PassBatchRow.community_id, scope))
        row = tx.execute(wanted.with_for_update(of=PassBatchRow.__table__) if lock else wanted).one_or_none()
        if row is None or (row.issued_at is None and row.made_at + DRAFT_LIFE < self._now()):
            raise NotFound("no such list, or it waited too long: import it again")
        return self._batch(tx, row)

    def _batch(self, tx: Connection, row: Any) -> Batch:
        printed = select(func.count()).where(PassRow.batch_id == row.id, PassRow.printed_at.is_not(None))
        rows: tuple[Row, ...] = ()
        if row.sealed is not None:
            rows = msgspec.json.decode(self._sealer.open(_place(row.id), row.sealed), type=tuple[Row, ...])
        done = 0 if row.issued_at is None else tx.scalar(printed) or 0
        return Batch(
            row.id, row.community_id, row.community_name, row.title, row.made_at, row.made_by, row.issued_at, row.count,
            done, rows,
        )  # fmt: skip

    def _forget_old(self, tx: Connection) -> None:
        old = PassBatchRow.made_at < self._now() - DRAFT_LIFE
        tx.execute(delete(PassBatchRow).where(PassBatchRow.issued_at.is_(None), old))


def people(lines: Iterable[str], basis: Wanted) -> tuple[Line, ...]:
    """A household's people, one a line: a name, and a document's number or its last four behind a blank or a colon."""
    found = []
    for row, text in enumerate(lines, 1):
        words = text.replace("：", " ").replace(":", " ").replace("，", " ").replace(",", " ").split()
        if words:
            numbered = len(words) > 1 and any(char.isdigit() for char in words[-1])
            name, document = (" ".join(words[:-1]), words[-1]) if numbered else (" ".join(words), "")
            found.append(Line(row, replace(basis, name=name, document=document)))
    return tuple(found)


def _batches() -> Any:
    columns = PassBatchRow.__table__.columns
    return select(*columns, UnitRow.name.label("community_name")).join(UnitRow, UnitRow.id == PassBatchRow.community_id)


def _place(batch_id: str) -> str:
    return f"pass_batch:{batch_id}:sealed"
