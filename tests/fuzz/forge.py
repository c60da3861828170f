"""Issuers whose keys everybody knows: what is fuzzed must also get past the signature, to what lies behind it."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.codes import IssuerKey, ReadContext, Revoked, Trust, base45, cose, dcc, nzcp, office_pass, shc
from kiosk.codes.provincial import SHIPPED, shipped
from kiosk.codes.shc import jws

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
KEY = ec.derive_private_key(4, ec.SECP256R1())
KID = b"fuzzfuzz"
CARD_KID = shc.kid_of(KEY.public_key())
CLINIC = "https://clinic.example/cards"
ZEALAND = "did:web:health.example.nz"


def context() -> ReadContext:
    """A gate that believes all of them and knows every shipped province."""
    issuers = (
        (office_pass.NAME, KID, "青山街道办"),
        (dcc.NAME, KID, "AT"),
        (shc.NAME, CARD_KID.encode(), CLINIC),
        (nzcp.NAME, b"key-1", ZEALAND),
    )
    keys = [IssuerKey(scheme, kid, KEY.public_key(), "ES256", issuer) for scheme, kid, issuer in issuers]
    revoked = Revoked({office_pass.NAME: ["00" * 16]})
    return ReadContext(NOON, Trust.of(keys), revoked, demo=True, provinces=tuple(map(shipped, SHIPPED)))


def office(claims: bytes) -> str:
    return office_pass.PREFIX + base45.encode(cose.sign(claims, key=KEY, kid=KID))


def europe(claims: bytes) -> str:
    return europe_message(cose.sign(claims, key=KEY, kid=KID))


def europe_message(message: bytes) -> str:
    return europe_packed(zlib.compress(message))


def europe_packed(packed: bytes) -> str:
    return dcc.PREFIX + base45.encode(packed)


def zealand(claims: bytes) -> str:
    message = cose.sign(claims, key=KEY, kid=b"key-1")
    return "NZCP:/1/" + base64.b32encode(message).decode().rstrip("=")


def card(payload: bytes) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return card_packed(packer.compress(payload) + packer.flush())


def card_packed(packed: bytes) -> str:
    (text,) = shc.write(jws.seal(packed, KEY, CARD_KID))
    return text
