"""Issuers as they publish their keys: certificates, signed lists, JWK sets, DID documents."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk.codes import jwk
from kiosk.codes.algorithms import for_key

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
VACCINATION = "1.3.6.1.4.1.1847.2021.1.2"
DID = "did:web:passes.example"
CARDS = "https://cards.example/issuer"

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    key: Key, country: str = "AT", days: int = 400, usage: Iterable[str] = (VACCINATION,), number: int = 1
) -> bytes:
    """A signer's certificate in DER, good from a day before noon."""
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, country)])
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), number)
        .not_valid_before(NOON - timedelta(days=1))
        .not_valid_after(NOON + timedelta(days=days))
    )
    if wanted := [x509.ObjectIdentifier(dotted) for dotted in usage]:
        builder = builder.add_extension(x509.ExtendedKeyUsage(wanted), critical=False)
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


def pem(*ders: bytes) -> bytes:
    return b"".join(
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n" for der in ders
    )


def spki(key: Key) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def listed(der: bytes, **changes: Any) -> dict[str, Any]:
    """A certificate's entry in a national gateway's list."""
    return {
        "certificateType": "DSC",
        "country": "AT",
        "kid": base64.b64encode(hashlib.sha256(der).digest()[:8]).decode(),
        "rawData": base64.b64encode(der).decode(),
        "timestamp": "2026-11-01T00:00:00+00:00",
    } | changes


def signed_list(entries: Iterable[Any], key: ec.EllipticCurvePrivateKey, *, der: bool = False) -> bytes:
    """The list as a gateway publishes it, its signature as r ‖ s or in DER."""
    text = json.dumps({"certificates": list(entries)}).encode()
    signature = key.sign(text, ec.ECDSA(SHA256())) if der else for_key(key).sign(key, text)
    return base64.b64encode(signature) + b"\n" + text


def card_key(key: ec.EllipticCurvePrivateKey, **changes: Any) -> dict[str, Any]:
    """A key in a card issuer's set."""
    public = key.public_key()
    kid = base64.urlsafe_b64encode(jwk.thumbprint(public)).rstrip(b"=").decode()
    return {**jwk.from_public_key(public), "kid": kid, "use": "sig", "alg": "ES256"} | changes


def jwks(*keys: Any, **members: Any) -> bytes:
    return json.dumps({"keys": keys, **members}).encode()


def method(key: ec.EllipticCurvePrivateKey, name: str = "key-1", **changes: Any) -> dict[str, Any]:
    """A verification method of the DID document."""
    return {
        "id": f"{DID}#{name}",
        "controller": DID,
        "type": "JsonWebKey2020",
        "publicKeyJwk": jwk.from_public_key(key.public_key()),
    } | changes


def did(*methods: Any, **members: Any) -> bytes:
    """A DID document whose first method may make assertions."""
    document = {"id": DID, "verificationMethod": methods, "assertionMethod": [methods[0]["id"]] if methods else []}
    return json.dumps(document | members).encode()


SERVER = ExtendedKeyUsageOID.SERVER_AUTH.dotted_string
