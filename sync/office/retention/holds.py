"""Days that are kept beyond their time: for a case that is not closed, by somebody's word and with the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from uuid_utils import uuid7

from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.retention import HoldRow
from sync.office.db.tables import UnitRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Refused
from sync.office.retention.values import Hold
from sync.office.scope import within
from sync.office.units import Units
from sync.office.values import Scope

LONGEST_WHY = 200


class Holds:
    def __init__(self, database: Database, units: Units, audit: Audit, now: Callable[[], datetime]) -> None:
        self._database = database
        self._units = units
        self._audit = audit
        self._now = now

    def hold(self, community_id: str, first: date, last: date, why: str, scope: Scope, *, who: str) -> Hold:
        """Keeps the days from `first` to `last`. Raises Refused without a reason or with days in the wrong order."""
        community = self._units.get(community_id, scope)
        why = why.strip()[:LONGEST_WHY]
        if not why:
            raise Refused("say why these days are kept; no name or number belongs there")
        if last < first:
            raise Refused("the last day lies before the first")
        row = {"id": str(uuid7()), "community_id": community.id, "first": first.isoformat(), "last": last.isoformat()}
        with self._database.write() as tx:
            tx.execute(insert(HoldRow).values(**row, why=why, made_at=self._now(), made_by=who))
            self._audit.note(tx, who, "retention.hold", row["id"], f"{first} {last}: {why}", community.id)
        return self.get(row["id"], scope)

    def release(self, hold_id: str, scope: Scope, *, who: str) -> Hold:
        """Lets go of days; those past their time are destroyed at the next run. Again changes nothing."""
        found = self.get(hold_id, scope)
        open_one = (HoldRow.id == found.id, HoldRow.released_at.is_(None))
        with self._database.write() as tx:
            released = update(HoldRow).where(*open_one).values(released_at=self._now(), released_by=who)
            if tx.execute(released).rowcount:
                self._audit.note(tx, who, "retention.release", found.id, "", found.community)
        return self.get(hold_id, scope)

    def get(self, hold_id: str, scope: Scope) -> Hold:
        """Raises NotFound, outside the scope too."""
        with self._database.read() as tx:
            row = tx.execute(_holds().where(has_id(HoldRow.id, hold_id), within(HoldRow.community_id, scope))).first()
        if row is None:
            raise NotFound(f"no hold {hold_id}")
        return _hold(row)

    def list(self, scope: Scope, *, only_open: bool = True) -> tuple[Hold, ...]:
        """Newest first."""
        wanted = _holds().where(within(HoldRow.community_id, scope)).order_by(HoldRow.made_at.desc())
        if only_open:
            wanted = wanted.where(HoldRow.released_at.is_(None))
        with self._database.read() as tx:
            return tuple(map(_hold, tx.execute(wanted)))


def why_held(tx: Connection, community: str, day: str) -> str | None:
    """Why a day is kept beyond its time; None when it is not."""
    covers = (HoldRow.community_id == community, HoldRow.first <= day, HoldRow.last >= day)
    return tx.scalar(select(HoldRow.why).where(*covers, HoldRow.released_at.is_(None)).limit(1))


def _holds() -> Any:
    columns = (*HoldRow.__table__.columns, UnitRow.name.label("community_name"))
    return select(*columns).join(UnitRow, UnitRow.id == HoldRow.community_id)


def _hold(row: Any) -> Hold:
    return Hold(
        row.id, row.community_id, row.community_name, date.fromisoformat(row.first), date.fromisoformat(row.last),
        row.why, row.made_at, row.made_by, row.released_at, row.released_by,
    )  # fmt: skip
