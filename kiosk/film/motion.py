"""How a hand brings something before the camera: where it is, how far, how tilted, at each moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from kiosk.film.picture import Picture

_FOCAL = 1.6  # focal length in frame widths
_STEP_IN_S = 0.55  # how long it takes to hold the prop up, and to take it away


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a prop's middle is, in frame heights from the frame's middle; its scale; its angles in radians.

    `up` is 1 while the prop is held up and falls to 0 while it comes and goes.
    """

    x: float
    y: float
    scale: float
    yaw: float
    pitch: float
    roll: float
    up: float


@dataclass(frozen=True, slots=True)
class Gesture:
    """One person's way of holding something up, for `seconds`."""

    seconds: float
    place: tuple[float, float]
    scale: float
    angles: tuple[float, float, float]
    tremor: tuple[float, ...]
    side: float

    @classmethod
    def of(cls, seconds: float, rng: np.random.Generator) -> Self:
        return cls(
            seconds=seconds,
            place=(rng.uniform(-0.16, 0.16), rng.uniform(-0.02, 0.04)),
            scale=rng.uniform(0.94, 1.08),
            angles=(rng.uniform(-0.2, 0.2), rng.uniform(-0.16, 0.12), rng.uniform(-0.09, 0.09)),
            tremor=tuple(rng.uniform(0, 2 * np.pi, 6)),
            side=float(rng.choice([-1.0, 1.0])),
        )

    def at(self, t: float) -> Pose:
        """The pose `t` seconds after the person came into view."""
        step = min(_STEP_IN_S, self.seconds / 5)
        up = min(_smooth(t / step), _smooth((self.seconds - t) / step), 1.0)
        sway = [float(np.sin(phase + 2 * np.pi * t * rate)) for phase, rate in zip(self.tremor, _RATES, strict=True)]
        drift = 0.5 - t / self.seconds  # nobody holds still: they slowly come nearer
        away = 1 - up
        return Pose(
            x=self.place[0] + 0.012 * sway[0] + 0.004 * sway[1] + 0.35 * self.side * away,
            y=self.place[1] + 0.010 * sway[2] + 0.95 * away,
            scale=self.scale * (1 - 0.05 * drift) * (1 + 0.008 * sway[3]),
            yaw=self.angles[0] + 0.05 * sway[4] + 0.5 * self.side * away,
            pitch=self.angles[1] + 0.04 * sway[5] - 0.5 * away,
            roll=self.angles[2] + 0.015 * sway[1] + 0.25 * self.side * away,
            up=up,
        )


_RATES = (0.31, 1.7, 0.43, 0.23, 0.37, 0.29)  # sways a second


def placed(picture: Picture, middle: tuple[int, int], pose: Pose, size: tuple[int, int], zoom: float) -> Picture:
    """`picture` (with alpha) as a camera of `size` sees it in this pose, `zoom` frame pixels to one of its own."""
    height, width = picture.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    seen = _project(corners - np.array(middle), pose, size, zoom)
    turned = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    return cv2.warpPerspective(picture, turned, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_CONSTANT)


def _project(points: Picture, pose: Pose, size: tuple[int, int], zoom: float) -> Picture:
    """Points of the prop's plane (pixels from its middle) in the frame (pixels), through a pinhole."""
    (sy, cy), (sp, cp), (sr, cr) = ((np.sin(a), np.cos(a)) for a in (pose.yaw, pose.pitch, pose.roll))
    rolled = points @ np.array([[cr, sr], [-sr, cr]]) * (zoom * pose.scale)
    x, y = rolled[:, 0], rolled[:, 1]
    solid = np.stack([x * cy + y * sy * sp, y * cp, -x * sy + y * cy * sp], axis=1)
    focal = _FOCAL * size[0]
    nearer = focal / np.maximum(focal + solid[:, 2], focal / 4)
    middle = np.array([size[0] / 2 + pose.x * size[1], size[1] / 2 + pose.y * size[1]])
    seen: Picture = solid[:, :2] * nearer[:, None] + middle
    return seen


def _smooth(share: float) -> float:
    """0 to 1 without a jerk at either end."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)
