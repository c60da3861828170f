"""Millions of revoked codes in a form that a gate can hold: three bytes an entry, an answer in microseconds.

Of each hash only the first five bytes are kept, so that now and then a good code is hit as well: whoever asks treats
a hit as "somebody must look". A code that is listed is always hit.

    magic     4 bytes    "GHRL"
    version   1 byte     1
    reserved  3 bytes    zeros
    scheme    32 bytes   the scheme's name in ASCII, padded with zeros
    count     8 bytes    how many entries, little-endian
    begins    65,537 × 4 bytes, little-endian: the number of entries before those that begin with each two bytes; last
              the count once more
    entries   count × 3 bytes: what follows these two, ascending among those that share them
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from itertools import accumulate, pairwise

from kiosk.errors import HandDownError

HASH_BYTES = 16  # of a SHA-256: what the lists are made of
KEPT_BYTES = 5

MAGIC, VERSION = b"GHRL", 1
HEADER = struct.Struct("<4sB3x32sQ")
LEADING = 1 << 16  # values of the first two bytes
BEGINS = struct.Struct(f"<{LEADING + 1}I")
TAIL_BYTES = KEPT_BYTES - 2
ENTRIES_AT = HEADER.size + BEGINS.size

_SCHEME = re.compile(rb"([a-z][a-z0-9-]{0,31})\0*")
_PAIR = struct.Struct("<2I")


class HashList:
    """A compact list of revoked hashes of one scheme, read where it lies: `data` is kept and not copied.

    Its order and completeness are the office's word, which signs it; the shape is checked here.
    """

    def __init__(self, data: bytes) -> None:
        """Raises HandDownError for anything that is not such a list, whole."""
        if len(data) < ENTRIES_AT:
            raise HandDownError("a list of revoked hashes that is cut short")
        magic, version, name, count = HEADER.unpack_from(data)
        scheme = _SCHEME.fullmatch(name)
        if magic != MAGIC or version != VERSION or scheme is None:
            raise HandDownError(f"not a list of revoked hashes of version {VERSION}")
        begins = BEGINS.unpack_from(data, HEADER.size)
        if len(data) != ENTRIES_AT + TAIL_BYTES * count or begins[0] != 0 or begins[-1] != count:
            raise HandDownError("a list of revoked hashes that is not as long as it says")
        if any(begin > end for begin, end in pairwise(begins)):
            raise HandDownError("a list of revoked hashes whose index goes backwards")
        self.scheme = scheme[1].decode()
        self._count: int = count
        self._data = data

    def __len__(self) -> int:
        return self._count

    def may_contain(self, digest: bytes) -> bool:
        """Whether a code of that hash may be revoked; False is certain. Raises ValueError unless it has 16 bytes."""
        if len(digest) != HASH_BYTES:
            raise ValueError(f"a hash of {len(digest)} bytes, where {HASH_BYTES} are compared")
        begin, end = _PAIR.unpack_from(self._data, HEADER.size + 4 * int.from_bytes(digest[:2]))
        tail, at, stop = digest[2:KEPT_BYTES], ENTRIES_AT + TAIL_BYTES * begin, ENTRIES_AT + TAIL_BYTES * end
        while (found := self._data.find(tail, at, stop)) >= 0:
            if (found - ENTRIES_AT) % TAIL_BYTES == 0:
                return True
            at = found + 1  # across two entries
        return False


def header(scheme: str, count: int) -> bytes:
    """What a list of `count` entries begins with. Raises ValueError for a scheme whose name does not fit."""
    if not _SCHEME.fullmatch(scheme.encode()):
        raise ValueError(f"scheme {scheme!r}: at most 32 characters a-z, 0-9 and -")
    return HEADER.pack(MAGIC, VERSION, scheme.encode(), count)


def compact(scheme: str, hashes: Iterable[bytes]) -> bytes:
    """The list of `hashes`, 16 bytes each, those that agree in five bytes once. Raises ValueError for others.

    For thousands; a list of millions is better built of arrays.
    """
    kept = set()
    for digest in hashes:
        if len(digest) != HASH_BYTES:
            raise ValueError(f"a hash of {len(digest)} bytes, where {HASH_BYTES} are listed")
        kept.add(digest[:KEPT_BYTES])
    sizes = [0] * LEADING
    for entry in kept:
        sizes[int.from_bytes(entry[:2])] += 1
    begins = BEGINS.pack(*accumulate(sizes, initial=0))
    return header(scheme, len(kept)) + begins + b"".join(entry[2:] for entry in sorted(kept))
