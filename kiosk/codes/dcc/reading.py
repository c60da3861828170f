"""Text → HealthCode: Base45, zlib, COSE_Sign1, CWT, the certificate.

Signature, usage, schema, revocation and time are judged in this order, each only once everything before it holds.
"""

from __future__ import annotations

from kiosk.codes import base45, cose, cwt
from kiosk.codes.context import ReadContext
from kiosk.codes.dcc import hashes, schema
from kiosk.codes.dcc.genuine import NAME, Genuine
from kiosk.codes.dcc.payload import certificate
from kiosk.codes.inflate import TooLarge, inflate
from kiosk.codes.scheme import Scheme, rejected
from kiosk.model import HealthCode, Reason, Verification

PREFIX = "HC1:"
MAX_CHARS = 8 * 1024  # a QR code holds 4,296 of these characters

# Extended key usages: what a signer may vouch for, in the arc as registered and as first printed (volume 5).
USAGES = {
    kind: frozenset(f"1.3.6.1.4.1.{arc}.2021.1.{number}" for arc in ("1847", "0.1847"))
    for kind, number in (("test", 1), ("vaccination", 2), ("recovery", 3))
}
_ANY_USAGE = frozenset().union(*USAGES.values())


def read(text: str, context: ReadContext) -> HealthCode:
    """What the certificate `text` says, judged at `context.at`; it says no colour.

    Nothing of it is told unless signature, usage and schema hold; revoked, expired and early ones keep their holder.
    """
    try:
        message = inflate(base45.decode(text.removeprefix(PREFIX)), cose.MAX_MESSAGE_BYTES)
    except TooLarge:
        return rejected(NAME, Reason.TOO_LARGE)
    except ValueError:
        return rejected(NAME, Reason.MALFORMED)
    signed = cose.parse(message)
    if isinstance(signed, Reason):
        return rejected(NAME, signed)
    token = cwt.verified(signed, context.keys(NAME, signed.kid))
    if isinstance(token, Reason):
        return rejected(NAME, token, signed.kid)
    found = _genuine(token, signed)
    if isinstance(found, Reason):
        return rejected(NAME, found)
    return found.told(*_judged(found, context))


def _genuine(token: cwt.Cwt, signed: cose.Sign1) -> Genuine | Reason:
    """The certificate in a token whose signature holds, when the key may vouch for it and its schema holds too."""
    try:
        shown = certificate(token.claims)
    except ValueError:
        return Reason.SCHEMA
    if not may_vouch(token.key.usage, shown.kind):
        return Reason.WRONG_USAGE
    if token.expires is None or schema.problem(shown):
        return Reason.SCHEMA
    return Genuine(token, signed, shown)


def may_vouch(usage: frozenset[str], kind: str) -> bool:
    """Whether a key of that usage may sign that kind: one that names none of the three may sign them all."""
    return not usage & _ANY_USAGE or bool(usage & USAGES[kind])


def _judged(found: Genuine, context: ReadContext) -> tuple[Verification, Reason | None]:
    """Revoked, out of its time, perhaps revoked, or good. `exp` is the last good moment."""
    if context.revoked.contains(NAME, found.uvci, found.token.issued_at):
        return Verification.FAILED, Reason.REVOKED
    if untimely := cwt.untimely(found.token, context.at, good_at_exp=True):
        return Verification.FAILED, untimely
    if context.revoked.may_contain(NAME, hashes.of(found.uvci, found.country, found.signed)):
        return Verification.UNVERIFIED, Reason.POSSIBLY_REVOKED
    return Verification.VERIFIED, None


SCHEME = Scheme(NAME, PREFIX, MAX_CHARS, read)
