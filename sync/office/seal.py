"""Personal data at rest: AES-256-GCM, bound to the place it was written for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.office.errors import OfficeError

KEY_ID_BYTES = 4
NONCE_BYTES = 12


class Sealer:
    """Seals with the first key and opens with any of them, so that a key can be followed by another.

    What it writes is key id (4 bytes) ‖ nonce (12) ‖ ciphertext and tag. `place` is table:row:column and is
    authenticated with it: a sealed value moved to another row does not open.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {key_id(key): AESGCM(key) for key in reversed(keys)}
        self._current = key_id(keys[0])

    def seal(self, place: str, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._current + nonce + self._ciphers[self._current].encrypt(nonce, plain, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """Raises OfficeError when the key is not there or the value was altered or moved."""
        name, nonce, rest = _split(sealed)
        if (cipher := self._ciphers.get(name)) is None:
            raise OfficeError(f"{place}: sealed with key {name.hex()}, which is not in var/keys")
        try:
            return cipher.decrypt(nonce, rest, place.encode())
        except InvalidTag:
            raise OfficeError(f"{place}: the sealed value was altered or belongs elsewhere") from None

    def seal_json(self, place: str, value: Mapping[str, Any]) -> bytes:
        return self.seal(place, msgspec.json.encode(value))

    def open_json(self, place: str, sealed: bytes) -> dict[str, Any]:
        return msgspec.json.decode(self.open(place, sealed), type=dict[str, Any])


def key_id(key: bytes) -> bytes:
    """The first four bytes of the key's SHA-256."""
    return hashlib.sha256(key).digest()[:KEY_ID_BYTES]


def _split(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    body = KEY_ID_BYTES + NONCE_BYTES
    return sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES:body], sealed[body:]
