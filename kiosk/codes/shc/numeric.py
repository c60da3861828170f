"""The digits of a SMART Health Card: `shc:/` and two digits a character, or `shc:/2/3/…` where it comes in several.

Each pair of digits is a character's number minus 45, so that a JWS needs only QR's numeric mode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kiosk.model import Part, Reason

PREFIX = "shc:/"
MAX_PARTS = 12
MAX_PART_CHARS = 1191  # of the JWS in one of several symbols: what fits into QR version 22
MAX_JWS_CHARS = MAX_PARTS * MAX_PART_CHARS
MAX_CHARS = len(PREFIX) + 2 * MAX_JWS_CHARS

_OFFSET = 45
_FORM = re.compile(r"(?:([1-9][0-9]{0,2})/([1-9][0-9]{0,2})/)?([0-9]+)", re.ASCII)
_JWS_TEXT = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_HEADER = "ey"  # how `{"` begins in base64: so does every JWS
_TENS = bytes.maketrans(b"0123456789", bytes(range(0, 100, 10)))
_UNITS = bytes.maketrans(b"0123456789", bytes(range(10)))


@dataclass(frozen=True, slots=True)
class Piece:
    """What one symbol holds: `jws`, the whole of it or one part."""

    jws: str
    part: Part

    @property
    def whole(self) -> bool:
        return self.part.total == 1


def read(text: str) -> Piece | Reason:
    """The piece in `text`; MALFORMED or TOO_LARGE where there is none."""
    form = _FORM.fullmatch(text.removeprefix(PREFIX))
    if form is None or not text.startswith(PREFIX):
        return Reason.MALFORMED
    part = Part(int(form[1] or 1), int(form[2] or 1))
    if part.number > part.total or len(form[3]) % 2:
        return Reason.MALFORMED
    if part.total > MAX_PARTS or len(form[3]) > 2 * (MAX_JWS_CHARS if part.total == 1 else MAX_PART_CHARS):
        return Reason.TOO_LARGE
    jws = _characters(form[3].encode())
    if not _JWS_TEXT.fullmatch(jws) or (part.number == 1 and not _HEADER.startswith(jws[: len(_HEADER)])):
        return Reason.MALFORMED
    return Piece(jws, part)


def write(jws: str, parts: int = 1) -> tuple[str, ...]:
    """The texts of the symbols that hold `jws` in `parts` about equal pieces.

    Raises ValueError for characters that no JWS has, and for more than a symbol or a card may hold.
    """
    if not _JWS_TEXT.fullmatch(jws):
        raise ValueError("a compact JWS has only A-Z, a-z, 0-9, -, _ and dots")
    size = -(-len(jws) // parts)
    if not 1 <= parts <= MAX_PARTS or (parts > 1 and size > MAX_PART_CHARS) or size > MAX_JWS_CHARS:
        raise ValueError(f"at most {MAX_PARTS} parts of at most {MAX_PART_CHARS} characters")
    if parts == 1:
        return (PREFIX + _digits(jws),)
    pieces = [jws[start : start + size] for start in range(0, len(jws), size)]
    return tuple(f"{PREFIX}{number}/{len(pieces)}/{_digits(piece)}" for number, piece in enumerate(pieces, start=1))


def _characters(digits: bytes) -> str:
    """All pairs at once: no sum of tens, units and 45 is over 144, so no byte of these long numbers carries."""
    count = len(digits) // 2
    tens = int.from_bytes(digits[0::2].translate(_TENS))
    units = int.from_bytes(digits[1::2].translate(_UNITS))
    return (tens + units + int.from_bytes(bytes([_OFFSET]) * count)).to_bytes(count).decode("latin-1")


def _digits(jws: str) -> str:
    return "".join(f"{ord(char) - _OFFSET:02}" for char in jws)
