"""Personal data at rest: AES-256-GCM, bound to the place it was written for.

What gates recorded is sealed under the key of its day and community, so that a day can be made unreadable for ever
(retention/daykeys.py); everything else under the office's own key.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from sync.office.errors import OfficeError

KEY_ID_BYTES = 4
NONCE_BYTES = 12
DAY = b"\x00day"  # begins what is sealed under a day's key, where otherwise the key's id stands
DAY_ID_BYTES = 16


class Destroyed(OfficeError):
    """The key of its day was destroyed: the personal part is gone for ever. `key` is the key's id, a UUID in bytes."""

    def __init__(self, place: str, key: bytes) -> None:
        self.key = key
        super().__init__(f"{place}: destroyed, the time for which it was kept is over")


class Filed(NamedTuple):
    """Where personal data of an event belongs: its community, when it happened and when it came."""

    community: str
    at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class DayCipher:
    id: bytes  # 16
    cipher: AESGCM


class Days(Protocol):
    """The keys of days."""

    def sealing(self, filed: Filed, tx: Connection | None) -> DayCipher:
        """The key of the day that `filed` belongs to, made where there is none; within `tx` when one is open."""

    def opening(self, id: bytes) -> AESGCM | None:
        """The key of that id; None once it was destroyed."""


class Sealer:
    """Seals with the first key and opens with any of them, so that a key can be followed by another.

    What it writes is key id (4 bytes) ‖ nonce (12) ‖ ciphertext and tag; under a day's key `DAY` ‖ key id (16) ‖
    nonce ‖ ciphertext and tag. `place` is table:row:column and is authenticated with it: a sealed value moved to
    another row does not open. Without `days` everything is sealed under the first key.
    """

    def __init__(self, keys: Sequence[bytes], days: Days | None = None) -> None:
        self._ciphers = {key_id(key): AESGCM(key) for key in reversed(keys)}
        self._current = key_id(keys[0])
        self._days = days

    def seal(self, place: str, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._current + nonce + self._ciphers[self._current].encrypt(nonce, plain, place.encode())

    def seal_in_day(self, place: str, plain: bytes, filed: Filed, tx: Connection | None = None) -> bytes:
        """Like `seal`, under the key of a day. `tx` is the transaction under way, if one is."""
        if self._days is None:
            return self.seal(place, plain)
        key = self._days.sealing(filed, tx)
        nonce = secrets.token_bytes(NONCE_BYTES)
        return DAY + key.id + nonce + key.cipher.encrypt(nonce, plain, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """Raises Destroyed when the key of its day was, OfficeError when the key is not there or the value was altered
        or moved."""
        if sealed.startswith(DAY):
            return self._open_in_day(place, sealed)
        name, nonce, rest = _split(sealed)
        if (cipher := self._ciphers.get(name)) is None:
            raise OfficeError(f"{place}: sealed with key {name.hex()}, which is not in var/keys")
        return _opened(cipher, nonce, rest, place)

    def seal_json(self, place: str, value: Mapping[str, Any]) -> bytes:
        return self.seal(place, msgspec.json.encode(value))

    def seal_json_in_day(
        self, place: str, value: Mapping[str, Any], filed: Filed, tx: Connection | None = None
    ) -> bytes:
        return self.seal_in_day(place, msgspec.json.encode(value), filed, tx)

    def open_json(self, place: str, sealed: bytes) -> dict[str, Any]:
        return msgspec.json.decode(self.open(place, sealed), type=dict[str, Any])

    def day_key(self, sealed: bytes | None) -> bytes | None:
        """The id of the day's key that something is sealed under; None when it is under the office's own."""
        return sealed[len(DAY) :][:DAY_ID_BYTES] if sealed and sealed.startswith(DAY) else None

    def gone(self, sealed: bytes | None) -> bool:
        """Whether something is sealed under a day's key that was destroyed."""
        key = self.day_key(sealed)
        return key is not None and (self._days is None or self._days.opening(key) is None)

    def _open_in_day(self, place: str, sealed: bytes) -> bytes:
        id, body = sealed[len(DAY) :][:DAY_ID_BYTES], len(DAY) + DAY_ID_BYTES
        cipher = self._days.opening(id) if self._days else None
        if cipher is None:
            raise Destroyed(place, id)
        return _opened(cipher, sealed[body : body + NONCE_BYTES], sealed[body + NONCE_BYTES :], place)


def key_id(key: bytes) -> bytes:
    """The first four bytes of the key's SHA-256."""
    return hashlib.sha256(key).digest()[:KEY_ID_BYTES]


def _opened(cipher: AESGCM, nonce: bytes, rest: bytes, place: str) -> bytes:
    try:
        return cipher.decrypt(nonce, rest, place.encode())
    except InvalidTag:
        raise OfficeError(f"{place}: the sealed value was altered or belongs elsewhere") from None


def _split(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    body = KEY_ID_BYTES + NONCE_BYTES
    return sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES:body], sealed[body:]
