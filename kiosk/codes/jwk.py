"""Public keys as JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037) and their names (RFC 7638)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from kiosk.codes.algorithms import MAX_RSA_BITS, PublicKey

KID_BYTES = 8
_CURVES: dict[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
_NAMES = {curve.name: name for name, curve in _CURVES.items()}
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


def public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """The public key in `jwk`: EC on P-256 or P-384, RSA, or OKP Ed25519.

    Raises ValueError for any other, for a point off the curve, and for a private key, which has no business here.
    """
    if "d" in jwk:
        raise ValueError("this is a private key: give the public one and treat this one as lost")
    match jwk.get("kty"), jwk.get("crv"):
        case "EC", str(name) if name in _CURVES:
            return _ec_key(jwk, _CURVES[name])
        case "RSA", _:
            return _rsa_key(jwk)
        case "OKP", "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(_member(jwk, "x"))
        case kty, crv:
            raise ValueError(
                f"unknown kind of key: kty {kty!r}, crv {crv!r}; known: EC P-256 and P-384, RSA, OKP Ed25519"
            )


def from_public_key(key: PublicKey) -> dict[str, str]:
    """`key` as a JWK with just the members that make it (so also what a thumbprint is taken of).

    Raises ValueError for a curve that has no name here.
    """
    match key:
        case ec.EllipticCurvePublicKey():
            if key.curve.name not in _NAMES:
                raise ValueError(f"no JWK for curve {key.curve.name}")
            numbers, size = key.public_numbers(), (key.key_size + 7) // 8
            x, y = (_encode(number.to_bytes(size)) for number in (numbers.x, numbers.y))
            return {"kty": "EC", "crv": _NAMES[key.curve.name], "x": x, "y": y}
        case rsa.RSAPublicKey():
            public = key.public_numbers()
            n, e = (_encode(number.to_bytes((number.bit_length() + 7) // 8)) for number in (public.n, public.e))
            return {"kty": "RSA", "n": n, "e": e}
        case _:
            raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            return {"kty": "OKP", "crv": "Ed25519", "x": _encode(raw)}


def thumbprint(key: PublicKey) -> bytes:
    """SHA-256 over the key's required members in lexical order, 32 bytes (RFC 7638 §3)."""
    canonical = json.dumps(from_public_key(key), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).digest()


def key_id(key: PublicKey) -> bytes:
    """The kid of a key of ours: the first eight bytes of its thumbprint."""
    return thumbprint(key)[:KID_BYTES]


def _ec_key(jwk: Mapping[str, Any], curve: ec.EllipticCurve) -> ec.EllipticCurvePublicKey:
    x, y = _member(jwk, "x"), _member(jwk, "y")
    if {len(x), len(y)} != {(curve.key_size + 7) // 8}:
        raise ValueError("x and y must be as long as the curve's field (RFC 7518 §6.2.1.2)")
    return ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), curve).public_key()


def _rsa_key(jwk: Mapping[str, Any]) -> rsa.RSAPublicKey:
    n, e = _member(jwk, "n"), _member(jwk, "e")
    if len(n) * 8 > MAX_RSA_BITS:
        raise ValueError(f"an RSA key of more than {MAX_RSA_BITS} bits")
    return rsa.RSAPublicNumbers(int.from_bytes(e), int.from_bytes(n)).public_key()


def _member(jwk: Mapping[str, Any], name: str) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise ValueError(f"member {name!r} is missing or not base64url")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(f"member {name!r} is not base64url: {error}") from error


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
