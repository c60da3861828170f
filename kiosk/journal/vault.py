"""Sealing: one AES-256-GCM key a day, wrapped by the gate's key. Without its key a day is unreadable for ever."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.errors import JournalError
from kiosk.journal import schema

KEY_BYTES = 32
NONCE_BYTES = 12

_PROOF = b"gatehouse journal"
_ENCLOSED = b"gatehouse enclosed\0"
_NEW_PROOF = schema.sql(sa.insert(schema.vault).prefix_with("OR REPLACE"))
_NEW_KEY = schema.sql(sa.insert(schema.day_keys).values(day=sa.bindparam("day"), wrapped=sa.bindparam("wrapped")))
_NEWEST_KEY = schema.sql(
    sa.select(schema.day_keys.c.id, schema.day_keys.c.wrapped)
    .where(schema.day_keys.c.day == sa.bindparam("day"))
    .order_by(schema.day_keys.c.id.desc())
)
_OVERWRITE = schema.sql(
    sa.update(schema.day_keys)
    .where(schema.day_keys.c.day < sa.bindparam("before"))
    .values(wrapped=sa.func.randomblob(sa.func.length(schema.day_keys.c.wrapped)))
)
_DESTROY = schema.sql(sa.delete(schema.day_keys).where(schema.day_keys.c.day < sa.bindparam("before")))


@dataclass(frozen=True, slots=True)
class DayKey:
    """A day's key. `cipher` is None when its row was damaged."""

    id: int
    day: int
    cipher: AESGCM | None


class Vault:
    """What the gate's key opens. Raises JournalError for a key that is not 32 bytes."""

    def __init__(self, gate_key: bytes) -> None:
        if len(gate_key) != KEY_BYTES:
            raise JournalError(f"the gate's key must be {KEY_BYTES} bytes; put the right gate.key back")
        self._wrapping = AESGCM(gate_key)
        self._current: DayKey | None = None

    def bind(self, connection: sqlite3.Connection) -> None:
        """Bind a new file to this gate key, within the open transaction."""
        connection.execute(_NEW_PROOF, {"id": 1, "proof": _encrypt(self._wrapping, _PROOF, b"")})

    def check(self, proof: bytes) -> None:
        """Raises JournalError unless `proof` was made with this gate key."""
        try:
            _decrypt(self._wrapping, proof, b"")
        except (InvalidTag, ValueError) as error:
            raise JournalError(
                "the gate's key does not open this journal; put the gate.key back that belongs to it"
            ) from error

    def seal(self, name: str, content: bytes) -> bytes:
        """`content` sealed with the gate's key itself, bound to a name: what is not of a day."""
        return _encrypt(self._wrapping, content, _ENCLOSED + name.encode())

    def open(self, name: str, sealed: bytes) -> bytes | None:
        """What was sealed under that name; None when it does not open."""
        try:
            return _decrypt(self._wrapping, sealed, _ENCLOSED + name.encode())
        except (InvalidTag, ValueError):
            return None

    def key_of(self, connection: sqlite3.Connection, day: int) -> DayKey:
        """The key that seals `day` now, made within the open transaction when there is none."""
        if self._current is None or self._current.day != day:
            self._current = self._stored(connection, day) or self._made(connection, day)
        return self._current

    def keyring(self, rows: Iterable[sa.Row[Any]]) -> dict[int, DayKey]:
        """The keys in `rows` of day_keys, by number."""
        return {row.id: DayKey(row.id, row.day, self.unwrapped(row.day, row.wrapped)) for row in rows}

    def destroy(self, connection: sqlite3.Connection, before: int) -> int:
        """Overwrite and delete the keys of all days before `before`, within the open transaction; how many."""
        self.forget_cached()
        connection.execute(_OVERWRITE, {"before": before})
        return connection.execute(_DESTROY, {"before": before}).rowcount

    def forget_cached(self) -> None:
        """Trust the file alone again: the transaction that made the current key may have been undone."""
        self._current = None

    def _stored(self, connection: sqlite3.Connection, day: int) -> DayKey | None:
        for id, wrapped in connection.execute(_NEWEST_KEY, {"day": day}):
            if cipher := self.unwrapped(day, wrapped):
                return DayKey(id, day, cipher)
        return None

    def _made(self, connection: sqlite3.Connection, day: int) -> DayKey:
        key = AESGCM.generate_key(KEY_BYTES * 8)
        wrapped = _encrypt(self._wrapping, key, _day_bytes(day))
        id = connection.execute(_NEW_KEY, {"day": day, "wrapped": wrapped}).lastrowid
        assert id is not None
        return DayKey(id, day, AESGCM(key))

    def unwrapped(self, day: int, wrapped: bytes) -> AESGCM | None:
        """The key of a day; None when this gate's key does not open it."""
        try:
            return AESGCM(_decrypt(self._wrapping, wrapped, _day_bytes(day)))
        except (InvalidTag, ValueError):
            return None


def seal_up(key: DayKey, journal: UUID, seq: int, plain: bytes) -> bytes:
    """nonce ‖ ciphertext ‖ tag, bound to this number of this journal."""
    assert key.cipher is not None
    return _encrypt(key.cipher, plain, _place(journal, seq))


def open_up(key: DayKey, journal: UUID, seq: int, sealed: bytes) -> bytes | None:
    """What was sealed at this place; None when it does not open."""
    if key.cipher is None:
        return None
    try:
        return _decrypt(key.cipher, sealed, _place(journal, seq))
    except (InvalidTag, ValueError):
        return None


def _place(journal: UUID, seq: int) -> bytes:
    return journal.bytes + seq.to_bytes(8, "big")


def _day_bytes(day: int) -> bytes:
    return day.to_bytes(8, "big", signed=True)


def _encrypt(cipher: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound_to)


def _decrypt(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
