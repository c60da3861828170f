"""The office's signet: Ed25519 over canonical JSON (RFC 8785), under hand-downs and acknowledgements. Pure.

The statements that are signed differ in their fields, so one kind can never be taken for another.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def sign(key: Ed25519PrivateKey, statement: Mapping[str, Any]) -> str:
    """The signature under `statement`, base64. Raises ValueError when it has no canonical form."""
    return base64.b64encode(key.sign(rfc8785.dumps(dict(statement)))).decode("ascii")


def fits(public_key: bytes, statement: Mapping[str, Any], signature: str) -> bool:
    """Whether `signature` (base64) was made under `statement` with the other half of `public_key` (32 bytes)."""
    try:
        raw = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(raw, rfc8785.dumps(dict(statement)))
    except (InvalidSignature, ValueError, binascii.Error, RecursionError):
        return False
    return True
