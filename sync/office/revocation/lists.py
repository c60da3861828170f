"""Sorted arrays of hashes: joined, compared, and compacted for the gates in seconds, not minutes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from kiosk.codes.revocation import BEGINS, HASH_BYTES, KEPT_BYTES, LEADING, header

_HASH = np.dtype(f"V{HASH_BYTES}")  # compared byte by byte


@dataclass(frozen=True, slots=True)
class Merged:
    """A chunk (hashes with one first byte, ascending, none twice) after a change, and what the change was."""

    hashes: bytes
    added: int
    removed: int
    given: int  # without duplicates


def merge(held: bytes, given: bytes, mode: str) -> Merged:
    """`held` (a chunk) with the hashes in `given`, in any order: `add` them, `remove` them, or `replace` by them."""
    old, new = np.frombuffer(held, _HASH), np.unique(np.frombuffer(given, _HASH))
    both = np.union1d(old, new)
    added, others = len(both) - len(old), len(both) - len(new)
    match mode:
        case "add":
            return Merged(both.tobytes(), added, 0, len(new))
        case "replace":
            return Merged(new.tobytes(), added, others, len(new))
        case _:
            rest = np.setdiff1d(old, new, assume_unique=True)
            return Merged(rest.tobytes(), 0, len(old) - len(rest), len(new))


class Compactor:
    """Builds a gate's list (`kiosk.codes.revocation`) from chunks that come in the order of their first byte."""

    def __init__(self, scheme: str) -> None:
        self._scheme = scheme
        self._sizes: list[int] = []
        self._tails: list[bytes] = []

    def add(self, chunk: bytes) -> None:
        """The next chunk; there are 256."""
        kept = _kept(chunk)
        self._sizes += np.bincount(kept[:, 1], minlength=256).tolist()
        self._tails.append(kept[:, 2:].tobytes())

    def __len__(self) -> int:
        """How many entries so far: hashes that agree in five bytes are one."""
        return sum(self._sizes)

    def finish(self) -> bytes:
        if len(self._sizes) != LEADING:
            raise ValueError(f"{len(self._sizes) // 256} chunks instead of 256")
        begins = BEGINS.pack(*accumulate(self._sizes, initial=0))
        return b"".join((header(self._scheme, len(self)), begins, *self._tails))


def _kept(chunk: bytes) -> NDArray[np.uint8]:
    """The bytes kept of each hash, none twice."""
    kept = np.frombuffer(chunk, np.uint8).reshape(-1, HASH_BYTES)[:, :KEPT_BYTES]
    if len(kept) < 2:
        return kept
    differs = np.any(kept[1:] != kept[:-1], axis=1)
    return kept[np.concatenate(([True], differs))]
