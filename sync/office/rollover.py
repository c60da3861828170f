"""A gate's key gives way to another one: announced under the old one, proven by the new one, in force at once."""

from __future__ import annotations

import base64
from datetime import datetime

from msgspec import structs
from sqlalchemy import Connection, select, update

from kiosk import signet
from kiosk.model import iso
from sync import protocol
from sync.office.db.tables import GateRow
from sync.office.db.types import has_id
from sync.office.directing import Directing
from sync.office.enrolment import public_key_of
from sync.office.errors import EnrolmentError, OtherKey, Refused, UnknownGate
from sync.office.values import Scope


class Rollovers(Directing):
    def ask(self, gate_id: str, scope: Scope, *, who: str) -> None:
        """Has the gate make itself a new key at its next heartbeat. Raises NotFound, Refused for one not enrolled."""
        gate = self._gates.get(gate_id, scope)
        if gate.enrolled_at is None:
            raise Refused("this gate is not enrolled: it has no key to replace")
        with self._database.write() as tx:
            tx.execute(update(GateRow).where(GateRow.id == gate.id).values(renew_key_at=self._now()))
            self._audit.note(tx, who, "gate.renew-key", gate.id, gate.name, gate.community)

    def wish(self, gate_id: str, beat: protocol.Beat) -> protocol.Beat:
        """`beat` with the wish for a new key, while there is one."""
        wanted = select(GateRow.public_key).where(has_id(GateRow.id, gate_id), GateRow.renew_key_at.is_not(None))
        with self._database.read() as tx:
            key = tx.scalar(wanted)
        if key is None:
            return beat
        statement = protocol.renew_statement(gate_id, base64.b64encode(key).decode(), beat.time)
        return structs.replace(beat, renew_key=self._signed(statement))

    def change(self, gate_id: str, message: protocol.KeyChange, at: datetime) -> protocol.KeyChanged:
        """Puts the gate's new key in force; every request under the one before is refused from here on.

        The same change is answered again: the first answer may have been lost on its way. Raises EnrolmentError for a
        key that is none or not proven, OtherKey when it is to replace one that is not in force, UnknownGate.
        """
        new, replaced = public_key_of(message.public_key), public_key_of(message.replaces)
        if not signet.fits(new, protocol.key_statement(gate_id, message), message.proof):
            raise EnrolmentError("key", "proof is not the new key's own signature")
        with self._database.write() as tx:
            self._replace(tx, gate_id, new, replaced, at)
        changed = protocol.KeyChanged(public_key=message.public_key, time=iso(at), signature="")
        statement = protocol.changed_statement(gate_id, changed)
        return structs.replace(changed, signature=self._signed(statement))

    def _replace(self, tx: Connection, gate_id: str, new: bytes, replaced: bytes, at: datetime) -> None:
        wanted = select(GateRow.public_key, GateRow.name, GateRow.community_id).where(has_id(GateRow.id, gate_id))
        gate = tx.execute(wanted.with_for_update()).one_or_none()
        if gate is None:
            raise UnknownGate(f"no gate {gate_id} here: enrol it again")
        if gate.public_key == new:
            return
        if gate.public_key != replaced:
            raise OtherKey("the key that is to be replaced is not in force")
        values = {"public_key": new, "key_at": at, "renew_key_at": None}
        tx.execute(update(GateRow).where(GateRow.id == gate_id).values(**values))
        self._audit.note(tx, f"gate:{gate_id}", "gate.key", gate_id, gate.name, gate.community_id)
