"""How a gate becomes known to its office: once, with a token that the office gave out for it."""

from __future__ import annotations

import base64
from pathlib import Path

import structlog

from kiosk.errors import SyncError
from kiosk.identity import Identity, Keys
from sync import line, protocol
from sync.line import Line, Refusal
from sync.uplink import SOFTWARE

log = structlog.get_logger(__name__)

TIMEOUT_S = 15.0


def enroll(
    url: str, token: str, var: Path, name: str, *, again: bool = False, timeout_s: float = TIMEOUT_S
) -> Identity:
    """Make the gate `name` known to the office at `url`, and keep in `var` who it is from now on.

    Nothing is written unless the office took the token. Raises SyncError that says what to do; for a gate that is
    enrolled already too, unless `again`.
    """
    if not again and (known := Identity.load(var)):
        raise SyncError(f"this gate is enrolled at {known.office_url} as {known.gate}; to do so anew, add --again")
    calling, keys = Line(url, timeout_s), Keys.load_or_create(var)
    public_key = base64.b64encode(keys.sign.public_key().public_bytes_raw()).decode()
    try:
        answer = calling.post(protocol.ENROLL, protocol.Enroll(token.strip(), public_key, name, SOFTWARE))
        enrolled = line.read(protocol.Enrolled, answer, calling.office_url)
    except Refusal as refusal:
        raise SyncError(_advice(refusal), retry_after_s=refusal.retry_after_s) from refusal
    finally:
        calling.close()
    identity = _identity(enrolled, calling.office_url)
    identity.save(var)
    log.info("enrolment", gate=identity.gate, community=identity.community, office=identity.office_url)
    return identity


def _identity(enrolled: protocol.Enrolled, office_url: str) -> Identity:
    return Identity(
        gate=enrolled.gate,
        community=enrolled.community,
        community_name=enrolled.community_name,
        office_url=office_url,
        office_key=base64.b64decode(enrolled.office_key),
        token_key=base64.b64decode(enrolled.token_key),
    )


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
