"""The single readers, each with its own care: a picture in, the symbols it read out. `decoder.py` puts them in order.

QR codes of models 1 and 2 unless others are asked for: they carry their own error correction. Micro QR and
one-dimensional codes answer texts nobody printed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import zxingcpp

from kiosk.devices.picture import Pixels
from kiosk.model import Colour, Symbol

Corners = tuple[tuple[int, int], ...]

_FORMATS = {
    "qr": (zxingcpp.BarcodeFormat.QRCodeModel1, zxingcpp.BarcodeFormat.QRCodeModel2),
    "micro-qr": (zxingcpp.BarcodeFormat.MicroQRCode,),
    "aztec": (zxingcpp.BarcodeFormat.AztecCode,),
    "data-matrix": (zxingcpp.BarcodeFormat.DataMatrix,),
}
SYMBOLOGIES = tuple(_FORMATS)
QR = ("qr",)
SELF_CORRECTING = frozenset({"QRCode", "Aztec", "DataMatrix"})  # a text of these alone needs no second witness
_NO_ECI = "]Q1"  # ISO/IEC 15424: QR code without extended channel interpretation

_Y800 = 0x30303859  # zbar's fourcc for 8-bit grey
_ZBAR_QR = 64
_ZBAR_ENABLE = 0
_ZBAR_BINARY = 4  # zbar 0.23 and later: the bytes of the symbol, not a guess at their alphabet


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture: pixels from (left, top) up to but not including (right, bottom)."""

    left: int
    top: int
    right: int
    bottom: int

    def of(self, pixels: Pixels) -> Pixels:
        return pixels[self.top : self.bottom, self.left : self.right]

    def area(self) -> int:
        return max(self.right - self.left, 0) * max(self.bottom - self.top, 0)

    def middle_in(self, other: Box) -> bool:
        x, y = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        return other.left <= x <= other.right and other.top <= y <= other.bottom


@dataclass(frozen=True, slots=True)
class Look:
    """What one reader saw: what it could read, and where it found a symbol that it could not read."""

    symbols: tuple[Symbol, ...]
    near_misses: tuple[Corners, ...] = ()


def zxing(grey: Pixels, symbologies: tuple[str, ...] = QR, *, histogram: bool = False, everywhere: bool = True) -> Look:
    """zxing-cpp on an 8-bit grey picture: 1.9 ms for 1280×720 without a code; reads every module colour.

    `histogram` takes one threshold for a whole row instead of one for each neighbourhood: pale symbols, torn ones.
    Not `everywhere` leaves out light modules on dark ground and shrunken copies, which halves the price.
    """
    found = zxingcpp.read_barcodes(
        grey,
        formats=_formats(symbologies),
        text_mode=zxingcpp.TextMode.Plain,
        binarizer=zxingcpp.Binarizer.GlobalHistogram if histogram else zxingcpp.Binarizer.LocalAverage,
        try_invert=everywhere,
        try_downscale=everywhere,
        return_errors=True,
    )
    return Look(
        tuple(
            Symbol(_zxing_text(code), _symbology(code), Colour.UNSURE, _zxing_corners(code), "zxing")
            for code in found
            if code.valid and code.bytes
        ),
        tuple(_zxing_corners(code) for code in found if not code.valid),
    )


def zbar(grey: Pixels) -> Look:
    """zbar on an 8-bit grey picture: 29 ms for 1280×720 without a code; give it the darkest channel.

    Reads nothing when libzbar0 is not installed (`zbar_missing` says so). A symbol whose bytes are not UTF-8 is
    left out: which alphabet they are in would be a guess.
    """
    if not _zbar_library():
        return Look(())
    symbols = []
    for data, corners in _zbar_symbols(grey):
        text = utf8(data)
        if text:
            symbols.append(Symbol(text, "QRCode", Colour.UNSURE, corners, "zbar"))
    return Look(tuple(symbols))


def zbar_missing() -> str | None:
    """Why the second reader is not there and what to do about it; None when it is."""
    return None if _zbar_library() else "libzbar0 is not installed: sudo apt-get install libzbar0"


@cache
def _formats(symbologies: tuple[str, ...]) -> zxingcpp.BarcodeFormats:
    return zxingcpp.BarcodeFormats([form for name in symbologies for form in _FORMATS[name]])


def _symbology(code: zxingcpp.Barcode) -> str:
    """The name without the model: QRCode, MicroQRCode, Aztec, DataMatrix."""
    return "QRCode" if code.format in _FORMATS["qr"] else str(code.format.name)


def _zxing_text(code: zxingcpp.Barcode) -> str:
    """UTF-8 wherever the bytes allow it: zxing-cpp guesses the alphabet too, and takes 裔猗 for Shift-JIS."""
    text = utf8(code.bytes) if code.symbology_identifier == _NO_ECI else None
    return code.text if text is None else text


def utf8(data: bytes) -> str | None:
    """The text of these bytes, None where they are no UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _zxing_corners(code: zxingcpp.Barcode) -> Corners:
    place = code.position
    return tuple((at.x, at.y) for at in (place.top_left, place.top_right, place.bottom_right, place.bottom_left))


@cache
def _zbar_library() -> ModuleType | None:
    try:
        from pyzbar import wrapper
    except (ImportError, OSError):  # pyzbar raises ImportError itself where the shared library is missing
        return None
    return wrapper  # type: ignore[no-any-return]


def _zbar_symbols(grey: Pixels) -> Iterator[tuple[bytes, Corners]]:
    """Raw bytes and corners of each QR code. pyzbar's own `decode` cannot ask zbar for the bytes, so its bindings
    are called one by one."""
    lib: Any = _zbar_library()
    height, width = grey.shape
    pixels = ctypes.c_char_p(grey.tobytes())
    scanner, image = lib.zbar_image_scanner_create(), lib.zbar_image_create()
    try:
        lib.zbar_image_scanner_set_config(scanner, 0, _ZBAR_ENABLE, 0)
        lib.zbar_image_scanner_set_config(scanner, _ZBAR_QR, _ZBAR_ENABLE, 1)
        lib.zbar_image_scanner_set_config(scanner, _ZBAR_QR, _ZBAR_BINARY, 1)
        lib.zbar_image_set_format(image, _Y800)
        lib.zbar_image_set_size(image, width, height)
        lib.zbar_image_set_data(image, ctypes.cast(pixels, ctypes.c_void_p), grey.size, None)
        lib.zbar_scan_image(scanner, image)
        symbol = lib.zbar_image_first_symbol(image)
        while symbol:
            yield _zbar_data(lib, symbol), _zbar_corners(lib, symbol)
            symbol = lib.zbar_symbol_next(symbol)
    finally:
        lib.zbar_image_destroy(image)
        lib.zbar_image_scanner_destroy(scanner)


def _zbar_data(lib: Any, symbol: Any) -> bytes:
    return ctypes.string_at(lib.zbar_symbol_get_data(symbol), lib.zbar_symbol_get_data_length(symbol))


def _zbar_corners(lib: Any, symbol: Any) -> Corners:
    """zbar names them top left, bottom left, bottom right, top right, seen from the symbol."""
    points = [
        (lib.zbar_symbol_get_loc_x(symbol, at), lib.zbar_symbol_get_loc_y(symbol, at))
        for at in range(lib.zbar_symbol_get_loc_size(symbol))
    ]
    return (points[0], points[3], points[2], points[1]) if len(points) == 4 else tuple(points)
