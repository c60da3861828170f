"""NZ COVID Pass: the issuer's DID document. Only keys that it may make assertions with count (`assertionMethod`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kiosk.codes import IssuerKey, jwk
from kiosk.codes.algorithms import BY_NAME
from sync.office.trust.files import Unreadable, json_object
from sync.office.trust.found import NZCP, Found, objects

ALG = "ES256"
PREFIX = "did:web:"
KINDS = ("JsonWebKey2020", "JsonWebKey")
MAX_DID = 300


def read(content: bytes) -> Found:
    """The keys of `assertionMethod`; what it refers to is looked up once and never followed further.

    Raises Unreadable for what is no DID document, or one without a key that could be used.
    """
    document = json_object(content)
    did = document.get("id")
    if not isinstance(did, str) or not did.startswith(PREFIX) or len(did) > MAX_DID or not did.isprintable():
        raise Unreadable(f"a DID document must have an 'id' that begins with {PREFIX}")
    if "assertionMethod" not in document:
        raise Unreadable("it names no 'assertionMethod': with none of its keys may a pass be signed")
    listed = objects(document, "verificationMethod") if "verificationMethod" in document else []
    methods = {str(item.get("id")): item for item in listed if isinstance(item, Mapping)}
    keys, problems = [], []
    for number, item in enumerate(objects(document, "assertionMethod")):
        try:
            keys.append(_key(did, methods.get(_whole(did, item)) if isinstance(item, str) else item))
        except (ValueError, TypeError) as error:
            problems.append(f"assertionMethod[{number}]: {error}")
    return Found(tuple(keys), tuple(problems))


def _whole(did: str, reference: str) -> str:
    """`#key-1` stands for `<did>#key-1` (DID Core §3.2.2)."""
    return did + reference if reference.startswith("#") else reference


def _key(did: str, method: Any) -> IssuerKey:
    """Raises ValueError or TypeError for a method that no pass can be signed with."""
    if not isinstance(method, Mapping):
        raise TypeError("refers to no method of this document")
    name = method.get("id")
    if not isinstance(name, str) or not (whole := _whole(did, name)).startswith(did + "#"):
        raise ValueError(f"its id must begin with {did}#")
    if method.get("controller", did) != did:
        raise ValueError("is controlled by somebody else")
    if method.get("type") not in KINDS or not isinstance(method.get("publicKeyJwk"), Mapping):
        raise ValueError(f"must be of type {KINDS[0]} with a publicKeyJwk")
    key = jwk.public_key(method["publicKeyJwk"])
    if not BY_NAME[ALG].fits(key):
        raise ValueError(f"this key cannot do {ALG}")
    kid = whole.removeprefix(did + "#").encode()
    if not 0 < len(kid) <= MAX_DID:
        raise ValueError("needs a name behind the #")
    return IssuerKey(NZCP, kid, key, ALG, did)
