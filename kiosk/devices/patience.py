"""How much a camera frame that held nothing may cost: little where nobody moves, since nearly all frames are such."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.devices.enhance import level
from kiosk.devices.looks import Way
from kiosk.devices.picture import Pixels

SIZE = (80, 45)  # cells, each the mean of its pixels: sensor noise averages out, a hand does not
MOVED_BY = 12  # levels by which a cell
MOVED_CELLS = 20  # and this many of them differ when something moved: half of a percent
DIM_BELOW = 128  # 8-bit level of the brightest cell: a hand differs by less there, down to
LEAST_MOVED_BY = 1.5  # levels, or
OVER_NOISE = 6  # times what half of the cells differ by
TRIES_WHILE_STILL = 30  # frames: every look comes twice, then it is somebody's turn to hold it differently
AGAIN_AFTER = 30  # frames: two seconds, for light that changes too slowly to be movement
WHILE_MOVING = 3  # frames from one whole-frame look to the next: a moving picture is blurred anyway
WHILE_DIM = 10  # frames from one stretched look to the next, when every look came twice
DEAR_MS = 15.0  # of the processor: a look at the whole frame that lately cost more is passed over
CHEAPER = 0.5  # as which it is remembered each time it was passed over, so that it gets another chance

Cells = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether a frame gets looks at the parts where a symbol was found, one at the whole frame, and, in dim light,
    one at the frame stretched."""

    near_misses: bool
    whole: bool
    stretched: bool


class Patience:
    """The motion gate. One for each camera."""

    def __init__(self) -> None:
        self._before: Cells | None = None
        self._frames = -1  # since the last change between still and moving
        self._was_moving = True

    def allowance(self, grey: Pixels) -> Allowance:
        """For the next frame that a first look read nothing in."""
        moving = self._moving(grey)
        self._frames = self._frames + 1 if moving == self._was_moving else 0
        self._was_moving = moving
        if moving:
            turn = self._frames % WHILE_MOVING
            return Allowance(near_misses=True, whole=turn == 0, stretched=turn == 0)
        due = self._frames < TRIES_WHILE_STILL or self._frames % AGAIN_AFTER == 0
        return Allowance(near_misses=due, whole=due, stretched=due or self._frames % WHILE_DIM == 0)

    def rewarded(self) -> None:
        """A second look read something: while the scene holds still, the next frames get theirs too."""
        self._frames = 0

    def _moving(self, grey: Pixels) -> bool:
        """Whether this frame differs from the one before. The first one does."""
        cells = _cells(grey)
        before, self._before = self._before, cells
        return before is None or _differ(before, cells)


class Turns:
    """Whose turn it is to look at the whole of a camera's frame. One for each camera."""

    def __init__(self, ways: tuple[Way, ...]) -> None:
        self.number = 0
        self._ways = ways
        self._ms = [0.0] * len(ways)

    def way(self) -> Way:
        """The look whose turn it is, those passed over that are dear here: QRdec's price for a frame is 3 ms or, in
        noise, 50."""
        for _ in self._ways:
            at = self.number % len(self._ways)
            if self._ms[at] <= DEAR_MS:
                break
            self._ms[at] *= CHEAPER
            self.number += 1
        return self._ways[self.number % len(self._ways)]

    def took(self, ms: float) -> None:
        """What the look whose turn it was has cost."""
        self._ms[self.number % len(self._ways)] = ms

    def next(self) -> None:
        """Nothing was read: it is another one's turn."""
        self.number += 1


def _cells(grey: Pixels) -> Cells:
    """Halved as long as a cell is eight pixels wide and high, which costs OpenCV next to nothing, then the rest."""
    while min(grey.shape[1] // SIZE[0], grey.shape[0] // SIZE[1]) >= 8:
        half = (grey.shape[1] // 2, grey.shape[0] // 2)
        grey = np.asarray(cv2.resize(grey[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(grey.astype(np.float32), SIZE, interpolation=cv2.INTER_AREA), np.float32)


def _differ(before: Cells, cells: Cells) -> bool:
    difference = cv2.absdiff(before, cells)
    moved_by = float(MOVED_BY)
    if cells.max() < DIM_BELOW:
        moved_by = min(moved_by, max(LEAST_MOVED_BY, OVER_NOISE * level(difference, 0.5)))
    return int((difference > moved_by).sum()) >= MOVED_CELLS
