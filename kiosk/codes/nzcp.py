"""The New Zealand COVID Pass `NZCP:/1/`: Base32 of a CWT, signed with a key from its issuer's DID document.

The specification is at https://nzcp.covid19.health.nz. A pass says who its holder is and that an issuer let them have
it, nothing of a test or a vaccination.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Mapping
from typing import Any

from kiosk.codes import cbor, cose, cwt, partial_dates
from kiosk.codes.context import IssuerKey, ReadContext
from kiosk.codes.scheme import Scheme, printable, rejected
from kiosk.codes.trust_items import NAMELESS
from kiosk.model import HealthCode, Holder, Reason, Verification

NAME = "nz-covid-pass"
PREFIX = "NZCP:/"
USAGE = "assertionMethod"  # what an issuer key must allow when it is limited at all
MAX_CHARS = 4096
MAX_NAME = 100
SERIAL_BYTES = 16

_FORM = re.compile(r"1/([A-Z2-7]+)", re.ASCII)
_ES256, _ALG, _KID = -7, 1, 4
_CREDENTIALS = "https://www.w3.org/2018/credentials/v1"
_TYPE = ("VerifiableCredential", "PublicCovidPass")
_VERSION = re.compile(r"1\.[0-9]{1,3}\.[0-9]{1,3}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def read(text: str, context: ReadContext) -> HealthCode:
    """What the pass `text` says, judged at `context.at`.

    Nothing of it is told unless the signature holds; revoked, expired and early passes keep their holder.
    """
    message = _message(text)
    if isinstance(message, Reason):
        return rejected(NAME, message)
    token = cwt.verified(message, _keys(message, context))
    if isinstance(token, Reason):
        return rejected(NAME, token, message.kid)
    if token.key.usage and USAGE not in token.key.usage:
        return rejected(NAME, Reason.WRONG_USAGE)
    try:
        holder = _holder(token)
    except ValueError:
        return rejected(NAME, Reason.SCHEMA)
    serial = uuid.UUID(bytes=token.cti).urn
    revoked = Reason.REVOKED if context.revoked.contains(NAME, serial) else None
    return _pass(token, holder, serial, revoked or cwt.untimely(token, context.at))


SCHEME = Scheme(NAME, PREFIX, MAX_CHARS, read)


def _message(text: str) -> cose.Sign1 | Reason:
    """The message in `text`: version 1, ES256, with `alg` and `kid` under the signature."""
    form = _FORM.fullmatch(text.removeprefix(PREFIX))
    if form is None:
        return Reason.MALFORMED
    try:
        message = cose.parse(base64.b32decode(form[1] + "=" * (-len(form[1]) % 8)), text_kids=True)
        if isinstance(message, Reason):
            return message
        protected = cbor.decode(message.protected) if message.protected else {}
    except ValueError:
        return Reason.MALFORMED
    if _ALG not in protected or _KID not in protected:
        return Reason.MALFORMED
    return message if message.alg == _ES256 else Reason.BAD_SIGNATURE


def _keys(message: cose.Sign1, context: ReadContext) -> tuple[IssuerKey, ...]:
    """The keys of the issuer that the pass names: a kid such as `key-1` means nothing without its DID document."""
    try:
        claims = cbor.decode(message.payload)
    except ValueError:
        return ()
    issuer = claims.get(cwt.ISS) if isinstance(claims, Mapping) else None
    known = context.keys(NAME, message.kid) + context.keys(NAME, NAMELESS)
    return tuple(key for key in known if key.issuer in ("", issuer))


def _holder(token: cwt.Cwt) -> Holder:
    """Who holds the pass. Raises ValueError when a claim is missing or not what it must be."""
    if not token.issuer.startswith("did:web:") or not printable(token.issuer, 256):
        raise ValueError("iss must be a did:web")
    if token.not_before is None or token.expires is None or len(token.cti) != SERIAL_BYTES:
        raise ValueError("nbf, exp and cti must be there")
    subject = _subject(token.claims.get("vc"))
    given, family, born = subject.get("givenName"), subject.get("familyName", ""), subject.get("dob")
    if not printable(given, MAX_NAME) or not printable(family, MAX_NAME, empty=True):
        raise ValueError("a name that cannot stand on a screen")
    if not isinstance(born, str) or not _DAY.fullmatch(born):
        raise ValueError("dob must be a day")
    return Holder(name=f"{given} {family}".strip(), birth_date=partial_dates.day_of(born))


def _subject(vc: object) -> Mapping[Any, Any]:
    """The subject of a PublicCovidPass of version 1. Raises ValueError."""
    if not isinstance(vc, Mapping):
        raise ValueError("no credential")
    context, kind, version = vc.get("@context"), vc.get("type"), vc.get("version")
    if not isinstance(context, list | tuple) or not context or context[0] != _CREDENTIALS:
        raise ValueError("no verifiable credential")
    if not isinstance(kind, list | tuple) or tuple(kind) != _TYPE:
        raise ValueError("no PublicCovidPass")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise ValueError("another version")
    subject = vc.get("credentialSubject")
    if not isinstance(subject, Mapping):
        raise ValueError("no subject")
    return subject


def _pass(token: cwt.Cwt, holder: Holder, serial: str, reason: Reason | None) -> HealthCode:
    return HealthCode(
        scheme=NAME,
        holder=holder,
        issuer=token.issuer,
        valid_from=token.not_before,
        valid_until=token.expires,
        verification=Verification.FAILED if reason else Verification.VERIFIED,
        reason=reason,
        serial=serial,
        demo=token.key.demo,
    )
