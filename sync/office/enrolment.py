"""How a gate becomes one of ours: a one-time token, typed or scanned, against its public key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import structs
from sqlalchemy import Connection, delete, insert, select, update
from uuid_utils import uuid7

from kiosk import signet
from kiosk.codes import enrolment as enrolment_codes
from kiosk.codes.enrolment import EnrolmentCode
from kiosk.model import iso
from sync import protocol
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.days import StandingRow
from sync.office.db.tables import GateRow, GateStateRow, GateTokenRow, UnitRow
from sync.office.db.types import has_id
from sync.office.errors import EnrolmentError, NotFound, Refused
from sync.office.gates import Gates
from sync.office.publish import Publish
from sync.office.units import Units
from sync.office.values import EVERYTHING, Gate, Scope

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
GROUPS, GROUP_LENGTH = 4, 5  # 100 bits
TOKEN_LIFE = timedelta(hours=24)
USED_BY_LENGTH = 60  # characters kept of what a gate calls itself
MISREAD = str.maketrans("OIL", "011", " -")


@dataclass(frozen=True, slots=True)
class TokenState:
    """A one-time token: until when it is good, or when it was used and by what calls itself `used_by`."""

    expires_at: datetime
    used_at: datetime | None
    used_by: str


class Enrolment:
    def __init__(
        self,
        database: Database,
        units: Units,
        gates: Gates,
        publish: Publish,
        audit: Audit,
        sign_key: Ed25519PrivateKey,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._units = units
        self._gates = gates
        self._publish = publish
        self._audit = audit
        self._sign_key = sign_key
        self._office_key = sign_key.public_key().public_bytes_raw()
        self._now = now

    def code(self, url: str, token: str) -> EnrolmentCode:
        """What a kiosk scans to enrol at `url`, where it reaches this office."""
        return EnrolmentCode(url, token, enrolment_codes.fingerprint(self._office_key))

    def last_token(self, gate_id: str) -> TokenState | None:
        """How the newest token given out for a gate stands; None where there is none."""
        columns = (GateTokenRow.expires_at, GateTokenRow.used_at, GateTokenRow.used_by)
        newest = select(*columns).where(has_id(GateTokenRow.gate_id, gate_id))
        newest = newest.order_by(GateTokenRow.expires_at.desc(), GateTokenRow.used_at.is_not(None))
        with self._database.read() as tx:
            row = tx.execute(newest.limit(1)).one_or_none()
        return TokenState(row.expires_at, row.used_at, row.used_by) if row else None

    def create_gate(self, community_id: str, name: str, *, who: str, demo: bool = False) -> tuple[Gate, str]:
        """A new gate and its one-time token. Raises NotFound for no community, Refused for a name already in use."""
        gate_id, name = str(uuid7()), name.strip()
        with self._database.write() as tx:
            _check_name(tx, community_id, name)
            tx.execute(
                insert(GateRow).values(
                    id=gate_id, community_id=community_id, name=name, created_at=self._now(), demo=demo
                )
            )
            tx.execute(insert(GateStateRow).values(gate_id=gate_id))
            token = self._token(tx, gate_id)
            self._audit.note(tx, who, "gate.add", gate_id, name, community_id)
        self._publish.ensure(community_id)  # so that the gate finds rules and keys at its first call
        return self._gates.get(gate_id, EVERYTHING), token

    def new_token(self, gate_id: str, scope: Scope, *, who: str) -> str:
        """Another token for a gate of ours; those not yet used are no longer good. Raises NotFound."""
        gate = self._gates.get(gate_id, scope)
        with self._database.write() as tx:
            tx.execute(delete(GateTokenRow).where(GateTokenRow.gate_id == gate_id, GateTokenRow.used_at.is_(None)))
            token = self._token(tx, gate_id)
            self._audit.note(tx, who, "gate.token", gate_id, gate.name, gate.community)
        return token

    def cut_off(self, gate_id: str, scope: Scope, *, who: str) -> None:
        """Forgets the gate's key and tokens, for a kiosk that was lost: its requests are refused from now on, what it
        sent stays. A new token lets the gate in again. Raises NotFound."""
        gate = self._gates.get(gate_id, scope)
        with self._database.write() as tx:
            tx.execute(delete(GateTokenRow).where(GateTokenRow.gate_id == gate_id, GateTokenRow.used_at.is_(None)))
            tx.execute(
                update(GateRow).where(GateRow.id == gate_id).values(public_key=None, enrolled_at=None, key_at=None)
            )
            self._audit.note(tx, who, "gate.cut-off", gate_id, gate.name, gate.community)

    def enroll(self, message: protocol.Enroll, at: datetime) -> protocol.Enrolled:
        """Binds the gate's public key to the gate of the token, once. Raises EnrolmentError.

        The same key with the same token is answered again: the first answer may have been lost on its way.
        """
        public_key = public_key_of(message.public_key)
        with self._database.write() as tx:
            gate = self._redeem(tx, message, public_key, at)
            key = {"public_key": public_key, "enrolled_at": at, "key_at": at, "renew_key_at": None}
            tx.execute(update(GateRow).where(GateRow.id == gate.id).values(**key))
            told = {"software": message.software[:200], "last_contact_at": at}
            tx.execute(update(GateStateRow).where(GateStateRow.gate_id == gate.id).values(**told))
            self._audit.note(tx, f"gate:{gate.id}", "gate.enroll", gate.id, gate.name, gate.community_id)
        return self._signed(message.public_key, gate, at)

    def _signed(self, public_key: str, gate: Any, at: datetime) -> protocol.Enrolled:
        enrolled = protocol.Enrolled(
            gate=gate.id,
            community=gate.community_id,
            community_name=gate.community_name,
            office_key=base64.b64encode(self._office_key).decode(),
            token_key=base64.b64encode(self._units.token_key(gate.community_id)).decode(),
            time=iso(at),
        )
        statement = protocol.enrolled_statement(public_key, enrolled)
        return structs.replace(enrolled, signature=signet.sign(self._sign_key, statement))

    def _token(self, tx: Connection, gate_id: str) -> str:
        groups = ["".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS)]
        token = "-".join(groups)
        expires_at = self._now() + TOKEN_LIFE
        tx.execute(insert(GateTokenRow).values(hash=token_hash(token), gate_id=gate_id, expires_at=expires_at))
        return token

    def _redeem(self, tx: Connection, message: protocol.Enroll, public_key: bytes, at: datetime) -> Any:
        """The gate of the token, which is used up by this."""
        hashed = token_hash(message.token)
        row = tx.execute(select(GateTokenRow).where(GateTokenRow.hash == hashed).with_for_update()).one_or_none()
        if row is None:
            raise EnrolmentError("unknown", "this token is not known here: check it, or ask the office for a new one")
        if row.used_at is not None and not _is_key_of(tx, row.gate_id, public_key):
            raise EnrolmentError("used", "this token was used already: ask the office for a new one")
        if row.expires_at <= at:
            raise EnrolmentError("expired", "this token is older than 24 hours: ask the office for a new one")
        if row.used_at is None:  # the office let it in anew, whatever it held against it; asking twice changes nothing
            tx.execute(delete(StandingRow).where(StandingRow.gate_id == row.gate_id))
            used = {"used_at": at, "used_by": message.name[:USED_BY_LENGTH]}
            tx.execute(update(GateTokenRow).where(GateTokenRow.hash == hashed).values(**used))
        wanted = select(GateRow.id, GateRow.community_id, GateRow.name, UnitRow.name.label("community_name"))
        joined = wanted.join(UnitRow, UnitRow.id == GateRow.community_id)
        return tx.execute(joined.where(GateRow.id == row.gate_id)).one()


def _is_key_of(tx: Connection, gate_id: str, public_key: bytes) -> bool:
    return tx.scalar(select(GateRow.public_key).where(GateRow.id == gate_id)) == public_key


def token_hash(token: str) -> str:
    """SHA-256 of the token as typed: case, blanks and hyphens do not matter, O reads as 0, I and L as 1.

    The token has 100 random bits, so its plain hash gives nothing away.
    """
    return hashlib.sha256(token.upper().translate(MISREAD).encode()).hexdigest()


def _check_name(tx: Connection, community_id: str, name: str) -> None:
    community = tx.scalar(select(UnitRow.level).where(has_id(UnitRow.id, community_id)))
    if community != "community":
        raise NotFound(f"no community {community_id}")
    if not name:
        raise Refused("a gate needs a name")
    if tx.scalar(select(GateRow.id).where(GateRow.community_id == community_id, GateRow.name == name)):
        raise Refused(f"this community already has a gate named {name!r}: use `gate token` to enrol it again")


def public_key_of(text: str) -> bytes:
    """The key in a message. Raises EnrolmentError."""
    try:
        raw = base64.b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(raw)
    except (binascii.Error, ValueError) as error:
        raise EnrolmentError("key", "public_key must be 32 bytes of Ed25519 in base64") from error
    return raw
