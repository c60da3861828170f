"""How often to look: at every frame while something moves, a few times a second while nobody is there."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.devices.picture import Pixels, grey

SMALL = (160, 90)  # pixels of the picture that movement is measured on: noise averages out
STEP = 12  # 8-bit levels a place must change by
MOVED_SHARE = 0.004  # of all places; a pass that fills a fifth of the height covers five times that
HOLD_S = 3.0  # after the last movement
EARLY = 0.8  # of the time between two looks: frames come unevenly

LEAST_IDLE_FPS = 3.0  # slower would miss what is shown for a second


def small(image: Pixels) -> Pixels:
    """The picture in grey, 160×90."""
    return np.asarray(cv2.resize(grey(image), SMALL, interpolation=cv2.INTER_AREA), np.uint8)


def moved(before: Pixels, after: Pixels) -> bool:
    """Whether something moved between two small pictures of one size; the light as a whole may change."""
    change = after.astype(np.int16) - before
    change -= np.int16(np.median(change[::3, ::3]))
    return bool(np.count_nonzero(np.abs(change) > STEP) > MOVED_SHARE * change.size)


class Watchfulness:
    """Says when the next look is due. All times are a frame's `at_s`.

    Whatever is shown for a second is looked at two times or more even if no movement was noticed.
    """

    def __init__(self, active_fps: float = 15.0, idle_fps: float = 4.0) -> None:
        self._active_s = EARLY / active_fps
        self._idle_s = EARLY / max(idle_fps, LEAST_IDLE_FPS)
        self._before: Pixels | None = None
        self._awake_until = float("-inf")
        self._looked_at = float("-inf")

    @property
    def awake(self) -> bool:
        """Whether somebody seems to be there."""
        return self._looked_at <= self._awake_until

    @property
    def pause_s(self) -> float:
        """How long to wait from one look to the next."""
        return self._active_s if self.awake else self._idle_s

    def due(self, at_s: float) -> bool:
        """Whether a frame of `at_s` is to be looked at; always when a film begins again."""
        return at_s < self._looked_at or at_s - self._looked_at >= self.pause_s

    def look(self, picture: Pixels, at_s: float) -> None:
        """Take notice of the frame that is looked at, by the small picture of the lane's zone."""
        if at_s < self._looked_at:
            self._awake_until = float("-inf")
        self._looked_at = at_s
        if self._before is None or self._before.shape != picture.shape or moved(self._before, picture):
            self.wake(at_s)
        self._before = picture

    def wake(self, at_s: float) -> None:
        """There is something to look at, by other evidence than movement."""
        self._awake_until = max(self._awake_until, at_s + HOLD_S)
