"""Base45 (RFC 9285), strict: the alphabet as it is written, whole groups, and no value that its bytes cannot hold.

Three characters make two bytes. A text of digits is one long number in base 256, so all groups are computed at once
with a handful of operations on long integers: a loop over the characters takes ten times as long.
"""

from __future__ import annotations

from functools import lru_cache

ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_BASE = 45
_DIGITS = bytes(max(ALPHABET.find(code), 0) for code in range(256))


def decode(text: str) -> bytes:
    """The bytes that `text` stands for. Raises ValueError (RFC 9285 §6)."""
    data = text.encode("ascii")
    if data.translate(None, ALPHABET):
        raise ValueError("a character outside the Base45 alphabet")
    groups, rest = divmod(len(data), 3)
    if rest == 1:
        raise ValueError("one character left over")
    digits = data.translate(_DIGITS)
    end = digits[3 * groups :]
    return _triples(digits[: 3 * groups], groups) + (_pair(end[0], end[1]) if rest else b"")


def encode(data: bytes) -> str:
    """`data` in Base45."""
    pairs = [int.from_bytes(data[at : at + 2]) for at in range(0, len(data) - 1, 2)]
    codes = bytearray()
    for value in pairs:
        high, low = divmod(value, _BASE**2)
        codes += bytes((ALPHABET[low % _BASE], ALPHABET[low // _BASE], ALPHABET[high]))
    if len(data) % 2:
        codes += bytes((ALPHABET[data[-1] % _BASE], ALPHABET[data[-1] // _BASE]))
    return codes.decode()


def _triples(digits: bytes, groups: int) -> bytes:
    """Two bytes for each three digits c, d, e: c + 45 d + 2025 e, at most 65,535.

    Each group is a lane of 24 bits in one long integer; the largest sum, 91,124, does not reach the next lane.
    """
    number, mask = int.from_bytes(digits), _lowest_bytes(groups)
    sums = (number >> 16 & mask) + _BASE * (number >> 8 & mask) + _BASE**2 * (number & mask)
    lanes = sums.to_bytes(3 * groups)
    if any(lanes[::3]):
        raise ValueError("three characters stand for more than two bytes hold")
    found = bytearray(2 * groups)
    found[::2], found[1::2] = lanes[1::3], lanes[2::3]
    return bytes(found)


def _pair(low: int, high: int) -> bytes:
    value = low + _BASE * high
    if value > 0xFF:
        raise ValueError("two characters stand for more than one byte holds")
    return bytes((value,))


@lru_cache(maxsize=256)
def _lowest_bytes(groups: int) -> int:
    """Ones in the lowest byte of each lane."""
    return int.from_bytes(b"\x00\x00\xff" * groups)
