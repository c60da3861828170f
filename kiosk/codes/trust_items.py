"""Keys given one by one: a DER certificate or SubjectPublicKeyInfo in base64, or a JWK.

Such a key stands for whatever scheme is being read, and for any issuer unless it is given one.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kiosk.codes import certificates, jwk
from kiosk.codes.algorithms import PublicKey, for_key
from kiosk.codes.certificates import Certificate, NoCertificate
from kiosk.codes.context import ANY_SCHEME, IssuerKey

MAX_ITEM_CHARS = 16 * 1024
NAMELESS = b""  # of a key given without a name, for a scheme whose kids say nothing of the key


def keys(item: object) -> tuple[IssuerKey, ...]:
    """The key in `item`, once for each kid it may go by.

    A certificate goes by the first eight bytes of its SHA-256. A JWK goes by its `kid`: as UTF-8, as the bytes it
    spells in hex or base64, and of a DID URL (`did:web:…#key-1`) by what follows the `#`, then only for that issuer;
    a member `issuer` names the only issuer it counts for. A key without a name, bare or as JWK, goes by
    `jwk.key_id`, by its thumbprint in base64url, and as NAMELESS; a bare one also by the hash of its DER.
    Raises ValueError for anything that is none of the three, or is a kind of key no algorithm here can use.
    """
    if isinstance(item, Mapping):
        return _from_jwk(json.dumps(item, sort_keys=True))
    if isinstance(item, str) and len(item) <= MAX_ITEM_CHARS:
        return _from_der(item)
    raise ValueError("must be base64 DER or a JWK object")


@lru_cache(maxsize=256)
def _from_jwk(document: str) -> tuple[IssuerKey, ...]:
    item: dict[str, Any] = json.loads(document)
    key, kid, issuer = jwk.public_key(item), item.get("kid") or "", item.get("issuer") or ""
    if not isinstance(kid, str):
        raise ValueError("kid must be text")
    if not isinstance(issuer, str):
        raise ValueError("issuer must be text")
    did, mark, fragment = kid.partition("#")
    if mark and fragment and did.startswith("did:"):
        return tuple(_key(name.encode(), key, issuer or did) for name in (kid, fragment))
    return tuple(_key(name, key, issuer) for name in sorted(set(_spellings(kid)) if kid else _names(key)))


@lru_cache(maxsize=256)
def _from_der(item: str) -> tuple[IssuerKey, ...]:
    try:
        der = base64.b64decode("".join(item.split()), validate=True)
    except ValueError as error:
        raise ValueError(f"not base64: {error}") from error
    own = hashlib.sha256(der).digest()[: jwk.KID_BYTES]
    try:
        return (_certified(certificates.read(der)),)
    except NoCertificate:
        return _bare(der, own)


def _bare(der: bytes, own: bytes) -> tuple[IssuerKey, ...]:
    try:
        key = cast(PublicKey, load_der_public_key(der))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("neither a certificate nor a public key") from error
    for_key(key)
    return tuple(_key(kid, key) for kid in sorted({own, *_names(key)}))


def _names(key: PublicKey) -> set[bytes]:
    """What codes may call a key that was given without a name."""
    thumbprint = base64.urlsafe_b64encode(jwk.thumbprint(key)).rstrip(b"=")
    return {jwk.key_id(key), thumbprint, NAMELESS}


def _spellings(kid: str) -> Iterator[bytes]:
    """The bytes a JWK's kid may mean: JSON has no bytes, and issuers differ."""
    yield kid.encode()
    for spelled in (bytes.fromhex, lambda text: base64.b64decode(text.translate(_URL) + "==", validate=False)):
        try:
            if meant := spelled(kid):
                yield meant
        except ValueError:
            continue


_URL = str.maketrans("-_", "+/")


def _key(kid: bytes, key: PublicKey, issuer: str = "") -> IssuerKey:
    return IssuerKey(ANY_SCHEME, kid, key, for_key(key).name, issuer)


def _certified(certificate: Certificate) -> IssuerKey:
    """The certificate's key within its validity, limited to its extended key usages."""
    return IssuerKey(
        scheme=ANY_SCHEME,
        kid=certificate.kid,
        key=certificate.key,
        alg=certificate.alg,
        valid_from=certificate.valid_from,
        valid_until=certificate.valid_until,
        usage=certificate.usage,
    )
