"""Announcements: made, found at the gate by token or short code, cancelled, used once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from uuid_utils import uuid7

from kiosk import tokens
from kiosk.codes import declaration as codes
from kiosk.model import mask_name
from sync.office.db.lists import DeclarationRow
from sync.office.db.retention import HoldRow
from sync.office.db.tables import GateRow, UnitRow
from sync.office.db.types import has_id
from sync.office.declarations.links import HouseholdLink
from sync.office.declarations.wanted import Undeclarable, Wanted, problems, tidy
from sync.office.errors import NotFound, Refused
from sync.office.lists.register import Register
from sync.office.lists.rows import household_token
from sync.office.lists.wanted import keyed
from sync.office.passes.marks import place
from sync.office.scope import within
from sync.office.values import EVERYTHING, Page, Scope

ON_PHONE = "phone"  # who announces, in the audit
KEPT = timedelta(days=30)  # after its end; then nobody needs to know any more who came to whom
MOST_OPEN = 10  # announcements of one household that may still be used
SEALED = ("name", "id_number", "phone", "plate", "purpose", "household")


@dataclass(frozen=True, slots=True)
class Declared:
    """One announcement. `name` is masked but for the household that made it; `code` is the short code."""

    id: str
    community: str
    community_name: str
    link: str | None
    kind: str
    name: str
    household: str
    purpose: str
    code: str
    begins: datetime
    ends: datetime
    made_at: datetime
    made_by: str
    cancelled_at: datetime | None
    used_at: datetime | None
    used_gate: str

    @property
    def text(self) -> str:
        """What the symbol says."""
        return codes.PREFIX + self.code

    @property
    def grouped(self) -> str:
        """The code as people read it to one another."""
        return codes.grouped(self.code)

    def state(self, at: datetime) -> str:
        """One of kiosk.lists.declarations.STATES."""
        if self.cancelled_at is not None:
            return "cancelled"
        if self.used_at is not None:
            return "used"
        if at < self.begins:
            return "early"
        return "expired" if at >= self.ends else "valid"


class Declarations(Register):
    def declare(self, community_id: str, wanted: Wanted, scope: Scope, *, who: str) -> Declared:
        """Announced by the office. Raises Undeclarable (a Refused), NotFound."""
        return self._made(self._units.get(community_id, scope).id, wanted, None, who)

    def declare_at_home(self, link: HouseholdLink, wanted: Wanted) -> Declared:
        """Announced by the household of a link. Raises Undeclarable, Refused for too many at once."""
        open_ones = [one for one in self.of_household(link) if one.state(self._now()) in ("valid", "early")]
        if len(open_ones) >= MOST_OPEN:
            raise Refused(f"a household has at most {MOST_OPEN} announcements at a time: cancel one first")
        return self._made(link.community, replace(wanted, household=link.household), link.id, ON_PHONE)

    def cancel(self, declared: Declared, *, who: str) -> None:
        """Calls an announcement off and hands that down. Again changes nothing."""
        off = update(DeclarationRow).where(DeclarationRow.id == declared.id, DeclarationRow.cancelled_at.is_(None))
        with self._database.write() as tx:
            done = tx.execute(off.values(cancelled_at=self._now(), cancelled_by=who)).rowcount
            if done:
                self._audit.note(tx, who, "declaration.cancel", declared.id, declared.kind, declared.community)
        if done:
            self._hand_down(declared.community, who)

    def purge(self) -> int:
        """Deletes the announcements that ended more than `KEPT` ago, and what was said in them; how many. A community
        with days that are held keeps its own. What gates recorded of those who came goes with the passages."""
        with self._database.write() as tx:
            return self._purge(tx)

    def _purge(self, tx: Connection) -> int:
        held = select(HoldRow.community_id).where(HoldRow.released_at.is_(None))
        old = (DeclarationRow.ends < self._now() - KEPT, DeclarationRow.community_id.not_in(held))
        return tx.execute(delete(DeclarationRow).where(*old)).rowcount

    def list(self, scope: Scope, page: int = 1, size: int = 50, *, only_open: bool = True) -> Page[Declared]:
        """Newest first, names masked."""
        row = DeclarationRow
        open_ones = (row.ends > self._now(), row.cancelled_at.is_(None), row.used_at.is_(None))
        conditions = [within(row.community_id, scope), *(open_ones if only_open else ())]
        ordered = _declared().where(*conditions).order_by(row.made_at.desc(), row.id.desc())
        with self._database.read() as tx:
            total = tx.scalar(select(func.count()).select_from(row).where(*conditions)) or 0
            rows = tx.execute(ordered.limit(size).offset((page - 1) * size)).all()
        return Page(tuple(self._shown(each) for each in rows), total, page, size)

    def of_household(self, link: HouseholdLink, most: int = 50) -> tuple[Declared, ...]:
        """What a link's household announced, newest first, names in clear: its own words."""
        wanted = _declared().where(DeclarationRow.link_id == link.id)
        with self._database.read() as tx:
            rows = tx.execute(wanted.order_by(DeclarationRow.made_at.desc()).limit(most)).all()
        return tuple(self._shown(row, clear=True) for row in rows)

    def get(self, declaration_id: str, scope: Scope) -> Declared:
        """Names masked. Raises NotFound, outside the scope too."""
        return self._shown(self._row(declaration_id, within(DeclarationRow.community_id, scope)))

    def own(self, declaration_id: str, link: HouseholdLink) -> Declared:
        """One of a household's own. Raises NotFound for another's."""
        return self._shown(self._row(declaration_id, DeclarationRow.link_id == link.id), clear=True)

    def _made(self, community_id: str, wanted: Wanted, link: str | None, who: str) -> Declared:
        now = self._now()
        ready = tidy(wanted, self.today())
        if found := tuple(problems(ready, now)):
            raise Undeclarable(found)
        key, row_id = self._units.token_key(community_id), str(uuid7())
        with self._database.write() as tx:
            self._purge(tx)
            code, token = _free_code(tx, community_id, key)
            fixed = {"id": row_id, "community_id": community_id, "link_id": link, "made_at": now, "made_by": who}
            tx.execute(insert(DeclarationRow).values(**fixed, **self._said(row_id, key, ready, code, token)))
            self._audit.note(tx, who, "declaration.make", row_id, ready.kind, community_id)
        self._hand_down(community_id, who)
        return self._shown(self._row(row_id, within(DeclarationRow.community_id, EVERYTHING)), clear=True)

    def _said(self, row_id: str, key: bytes, ready: Wanted, code: str, token: str) -> dict[str, Any]:
        """The columns that follow from what was typed."""
        held = {name: getattr(ready, name) for name in SEALED} | {"code": code}
        home = place(ready.household)
        return {
            "kind": ready.kind,
            "household_mark": keyed(key, "household", home) if home else None,
            "begins": ready.begins,
            "ends": ready.ends,
            "code_mark": token,
            "shown": _handed(key, ready, token),
            "sealed": self._sealer.seal_json(_place(row_id), held),
        }

    def _row(self, declaration_id: str, condition: ColumnElement[bool]) -> Any:
        with self._database.read() as tx:
            row = tx.execute(_declared().where(has_id(DeclarationRow.id, declaration_id), condition)).one_or_none()
        if row is None:
            raise NotFound(f"no announcement {declaration_id}")
        return row

    def _shown(self, row: Any, *, clear: bool = False) -> Declared:
        held = self._sealer.open_json(_place(row.id), row.sealed)
        names = ("id", "community_name", "kind", "begins", "ends", "made_at", "made_by", "cancelled_at", "used_at")
        return Declared(
            community=row.community_id,
            link=row.link_id,
            name=held["name"] if clear else mask_name(held["name"]),
            household=held["household"],
            purpose=held["purpose"],
            code=held["code"],
            used_gate=row.gate_name or "",
            **{name: getattr(row, name) for name in names},
        )


def mark_used(tx: Connection, community_id: str, gate_id: str, declaration_id: str, at: datetime) -> None:
    """Somebody was let in on it. The first time counts; the gates are told with the next hand-down."""
    used = update(DeclarationRow).where(
        has_id(DeclarationRow.id, declaration_id),
        DeclarationRow.community_id == community_id,
        DeclarationRow.used_at.is_(None),
    )
    tx.execute(used.values(used_at=at, used_gate=gate_id))


def _free_code(tx: Connection, community_id: str, key: bytes) -> tuple[str, str]:
    """A code that no other announcement which the community still keeps has, and its token."""
    while True:
        code = codes.number(f"{secrets.randbelow(10**7):07}")
        token = tokens.token(key, "declaration", code)
        taken = select(DeclarationRow.id).where(
            DeclarationRow.community_id == community_id, DeclarationRow.code_mark == token
        )
        if tx.scalar(taken.limit(1)) is None:
            return code, token


def _handed(key: bytes, ready: Wanted, code_token: str) -> str:
    """What a gate is told: tokens and a masked name."""
    known = (("id", ready.id_number), ("phone", ready.phone), ("plate", ready.plate))
    named = [tokens.token(key, kind, identity) for kind, identity in known if identity]
    home = household_token(key, ready.household)
    said = {"tokens": [*named, code_token], "name": mask_name(ready.name), "household": home}
    return msgspec.json.encode({name: value for name, value in said.items() if value}).decode()


def _declared() -> Any:
    columns = DeclarationRow.__table__.columns
    return (
        select(*columns, UnitRow.name.label("community_name"), GateRow.name.label("gate_name"))
        .join(UnitRow, UnitRow.id == DeclarationRow.community_id)
        .outerjoin(GateRow, GateRow.id == DeclarationRow.used_gate)
    )


def _place(declaration_id: str) -> str:
    return f"declaration:{declaration_id}:sealed"
