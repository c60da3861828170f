"""The ladder and the single readers it is held against: a prepared picture in, texts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import deqr

from kiosk.devices.decoder import Ladder
from kiosk.devices.picture import Pixels, darkest, grey
from kiosk.devices.qrdec import qrdec
from kiosk.devices.readers import Look, utf8, zbar, zxing

LADDER, FRAME, ZXING = "ladder, still picture", "ladder, one camera frame", "zxing-cpp"

Texts = Callable[[Pixels], set[str]]


def all_readers() -> Mapping[str, Texts]:
    """By name. The single ones get what they are best at: zxing-cpp and OpenCV grey, the others the darkest channel."""
    return {ZXING: _zxing, **single_readers(), FRAME: _frame, LADDER: _still}


def single_readers() -> Mapping[str, Texts]:
    """Those beside zxing-cpp."""
    return {
        "zbar": lambda pixels: _texts(zbar(darkest(pixels))),
        "QRdec": lambda pixels: _texts(qrdec(darkest(pixels))),
        "quirc": _quirc,
        "cv2.QRCodeDetector": _Opencv(cv2.QRCodeDetector()),
        "cv2.QRCodeDetectorAruco": _Opencv(cv2.QRCodeDetectorAruco()),
    }


def _zxing(pixels: Pixels) -> set[str]:
    return _texts(zxing(grey(pixels)))


def _frame(pixels: Pixels) -> set[str]:
    return {_lines(symbol.text) for symbol in Ladder().read(pixels)}


def _still(pixels: Pixels) -> set[str]:
    return {_lines(symbol.text) for symbol in Ladder().read(pixels, thorough=True)}


def _quirc(pixels: Pixels) -> set[str]:
    codes = deqr.QuircDecoder().decode(darkest(pixels).copy(), convert_data=False)
    texts = (utf8(b"".join(part.data for part in code.data_entries)) for code in codes)
    return {_lines(text) for text in texts if text}


def _texts(look: Look) -> set[str]:
    return {_lines(symbol.text) for symbol in look.symbols}


class _Opencv:
    """OpenCV's detectors raise on some pictures and guess at alphabets."""

    def __init__(self, detector: cv2.QRCodeDetector | cv2.QRCodeDetectorAruco) -> None:
        self._detector = detector

    def __call__(self, pixels: Pixels) -> set[str]:
        try:
            found, texts, *_ = self._detector.detectAndDecodeMulti(grey(pixels))
        except (cv2.error, UnicodeDecodeError):  # it guesses, and hands out what it could not
            return set()
        return {_lines(text) for text in texts if text} if found else set()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")
