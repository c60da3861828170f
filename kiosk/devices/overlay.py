"""Several frames laid over one another: what a sensor's noise hides in each of them comes out in their average.

A hand is never still, so each frame is first brought into the place of the one that the average began with: roughly
by phase correlation, then by a search for the best affine fit (ECC), both on a small copy in which only what is finer
than some pixels is left: a symbol is nothing but that, the people and walls behind it hardly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.devices import enhance
from kiosk.devices.picture import Pixels
from kiosk.devices.readers import Box
from kiosk.model import Symbol

SHARE = 0.75  # of the picture's shorter side: the square in its middle, where codes are held
FEWEST, MOST = 3, 10  # frames: from the first on an average is looked at, after the second another one begins
FIT_SIDE = 128  # pixels a side of the copies that are fitted
COARSE = 4.0  # pixels of those copies: what is coarser plays no part
FIT_STEPS = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 5, 1e-3)
LEAST_LIKENESS = 0.2  # correlation after the fit: the same scene shows 0.25 in nearly no light, another one 0.3 at most
LEAST_DETAIL = 0.05  # levels: less is rounding, in a picture that shows nothing
LEAST_SIDE = 64  # pixels: a smaller square holds no symbol worth the effort
SAMPLE = 8  # every eighth pixel each way tells the average's contrast

Values = npt.NDArray[np.float32]
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Laid:
    """The average of so many frames, stretched to full contrast, and the matrix (2×3) from its pixels to the newest
    frame's."""

    pixels: Pixels
    frames: int
    place: Values

    def moved(self, symbol: Symbol) -> Symbol:
        """A symbol read in the average, with its corners in the newest frame."""
        corners = np.array([(x, y, 1) for x, y in symbol.corners], np.float32) @ self.place.T
        return replace(symbol, corners=tuple((round(float(x)), round(float(y))) for x, y in corners))


class Overlay:
    """The average in the making. One for each camera."""

    def __init__(self) -> None:
        self._average: _Average | None = None

    def add(self, level: Pixels) -> Laid | None:
        """With this frame laid over those before; None as long as there are too few of the same scene."""
        box = _middle(level)
        if box.bottom - box.top < LEAST_SIDE:
            return None
        part = np.ascontiguousarray(box.of(level))
        average = self._average
        place = average.lay(part) if average and average.count < MOST and average.box == box else None
        if average is None or place is None:
            self._average = _Average(box, part)
            return None
        return Laid(average.picture(), average.count, place) if average.count >= FEWEST else None

    def begin_anew(self) -> None:
        """Let the next average share no frame with this one."""
        self._average = None


class _Average:
    def __init__(self, box: Box, part: Pixels) -> None:
        self.box = box
        self.count = 1
        self._sum = part.astype(np.float32)
        self._scale = min(1.0, FIT_SIDE / max(part.shape))
        self._fitted = _fine(enhance.resized(part, self._scale))

    def lay(self, part: Pixels) -> Values | None:
        """Add a frame's part; from the average's pixels to the frame's, None where it shows something else."""
        fine = _fine(enhance.resized(part, self._scale))
        fit = _fit(self._fitted / np.float32(self.count), fine) if fine.std() > LEAST_DETAIL else None
        if fit is None:
            return None
        self._fitted += _warped(fine, fit)
        whole = _enlarged(fit, 1 / self._scale)
        cv2.accumulate(_warped(part, whole), self._sum)
        self.count += 1
        whole[:, 2] += (self.box.left, self.box.top)
        return whole

    def picture(self) -> Pixels:
        sample = self._sum[::SAMPLE, ::SAMPLE]
        low, high = enhance.level(sample, 0.01), enhance.level(sample, 0.99)
        by = 255 / max(high - low, 1e-3)
        return np.asarray(cv2.convertScaleAbs(np.maximum(self._sum, low), alpha=by, beta=-low * by), np.uint8)


def _middle(level: Pixels) -> Box:
    height, width = level.shape
    side = round(SHARE * min(height, width))
    left, top = (width - side) // 2, (height - side) // 2
    return Box(left, top, left + side, top + side)


def _fine(small: Pixels) -> Values:
    """What is finer than `COARSE` pixels, around 0."""
    values = small.astype(np.float32)
    return np.asarray(values - cv2.GaussianBlur(values, (0, 0), COARSE), np.float32)


def _fit(still: Values, moved: Values) -> Values | None:
    """The matrix (2×3) from pixels of `still` to those of `moved` that show the same; None where none is found."""
    (dx, dy), _ = cv2.phaseCorrelate(still, moved, _window(still.shape[0], still.shape[1]))
    start = np.array([(1, 0, dx), (0, 1, dy)], np.float32)
    try:
        likeness, fit = cv2.findTransformECC(still, moved, start, cv2.MOTION_AFFINE, FIT_STEPS, None, 1)  # type: ignore[call-overload]
    except cv2.error:  # it does not converge
        return None
    return np.asarray(fit, np.float32) if likeness >= LEAST_LIKENESS else None


def _enlarged(fit: Values, by: float) -> Values:
    """The same fit for pictures `by` times as large; pixels are counted from the middle of the first."""
    scale = np.array([(by, 0, (by - 1) / 2), (0, by, (by - 1) / 2), (0, 0, 1)])
    whole = scale @ np.vstack([fit, (0, 0, 1)]) @ np.linalg.inv(scale)
    return np.asarray(whole[:2], np.float32)


def _warped(picture: Array, fit: Values) -> Array:
    """`picture` brought into the place of what `fit` leads from."""
    size = (picture.shape[1], picture.shape[0])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, fit, size, flags=how, borderMode=cv2.BORDER_REPLICATE)


@cache
def _window(height: int, width: int) -> Values:
    return np.asarray(cv2.createHanningWindow((width, height), cv2.CV_32F), np.float32)
