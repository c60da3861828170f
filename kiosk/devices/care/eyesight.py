"""What is wrong with a camera's picture: pure functions over grey pictures, and a watch that waits until it lasts.

| trouble | measured as | lasts |
|---|---|---|
| dark | the brightest hundredth of the picture is below level 40 | 5 s |
| blocked | no edge anywhere: a hand, a cap, tape, fog | 3 s |
| blurred | no sharp edge and no code read in so much time with somebody there | 20 s |
| flicker | the whole width of the picture pulses together, from frame to frame | 2 s |
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.devices.care.troubles import Trouble
from kiosk.devices.picture import Pixels

DARK_BELOW = 40  # 8-bit level
EDGE_BELOW = 3.0  # levels a pixel, of the small picture
SOFT_BELOW = 0.45  # of the steepness that the same edges show at a quarter of the size
PLAIN_BELOW = 6.0  # levels a pixel: too little contrast to say anything about sharpness
NOISE_SLOPE = 1.43  # levels a pixel that noise of one level shows at its steepest
GRAIN = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
PULSE_ABOVE = 0.02  # of the brightness, from one frame to the next
TOGETHER_ABOVE = 0.8  # correlation of left, middle and right
PULSES = 24  # frames a flicker is judged over
BANDS = 18

DARK_S, BLOCKED_S, BLURRED_S, CLEAR_S = 5.0, 3.0, 20.0, 2.0
EVERY_S = 0.5  # a look at all that does not change from frame to frame
LEAST_SIDE = 80  # pixels: a smaller picture says nothing about sharpness

Profile = npt.NDArray[np.float32]


def is_dark(small: Pixels) -> bool:
    """Whether a small grey picture holds nothing bright: no lamp, no phone, no lit paper."""
    return float(np.percentile(small, 99)) < DARK_BELOW


def is_blocked(small: Pixels) -> bool:
    """Whether a small grey picture, though bright enough, shows no edge."""
    return not is_dark(small) and _steepest(small, 99.7) < EDGE_BELOW


def sharpness(picture: Pixels) -> float | None:
    """How steep the steepest edges of a grey picture are against the same edges at a quarter of the size: near 1 in
    focus or above, 0.35 where a lens smears over 8 pixels, never below a quarter. None where too little contrast is
    there to tell."""
    height, width = picture.shape
    if min(height, width) < LEAST_SIDE:
        return None
    halved = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(picture, (width // 8, height // 8), interpolation=cv2.INTER_AREA)
    most = _steepest(np.asarray(coarse, np.uint8), 99.5)
    if most < PLAIN_BELOW:
        return None
    fine = np.asarray(halved, np.uint8)
    steep, noise = _steepest(fine, 99.8), NOISE_SLOPE * _noise(fine)
    return float(np.sqrt(max(steep**2 - noise**2, 0.0))) / most


def profile(small: Pixels) -> Profile:
    """The brightness of 18 bands of rows in the left, middle and right third: shape (18, 3), natural logarithm."""
    bands = cv2.resize(small, (3, BANDS), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.log(bands + 8)


def pulsed(before: Profile, after: Profile) -> bool:
    """Whether the picture became brighter or darker in all thirds alike, as lamps and screens make it, not people."""
    change = after - before
    if float(np.sqrt((change**2).mean(axis=0)).min()) < PULSE_ABOVE:
        return False
    return bool(_together(change) > TOGETHER_ABOVE)


def _together(change: Profile) -> float:
    """The least likeness (cosine) of two thirds' changes."""
    unit = change / np.maximum(np.linalg.norm(change, axis=0), 1e-6)
    return float((unit.T @ unit).min())


def _steepest(picture: Pixels, percentile: float) -> float:
    """The slope, in levels a pixel, that all but the steepest places stay below."""
    x = cv2.Sobel(picture, cv2.CV_16S, 1, 0, scale=1)
    y = cv2.Sobel(picture, cv2.CV_16S, 0, 1, scale=1)
    return float(np.percentile(np.maximum(np.abs(x), np.abs(y)), percentile)) / 8


def _noise(picture: Pixels) -> float:
    """The standard deviation of a grey picture's noise (Immerkær's mask, which no ramp and no straight edge moves)."""
    rest = cv2.filter2D(picture, cv2.CV_16S, GRAIN)
    return float(np.median(np.abs(rest))) / (6 * 0.6745)


@dataclass(slots=True)
class Lasting:
    """True once something was true for `after_s` on end, false once it was not for two seconds."""

    after_s: float
    on: bool = False
    _since_s: float | None = None

    def take(self, true: bool, at_s: float) -> bool:
        if true == self.on:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = at_s
        if self._since_s is not None and at_s - self._since_s >= (CLEAR_S if self.on else self.after_s):
            self.on, self._since_s = not self.on, None
        return self.on


@dataclass(slots=True)
class Eyesight:
    """The watch over one camera. All times are a frame's `at_s`."""

    troubles: frozenset[Trouble] = frozenset()
    _dark: Lasting = field(default_factory=lambda: Lasting(DARK_S))
    _blocked: Lasting = field(default_factory=lambda: Lasting(BLOCKED_S))
    _pulses: deque[bool] = field(default_factory=lambda: deque(maxlen=PULSES))
    _profile: Profile | None = None
    _soft_s: float = 0.0
    _looked_at_s: float = float("-inf")

    def look(self, picture: Pixels, small: Pixels, at_s: float, *, awake: bool, read: bool) -> frozenset[Trouble]:
        """What is wrong after one more frame: grey in full size and small; `awake`: somebody seems to be there,
        `read`: a code was read in it."""
        if at_s < self._looked_at_s:
            self._begin()
        self._follow_pulse(small)
        if read:
            self._soft_s = 0.0
        if at_s - self._looked_at_s >= EVERY_S:
            self._looked_at_s = at_s
            self._examine(picture, small, at_s, awake=awake)
        return self.troubles

    def _begin(self) -> None:
        """A film begins again."""
        self._dark, self._blocked = Lasting(DARK_S), Lasting(BLOCKED_S)
        self._looked_at_s = float("-inf")

    def _follow_pulse(self, small: Pixels) -> None:
        now = profile(small)
        if self._profile is not None:
            self._pulses.append(pulsed(self._profile, now))
        self._profile = now

    def _examine(self, picture: Pixels, small: Pixels, at_s: float, *, awake: bool) -> None:
        found = {
            Trouble.DARK: self._dark.take(is_dark(small), at_s),
            Trouble.BLOCKED: self._blocked.take(is_blocked(small), at_s),
            Trouble.BLURRED: self._is_blurred(picture, awake=awake),
            Trouble.FLICKER: len(self._pulses) == PULSES and sum(self._pulses) > 0.6 * PULSES,
        }
        self.troubles = frozenset(trouble for trouble, true in found.items() if true)

    def _is_blurred(self, picture: Pixels, *, awake: bool) -> bool:
        found = sharpness(picture)
        if found is not None and found >= SOFT_BELOW:
            self._soft_s = 0.0
        elif found is not None and awake:
            self._soft_s += EVERY_S
        return self._soft_s >= BLURRED_S
