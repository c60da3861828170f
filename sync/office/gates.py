"""The gates: their keys, what they last said of themselves, and what the office wants of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update

from kiosk.model import from_iso, iso
from sync import protocol
from sync.office.audit import Audit
from sync.office.days import contacts
from sync.office.db import Database
from sync.office.db.log import JournalRow
from sync.office.db.tables import GateRow, GateStateRow, UnitRow
from sync.office.db.types import MILLISECOND, has_id, is_id
from sync.office.errors import NotFound, UnknownGate
from sync.office.scope import within
from sync.office.values import Gate, Scope

MOST_AGREED_S = 2 * 86_400  # longer silence is none that a timetable of daily windows agrees to
TOLD_LENGTH = 200  # characters kept of what a gate says in words


class Gates:
    def __init__(self, database: Database, audit: Audit, bundle_of: Callable[[str], int]) -> None:
        """`bundle_of(community_id)` answers the version now published."""
        self._database = database
        self._audit = audit
        self._bundle_of = bundle_of

    def public_key(self, gate_id: str) -> bytes | None:
        """The Ed25519 key (32 bytes) of an enrolled gate; None for any other text."""
        with self._database.read() as tx:
            return tx.scalar(select(GateRow.public_key).where(has_id(GateRow.id, gate_id)))

    def community(self, gate_id: str) -> str:
        """The community the gate belongs to. Raises UnknownGate."""
        with self._database.read() as tx:
            community = tx.scalar(select(GateRow.community_id).where(has_id(GateRow.id, gate_id)))
        if community is None:
            raise UnknownGate(f"no gate {gate_id} here: enrol it again")
        return community

    def list(self, scope: Scope) -> tuple[Gate, ...]:
        """Every gate of the branch, by community and name."""
        wanted = _gates().where(within(GateRow.community_id, scope)).order_by(UnitRow.name, GateRow.name)
        with self._database.read() as tx:
            return tuple(_gate(row) for row in tx.execute(wanted))

    def get(self, gate_id: str, scope: Scope) -> Gate:
        """Raises NotFound, outside the scope too."""
        wanted = _gates().where(has_id(GateRow.id, gate_id), within(GateRow.community_id, scope))
        with self._database.read() as tx:
            row = tx.execute(wanted).one_or_none()
        if row is None:
            raise NotFound(f"no gate {gate_id}")
        return _gate(row)

    def beat(self, gate_id: str, beat: protocol.Heartbeat, at: datetime) -> protocol.Beat:
        """Notes what the gate says of itself and answers what it should know. Raises UnknownGate.

        A wish to be called is answered once.
        """
        community = self.community(gate_id)
        state = GateStateRow.gate_id == gate_id
        with self._database.write() as tx:
            wake = bool(tx.scalar(select(GateStateRow.wake).where(state).with_for_update()))
            tx.execute(update(GateStateRow).where(state).values(**_told(beat, at), wake=False))
            contacts.heard(tx, gate_id, at)
        return protocol.Beat(time=iso(at), bundle=self._bundle_of(community), wake=wake)

    def request_wake(self, gate_id: str, scope: Scope, *, who: str) -> None:
        """Asks the gate to call at its next heartbeat. Raises NotFound."""
        gate = self.get(gate_id, scope)
        with self._database.write() as tx:
            tx.execute(update(GateStateRow).where(GateStateRow.gate_id == gate_id).values(wake=True))
            self._audit.note(tx, who, "gate.wake", gate_id, gate.name, gate.community)

    def wake_all(self, community_id: str) -> None:
        """Asks every gate of a community to call at its next heartbeat."""
        there = select(GateRow.id).where(has_id(GateRow.community_id, community_id))
        with self._database.write() as tx:
            tx.execute(update(GateStateRow).where(GateStateRow.gate_id.in_(there)).values(wake=True))


def _told(beat: protocol.Heartbeat, at: datetime) -> dict[str, Any]:
    return {
        "last_contact_at": at,
        "due_at": None if beat.again_s is None else at + timedelta(seconds=min(beat.again_s, MOST_AGREED_S)),
        "journal_id": beat.journal if is_id(beat.journal) else None,
        "gate_seq": beat.seq,
        "waiting": beat.waiting,
        "queue_oldest_s": beat.queue_oldest_s,
        "clock_error_ms": _clock_error_ms(beat.time, at),
        "camera": beat.camera[:TOLD_LENGTH],
        "thermometer": beat.thermometer[:TOLD_LENGTH],
        "software": beat.software[:TOLD_LENGTH],
        "disk_free_mb": beat.disk_free_mb,
        "bundle": beat.bundle,
    }


def _clock_error_ms(gate_time: str, at: datetime) -> int | None:
    """Gate minus office, the way here included; None when the gate's time cannot be read."""
    try:
        return round((from_iso(gate_time) - at) / MILLISECOND)
    except ValueError:
        return None


def _gates() -> Select[Any]:
    """Gates with their state, their community's name and the furthest head of their newest journal."""
    newest = (
        select(JournalRow.seq)
        .where(JournalRow.gate_id == GateRow.id)
        .order_by(JournalRow.received_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    journal = (
        select(JournalRow.id)
        .where(JournalRow.gate_id == GateRow.id)
        .order_by(JournalRow.received_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    state = [column for column in GateStateRow.__table__.columns if column.name not in ("gate_id", "journal_id")]
    state += [GateRow.__table__.c.key_at, GateRow.__table__.c.renew_key_at]
    return (
        select(
            GateRow.id,
            GateRow.community_id,
            GateRow.name,
            GateRow.demo,
            GateRow.enrolled_at,
            UnitRow.name.label("community_name"),
            func.coalesce(newest, 0).label("through"),
            func.coalesce(journal, GateStateRow.journal_id).label("journal"),
            *state,
        )
        .join(UnitRow, UnitRow.id == GateRow.community_id)
        .join(GateStateRow, GateStateRow.gate_id == GateRow.id)
    )


def _gate(row: Any) -> Gate:
    return Gate(
        id=row.id,
        community=row.community_id,
        community_name=row.community_name,
        name=row.name,
        demo=row.demo,
        enrolled_at=row.enrolled_at,
        key_at=row.key_at,
        renew_key_at=row.renew_key_at,
        due_at=row.due_at,
        last_contact_at=row.last_contact_at,
        journal=row.journal,
        through=row.through,
        gate_seq=row.gate_seq,
        waiting=row.waiting,
        queue_oldest_s=row.queue_oldest_s,
        clock_error_ms=row.clock_error_ms,
        camera=row.camera,
        thermometer=row.thermometer,
        software=row.software,
        disk_free_mb=row.disk_free_mb,
        bundle=row.bundle,
    )
