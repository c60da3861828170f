"""What makes a symbol that was found readable, or one readable that was not found: 8-bit grey in, the same out."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.devices.picture import Pixels

SAMPLE = 16  # every sixteenth pixel each way tells how dim a picture is


def as_it_is(grey: Pixels) -> Pixels:
    return grey


def stretched(grey: Pixels) -> Pixels:
    """Full contrast between the darkest and the brightest hundredth: dim light, pale ink."""
    sample = grey[::SAMPLE, ::SAMPLE] if grey.size > 100_000 else grey
    low, high = level(sample, 0.01), level(sample, 0.99)
    ramp = (np.arange(256, dtype=np.float32) - low) * (255 / max(high - low, 1))
    return np.asarray(cv2.LUT(grey, np.clip(ramp, 0, 255).astype(np.uint8)), np.uint8)


def sharpened(grey: Pixels) -> Pixels:
    """Unsharp mask of two pixels, three times over: soft focus and motion."""
    return _unsharp(grey, sigma=2.0, amount=3.0)


def finely_sharpened(grey: Pixels) -> Pixels:
    """Unsharp mask of one pixel: small modules."""
    return _unsharp(grey, sigma=1.0, amount=2.0)


def widely_sharpened(grey: Pixels) -> Pixels:
    """Unsharp mask of four pixels, three times over: the same in a doubled picture."""
    return _unsharp(grey, sigma=4.0, amount=3.0)


def equalised(grey: Pixels) -> Pixels:
    """CLAHE: half of the symbol in glare or in shadow."""
    return np.asarray(cv2.createCLAHE(3.0, (8, 8)).apply(grey), np.uint8)


def smoothed(grey: Pixels) -> Pixels:
    """Noise averaged away and what contrast is left stretched: almost no light."""
    return stretched(_blurred(grey, 1.5))


def speckless(grey: Pixels) -> Pixels:
    """Bright specks removed, which joins dark modules that print or screen left apart."""
    return np.asarray(cv2.morphologyEx(grey, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)


def brought_out(grey: Pixels) -> Pixels:
    """What is as fine as modules and no finer, seven times over: the soft symbol in an average without much noise."""
    return _unsharp(_blurred(grey, 1.0), sigma=2.0, amount=6.0)


def finely_brought_out(grey: Pixels) -> Pixels:
    """The same for smaller modules."""
    return _unsharp(_blurred(grey, 0.7), sigma=2.0, amount=6.0)


def widely_brought_out(grey: Pixels) -> Pixels:
    """The same for larger modules."""
    return _unsharp(_blurred(grey, 1.0), sigma=3.0, amount=6.0)


def inverted(grey: Pixels) -> Pixels:
    """Light modules on dark ground become dark ones on light."""
    return np.asarray(cv2.bitwise_not(grey), np.uint8)


def resized(grey: Pixels, scale: float) -> Pixels:
    """`scale` times as wide and as high, at least one pixel; a picture of three channels likewise."""
    if scale == 1:
        return grey
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (max(round(grey.shape[1] * scale), 1), max(round(grey.shape[0] * scale), 1))
    return np.asarray(cv2.resize(grey, size, interpolation=how), np.uint8)


def _unsharp(grey: Pixels, sigma: float, amount: float) -> Pixels:
    return np.asarray(cv2.addWeighted(grey, 1 + amount, _blurred(grey, sigma), -amount, 0), np.uint8)


def _blurred(grey: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma), np.uint8)


def level(sample: npt.NDArray[Any], share: float) -> float:
    """The level below which `share` (0 to 1) of the sample lies."""
    at = int(share * (sample.size - 1))
    return float(np.partition(sample, at, axis=None)[at])
