"""What was found in files of issuers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.codes import IssuerKey
from sync.office.errors import Refused
from sync.office.trust.files import File, Unreadable

DCC, SHC, NZCP = "eu-dcc", "smart-health-card", "nz-covid-pass"
SCHEMES = (DCC, SHC, NZCP)

MAX_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be read: keys of `scheme`, of `issuer` where the files do not say whose they are; `signed_by` is the
    certificate or public key that vouches for a signed list."""

    scheme: str
    issuer: str = ""
    signed_by: File | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The keys, and what was left out: single keys that cannot be used, each with its place and why."""

    keys: tuple[IssuerKey, ...] = ()
    problems: tuple[str, ...] = ()


def joined(found: Iterable[Found]) -> Found:
    """All of it, each key once. Raises Refused above MAX_KEYS."""
    keys: dict[str, IssuerKey] = {}
    problems: list[str] = []
    for part in found:
        keys |= {identity(key): key for key in part.keys}
        problems += part.problems
        if len(keys) > MAX_KEYS:
            raise Refused(f"more than {MAX_KEYS:,} keys: no list of issuers is as long; nothing was changed")
    return Found(tuple(keys.values()), tuple(problems))


def identity(key: IssuerKey) -> str:
    """What makes a key the same in a later import, which then updates it: SHA-256, hex.

    Elsewhere issuer and kid name one key. A DCC's kid is short and may be shared, so there the key itself counts.
    """
    whose = key.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if key.scheme == DCC else b""
    parts = (key.scheme.encode(), key.kid, b"" if key.scheme == DCC else key.issuer.encode(), whose)
    return hashlib.sha256(b"".join(len(part).to_bytes(4) + part for part in parts)).hexdigest()


def objects(document: dict[str, Any], name: str) -> list[Any]:
    """The list `name` in `document`. Raises Unreadable when it is none, or too long."""
    listed = document.get(name)
    if not isinstance(listed, list):
        raise Unreadable(f"must hold a list {name!r}")
    if len(listed) > MAX_KEYS:
        raise Unreadable(f"{name!r} lists more than {MAX_KEYS:,} keys")
    return listed
