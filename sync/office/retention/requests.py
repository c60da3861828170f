"""A request to be forgotten, as pages and commands show it, and what would go by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from sync.office.db.retention import ErasureGateRow, ErasureRow
from sync.office.db.tables import GateRow, UnitRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound
from sync.office.retention.finding import Holding
from sync.office.scope import within
from sync.office.values import Scope


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go and what would stay, by kind."""

    holding: Holding
    going: Holding
    kept_parts: int  # of open alerts and days that are held
    kept_entries: int  # on the watch list, still running

    @property
    def kept(self) -> int:
        return self.kept_parts + self.kept_entries


@dataclass(frozen=True, slots=True)
class AtGate:
    """How far a gate is with a request; `parts` is what it said it erased."""

    gate: str
    name: str
    done_at: datetime | None
    parts: int | None


@dataclass(frozen=True, slots=True)
class Erasure:
    """One request. `state` is asked, cancelled, waiting (for gates) or done."""

    id: str
    community: str
    community_name: str
    reason: str
    made_at: datetime
    made_by: str
    approved_by: str
    cancelled_at: datetime | None
    done_at: datetime | None
    certificate: int | None
    gates: tuple[AtGate, ...]

    @property
    def state(self) -> str:
        if self.cancelled_at is not None:
            return "cancelled"
        if self.done_at is None:
            return "asked"
        return "waiting" if any(gate.done_at is None for gate in self.gates) else "done"


def rows() -> Any:
    """Requests with the names of their communities."""
    columns = (*ErasureRow.__table__.columns, UnitRow.name.label("community_name"))
    return select(*columns).join(UnitRow, UnitRow.id == ErasureRow.community_id)


def found(tx: Connection, erasure_id: str, scope: Scope) -> Any:
    """Raises NotFound, outside the scope too."""
    row = tx.execute(
        rows().where(has_id(ErasureRow.id, erasure_id), within(ErasureRow.community_id, scope))
    ).one_or_none()
    if row is None:
        raise NotFound(f"no request {erasure_id}")
    return row


def erasure(tx: Connection, row: Any) -> Erasure:
    at = select(ErasureGateRow.gate_id, GateRow.name, ErasureGateRow.done_at, ErasureGateRow.parts)
    at = at.join(GateRow, GateRow.id == ErasureGateRow.gate_id).where(ErasureGateRow.erasure_id == row.id)
    return Erasure(
        row.id, row.community_id, row.community_name, row.reason, row.made_at, row.made_by, row.approved_by,
        row.cancelled_at, row.done_at, row.certificate, tuple(AtGate(*gate) for gate in tx.execute(at)),
    )  # fmt: skip
