"""The camera of the film: lays street, person and prop over each other and adds what lens and sensor add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from kiosk.film import motion, props, scene
from kiosk.film.casting import Role
from kiosk.film.lettering import write
from kiosk.film.motion import Gesture
from kiosk.film.picture import WHITE, Picture, lay
from kiosk.film.script import Script

_PROP_HEIGHTS = 0.9 / 1000  # frame heights to a pixel of a prop's picture
_NOISES = 8  # pictures of noise, used in turn and shifted


@dataclass(frozen=True, slots=True)
class Actor:
    """One person as the camera sees them. What they hold up is shown one after the other, each for as long."""

    held: tuple[props.Prop, ...]
    body: Picture
    gesture: Gesture

    def prop_at(self, t: float) -> props.Prop:
        """What is held up `t` seconds after the person came into view."""
        number = int(t / self.gesture.seconds * len(self.held))
        return self.held[min(number, len(self.held) - 1)]

    @classmethod
    def of(cls, role: Role, script: Script, rng: np.random.Generator) -> Self:
        held = props.make(role, script.issuer, rng)
        return cls(held, cv2.resize(scene.passer_by(rng), script.size), Gesture.of(role.person.seconds, rng))


class Camera:
    """Takes pictures of `script.size`. The same seed takes the same pictures."""

    def __init__(self, script: Script, rng: np.random.Generator) -> None:
        self._size = script.size
        self._blur = script.blur * script.size[1] / 720
        self._rng = rng
        self._street = scene.street(script.size, rng)
        height = max(12, script.size[1] // 30)
        write(self._street, f"演示影片 DEMO  {script.title}", (height // 2, height // 3), height, WHITE)
        shape = (_NOISES, script.size[1], script.size[0])
        self._noise = (rng.standard_normal(shape, np.float32) * script.noise).round().astype(np.int16)

    def empty(self) -> Picture:
        """The gate with nobody there."""
        return self._developed(self._street.copy())

    def take(self, actor: Actor, t: float) -> Picture:
        """`actor`, `t` seconds after they came into view."""
        frame = self._street.copy()
        pose, before = actor.gesture.at(t), actor.gesture.at(max(t - 0.02, 0.0))
        lay(self._shifted(actor, pose), frame)
        zoom = _PROP_HEIGHTS * self._size[1]
        shown = actor.prop_at(t)
        prop = motion.placed(shown.picture, shown.middle, pose, self._size, zoom)
        lay(self._smeared(prop, pose, before), frame)
        return self._developed(frame)

    def _shifted(self, actor: Actor, pose: motion.Pose) -> Picture:
        """The person behind what they hold up: beside it, coming in from the side."""
        x = (pose.x - actor.gesture.side * (0.36 - 1.2 * (1 - pose.up))) * self._size[1]
        move = np.array([[1, 0, x], [0, 1, pose.y * 0.05 * self._size[1]]], np.float32)
        return cv2.warpAffine(actor.body, move, self._size)

    def _smeared(self, prop: Picture, pose: motion.Pose, before: motion.Pose) -> Picture:
        """What moves during the exposure is smeared along its way."""
        way = np.array([pose.x - before.x, pose.y - before.y]) * self._size[1]
        length = int(np.hypot(*way))
        left, top, width, height = cv2.boundingRect(prop[..., 3])
        if length < 2 or not width:
            return prop
        kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
        ends = [(round(length + sign * way[0] / 2), round(length + sign * way[1] / 2)) for sign in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0, 1)
        seen = slice(max(top - length, 0), top + height + length), slice(max(left - length, 0), left + width + length)
        prop[seen] = cv2.filter2D(prop[seen], -1, kernel / kernel.sum())
        return prop

    def _developed(self, frame: Picture) -> Picture:
        """Softened by the lens, with the sensor's noise."""
        if self._blur > 0:
            frame = cv2.GaussianBlur(frame, (0, 0), self._blur)
        noise = self._noise[self._rng.integers(_NOISES)]
        noise = np.roll(noise, int(self._rng.integers(self._size[1])), axis=0)
        return cv2.add(frame, cv2.merge([noise] * 3), dtype=cv2.CV_8U)
