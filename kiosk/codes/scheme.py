"""What one scheme is to the registry, and how it says no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.codes.context import ReadContext
from kiosk.model import HealthCode, Reason, Verification


@dataclass(frozen=True, slots=True)
class Scheme:
    """A family of codes, told by the prefix of their text.

    `read` gets the whole text, prefix included, never longer than `max_chars`, and answers for any text whatsoever.
    """

    name: str
    prefix: str
    max_chars: int
    read: Callable[[str, ReadContext], HealthCode]


MAX_KID_BYTES = 64  # of a key that nobody here knows; a longer one is told by how it begins


def rejected(scheme: str, reason: Reason, kid: bytes = b"") -> HealthCode:
    """A code of which nothing could be verified: it says nothing of anybody.

    Of an unknown issuer the `kid` is told, so that the office may see which key its gates lack.
    """
    known = kid[:MAX_KID_BYTES].hex() if reason is Reason.UNKNOWN_ISSUER else ""
    return HealthCode(scheme=scheme, verification=Verification.FAILED, reason=reason, kid=known)


def printable(value: object, max_chars: int, *, empty: bool = False) -> bool:
    """Whether `value` is a text that can stand on a screen: no control characters, at most `max_chars` long."""
    return isinstance(value, str) and (empty or bool(value)) and len(value) <= max_chars and value.isprintable()
