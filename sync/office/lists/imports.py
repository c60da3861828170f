"""Lists of people in bulk: read and checked, every problem looked at, and only what is confirmed counts, whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select
from uuid_utils import uuid7

from kiosk.model import Saying
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.lists import ListDraftRow
from sync.office.db.tables import UnitRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Problem, Refused
from sync.office.lists.people import Advance, People
from sync.office.lists.sheet import Line
from sync.office.lists.values import Counts
from sync.office.lists.wanted import Wanted, merged, tidy
from sync.office.scope import within
from sync.office.seal import Sealer
from sync.office.values import EVERYTHING, Scope, Unit

LIFE = timedelta(hours=1)
EVERY = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a list. `rows` are the file's rows that speak of this person; `there` says that the list in force
    has this entry already."""

    rows: tuple[int, ...]
    wanted: Wanted
    problems: tuple[Problem, ...] = ()
    there: bool = False

    @property
    def row(self) -> int:
        return self.rows[0]


@dataclass(frozen=True, slots=True)
class Draft:
    """A list that waits to be confirmed. `rows` has each person once, in the file's order."""

    id: str
    register: str
    community: str
    community_name: str
    title: str
    made_by: str
    replaces: bool
    rows: tuple[Row, ...]
    ignored: tuple[str, ...] = ()

    @property
    def good(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.problems)

    @property
    def bad(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.problems)

    @property
    def new(self) -> int:
        return sum(not row.there for row in self.good)

    @property
    def twice(self) -> tuple[Row, ...]:
        """Who stands in the file more than once."""
        return tuple(row for row in self.good if len(row.rows) > 1)


class Imports:
    def __init__(
        self, database: Database, sealer: Sealer, people: People, audit: Audit, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._people = people
        self._audit = audit
        self._now = now

    def draft(
        self,
        register: str,
        community_id: str,
        title: str,
        lines: Iterable[Line],
        *,
        who: str,
        scope: Scope = EVERYTHING,
        replaces: bool = False,
        ignored: tuple[str, ...] = (),
        advance: Advance = lambda _done, _all: None,
    ) -> Draft:
        """A checked list, kept (sealed) for an hour until `who` confirms it; nothing is changed. Raises NotFound."""
        community = self._people.community(community_id, scope)
        rows = self._checked(register, community, list(lines), advance)
        plain = title.strip()[:100]
        made = Draft(str(uuid7()), register, community.id, community.name, plain, who, replaces, rows, ignored)
        with self._database.write() as tx:
            tx.execute(delete(ListDraftRow).where(ListDraftRow.made_at < self._now() - LIFE))
            tx.execute(
                insert(ListDraftRow).values(
                    id=made.id,
                    community_id=made.community,
                    register=register,
                    replaces=replaces,
                    title=made.title,
                    sealed=self._sealer.seal(_place(made.id), msgspec.json.encode((rows, ignored))),
                    made_at=self._now(),
                    made_by=who,
                )
            )
        return made

    def get(self, draft_id: str, scope: Scope, *, who: str) -> Draft:
        """What `who` read in. Raises NotFound: confirmed already, too old, or somebody else's."""
        columns = ListDraftRow.__table__.columns
        wanted = select(*columns, UnitRow.name.label("community_name")).join(
            UnitRow, UnitRow.id == ListDraftRow.community_id
        )
        mine = wanted.where(
            has_id(ListDraftRow.id, draft_id),
            ListDraftRow.made_by == who,
            ListDraftRow.made_at >= self._now() - LIFE,
            within(ListDraftRow.community_id, scope),
        )
        with self._database.read() as tx:
            row = tx.execute(mine).one_or_none()
        if row is None:
            raise NotFound("no such list, or it waited too long: import it again")
        return self._draft(row)

    def confirm(self, draft_id: str, scope: Scope, *, who: str, advance: Advance = lambda _done, _all: None) -> Counts:
        """Takes everybody of the list without a problem, in one transaction, and hands it down. Raises NotFound,
        Refused when nobody is left, or when the list is to replace the one in force and has problems."""
        draft = self.get(draft_id, scope, who=who)
        if not draft.good:
            raise Refused("nobody in this list can be taken: every row has a problem")
        if draft.replaces and draft.bad:
            raise Refused("a list that replaces the one in force must have no problems: mend it and import it again")
        community = self._people.community(draft.community, scope)
        with self._database.write() as tx:
            if not tx.execute(delete(ListDraftRow).where(ListDraftRow.id == draft.id)).rowcount:
                raise NotFound("this list was confirmed already")
            ready = [row.wanted for row in draft.good]
            counts, _ = self._people.put(
                tx, draft.register, community, ready, who=who, source="import", replaces=draft.replaces, advance=advance
            )
            said = f"new {counts.new}, merged {counts.merged}, same {counts.same}, gone {counts.gone}"
            self._audit.note(tx, who, f"{draft.register}.import", draft.id, said, community.id)
        self._people.hand_down(community.id, who)
        return counts

    def discard(self, draft_id: str, scope: Scope, *, who: str) -> None:
        """Forgets a list that was not confirmed. Raises NotFound."""
        draft = self.get(draft_id, scope, who=who)
        with self._database.write() as tx:
            tx.execute(delete(ListDraftRow).where(ListDraftRow.id == draft.id))

    def _checked(self, register: str, community: Unit, lines: list[Line], advance: Advance) -> tuple[Row, ...]:
        there, today = self._people.there(register, community.id), self._people.today()
        name_of = self._people.naming(register, community.id)
        bad, good = list[Row](), dict[str, Row]()
        for number, line in enumerate(lines):
            if number % EVERY == 0:
                advance(number, len(lines))
            ready = tidy(register, line.wanted, today)
            unread = {problem.field for problem in line.problems}
            found = [one for one in self._people.problems(register, ready) if one.field not in unread]
            name = name_of(ready)
            if line.problems or found:
                bad.append(Row((line.row,), ready, (*line.problems, *found)))
            elif known := good.get(name):
                good[name] = self._both(known, line.row, ready)
            else:
                good[name] = Row((line.row,), ready, (), name in there)
        return tuple(sorted([*bad, *good.values()], key=lambda row: row.row))

    def _both(self, known: Row, row: int, ready: Wanted) -> Row:
        """Two rows of one person: one entry, unless they contradict each other in who it is."""
        if known.wanted.name and ready.name and known.wanted.name != ready.name:
            first = known.row
            say = Saying(
                f"第 {first} 行与第 {row} 行号码相同而姓名不同", f"rows {first} and {row}: one number, two names"
            )
            return replace(known, rows=(*known.rows, row), problems=(*known.problems, Problem("name", say)))
        return replace(known, rows=(*known.rows, row), wanted=merged(known.wanted, ready))

    def _draft(self, row: Any) -> Draft:
        plain = self._sealer.open(_place(row.id), row.sealed)
        rows, ignored = msgspec.json.decode(plain, type=tuple[tuple[Row, ...], tuple[str, ...]])
        return Draft(
            row.id,
            row.register,
            row.community_id,
            row.community_name,
            row.title,
            row.made_by,
            row.replaces,
            rows,
            ignored,
        )


def _place(draft_id: str) -> str:
    return f"list_draft:{draft_id}:sealed"
