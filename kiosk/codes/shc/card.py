"""SMART Health Cards: text → JWS → signature of the issuer it names → claims → what the FHIR bundle says.

The framework is at https://spec.smarthealth.cards; docs/codes.md says what is taken and what is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.codes import cwt
from kiosk.codes.context import IssuerKey, ReadContext
from kiosk.codes.scheme import Scheme, rejected
from kiosk.codes.shc import fhir, jws, numeric
from kiosk.model import HealthCode, Reason, Verification

NAME = "smart-health-card"
USAGE = "health-card"  # what an issuer key must allow when it is limited at all
HEALTH_CARD = "https://smarthealth.cards#health-card"
ABOUT_COVID = "https://smarthealth.cards#covid19"
SERIAL_HEX = 32

_ISSUER = re.compile(r"https://[!-~]*[!-.0-~]")  # no slash at its end
_FHIR_VERSION = re.compile(r"[4-9]\.[0-9]{1,3}(\.[0-9]{1,3})?")
_RID = re.compile(r"[A-Za-z0-9_-]{1,24}")
MAX_ISSUER = 256


@dataclass(frozen=True, slots=True)
class Card:
    """A card whose signature holds; nothing is said yet about its time."""

    key: IssuerKey
    issuer: str
    not_before: datetime
    expires: datetime | None
    record: fhir.Record
    serial: str
    issued_at: None = None  # `nbf` is when a card was issued


def read(text: str, context: ReadContext) -> HealthCode:
    """What the card `text` says, judged at `context.at`; one symbol of several is INCOMPLETE, and says which."""
    piece = numeric.read(text)
    if isinstance(piece, Reason):
        return rejected(NAME, piece)
    if not piece.whole:
        return HealthCode(NAME, verification=Verification.FAILED, reason=Reason.INCOMPLETE, part=piece.part)
    return read_jws(piece.jws, context)


SCHEME = Scheme(NAME, numeric.PREFIX, numeric.MAX_CHARS, read)


def read_jws(text: str, context: ReadContext) -> HealthCode:
    """What a compact JWS says, as a `.smart-health-card` file holds it.

    Nothing of it is told unless the signature holds; revoked, expired and early cards keep their holder.
    """
    message = jws.parse(text)
    if isinstance(message, Reason):
        return rejected(NAME, message)
    keys = context.keys(NAME, message.kid)
    signers = jws.signers(message, keys)
    if not signers:
        return rejected(NAME, Reason.BAD_SIGNATURE if keys else Reason.UNKNOWN_ISSUER, message.kid)
    try:
        card = _card(message, signers)
    except ValueError:
        return rejected(NAME, Reason.SCHEMA)
    if isinstance(card, Reason):
        return rejected(NAME, card, message.kid)
    revoked = Reason.REVOKED if context.revoked.contains(NAME, card.serial, card.not_before) else None
    return _health_code(card, revoked or cwt.untimely(card, context.at))


def serial(kid: str, rid: str) -> str:
    """The serial of the cards an issuer calls `rid` under its key `kid` (what its revocation list names), hex."""
    return hashlib.sha256(f"{kid}.{rid}".encode()).hexdigest()[:SERIAL_HEX]


def _card(message: jws.Jws, signers: Iterable[IssuerKey]) -> Card | Reason:
    """The card in a message that `signers` vouch for. Raises ValueError when its content is not what it must be."""
    claims = jws.content(message)
    issuer, vc = claims.get("iss"), claims.get("vc")
    if not isinstance(issuer, str) or len(issuer) > MAX_ISSUER or not _ISSUER.fullmatch(issuer):
        raise ValueError("iss must be an https URL without a slash at its end")
    bound = [key for key in signers if key.issuer in ("", issuer)]
    if not bound:
        return Reason.UNKNOWN_ISSUER
    allowed = next((key for key in bound if not key.usage or USAGE in key.usage), None)
    if allowed is None:
        return Reason.WRONG_USAGE
    not_before, expires = cwt.numeric_date(claims.get("nbf")), cwt.numeric_date(claims.get("exp"))
    if not_before is None or not isinstance(vc, dict):
        raise ValueError("nbf and vc must be there")
    record = fhir.record(_bundle(vc), not_before, about_covid=ABOUT_COVID in vc["type"])
    return Card(allowed, issuer, not_before, expires, record, _serial(message, vc))


def _bundle(vc: Mapping[str, Any]) -> object:
    """The bundle of a credential that is a health card in a FHIR we read. Raises ValueError."""
    types, subject = vc.get("type"), vc.get("credentialSubject")
    if not isinstance(types, list) or HEALTH_CARD not in types or not isinstance(subject, dict):
        raise ValueError("no health card")
    version = subject.get("fhirVersion")
    if not isinstance(version, str) or not _FHIR_VERSION.fullmatch(version):
        raise ValueError("no FHIR version, or one before 4")
    return subject.get("fhirBundle")


def _serial(message: jws.Jws, vc: Mapping[str, Any]) -> str:
    """By its revocation identifier; a card without one by what was signed."""
    rid = vc.get("rid")
    if rid is None:
        return hashlib.sha256(message.signed).hexdigest()[:SERIAL_HEX]
    if not isinstance(rid, str) or not _RID.fullmatch(rid):
        raise ValueError("rid must be at most 24 characters of base64url")
    return serial(message.kid.decode(), rid)


def _health_code(card: Card, reason: Reason | None) -> HealthCode:
    return HealthCode(
        scheme=NAME,
        holder=card.record.holder,
        tests=card.record.tests,
        vaccinations=card.record.vaccinations,
        issuer=card.issuer,
        valid_from=card.not_before,
        valid_until=card.expires,
        verification=Verification.FAILED if reason else Verification.VERIFIED,
        reason=reason,
        serial=card.serial,
        demo=card.key.demo,
    )
