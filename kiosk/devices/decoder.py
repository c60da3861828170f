"""The ladder: which reader looks at what, cheapest first. `docs/decisions/0002-decoder.md` says why in this order.

1. zxing-cpp once over the grey of the whole picture; in dim light, when that read nothing, once over its darkest
   channel stretched to full contrast.
2. Only where that found a symbol it could not read: zbar on the darkest channel of just that part.
3. Only when still nothing was read: zbar on the whole darkest channel; always for a still picture, for one frame
   in thirty of a camera, since it costs fifteen times the first look and nearly all frames hold no code.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.devices import colour
from kiosk.devices.picture import Pixels, darkest, grey, prepare
from kiosk.devices.readers import Box, Corners, zbar, zxing
from kiosk.model import Symbol

WHOLE_FRAME_EVERY = 30  # frames without a code
DIM_BELOW = 128  # 8-bit level of the brightest parts under which zxing-cpp misses yellow modules, and below 64 any
MOST_NEAR_MISSES = 2  # looked at once more in one picture
MARGIN = 0.25  # of a near miss's size, around it: zbar wants the quiet zone
SAMPLE = 16  # every sixteenth pixel each way tells how dim a picture is


class Reader(Protocol):
    """What a decode process runs: pictures in, symbols out. `thorough` asks for every look, whatever it costs."""

    def read(self, image: npt.NDArray[Any], *, thorough: bool = False) -> list[Symbol]: ...


class Ladder:
    """The gate's reader. Remembers how long ago it took the dear look at a whole frame, so give each camera its own."""

    def __init__(self) -> None:
        self._empty_frames = 0

    def read(self, image: npt.NDArray[Any], *, thorough: bool = False) -> list[Symbol]:
        """The symbols in `image`, each with its corners and its colour. Raises DeviceError for what is no picture."""
        pixels = prepare(image)
        symbols = _cheap_looks(pixels)
        if not symbols and (self._whole_frame_due() or thorough):
            symbols = zbar(darkest(pixels)).symbols
        if symbols:
            self._empty_frames = 0
        return [replace(symbol, colour=colour.of_symbol(pixels, symbol.corners)) for symbol in symbols]

    def _whole_frame_due(self) -> bool:
        self._empty_frames += 1
        return self._empty_frames % WHOLE_FRAME_EVERY == 0


def read_symbols(image: npt.NDArray[Any]) -> list[Symbol]:
    """The symbols in one picture, with every look taken, in this very process: a reader that crashes takes the
    caller with it, so lanes use `process.Decoder`. Raises DeviceError for what is no picture.
    """
    return Ladder().read(image, thorough=True)


def _cheap_looks(pixels: Pixels) -> tuple[Symbol, ...]:
    bright = grey(pixels)
    look = zxing(bright)
    if not look.symbols and np.percentile(bright[::SAMPLE, ::SAMPLE], 99) < DIM_BELOW:
        look = zxing(_stretched(darkest(pixels)))
    return look.symbols or _second_look(pixels, look.near_misses)


def _stretched(level: Pixels) -> Pixels:
    """Full contrast between the darkest and the brightest hundredth."""
    low, high = np.percentile(level[::SAMPLE, ::SAMPLE], (1, 99))
    ramp = (np.arange(256, dtype=np.float32) - low) * (255 / max(high - low, 1))
    return np.asarray(cv2.LUT(level, np.clip(ramp, 0, 255).astype(np.uint8)), np.uint8)


def _second_look(pixels: Pixels, near_misses: tuple[Corners, ...]) -> tuple[Symbol, ...]:
    boxes = sorted((_around(corners, pixels) for corners in near_misses), key=_area, reverse=True)
    for box in boxes[:MOST_NEAR_MISSES]:
        if _area(box) and (symbols := zbar(darkest(box.of(pixels))).symbols):
            return tuple(replace(symbol, corners=_moved(symbol.corners, box)) for symbol in symbols)
    return ()


def _around(corners: Corners, pixels: Pixels) -> Box:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    margin = 8 + int(MARGIN * max(max(xs) - min(xs), max(ys) - min(ys)))
    height, width = pixels.shape[:2]
    return Box(
        max(min(xs) - margin, 0),
        max(min(ys) - margin, 0),
        min(max(xs) + margin, width),
        min(max(ys) + margin, height),
    )


def _area(box: Box) -> int:
    return max(box.right - box.left, 0) * max(box.bottom - box.top, 0)


def _moved(corners: Corners, box: Box) -> Corners:
    return tuple((x + box.left, y + box.top) for x, y in corners)
