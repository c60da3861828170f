"""How much a camera frame that held nothing may cost: little where nobody moves, since nearly all frames are such."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.devices.picture import Pixels

SIZE = (80, 45)  # cells, each the mean of sampled pixels: sensor noise averages out, a hand does not
MOVED_BY = 12  # levels by which a cell
MOVED_CELLS = 20  # and this many of them differ when something moved: half of a percent
TRIES_WHILE_STILL = 30  # frames: every look comes twice, then it is somebody's turn to hold it differently
AGAIN_AFTER = 30  # frames: two seconds, for light that changes too slowly to be movement
WHILE_MOVING = 3  # frames from one whole-frame look to the next: a moving picture is blurred anyway


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether a frame gets looks at the parts where a symbol was found, and one at the whole frame."""

    near_misses: bool
    whole: bool


class Patience:
    """The motion gate. One for each camera."""

    def __init__(self) -> None:
        self._before: Pixels | None = None
        self._frames = -1  # since the last change between still and moving
        self._was_moving = True

    def allowance(self, grey: Pixels) -> Allowance:
        """For the next frame that a first look read nothing in."""
        moving = self._moving(grey)
        self._frames = self._frames + 1 if moving == self._was_moving else 0
        self._was_moving = moving
        if moving:
            return Allowance(near_misses=True, whole=self._frames % WHILE_MOVING == 0)
        due = self._frames < TRIES_WHILE_STILL or self._frames % AGAIN_AFTER == 0
        return Allowance(near_misses=due, whole=due)

    def _moving(self, grey: Pixels) -> bool:
        """Whether this frame differs from the one before. The first one does."""
        step = max(1, min(grey.shape[1] // SIZE[0], grey.shape[0] // SIZE[1]) // 4)
        cells = np.asarray(cv2.resize(grey[::step, ::step], SIZE, interpolation=cv2.INTER_AREA), np.uint8)
        before, self._before = self._before, cells
        return before is None or int((cv2.absdiff(before, cells) > MOVED_BY).sum()) >= MOVED_CELLS
