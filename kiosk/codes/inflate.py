"""Inflating what strangers deflated: a cap on what comes out, and nothing behind the end."""

from __future__ import annotations

import zlib

_RAW, _ZLIB = -zlib.MAX_WBITS, zlib.MAX_WBITS


class TooLarge(ValueError):
    """More would come out than anybody asked for."""


def inflate(data: bytes, max_bytes: int, *, raw: bool = False) -> bytes:
    """The whole of `data` inflated: a zlib stream (RFC 1950), or with `raw` a bare deflate stream (RFC 1951).

    Raises TooLarge as soon as more than `max_bytes` come out, ValueError for a broken or unfinished stream and for
    anything behind its end.
    """
    stream = zlib.decompressobj(_RAW if raw else _ZLIB)
    try:
        inflated = stream.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise ValueError(f"cannot be inflated: {error}") from error
    if len(inflated) > max_bytes:
        raise TooLarge(f"more than {max_bytes} bytes")
    if not stream.eof:
        raise ValueError("the compressed stream breaks off")
    if stream.unused_data:
        raise ValueError("more behind the compressed stream")
    return inflated
