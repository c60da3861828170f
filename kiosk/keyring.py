"""The gate's signing keys: the one in use, and what else the office may know it by.

While a key is being replaced, only the office's answer tells which of the two is in force, and an answer may be lost.
Both keys lie on the disk by then, and whoever calls tries the other one when the office does not know the first.
"""

from __future__ import annotations

import threading
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.errors import GatehouseError
from kiosk.identity import next_sign_key, other_sign_keys, promote_next, tidy

log = structlog.get_logger(__name__)


class KeyRing:
    """Thread-safe. Without a folder it is one key that is never replaced."""

    def __init__(self, current: Ed25519PrivateKey, var: Path | None = None) -> None:
        self._var = var
        self._current = current
        self._lock = threading.Lock()

    @property
    def current(self) -> Ed25519PrivateKey:
        return self._current

    def others(self) -> list[Ed25519PrivateKey]:
        """Further keys to try where the office does not accept the one in use: the next one first."""
        try:
            found = other_sign_keys(self._var) if self._var else []
        except GatehouseError as error:
            log.error("keys", trouble=str(error))
            return []
        mine = public_bytes(self._current)
        return [key for key in found if public_bytes(key) != mine]

    def prepare(self) -> Ed25519PrivateKey:
        """The next key, safely on the disk; the one of an attempt before, where there was one. Raises IdentityError."""
        if self._var is None:
            raise GatehouseError("this key cannot be replaced: it has no folder")
        with self._lock:
            tidy(self._var)
            made = next_sign_key(self._var, make=True)
        assert made is not None
        return made

    def use(self, key: Ed25519PrivateKey) -> None:
        """The office knows the gate by `key`: call with it from now on. Raises IdentityError.

        The next key takes its place on the disk. One before it does not: nobody signed the word that it is in force.
        """
        with self._lock:
            self._current = key
            following = next_sign_key(self._var) if self._var else None
            if self._var and following and public_bytes(following) == public_bytes(key):
                promote_next(self._var)
                log.info("keys", state="the next key is in use")


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The public half, 32 bytes."""
    return key.public_key().public_bytes_raw()
