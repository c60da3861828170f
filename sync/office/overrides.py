"""改判: how often people at the gates decide otherwise than the policy, by gate and by person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, func, select

from kiosk.model import mask_name
from sync.office.db import Database
from sync.office.db.log import EventRow, PassageRow
from sync.office.db.tables import GateRow
from sync.office.entries import PASSAGE, day_bounds
from sync.office.reading import place
from sync.office.scope import within
from sync.office.seal import Destroyed, Sealer
from sync.office.values import Scope

OVERRIDE = "override"
BY_THE_GATE = "party"  # a companion of somebody isolated: the gate's own rule, nobody's decision
NEWEST = 100
KNOWN_FOR = timedelta(days=30)
NAMED = {  # kind → field with a volunteer's id → where the personal part has the name
    OVERRIDE: {"staff": "staff_name", "supervisor": "supervisor_name"},
    "shift.on": {"staff": "name"},
}


@dataclass(frozen=True, slots=True)
class Share:
    """One volunteer at one gate: passages while on duty, and how many of them they decided otherwise."""

    gate: str
    staff: str
    passages: int
    overrides: int
    admitted: int

    @property
    def percent(self) -> float:
        """Overrides per hundred passages; more than a hundred where somebody changed another shift's."""
        return 100 * self.overrides / self.passages if self.passages else 0.0


@dataclass(frozen=True, slots=True)
class Changed:
    """One override; `passage` is the id of the entry it changed."""

    at: datetime
    gate: str
    passage: str
    was: str
    to: str
    why: str
    staff: str
    supervisor: str


class Overrides:
    def __init__(self, database: Database, sealer: Sealer, zone: ZoneInfo) -> None:
        self._database = database
        self._sealer = sealer
        self._zone = zone

    def shares(self, begin: date, end: date, scope: Scope) -> tuple[Share, ...]:
        """By gate and volunteer over the days from `begin` to `end`, both included; most overrides first."""
        passed = self._passed(begin, end, scope)
        changed = self.changed(begin, end, scope, limit=None)
        overrides = Counter((one.gate, one.staff) for one in changed)
        admitted = Counter((one.gate, one.staff) for one in changed if one.to == "admit")
        keys = {*passed, *overrides}
        shares = [Share(*key, passed.get(key, 0), overrides[key], admitted[key]) for key in keys]
        return tuple(sorted(shares, key=lambda share: (-share.overrides, -share.passages, share.gate, share.staff)))

    def changed(self, begin: date, end: date, scope: Scope, limit: int | None = NEWEST) -> tuple[Changed, ...]:
        """What people decided otherwise, newest first."""
        wanted = (
            select(EventRow.at, EventRow.open, GateRow.name.label("gate"))
            .join(GateRow, GateRow.id == EventRow.gate_id)
            .where(EventRow.kind == OVERRIDE, *self._when(EventRow, begin, end), within(EventRow.community_id, scope))
            .order_by(EventRow.at.desc(), EventRow.seq.desc())
        )
        with self._database.read() as tx:
            rows = tx.execute(wanted).all()
        found = (_changed(row.at, row.gate, msgspec.json.decode(row.open)) for row in rows)
        return tuple(one for one in found if one is not None)[:limit]

    def names(self, end: date, scope: Scope) -> dict[str, str]:
        """Volunteers' ids → their masked names, as the newest shift or override of up to KNOWN_FOR before `end` tells;
        without those whose time to be kept is over."""
        wanted = (
            select(*EventRow.__table__.columns)
            .where(EventRow.kind.in_(NAMED), *self._when(EventRow, end - KNOWN_FOR, end))
            .where(within(EventRow.community_id, scope), EventRow.sealed.is_not(None))
            .order_by(EventRow.at.desc(), EventRow.seq.desc())
        )
        names: dict[str, str] = {}
        with self._database.read() as tx:
            for row in tx.execute(wanted):
                said = msgspec.json.decode(row.open)
                for field, told in NAMED[row.kind].items():
                    person = str(said.get(field) or "")
                    if person and person not in names and (name := self._personal(row).get(told)):
                        names[person] = mask_name(str(name))
        return names

    def _personal(self, row: Any) -> dict[str, Any]:
        try:
            return dict(self._sealer.open_json(place(row.journal_id, row.seq), row.sealed)["personal"] or {})
        except Destroyed:
            return {}

    def _passed(self, begin: date, end: date, scope: Scope) -> dict[tuple[str, str], int]:
        wanted = (
            select(GateRow.name, PassageRow.staff, func.count())
            .join(GateRow, GateRow.id == PassageRow.gate_id)
            .where(PassageRow.kind == PASSAGE, PassageRow.demo.is_(False), *self._when(PassageRow, begin, end))
            .where(within(PassageRow.community_id, scope))
            .group_by(GateRow.name, PassageRow.staff)
        )
        with self._database.read() as tx:
            return {(gate, staff): int(count) for gate, staff, count in tx.execute(wanted)}

    def _when(self, table: Any, begin: date, end: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return table.at >= day_bounds(begin, self._zone)[0], table.at < day_bounds(end, self._zone)[1]


def _changed(at: datetime, gate: str, said: Mapping[str, Any]) -> Changed | None:
    """None for demonstrations and for what the gate did by itself."""
    if said.get("demo") is True or said.get("why") == BY_THE_GATE:
        return None
    words = (str(said.get(name) or "") for name in ("passage", "from", "to", "why", "staff", "supervisor"))
    return Changed(at, gate, *words)
