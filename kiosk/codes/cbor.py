"""CBOR from strangers: one item, nothing behind it, bounded depth, and no tag interpreted.

cbor2 would turn tags into times, fractions, patterns, references to shared values and more. None of that is wanted
from a scanned symbol, so every tag stays a `CBORTag`.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import cbor2
from cbor2 import CBORTag

MAX_DEPTH = 16

# The tags that cbor2 interprets unless told otherwise.
_INTERPRETED = (*range(6), 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799)


def _untouched(number: int) -> Callable[[Any, bool], CBORTag]:
    return lambda value, _immutable: CBORTag(number, value)


_DECODERS = {number: _untouched(number) for number in _INTERPRETED}


def decode(data: bytes) -> Any:
    """The one item in `data`. Raises ValueError for anything else, a key twice in one map included.

    Arrays and maps under a tag come as tuple and frozendict. Memory stays within a small multiple of `data`: the
    caller caps its size.
    """
    stream = io.BytesIO(data)
    try:
        item = cbor2.load(stream, semantic_decoders=_DECODERS, max_depth=MAX_DEPTH, allow_duplicate_keys=False)
    except (cbor2.CBORError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise ValueError(f"not CBOR: {error}") from error
    if stream.tell() != len(data):
        raise ValueError("more behind the CBOR item")
    return item


def encode(item: object) -> bytes:
    """`item` in CBOR's preferred (shortest) form, map keys in the order given."""
    return cbor2.dumps(item)
