"""kiosk scan --explain: a copy of a picture with what the ladder saw where."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from kiosk.devices.picture import Pixels
from kiosk.devices.worker import Answer
from kiosk.errors import DeviceError
from kiosk.model import Colour, Symbol

EXPLAINED = ".explained.png"
INKS = {  # BGR
    Colour.GREEN: (60, 160, 0),
    Colour.YELLOW: (0, 190, 250),
    Colour.RED: (30, 20, 215),
    Colour.BLACK: (30, 30, 30),
    Colour.UNSURE: (200, 80, 200),
}
MISSED = (200, 80, 200)
PAPER, TEXT_INK = (255, 255, 255), (30, 30, 30)
LINE = 22  # pixels
NARROWEST = 480  # pixels: room for a line of text


class Explainer:
    """Writes the annotated copies into `folder`, or each beside its picture."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def write(self, file: Path, pixels: Pixels, answer: Answer) -> Path:
        """Where the copy was written. Raises DeviceError when it cannot be."""
        target = (self._folder or file.parent) / (file.name + EXPLAINED)
        _, packed = cv2.imencode(".png", annotated(pixels, answer))
        try:
            target.write_bytes(packed.tobytes())
        except OSError as error:
            raise DeviceError(
                f"{target} cannot be written: {error.strerror or error}; name a folder with --out"
            ) from error
        return target


def annotated(pixels: Pixels, answer: Answer) -> Pixels:
    """The picture as BGR, each symbol outlined in its colour, and a line of text for each look below it. The texts of
    the symbols are left out: they are somebody's."""
    shown = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR) if pixels.ndim == 2 else pixels.copy()
    for symbol in answer.symbols:
        outline = np.array(symbol.corners, np.int32).reshape(-1, 1, 2)
        cv2.polylines(shown, [outline], True, INKS[symbol.colour], max(2, min(shown.shape[:2]) // 150), cv2.LINE_AA)
    return _above(np.asarray(shown, np.uint8), _lines(answer))


def _lines(answer: Answer) -> list[str]:
    looks = [f"{look.ms:7.1f} ms  {look.name}: {look.read} read, {look.found} only found" for look in answer.taken]
    return [*looks, *(_about(symbol) for symbol in answer.symbols)]


def _about(symbol: Symbol) -> str:
    surely = f"{symbol.colour} ({symbol.colour_confidence:.0%})"
    return f"{symbol.symbology} by {symbol.reader}, {surely}, {len(symbol.text)} characters"


def _above(shown: Pixels, lines: list[str]) -> Pixels:
    width = max(shown.shape[1], NARROWEST)
    whole = np.full((shown.shape[0] + LINE * (len(lines) + 1), width, 3), PAPER, np.uint8)
    whole[: shown.shape[0], : shown.shape[1]] = shown
    for at, line in enumerate(lines, 1):
        place = (8, shown.shape[0] + LINE * at)
        cv2.putText(whole, line, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, TEXT_INK, 1, cv2.LINE_AA)
    return whole
