"""The tree of units: city → district → street → community, and who may see which branch."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, insert, select
from uuid_utils import uuid7

from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.tables import UnitRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Refused
from sync.office.scope import within
from sync.office.seal import Sealer
from sync.office.values import Scope, Unit

LEVELS = ("city", "district", "street", "community")
TOKEN_KEY_BYTES = 32


class Units:
    def __init__(self, database: Database, sealer: Sealer, audit: Audit) -> None:
        self._database = database
        self._sealer = sealer
        self._audit = audit

    def tree(self, scope: Scope) -> tuple[Unit, ...]:
        """Every unit of the branch, parents before children, by code and name."""
        wanted = select(UnitRow).where(within(UnitRow.id, scope)).order_by(UnitRow.code, UnitRow.name)
        with self._database.read() as tx:
            units = [_unit(row) for row in tx.execute(wanted)]
        return tuple(sorted(units, key=lambda unit: LEVELS.index(unit.level)))

    def communities(self, scope: Scope) -> tuple[Unit, ...]:
        return tuple(unit for unit in self.tree(scope) if unit.level == "community")

    def get(self, unit_id: str, scope: Scope) -> Unit:
        """Raises NotFound, outside the scope too."""
        with self._database.read() as tx:
            row = tx.execute(
                select(UnitRow).where(has_id(UnitRow.id, unit_id), within(UnitRow.id, scope))
            ).one_or_none()
        if row is None:
            raise NotFound(f"no unit {unit_id}")
        return _unit(row)

    def community(self, community_id: str, scope: Scope) -> Unit:
        """Raises NotFound for what is no community of the scope."""
        unit = self.get(community_id, scope)
        if unit.level != "community":
            raise NotFound(f"no community {community_id}")
        return unit

    def add(self, level: str, name: str, code: str, parent: str | None, *, who: str, demo: bool = False) -> Unit:
        """A new unit below `parent`; a community gets its key for person tokens. Raises Refused for a wrong place."""
        unit = Unit(str(uuid7()), parent, level, code, name.strip(), demo)
        with self._database.write() as tx:
            _check_place(tx, unit)
            token_key = self._new_token_key(unit.id) if level == "community" else None
            tx.execute(
                insert(UnitRow).values(
                    id=unit.id, parent_id=parent, level=level, code=code, name=unit.name, demo=demo, token_key=token_key
                )
            )
            self._audit.note(tx, who, "unit.add", unit.id, f"{level} {unit.name}")
        return unit

    def token_key(self, community_id: str) -> bytes:
        """The community's key for person tokens. Raises NotFound when it is no community."""
        with self._database.read() as tx:
            sealed = tx.scalar(select(UnitRow.token_key).where(has_id(UnitRow.id, community_id)))
        if sealed is None:
            raise NotFound(f"no community {community_id}")
        return self._sealer.open(f"unit:{community_id}:token_key", sealed)

    def _new_token_key(self, unit_id: str) -> bytes:
        return self._sealer.seal(f"unit:{unit_id}:token_key", secrets.token_bytes(TOKEN_KEY_BYTES))


def _check_place(tx: Connection, unit: Unit) -> None:
    if unit.level not in LEVELS:
        raise Refused(f"a unit is one of {', '.join(LEVELS)}, not {unit.level!r}")
    if not unit.name:
        raise Refused("a unit needs a name")
    if unit.parent is None:
        return
    above = tx.scalar(select(UnitRow.level).where(has_id(UnitRow.id, unit.parent)))
    if above is None:
        raise NotFound(f"no unit {unit.parent}")
    if LEVELS.index(above) >= LEVELS.index(unit.level):
        raise Refused(f"a {unit.level} cannot lie below a {above}")


def _unit(row: Any) -> Unit:
    return Unit(row.id, row.parent_id, row.level, row.code, row.name, row.demo)
