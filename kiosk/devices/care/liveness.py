"""Does the picture live? A camera or its server that hangs goes on sending the very same one.

Only opening it anew helps. Not so where the picture stands for good reason, as a covered lens may give the same black
for hours: each opening that brought nothing new is given twice as long as the one before it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from kiosk.devices.picture import Pixels

SAMPLE = 8  # every so many pixels each way: noise is everywhere
MOST_S = 300.0  # the longest that a frozen camera is listened to before it is opened once more
LIVED_S = 60.0  # a picture that lived for so long after an opening was no false hope
MOST_VAIN = 16  # doublings; MOST_S ends them long before


def fingerprint(picture: Pixels) -> int:
    """A number that differs between any two pictures of a living sensor, whose noise never repeats."""
    return zlib.crc32(np.ascontiguousarray(picture[::SAMPLE, ::SAMPLE]).tobytes())


@dataclass(slots=True)
class Liveness:
    """The watch over one camera through all its openings. Times are seconds of a monotonic clock.

    `frozen`: the picture stood for `frozen_s`, and no other one came since; nothing in it is to be believed.
    """

    frozen_s: float
    frozen: bool = False
    _print: int = -1
    _begun_at_s: float = 0.0
    _changed_at_s: float = 0.0
    _vain: int = 0  # openings that brought no life

    def begin(self, at_s: float) -> None:
        """The camera was opened."""
        self._begun_at_s = self._changed_at_s = at_s

    def take(self, picture: Pixels, at_s: float) -> bool:
        """Take notice of a picture; False when the camera has to be opened anew."""
        now = fingerprint(picture)
        if now != self._print:
            self._print, self._changed_at_s, self.frozen = now, at_s, False
            if at_s - self._begun_at_s >= LIVED_S:
                self._vain = 0
        stood_s = at_s - self._changed_at_s
        self.frozen = self.frozen or stood_s >= self.frozen_s
        if stood_s < self._patience_s():
            return True
        self._vain = min(self._vain + 1, MOST_VAIN)
        return False

    def _patience_s(self) -> float:
        """How long the same picture is borne with before the camera is opened anew."""
        return max(min(self.frozen_s * 2.0**self._vain, MOST_S), self.frozen_s)
