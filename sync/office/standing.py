"""What the office holds against a gate: suspended until that is lifted, wiped once its journal has drained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, delete, select, update

from sync import protocol
from sync.office.db.days import StandingRow
from sync.office.db.log import JournalRow
from sync.office.db.once import insert_once
from sync.office.db.tables import GateTokenRow
from sync.office.db.types import has_id
from sync.office.directing import Directing
from sync.office.errors import OfficeError, Refused
from sync.office.values import Gate, Scope

MAX_WHY = 200


class Suspended(OfficeError):
    """The gate may hand in what it recorded, and nothing else."""


@dataclass(frozen=True, slots=True)
class Standing:
    """None and "" for a gate in good standing."""

    suspended_at: datetime | None = None
    suspended_by: str = ""
    suspended_why: str = ""
    wipe_at: datetime | None = None  # asked for
    wipe_by: str = ""
    wipe_told_at: datetime | None = None  # the gate was told: its journal had drained


GOOD = Standing()
COLUMNS = tuple(getattr(StandingRow, name) for name in Standing.__dataclass_fields__)


class Standings(Directing):
    def of(self, gate_id: str) -> Standing:
        """How a gate stands; in good standing for an id that is none."""
        with self._database.read() as tx:
            return _read(tx, gate_id)

    def suspend(self, gate_id: str, scope: Scope, why: str, *, who: str) -> None:
        """Hands the gate nothing down any more; its journal may still drain. A token that nobody used yet is void: it
        would let the gate in anew. Raises Refused without words, NotFound.
        """
        gate, why = self._gates.get(gate_id, scope), why.strip()[:MAX_WHY]
        if not why:
            raise Refused("say why the gate is suspended; the gate shows it")
        self._set(gate, "gate.suspend", who, suspended_at=self._now(), suspended_by=who, suspended_why=why)

    def resume(self, gate_id: str, scope: Scope, *, who: str) -> None:
        """Lifts a suspension, and a wipe that the gate was not told of yet. Raises NotFound."""
        gate = self._gates.get(gate_id, scope)
        nothing = {"suspended_at": None, "suspended_by": "", "suspended_why": "", "wipe_at": None, "wipe_by": ""}
        self._set(gate, "gate.resume", who, **nothing, wipe_told_at=None)

    def wipe(self, gate_id: str, scope: Scope, why: str, *, who: str) -> None:
        """Suspends the gate, and has it forget its keys once all that it recorded is here. Raises Refused, NotFound."""
        self.suspend(gate_id, scope, why, who=who)
        self._set(self._gates.get(gate_id, scope), "gate.wipe", who, wipe_at=self._now(), wipe_by=who)

    def check(self, gate_id: str) -> None:
        """Raises Suspended, with the office's words."""
        if (standing := self.of(gate_id)).suspended_at:
            raise Suspended(standing.suspended_why)

    def orders(self, gate_id: str, told: protocol.Heartbeat, beat: protocol.Beat) -> protocol.Beat:
        """`beat` with what the gate has to know of its standing; told to wipe only once everything has drained."""
        if not (standing := self.of(gate_id)).suspended_at:
            return beat
        beat = structs.replace(beat, suspended=standing.suspended_why)
        if not standing.wipe_at or not self._drained(gate_id, told):
            return beat
        statement = protocol.wipe_statement(gate_id, told.journal, told.seq, beat.time)
        self._note_told(gate_id, standing)
        return structs.replace(beat, wipe=self._signed(statement))

    def _drained(self, gate_id: str, told: protocol.Heartbeat) -> bool:
        held = select(JournalRow.seq).where(has_id(JournalRow.id, told.journal), JournalRow.gate_id == gate_id)
        with self._database.read() as tx:
            return told.waiting == 0 and (tx.scalar(held) or 0) >= told.seq

    def _note_told(self, gate_id: str, standing: Standing) -> None:
        if standing.wipe_told_at:
            return
        with self._database.write() as tx:
            told = update(StandingRow).where(StandingRow.gate_id == gate_id)
            tx.execute(told.values(wipe_told_at=self._now()))
            self._audit.note(tx, f"gate:{gate_id}", "gate.wipe.told", gate_id, "", self._gates.community(gate_id))

    def _set(self, gate: Gate, what: str, who: str, **values: Any) -> None:
        with self._database.write() as tx:
            tx.execute(insert_once(tx, StandingRow), {"gate_id": gate.id})
            tx.execute(update(StandingRow).where(StandingRow.gate_id == gate.id).values(**values))
            if values.get("suspended_at"):
                tx.execute(delete(GateTokenRow).where(GateTokenRow.gate_id == gate.id, GateTokenRow.used_at.is_(None)))
            detail = values.get("suspended_why") or gate.name
            self._audit.note(tx, who, what, gate.id, detail, gate.community)


def _read(tx: Connection, gate_id: str) -> Standing:
    row = tx.execute(select(*COLUMNS).where(has_id(StandingRow.gate_id, gate_id))).one_or_none()
    return Standing(**row._mapping) if row else GOOD
