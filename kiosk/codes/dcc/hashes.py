"""The hashes by which a certificate may stand on a revocation list (EU DCC revocation list specification, §4.3).

Each is the first 16 bytes of a SHA-256: of the identifier, of the issuing country and the identifier, of the signature.
"""

from __future__ import annotations

import hashlib

from kiosk.codes.cose import Sign1
from kiosk.codes.revocation import HASH_BYTES

_ECDSA = (-7, -35)  # ES256, ES384


def of(uvci: str, country: str, message: Sign1) -> tuple[bytes, bytes, bytes]:
    """The three hashes of one certificate.

    Of an ECDSA signature only r counts, its first half: s has two equally good values.
    """
    signature = message.signature
    if message.alg in _ECDSA:
        signature = signature[: len(signature) // 2]
    return _hash(uvci.encode()), _hash((country + uvci).encode()), _hash(signature)


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:HASH_BYTES]
