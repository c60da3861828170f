"""What an issuer's card revocation list (`<iss>/.well-known/crl/<kid>.json`) takes back, as serials of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kiosk.codes.shc.card import serial

METHOD = "rid"
_ENTRY = re.compile(r"(?P<rid>[A-Za-z0-9_-]{1,24})(?:\.(?P<before>[0-9]{1,12}))?", re.ASCII)


def serials(document: Mapping[str, Any]) -> list[str]:
    """The serials that the list `document` revokes, for the `revoked` section.

    An entry with a time revokes only cards issued before it. Raises ValueError for anything that cannot be read: an
    entry passed over would let its card in.
    """
    kid, method, rids = document.get("kid"), document.get("method"), document.get("rids")
    if not isinstance(kid, str) or not kid or method != METHOD or not isinstance(rids, list):
        raise ValueError(f"a card revocation list has a kid, the method {METHOD!r} and a list of rids")
    return [_serial(kid, entry) for entry in rids]


def _serial(kid: str, entry: object) -> str:
    listed = _ENTRY.fullmatch(entry) if isinstance(entry, str) else None
    if listed is None:
        raise ValueError(f"{entry!r} is no revocation identifier")
    before = f"@{listed['before']}" if listed["before"] else ""
    return serial(kid, listed["rid"]) + before
