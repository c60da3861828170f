"""Which exposure the place where codes are held up needs. Pure: brightness in, wished exposure out.

A camera's own automatic meters the whole picture: at night it blows a bright phone out, against the sun it drowns a
paper pass. So while somebody is there the exposure follows the white of the code, or the brightest tenth of the zone
where no code was found yet, and the automatic has the camera back when they are gone.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.devices.picture import Pixels

TARGET = 165.0  # 8-bit level of a code's white modules
ACT_BELOW, ACT_ABOVE = 75.0, 242.0  # outside: the controller begins
REST_BELOW, REST_ABOVE = 215.0, 120.0  # inside: it is content; between the two it goes on if it has begun
MOST_STEP = 2.0  # times brighter or darker at once
SETTLE_S = 0.4  # a camera takes some frames to follow
GONE_S = 5.0  # without anybody: the camera's automatic takes over again

SHORTEST_MS, LONGEST_MS = 0.2, 20.0  # longer smears what a hand holds
LAMP_MS = 10.0  # mains lamps of 50 Hz pulse a hundred times a second: whole pulses show no bands


def brightness(zone: Pixels) -> float:
    """The level (0 to 255) that the brightest tenth of a small grey picture begins at."""
    return float(np.percentile(zone, 90))


def white_of(code: Pixels) -> float:
    """The level of the light modules in a grey picture of a code."""
    threshold, _ = cv2.threshold(code, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    light = code[code > threshold]
    return float(np.median(light)) if light.size else brightness(code)


@dataclass(slots=True)
class ExposureCare:
    """The controller of one camera. `exposure_ms` is what it last asked for; None: the camera's own automatic."""

    lamp_ms: float = LAMP_MS
    exposure_ms: float | None = None
    _acting: bool = False
    _changed_at_s: float = float("-inf")
    _busy_at_s: float = float("-inf")

    def wish(self, level: float, now_ms: float, at_s: float, *, awake: bool) -> float | None:
        """The exposure to ask for after seeing `level`, in milliseconds, when the camera exposes for `now_ms`.

        None leaves it to the camera. The answer changes at most every 0.4 s.
        """
        if awake:
            self._busy_at_s = at_s
        elif at_s - self._busy_at_s > GONE_S:
            self.exposure_ms, self._acting = None, False
        if awake and at_s - self._changed_at_s >= SETTLE_S and self._wants(level):
            self._change(level, self.exposure_ms or now_ms, at_s)
        return self.exposure_ms

    def _wants(self, level: float) -> bool:
        low, high = (REST_ABOVE, REST_BELOW) if self._acting else (ACT_BELOW, ACT_ABOVE)
        self._acting = not low <= level <= high
        return self._acting

    def _change(self, level: float, exposure_ms: float, at_s: float) -> None:
        factor = min(max(TARGET / max(level, 1.0), 1 / MOST_STEP), MOST_STEP)
        wished = min(max(exposure_ms * factor, SHORTEST_MS), LONGEST_MS)
        wished = self._whole_pulses(wished)
        if wished != self.exposure_ms:
            self.exposure_ms, self._changed_at_s = wished, at_s

    def _whole_pulses(self, exposure_ms: float) -> float:
        """Down to a whole number of the lamps' pulses where there is one; a bright picture needs less than that."""
        if self.lamp_ms and exposure_ms >= self.lamp_ms:
            return self.lamp_ms * int(exposure_ms / self.lamp_ms + 1e-9)
        return exposure_ms
