"""What stands in each section of a bundle, as documents and as the bytes that are handed down."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, or_, select

from kiosk.codes import IssuerKey, Trust
from kiosk.codes.office_pass import NAME as PASS_SCHEME
from kiosk.codes.office_pass import USAGE as PASS_USAGE
from kiosk.codes.shc import NAME as CARD_SCHEME
from kiosk.errors import HandDownError
from kiosk.lists import Places, Regions
from kiosk.model import from_iso
from kiosk.screening import policy
from sync.office.db.issuers import HashListRow, IssuerKeyRow
from sync.office.db.tables import PassRow, RevokedRow, TrustKeyRow
from sync.office.errors import Refused
from sync.office.keys import pass_key_bytes
from sync.office.policy import successor
from sync.office.revocation import serials
from sync.office.values import Unit

WRITTEN = ("policy", "watch", "notices", "regions", "places")  # by people; the others follow from keys, passes, lists
ONCE_FILLED = ("regions", "places", "roster", "declarations", "erasures")  # not handed down before they hold something
EMPTY: Mapping[str, dict[str, Any]] = {
    "watch": {"entries": []},
    "notices": {"notices": []},
    "regions": {"regions": []},
    "places": {"places": [], "gatherings": [], "clinics": []},
}
HASH_LISTS = {"eu-dcc": "revoked-dcc"}  # scheme → section
KID_BYTES = 8
LISTS: Mapping[str, Callable[[bytes], object]] = {"regions": Regions.from_section, "places": Places.from_section}


def encode(document: Mapping[str, Any]) -> bytes:
    """The bytes of a section: the same document gives the same bytes."""
    return msgspec.json.encode(document, order="sorted")


def default(name: str) -> dict[str, Any]:
    """What a section says before anybody wrote it."""
    if name == "policy":
        return msgspec.json.decode(_shipped_policy(), type=dict[str, Any])
    return EMPTY[name]


@cache
def _shipped_policy() -> bytes:
    return encode(policy.default().to_document())


def check(given: Mapping[str, Any]) -> None:
    """Raises Refused for a section that people do not write or that a gate could not read, PolicyError for a policy."""
    for name, document in given.items():
        if name not in WRITTEN:
            raise Refused(f"section {name!r} is not written by hand; {', '.join(WRITTEN)} are")
        if name == "policy":
            successor.check(document)
        elif name in LISTS:
            _check_readable(name, document)
        else:
            _check_list(name, document)


def kid(key: ec.EllipticCurvePrivateKey, community_id: str) -> bytes:
    """What passes of one community call the office's key. It differs by community, and a gate is told only its own:
    a pass of one community opens no other."""
    return hashlib.sha256(pass_key_bytes(key) + community_id.encode()).digest()[:KID_BYTES]


def trust(tx: Connection, community: Unit, issuer: str, key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """The office's own key for passes of this community, the keys added to it, and those of issuers it was told of."""
    own = IssuerKey(
        scheme=PASS_SCHEME,
        kid=kid(key, community.id),
        key=key.public_key(),
        alg="ES256",
        issuer=issuer,
        usage=frozenset({PASS_USAGE}),
        demo=community.demo,
    )
    added = select(TrustKeyRow.entry).where(TrustKeyRow.community_id == community.id)
    imported = select(IssuerKeyRow.entry).order_by(IssuerKeyRow.scheme, IssuerKeyRow.kid, IssuerKeyRow.id)
    entries = [*tx.scalars(added.order_by(TrustKeyRow.scheme, TrustKeyRow.kid)), *tx.scalars(imported)]
    return {"keys": [*Trust.of([own]).to_section()["keys"], *map(msgspec.json.decode, entries)]}


def revoked(tx: Connection, community_id: str, now: datetime) -> dict[str, Any]:
    """Revoked passes that would still be valid, and the serials added to them, by scheme: a demonstration's in its own
    community, what issuers took back in every one."""
    passes = select(PassRow.serial).where(
        PassRow.community_id == community_id, PassRow.revoked_at.is_not(None), PassRow.valid_until > now
    )
    counts = or_(RevokedRow.community_id == community_id, ~RevokedRow.demo)
    added = select(RevokedRow.scheme, RevokedRow.serial).where(counts)
    own = [(PASS_SCHEME, serial) for serial in tx.scalars(passes)]
    others = ((row.scheme, _entry(row.scheme, row.serial)) for row in tx.execute(added))
    return {"serials": _by_scheme([*own, *others])}


def hash_lists(tx: Connection) -> dict[str, str]:
    """The compact lists of revoked hashes, stored already: section → SHA-256. None before the first import."""
    rows = tx.execute(select(HashListRow.scheme, HashListRow.sha256))
    return {HASH_LISTS[row.scheme]: row.sha256 for row in rows}


def _entry(scheme: str, serial: str) -> str:
    return serials.told(serial) if scheme == CARD_SCHEME else serial


def _by_scheme(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for scheme, serial in sorted(set(pairs)):
        listed.setdefault(scheme, []).append(serial)
    return listed


def _check_readable(name: str, document: Any) -> None:
    try:
        LISTS[name](encode(document))
    except HandDownError as error:
        raise Refused(str(error)) from error


def _check_list(name: str, document: Any) -> None:
    key, wanted = {"watch": ("entries", "token"), "notices": ("notices", "zh")}[name]
    items = document.get(key) if isinstance(document, Mapping) else None
    if not isinstance(items, list):
        raise Refused(f"section {name!r} must be an object with a list {key!r}")
    for number, item in enumerate(items):
        if not isinstance(item, Mapping) or not isinstance(item.get(wanted), str) or not item[wanted]:
            raise Refused(f"section {name!r}: {key}[{number}] needs {wanted!r}")
        for end in ("from", "until"):
            if item.get(end) and not _readable(item[end]):
                raise Refused(f"section {name!r}: {key}[{number}]: {end!r} must be a time with its zone")


def _readable(time: Any) -> bool:
    """Whether a gate could read this time: it takes no part of a section with one that it cannot."""
    try:
        from_iso(time)
    except (ValueError, TypeError):
        return False
    return True
