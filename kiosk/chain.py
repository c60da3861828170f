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
_WORDS = frozenset((str, bool, type(None)))
_encode = msgspec.json.Encoder(order="sorted").encode
_encode_as_declared = msgspec.json.Encoder().encode


class _Clock(msgspec.Struct):
    """As the digest covers it; the fields stand in canonical order."""

    boot: str
    monotonic_ms: int
    offset_ms: int | None


class _Body(msgspec.Struct):
    """What a digest covers; the fields stand in canonical order."""

    at: str
    clock: _Clock
    id: str
    journal: str
    kind: str
    open: msgspec.Raw
    prev: str
    seal: str
    seq: int


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
    if kind is dict:
        if not "".join(value).isascii():
            return False
        value = value.values()
    elif kind is not list and kind is not tuple:
        return kind in _WORDS or _plain_number(value)
    for item in value:  # noqa: SIM110  # most are words: a call less for each of them
        if type(item) not in _WORDS and not _plain(item):
            return False
    return True


def _plain_number(value: Any) -> bool:
    kind = type(value)
    if kind is int:
        return bool(-_SAFE_INTEGER <= value <= _SAFE_INTEGER)
    return kind is float and bool(1e-4 <= abs(value) < 1e15 and not value.is_integer())


def clock_text(clock: Clock) -> str:
    """`clock` in canonical form."""
    return _encode_as_declared(_Clock(clock.boot, clock.monotonic_ms, clock.offset_ms)).decode()


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
    body = _Body(
        at=at,
        clock=_Clock(clock.boot, clock.monotonic_ms, clock.offset_ms),
        id=id,
        journal=journal,
        kind=kind,
        open=msgspec.Raw(_part(open)),
        prev=prev,
        seal=seal,
        seq=seq,
    )
    return hashlib.sha256(_encode_as_declared(body)).hexdigest()


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
