"""How a gate becomes known to its office: once, with a token that the office gave out for it.

A gate that is enrolled already comes with a new key, so that the office refuses the one before from then on. The new
key lies on the disk first; `kiosk.keyring` says why a gate that is stopped in between can go on all the same.
"""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import signet
from kiosk.codes import enrolment as codes
from kiosk.codes.enrolment import EnrolmentCode
from kiosk.errors import SyncError
from kiosk.identity import Identity, Keys, next_sign_key, promote_next, tidy
from kiosk.keyring import public_bytes
from sync import line, protocol
from sync.line import Line, LineError, Refusal
from sync.uplink import SOFTWARE

log = structlog.get_logger(__name__)

TIMEOUT_S = 15.0


class NotEnrolled(SyncError):
    """The gate is what it was before. `word` says why, for screens: `unknown`, `used` or `expired` of the token,
    `token` where the office did not say which, `wrong-office`, or a word of `LineError`.
    """

    def __init__(self, word: str, message: str, retry_after_s: float | None = None) -> None:
        self.word = word
        super().__init__(message, retry_after_s=retry_after_s)


def enroll(
    url: str,
    token: str,
    var: Path,
    name: str,
    *,
    again: bool = False,
    timeout_s: float = TIMEOUT_S,
    fingerprint: bytes = b"",
) -> Identity:
    """Make the gate `name` known to the office at `url`, and keep in `var` who it is from now on.

    With a `fingerprint` only an office that has that key will do. What the journal holds stays as it is and goes up
    afterwards. Nothing is written unless the office took the token. Raises SyncError that says what to do; for a gate
    that is enrolled already too, unless `again`.
    """
    if not again and (known := Identity.load(var)):
        raise SyncError(f"this gate is enrolled at {known.office_url} as {known.gate}; to do so anew, add --again")
    tidy(var)
    calling, keys = Line(url, timeout_s), Keys.load_or_create(var)
    following = next_sign_key(var, make=True) if again else None
    code = EnrolmentCode(url, token.strip(), fingerprint)
    try:
        enrolled, key = _ask_with(calling, code, name, [key for key in (following, keys.sign) if key])
    finally:
        calling.close()
    identity = _identity(enrolled, calling.office_url)
    identity.save(var)
    if key is following:
        promote_next(var)
    log.info("enrolment", gate=identity.gate, community=identity.community, office=identity.office_url)
    return identity


def _ask_with(
    calling: Line, code: EnrolmentCode, name: str, keys: list[Ed25519PrivateKey]
) -> tuple[protocol.Enrolled, Ed25519PrivateKey]:
    """The office's answer, and for which of the keys: a token that was used may have been used by this gate's own key,
    in a try whose answer was lost. Raises NotEnrolled for the first."""
    try:
        return _ask(calling, code, name, keys[0]), keys[0]
    except NotEnrolled as refusal:
        if refusal.word not in ("used", "token"):
            raise
        for key in keys[1:]:
            with contextlib.suppress(NotEnrolled):
                return _ask(calling, code, name, key), key
        raise


def _ask(calling: Line, code: EnrolmentCode, name: str, key: Ed25519PrivateKey) -> protocol.Enrolled:
    """What the office says, once it has proven to be the one that is meant. Raises SyncError."""
    public_key = base64.b64encode(public_bytes(key)).decode()
    try:
        answer = calling.post(protocol.ENROLL, protocol.Enroll(code.token, public_key, name, SOFTWARE))
        enrolled = line.read(protocol.Enrolled, answer, calling.office_url)
    except Refusal as refusal:
        raise NotEnrolled(_word(refusal), _advice(refusal), refusal.retry_after_s) from refusal
    except LineError as error:
        raise NotEnrolled(error.word, str(error), error.retry_after_s) from error
    _check(enrolled, public_key, code.fingerprint)
    return enrolled


def _check(enrolled: protocol.Enrolled, public_key: str, fingerprint: bytes) -> None:
    """Raises NotEnrolled unless the answer is signed, for just this gate, with the key that `fingerprint` is of.

    An office of an older version signs nothing; a code without a fingerprint has to do with that.
    """
    office_key = base64.b64decode(enrolled.office_key)
    statement = protocol.enrolled_statement(public_key, enrolled)
    if not fingerprint and not enrolled.signature:
        return
    meant = not fingerprint or codes.fingerprint(office_key) == fingerprint
    if not meant or not signet.fits(office_key, statement, enrolled.signature):
        raise NotEnrolled(
            "wrong-office",
            "whoever answers at this address is not the office that gave out the code; nothing was changed here. "
            "Check the address, have the office revoke this gate and show a new code",
        )


def _identity(enrolled: protocol.Enrolled, office_url: str) -> Identity:
    return Identity(
        gate=enrolled.gate,
        community=enrolled.community,
        community_name=enrolled.community_name,
        office_url=office_url,
        office_key=base64.b64decode(enrolled.office_key),
        token_key=base64.b64decode(enrolled.token_key),
    )


def _word(refusal: Refusal) -> str:
    return refusal.problem.why or "token" if refusal.word == "token" else refusal.word


def _advice(refusal: Refusal) -> str:
    match refusal.word:
        case "token":
            return f"the office does not take this token: {refusal.problem.detail}"
        case "busy":
            wait = f" {refusal.retry_after_s:.0f} s" if refusal.retry_after_s else " a minute"
            return f"too many tries from this address: wait{wait} and try again"
        case "not-found" | "method":
            return "the office at this address is of a version that takes no gates in this way"
        case _:
            return str(refusal)
