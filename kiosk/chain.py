"""What binds an event to its content and to the event before it. Pure; gate, office and outsiders compute the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
import rfc8785

from kiosk.model import Clock, Event, iso

SALT_BYTES = 16

_SAFE_INTEGER = 2**53 - 1
_encode = msgspec.json.Encoder(order="sorted").encode


class Canonical(bytes):
    """JSON that is in the canonical form of RFC 8785 (JCS) already."""


def canonical(value: Any) -> Canonical:
    """`value` in the canonical form of RFC 8785, UTF-8. Raises ValueError for what JSON cannot carry unharmed.

    Nearly everything a gate writes is plain enough for msgspec, which then writes the same bytes ten times faster; what
    is not goes to rfc8785.
    """
    try:
        return Canonical(_encode(value) if _plain(value) else rfc8785.dumps(value))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except TypeError as error:
        raise ValueError("keys must be strings") from error


def _plain(value: Any) -> bool:
    """Whether msgspec writes `value` as RFC 8785 does: it spells whole and very small floats otherwise, orders keys by
    code point instead of UTF-16, and takes more types."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-_SAFE_INTEGER <= value <= _SAFE_INTEGER)
    if kind is float:
        return bool(1e-4 <= abs(value) < 1e15 and not value.is_integer())
    if kind is dict:
        return "".join(value).isascii() and all(map(_plain, value.values()))
    return kind in (list, tuple) and all(map(_plain, value))


def seal(salt: bytes, personal: Mapping[str, Any] | Canonical) -> str:
    """SHA-256(salt ‖ JCS(personal)) in hex: a commitment that says nothing once salt and personal part are gone."""
    return hashlib.sha256(salt + _part(personal)).hexdigest()


def digest(
    *,
    journal: str,
    seq: int,
    id: str,
    kind: str,
    at: str,
    clock: Clock,
    open: Mapping[str, Any] | Canonical,
    seal: str,
    prev: str,
) -> str:
    """SHA-256(JCS({journal, seq, id, kind, at, clock, open, seal, prev})) in hex; `at` as `model.iso` writes it.

    Raises ValueError for what has no canonical form.
    """
    if max(abs(seq), abs(clock.monotonic_ms), abs(clock.offset_ms or 0)) > _SAFE_INTEGER:
        raise ValueError("a number is too large")
    body = {
        "journal": journal,
        "seq": seq,
        "id": id,
        "kind": kind,
        "at": at,
        "clock": {"boot": clock.boot, "monotonic_ms": clock.monotonic_ms, "offset_ms": clock.offset_ms},
        "open": msgspec.Raw(_part(open)),
        "seal": seal,
        "prev": prev,
    }
    return hashlib.sha256(_encode(body)).hexdigest()


def flaw(event: Event, prev: str) -> str | None:
    """What is wrong with `event` as the successor of the event whose digest is `prev`; None when nothing is.

    The seal is checked only while the personal part is still there.
    """
    if event.prev != prev:
        return "prev does not continue the chain"
    try:
        if event.personal is not None and not _fits(event.salt or "", event.personal, event.seal):
            return "seal does not fit the personal part"
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
    except ValueError as error:
        return f"cannot be put in canonical form: {error}"
    return None if computed == event.digest else "digest does not fit the content"


def _fits(salt: str, personal: Mapping[str, Any], expected: str) -> bool:
    """Raises ValueError when `salt` is not hexadecimal or `personal` has no canonical form."""
    raw = bytes.fromhex(salt)
    return len(raw) == SALT_BYTES and seal(raw, personal) == expected


def _part(part: Mapping[str, Any] | Canonical) -> Canonical:
    return part if isinstance(part, Canonical) else canonical(dict(part))
