"""SMART Health Cards: an issuer's JWK set, or a directory's snapshot of many.

An issuer publishes its set at `<issuer>/.well-known/jwks.json`, where nothing in it says whose it is. A snapshot of the
VCI directory holds `issuerInfo: [{issuer: {iss, name}, keys: […]}, …]`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from kiosk.codes import IssuerKey, jwk
from kiosk.codes.algorithms import BY_NAME
from sync.office.trust.files import Unreadable, json_object
from sync.office.trust.found import SHC, Found, joined, objects

ALG = "ES256"
WELL_KNOWN = "/.well-known/jwks.json"
MAX_URL = 300
WHOSE = ("issuer", "iss", "url")  # members of a set in which some say whose it is


def read(content: bytes, name: str, issuer: str) -> Found:
    """The keys in a set of `issuer`, or of whoever the file or its name says, or in a directory's snapshot.

    Raises Unreadable.
    """
    document = json_object(content)
    if "issuerInfo" in document:
        return joined(_of_issuer(number, info) for number, info in enumerate(objects(document, "issuerInfo")))
    listed = objects(document, "keys")
    return _keys(listed, checked_issuer(issuer or _said(document) or _named(name)), "keys")


def checked_issuer(issuer: str) -> str:
    """`issuer` as cards spell it, without the place of its set. Raises Unreadable unless it can be a card's issuer."""
    if not issuer:
        raise Unreadable("nothing says whose keys these are: give the issuer's address, as --issuer https://…")
    url = issuer.strip().removesuffix(WELL_KNOWN)
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" and parts.hostname and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        good = False
    if not good or url.endswith("/") or len(url) > MAX_URL or not url.isprintable():
        raise Unreadable(f"{issuer[:MAX_URL]!r} is no issuer of cards: an https address without a slash at its end")
    return url


def _of_issuer(number: int, info: Any) -> Found:
    place = f"issuerInfo[{number}]"
    whose = info.get("issuer") if isinstance(info, Mapping) else None
    if not isinstance(whose, Mapping) or not isinstance(info.get("keys"), list):
        return Found(problems=(f"{place}: needs 'issuer' and 'keys'",))
    try:
        return _keys(info["keys"], checked_issuer(str(whose.get("iss") or "")), f"{place} keys")
    except Unreadable as error:
        return Found(problems=(f"{place}: {error}",))


def _keys(listed: Iterable[Any], issuer: str, place: str) -> Found:
    keys, problems = [], []
    for number, item in enumerate(listed):
        try:
            keys.append(_key(item, issuer))
        except (ValueError, TypeError) as error:
            problems.append(f"{place}[{number}]: {error}")
    return Found(tuple(keys), tuple(problems))


def _key(item: Any, issuer: str) -> IssuerKey:
    """Raises ValueError or TypeError for a key that no card may be signed with."""
    if not isinstance(item, Mapping):
        raise TypeError("must be an object")
    if item.get("alg", ALG) != ALG or item.get("use", "sig") != "sig":
        raise ValueError(f"cards are signed with {ALG}; this key is for something else")
    key = jwk.public_key(item)
    if not BY_NAME[ALG].fits(key):
        raise ValueError(f"this key cannot do {ALG}")
    kid = base64.urlsafe_b64encode(jwk.thumbprint(key)).rstrip(b"=")
    if item.get("kid") != kid.decode():
        raise ValueError(f"its kid must be the key's thumbprint, {kid.decode()}")
    return IssuerKey(SHC, kid, key, ALG, issuer)


def _said(document: Mapping[str, Any]) -> str:
    return next((document[member] for member in WHOSE if isinstance(document.get(member), str)), "")


def _named(name: str) -> str:
    """The issuer that a file is named after, percent-encoded: `https%3A%2F%2Fcards.example%2Fissuer.json`."""
    stem = unquote(name).removesuffix(".json")
    return stem if stem.startswith("https://") else ""
