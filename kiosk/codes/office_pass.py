"""The office pass `GP1:`, ours: Base45 (RFC 9285) of a CWT in a tagged COSE_Sign1, on paper or on a phone.

It says who may live or come here, never a health colour or a test: paper can be copied, so the volunteer compares
the name and the four digits. docs/codes.md gives the format to the byte.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.codes import base45, cose, cwt, jwk
from kiosk.codes.algorithms import PrivateKey
from kiosk.codes.context import ReadContext
from kiosk.codes.scheme import Scheme, printable, rejected
from kiosk.model import HealthCode, Holder, Reason, Verification

NAME = "office-pass"
PREFIX = "GP1:"
USAGE = "pass"  # what an issuer key must allow when it is limited at all
SERIAL_BYTES = 16
MAX_TEXT = 60  # characters of a name, a household, an issuer
MAX_CHARS = 1024
KINDS = ("resident", "visitor", "worker", "returnee")
MEDIA = ("phone", "paper")
SYMBOL_CHARS = 366  # what a QR code of version 11 holds at level M: more cannot be read from 40 mm of paper

_HOLDER = -65537  # the one private claim: a map of the labels below
_NAME, _ID_LAST4, _HOUSEHOLD, _KIND, _MEDIUM = 1, 2, 3, 4, 5
_NUMBER_DIGITS = 11
_NUMBER = re.compile(r"[0-9]{12}")
_LAST4 = re.compile(r"([0-9A-Z]{4})?")


@dataclass(frozen=True, slots=True)
class PassClaims:
    """What a pass says. `serial` is 16 random bytes; the pass is good from `valid_from` until before `valid_until`.

    `id_last4` may be empty (a child without a card), `household` too (a visitor); `kind` is one of KINDS, `medium` one
    of MEDIA or empty: a pass made for paper that is shown on a phone is a photo of it.
    """

    serial: bytes
    name: str
    issuer: str
    valid_from: datetime
    valid_until: datetime
    id_last4: str = ""
    household: str = ""
    kind: str = "resident"
    medium: str = ""


def issue(claims: PassClaims, key: PrivateKey, *, kid: bytes | None = None) -> str:
    """The text of a pass signed with `key`; without `kid` the key goes by `jwk.key_id`.

    Times are cut to whole seconds. Raises ValueError that names what in `claims` cannot stand in a pass.
    """
    if problem := _problem(claims):
        raise ValueError(problem)
    holder = {
        _NAME: claims.name,
        _ID_LAST4: claims.id_last4,
        _HOUSEHOLD: claims.household,
        _KIND: claims.kind,
        _MEDIUM: claims.medium,
    }
    body: dict[int, object] = {
        cwt.ISS: claims.issuer,
        cwt.EXP: int(claims.valid_until.timestamp()),
        cwt.NBF: int(claims.valid_from.timestamp()),
        cwt.CTI: claims.serial,
        _HOLDER: {label: value for label, value in holder.items() if value},
    }
    text = PREFIX + base45.encode(cwt.seal_token(body, key=key, kid=kid or jwk.key_id(key.public_key())))
    if len(text) > SYMBOL_CHARS:
        raise ValueError("name, household and issuer together are too long for a symbol that can be read from paper")
    return text


def read(text: str, context: ReadContext) -> HealthCode:
    """What the pass `text` says, judged at `context.at`.

    Nothing of it is told unless the signature holds; revoked, expired and early passes keep their holder.
    """
    try:
        message = base45.decode(text.removeprefix(PREFIX))
    except ValueError:
        return rejected(NAME, Reason.MALFORMED)
    token = cwt.open_token(message, NAME, context)
    if isinstance(token, Reason):
        return rejected(NAME, token, cose.kid_of(message))
    if token.key.usage and USAGE not in token.key.usage:
        return rejected(NAME, Reason.WRONG_USAGE)
    holder = token.claims.get(_HOLDER)
    if not _complete(token) or not isinstance(holder, Mapping) or not _sound(holder):
        return rejected(NAME, Reason.SCHEMA)
    serial = token.cti.hex()
    revoked = Reason.REVOKED if context.revoked.contains(NAME, serial) else None
    return _pass(token, holder, revoked or cwt.untimely(token, context.at))


SCHEME = Scheme(NAME, PREFIX, MAX_CHARS, read)


def number(serial: bytes) -> str:
    """The pass number printed under the symbol, to be typed where nothing can scan: `4821-0937-1166`.

    Eleven digits of the serial and a check digit (ISO/IEC 7064, MOD 11,10), which tells every wrong digit and nearly
    every swap. Digits only: every keypad has them, in every language. Two of 10,000 passes share one once in 2,000
    times, and a number that somebody types proves nothing: it names a pass, and a person looks at it.
    """
    digits = f"{int.from_bytes(serial) % 10**_NUMBER_DIGITS:0{_NUMBER_DIGITS}}"
    digits += _check_digit(digits)
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def number_of(code: HealthCode | None) -> str:
    """The pass number of a scanned pass whose signature held; "" for every other code."""
    return number(bytes.fromhex(code.serial)) if code and code.scheme == NAME and code.serial else ""


def read_number(typed: str) -> str | None:
    """A pass number as `number` writes it, from what somebody typed; None for what is none or has a wrong digit."""
    digits = "".join(char for char in unicodedata.normalize("NFKC", typed) if char not in " -")
    if not _NUMBER.fullmatch(digits) or _check_digit(digits[:-1]) != digits[-1]:
        return None
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def _check_digit(digits: str) -> str:
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def _pass(token: cwt.Cwt, holder: Mapping[Any, Any], reason: Reason | None) -> HealthCode:
    return HealthCode(
        scheme=NAME,
        holder=Holder(name=holder[_NAME], id_last4=holder.get(_ID_LAST4, ""), household=holder.get(_HOUSEHOLD, "")),
        issuer=token.key.issuer or token.issuer,
        valid_from=token.not_before,
        valid_until=token.expires,
        verification=Verification.FAILED if reason else Verification.VERIFIED,
        reason=reason,
        serial=token.cti.hex(),
        demo=token.key.demo,
        kind=holder[_KIND],
        medium=holder.get(_MEDIUM, ""),
    )


def _complete(token: cwt.Cwt) -> bool:
    return token.not_before is not None and token.expires is not None and len(token.cti) == SERIAL_BYTES


def _sound(holder: Mapping[Any, Any]) -> bool:
    last4 = holder.get(_ID_LAST4, "")
    return (
        printable(holder.get(_NAME), MAX_TEXT)
        and isinstance(last4, str)
        and _LAST4.fullmatch(last4) is not None
        and printable(holder.get(_HOUSEHOLD, ""), MAX_TEXT, empty=True)
        and holder.get(_KIND) in KINDS
        and holder.get(_MEDIUM, "") in (*MEDIA, "")
    )


def _problem(claims: PassClaims) -> str | None:
    """What `issue` refuses, so that it never signs a pass that `read` would not take."""
    if len(claims.serial) != SERIAL_BYTES:
        return f"serial must be {SERIAL_BYTES} bytes"
    if not printable(claims.name, MAX_TEXT):
        return f"name must be 1 to {MAX_TEXT} printable characters"
    if not printable(claims.issuer, MAX_TEXT):
        return f"issuer must be 1 to {MAX_TEXT} printable characters"
    if not printable(claims.household, MAX_TEXT, empty=True):
        return f"household must be at most {MAX_TEXT} printable characters"
    if _LAST4.fullmatch(claims.id_last4) is None:
        return "id_last4 must be the last four digits or capital letters of a document's number"
    if claims.kind not in KINDS:
        return f"kind must be one of {', '.join(KINDS)}"
    if claims.medium not in (*MEDIA, ""):
        return f"medium must be one of {', '.join(MEDIA)}, or empty"
    if claims.valid_from.tzinfo is None or claims.valid_until.tzinfo is None:
        return "valid_from and valid_until need a time zone"
    return None if claims.valid_from < claims.valid_until else "valid_until must lie after valid_from"
