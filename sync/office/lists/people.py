"""重点人员 and 住户名册: who is on them, put on, taken off, found again. Every change is handed down at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, false, func, or_, select, update

from kiosk import identities, tokens
from sync.office.db import bulk
from sync.office.db.lists import ListedRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Problem, Refused
from sync.office.lists import rows
from sync.office.lists.register import Register
from sync.office.lists.values import Counts, Listed, ListedFilter
from sync.office.lists.wanted import (
    REGISTERS,
    WATCH,
    Unlistable,
    Wanted,
    folded,
    keyed,
    mark,
    merged,
    problems,
    tidy,
)
from sync.office.passes.marks import place as plain_household
from sync.office.scope import within
from sync.office.values import EVERYTHING, Page, Scope, Unit

LISTED: Any = ListedRow.__table__
RELEASED_DAYS = 14  # how long a gate is told that somebody was released
RELEASABLE = ("close-contact", "observation", "region", "abroad", "cold-chain", "border")
EVERY = 500
CURRENT = ListedFilter()

Advance = Callable[[int, int], None]


class People(Register):
    """The watch list and the roster."""

    @cached_property
    def rows(self) -> rows.Rows:
        return rows.Rows(self._sealer, self._zone)

    # --- changing ----------------------------------------------------------------------------------------------

    def add(
        self, register: str, community_id: str, wanted: Wanted, *, who: str, scope: Scope = EVERYTHING
    ) -> tuple[Listed, bool]:
        """Puts somebody on a list and hands it down; whether an entry was there already, with which this one was
        merged. Raises Unlistable (a Refused), NotFound."""
        community = self._units.community(community_id, scope)
        ready = self.checked(register, wanted)
        with self._database.write() as tx:
            counts, ids = self.put(tx, register, community, [ready], who=who, source="form")
            self._audit.note(tx, who, f"{register}.add", ids[0], ready.why, community.id)
        if not counts.same:
            self._hand_down(community.id, who)
        return self.get(ids[0], scope), not counts.new

    def checked(self, register: str, wanted: Wanted) -> Wanted:
        """`wanted` as it can be listed. Raises Unlistable."""
        ready = tidy(register, wanted, self.today())
        if found := self.problems(register, ready):
            raise Unlistable(found)
        return ready

    def problems(self, register: str, ready: Wanted) -> tuple[Problem, ...]:
        if register not in REGISTERS:
            raise Refused(f"a list is one of {', '.join(REGISTERS)}")
        return problems(register, ready, self.today())

    def end(self, listed_id: str, why: str, scope: Scope, *, who: str) -> Listed:
        """Takes somebody off, with the reason, and hands it down. Again changes nothing. Raises Refused, NotFound."""
        found = self.get(listed_id, scope)
        if not why.strip():
            raise Refused("say why the entry ends")
        with self._database.write() as tx:
            done = self._end(tx, found, why, who)
        if done:
            self._hand_down(found.community, who)
        return self.get(listed_id, scope)

    def release(self, listed_id: str, scope: Scope, *, who: str) -> Listed:
        """解除: the observation ends, and for two weeks gates are told that this person was released. Raises Refused
        for a category that nobody is released from, and when it is over; NotFound."""
        row = self._row(listed_id, scope)
        found = self.rows.listed(row)
        if found.register != WATCH or found.why not in RELEASABLE:
            raise Refused(f"nobody is released from {found.why}; end the entry instead")
        if found.state(self._now()) not in ("running", "early"):
            raise Refused("this entry is over already")
        community = self._units.get(found.community, scope)
        last = self.today() + timedelta(days=RELEASED_DAYS)
        released = replace(self.rows.wanted(row), why="released", begins=self.today(), ends=last, do="")
        with self._database.write() as tx:
            self._end(tx, found, "解除 released", who)
            _, ids = self.put(tx, WATCH, community, [released], who=who, source="release")
            self._audit.note(tx, who, "watch.release", found.id, found.why, community.id)
        self._hand_down(community.id, who)
        return self.get(ids[0], scope)

    def put(
        self,
        tx: Connection,
        register: str,
        community: Unit,
        wanted: Sequence[Wanted],
        *,
        who: str,
        source: str,
        replaces: bool = False,
        advance: Advance = lambda _done, _all: None,
    ) -> tuple[Counts, list[str]]:
        """Writes checked people into a list, in the caller's transaction: new ones, and what is new of those on it
        already. With `replaces` whoever is not among them goes. What changed, and each one's id."""
        key = self._units.token_key(community.id)
        there = self._there(tx, register, community.id)
        new, changed, ids, same = dict[str, dict[str, Any]](), [], list[str](), 0
        for number, one in enumerate(wanted):
            if number % EVERY == 0:
                advance(number, len(wanted))
            known = there.pop(_name(register, mark(key, one), one.why), None)
            if known is None:
                row = self.rows.new(register, community.id, key, one, source=source)
                new[row["id"]] = row | self._made(who)
            elif (both := merged(self.rows.wanted(known), one)) != self.rows.wanted(known):
                changed.append({"row_id": known.id, **self.rows.said(known.id, register, key, both)})
            else:
                same += 1
            ids.append(known.id if known is not None else row["id"])
        bulk.append(tx, LISTED, list(new.values()))
        self._change(tx, changed)
        gone = [row.id for row in there.values()] if replaces else []
        self._drop(tx, gone, who)
        return Counts(len(new), len(changed), same, len(gone)), ids

    def hand_down(self, community_id: str, who: str) -> None:
        self._hand_down(community_id, who)

    # --- finding -----------------------------------------------------------------------------------------------

    def list(self, scope: Scope, page: int = 1, size: int = 50, wanted: ListedFilter = CURRENT) -> Page[Listed]:
        """Newest first, names masked."""
        condition = self._matching(wanted, scope)
        ordered = rows.selected().where(condition).order_by(ListedRow.made_at.desc(), ListedRow.id.desc())
        with self._database.read() as tx:
            total = tx.scalar(select(func.count()).select_from(ListedRow).where(condition)) or 0
            found = tx.execute(ordered.limit(size).offset((page - 1) * size)).all()
        return Page(tuple(self.rows.listed(row) for row in found), total, page, size)

    def get(self, listed_id: str, scope: Scope) -> Listed:
        """Raises NotFound, outside the scope too."""
        return self.rows.listed(self._row(listed_id, scope))

    def reveal(self, listed_id: str, reason: str, scope: Scope, *, who: str) -> dict[str, str]:
        """Name, numbers and household in clear; who looked and why stands in the audit before anything is shown.

        Raises Refused without a reason, NotFound.
        """
        row = self._row(listed_id, scope)
        if not reason.strip():
            raise Refused("say why you look at it")
        self._audit.write(who, f"{row.register}.reveal", row.id, reason.strip()[:200], row.community_id)
        return self.rows.in_clear(row)

    def there(self, register: str, community_id: str) -> set[str]:
        """The names (`naming`) of those who are on a list now."""
        with self._database.read() as tx:
            return set(self._there(tx, register, community_id))

    def naming(self, register: str, community_id: str) -> Callable[[Wanted], str]:
        """Names what is one entry of a list: a person, on the watch list with the category."""
        key = self._units.token_key(community_id)
        return lambda wanted: _name(register, mark(key, wanted), wanted.why)

    # --- small things ------------------------------------------------------------------------------------------

    def _made(self, who: str) -> dict[str, Any]:
        return {"made_at": self._now(), "made_by": who, "ended_at": None, "ended_by": "", "ended_why": ""}

    def _there(self, tx: Connection, register: str, community_id: str) -> dict[str, Any]:
        wanted = select(ListedRow).where(
            ListedRow.community_id == community_id, ListedRow.register == register, self._current()
        )
        return {_name(register, row.mark, row.why): row for row in tx.execute(wanted.order_by(ListedRow.id))}

    def _current(self) -> ColumnElement[bool]:
        return and_(ListedRow.ended_at.is_(None), or_(ListedRow.ends.is_(None), ListedRow.ends > self._now()))

    def _change(self, tx: Connection, changed: Sequence[dict[str, Any]]) -> None:
        if changed:
            columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in changed[0] if name != "row_id"}
            given = [{name if name == "row_id" else f"new_{name}": row[name] for name in row} for row in changed]
            tx.execute(update(LISTED).where(LISTED.c.id == bindparam("row_id")).values(**columns), given)

    def _drop(self, tx: Connection, ids: Iterable[str], who: str) -> None:
        ended = update(LISTED).where(LISTED.c.id == bindparam("row_id"), LISTED.c.ended_at.is_(None))
        values = {"ended_at": self._now(), "ended_by": who, "ended_why": "不在新名册上 not in the new list"}
        if given := [{"row_id": row_id} for row_id in ids]:
            tx.execute(ended.values(**values), given)

    def _end(self, tx: Connection, found: Listed, why: str, who: str) -> bool:
        ended = update(ListedRow).where(ListedRow.id == found.id, ListedRow.ended_at.is_(None))
        values = {"ended_at": self._now(), "ended_by": who, "ended_why": why.strip()[:200]}
        if not tx.execute(ended.values(**values)).rowcount:
            return False
        self._audit.note(tx, who, f"{found.register}.end", found.id, found.why, found.community)
        return True

    def _row(self, listed_id: str, scope: Scope) -> Any:
        wanted = rows.selected().where(has_id(ListedRow.id, listed_id), within(ListedRow.community_id, scope))
        with self._database.read() as tx:
            row = tx.execute(wanted).one_or_none()
        if row is None:
            raise NotFound(f"no entry {listed_id}")
        return row

    def _matching(self, wanted: ListedFilter, scope: Scope) -> ColumnElement[bool]:
        conditions = [ListedRow.register == wanted.register, within(ListedRow.community_id, scope)]
        if wanted.community:
            conditions.append(has_id(ListedRow.community_id, wanted.community))
        if wanted.why:
            conditions.append(ListedRow.why == wanted.why)
        if wanted.state:
            conditions.append(self._current() if wanted.state == "current" else ~self._current())
        if wanted.words.strip():
            units = [unit for unit in self._units.communities(scope) if wanted.community in (None, unit.id)]
            conditions.append(or_(*(self._named(wanted.words, unit) for unit in units)) if units else false())
        return and_(*conditions)

    def _named(self, words: str, community: Unit) -> ColumnElement[bool]:
        """Whole names, numbers and households only: what they are kept by is keyed."""
        key = self._units.token_key(community.id)
        given = {identities.check(kind, words).normalised for kind in ("id", "phone")}
        known = [tokens.token(key, kind, text) for kind in ("id", "phone", "plate") for text in given if text]
        return and_(
            ListedRow.community_id == community.id,
            or_(
                ListedRow.name_mark == keyed(key, "name", folded(words)),
                ListedRow.household_mark == keyed(key, "household", plain_household(words)),
                *(ListedRow.shown.contains(token) for token in known),
            ),
        )


def _name(register: str, person: str, why: str) -> str:
    return f"{person}:{why}" if register == WATCH else person
