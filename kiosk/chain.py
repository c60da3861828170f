"""What binds an event to its content and to the event before it. Pure; gate, office and outsiders compute the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from kiosk.model import Clock, Event, iso

SALT_BYTES = 16


def seal(salt: bytes, personal: Mapping[str, Any]) -> str:
    """SHA-256(salt ‖ JCS(personal)) in hex: a commitment that says nothing once salt and personal part are gone."""
    return hashlib.sha256(salt + rfc8785.dumps(dict(personal))).hexdigest()


def digest(
    *, journal: str, seq: int, id: str, kind: str, at: str, clock: Clock, open: Mapping[str, Any], seal: str, prev: str
) -> str:
    """SHA-256(JCS({journal, seq, id, kind, at, clock, open, seal, prev})) in hex; `at` as `model.iso` writes it."""
    body = {
        "journal": journal,
        "seq": seq,
        "id": id,
        "kind": kind,
        "at": at,
        "clock": {"boot": clock.boot, "monotonic_ms": clock.monotonic_ms, "offset_ms": clock.offset_ms},
        "open": dict(open),
        "seal": seal,
        "prev": prev,
    }
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def flaw(event: Event, prev: str) -> str | None:
    """What is wrong with `event` as the successor of the event whose digest is `prev`; None when nothing is.

    The seal is checked only while the personal part is still there.
    """
    if event.prev != prev:
        return "prev does not continue the chain"
    if event.personal is not None:
        try:
            salt = bytes.fromhex(event.salt or "")
        except ValueError:
            return "salt is not hexadecimal"
        if len(salt) != SALT_BYTES or seal(salt, event.personal) != event.seal:
            return "seal does not fit the personal part"
    try:
        computed = digest(
            journal=event.journal,
            seq=event.seq,
            id=event.id,
            kind=event.kind,
            at=iso(event.at),
            clock=event.clock,
            open=event.open,
            seal=event.seal,
            prev=event.prev,
        )
    except (rfc8785.CanonicalizationError, ValueError) as error:
        return f"cannot be put in canonical form: {error}"
    return None if computed == event.digest else "digest does not fit the content"
