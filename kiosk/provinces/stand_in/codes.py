"""The texts in the test province's symbols.

A token is the person's number (2 bytes), a nonce (6) and a mark (8) that only the test province can make; its key is
public, like everything about a province that does not exist.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from kiosk.provinces.stand_in.people import PEOPLE

SITE = "https://test-province.invalid"

_KEY = b"nothing in this province is real"
_FORM = re.compile(rf"{re.escape(SITE)}/(?P<form>[dp])/(?P<token>[0-9a-f]{{32}})(?P<made>[0-9]{{13}})?")
_WHO = tuple(PEOPLE)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A genuine text of the test province. `made_ms` is None for a printed one."""

    who: str
    token: str
    made_ms: int | None


def draw(who: str, at: datetime, nonce: bytes | None = None) -> str:
    """What the phone of `who` (one of PEOPLE) shows at `at`: good for a minute, and once."""
    made = str(int(at.timestamp() * 1000))
    return f"{SITE}/d/{_token('d', who, nonce or secrets.token_bytes(6), made)}{made}"


def printed(who: str) -> str:
    """The code of `who` on paper; it does not age."""
    return f"{SITE}/p/{_token('p', who, bytes(6), '')}"


def genuine(text: str) -> Drawn | None:
    """What `text` is, None when the test province did not make it."""
    found = _FORM.fullmatch(text)
    if found is None or (found["form"] == "d") != (found["made"] is not None):
        return None
    raw, made = bytes.fromhex(found["token"]), found["made"] or ""
    number = int.from_bytes(raw[:2])
    if number >= len(_WHO) or not hmac.compare_digest(raw[8:], _mark(found["form"], raw[:8], made)):
        return None
    return Drawn(_WHO[number], found["token"], int(made) if made else None)


def _token(form: str, who: str, nonce: bytes, made: str) -> str:
    if who not in PEOPLE:
        raise ValueError(f"{who!r} does not live in the test province; there are {', '.join(PEOPLE)}")
    said = _WHO.index(who).to_bytes(2) + nonce
    return (said + _mark(form, said, made)).hex()


def _mark(form: str, said: bytes, made: str) -> bytes:
    return hmac.digest(_KEY, f"{form}{made}".encode() + said, "sha256")[:8]
