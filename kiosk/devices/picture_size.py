"""How large a picture file says it is, from its header alone: nothing is decoded or allocated for a lying one.

Sources: PNG (ISO/IEC 15948) 11.2.1, JPEG (ITU-T T.81) B.2.2, GIF89a 18, BMP (BITMAPCOREHEADER, BITMAPINFOHEADER),
WebP (RFC 9649) 2.7, TIFF 6.0 section 2, Netpbm.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

Size = tuple[int, int]

_PNM = re.compile(rb"P[1-6](?:\s+|#[^\n]*\n)+(\d{1,9})(?:\s+|#[^\n]*\n)+(\d{1,9})\s")
_NO_LENGTH = {0x01, *range(0xD0, 0xD8)}  # JPEG markers that stand alone
_NOT_FRAMES = {0xC4, 0xC8, 0xCC}  # within C0–CF but no start of frame
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257


def claimed(data: bytes) -> Size | None:
    """(width, height) by the header of a PNG, JPEG, WebP, BMP, TIFF, GIF or PNM file; None when it is none of them."""
    for magic, read in _KINDS:
        if data.startswith(magic):
            try:
                return read(data)
            except (struct.error, IndexError):
                return None
    return None


def is_picture(begins: bytes) -> bool:
    """Whether a file that begins so calls itself a picture of one of those kinds; a dozen bytes are enough."""
    if begins.startswith(b"RIFF"):  # films (AVI) and sounds too
        return begins[8:12] == b"WEBP"
    return any(begins.startswith(magic) for magic, _ in _KINDS)


def _png(data: bytes) -> Size | None:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> Size | None:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _bmp(data: bytes) -> Size | None:
    core = struct.unpack_from("<I", data, 14)[0] == 12
    width, height = struct.unpack_from("<HH" if core else "<ii", data, 18)
    return width, abs(height)  # a negative height means top row first


def _webp(data: bytes) -> Size | None:
    if data[8:12] != b"WEBP":
        return None
    match data[12:16]:
        case b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(data: bytes) -> Size | None:
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker in _NO_LENGTH:
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _tiff(data: bytes) -> Size | None:
    order = "<" if data.startswith(b"II") else ">"
    fields = dict(_tiff_fields(data, order))
    if _TIFF_WIDTH in fields and _TIFF_HEIGHT in fields:
        return fields[_TIFF_WIDTH], fields[_TIFF_HEIGHT]
    return None


def _tiff_fields(data: bytes, order: str) -> Iterator[tuple[int, int]]:
    """Tag and value of the first directory's single numbers (types 3, SHORT, and 4, LONG)."""
    (directory,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, directory)
    for at in range(directory + 2, directory + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", data, at)
        if kind in (3, 4):
            yield tag, struct.unpack_from(order + ("H" if kind == 3 else "I"), data, at + 8)[0]


def _pnm(data: bytes) -> Size | None:
    found = _PNM.match(data[:4096])
    return (int(found[1]), int(found[2])) if found else None


_KINDS: tuple[tuple[bytes, Callable[[bytes], Size | None]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8", _jpeg),
    (b"RIFF", _webp),
    (b"BM", _bmp),
    (b"GIF8", _gif),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    *((b"P%d" % kind, _pnm) for kind in range(1, 7)),
)
