"""Draws what a camera sees of a symbol when one thing at a time goes wrong, more from step to step.

A frame is 640×480 (a version 15 symbol fills most of its height), the symbol turned a little and placed differently
from seed to seed, in front of soft blotches, with the noise of an ordinary sensor.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import segno

from kiosk.devices.picture import Pixels
from tests.kiosk.devices.drawing import scenery

SIZE = (640, 480)
OVERSAMPLED = 12  # pixels a module before the camera sees it
VERSIONS = (5, 15)
LENGTHS = {5: 84, 15: 412}  # bytes that fill a symbol at level M
SENSOR_NOISE = 2.0

Bgr = tuple[int, int, int]
Light = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scene:
    """How a symbol is held: pixels a module, degrees leaning away, BGR of its dark and light modules; how far a hand
    has turned (degrees) and moved (pixels) it from where the seed puts it; pixels of the frame."""

    module: float = 4.0
    lean: float = 0.0
    dark: Bgr = (20, 20, 20)
    light: Bgr = (235, 235, 235)
    turn: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    size: tuple[int, int] = SIZE


@dataclass(frozen=True, slots=True)
class Sweep:
    """One trouble: its name and unit, its steps from harmless to hopeless, and what draws a step."""

    name: str
    unit: str
    steps: tuple[float, ...]
    draw: Callable[[int, float, int], Pixels]


def text_of(version: int, seed: int) -> str:
    letters = np.random.default_rng(seed).choice(list(string.ascii_letters + string.digits), LENGTHS[version])
    return "".join(letters)


def see(version: int, seed: int, scene: Scene) -> Light:
    """The frame as light (0 to 255) before lens and sensor."""
    drawn = _symbol(version, seed, scene.dark, scene.light)
    chance = np.random.default_rng(seed)
    frame = scenery(seed % 7, scene.size)
    turn, shift = chance.uniform(-20, 20) + scene.turn, chance.uniform(-15, 15, 2) + scene.shift
    target = _corners(drawn.shape[0], scene, turn, shift)
    side = drawn.shape[0]
    matrix = cv2.getPerspectiveTransform(np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32), target)
    ready = _softened(drawn, scene.module)
    cv2.warpPerspective(ready, matrix, scene.size, dst=frame, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    return frame.astype(np.float32)


def photograph(light: Light, seed: int, noise: float = SENSOR_NOISE) -> Pixels:
    """Eight bits of it, with the sensor's noise."""
    grain = np.random.default_rng(seed + 1000).normal(0, noise, light.shape).astype(np.float32)
    return np.clip(light + grain, 0, 255).astype(np.uint8)


@lru_cache(maxsize=64)
def _symbol(version: int, seed: int, dark: Bgr, light: Bgr) -> Pixels:
    code = segno.make(text_of(version, seed), version=version, error="m", mode="byte", boost_error=False)
    modules = np.pad(np.array([list(row) for row in code.matrix], np.uint8), 4)
    large = np.kron(modules, np.ones((OVERSAMPLED, OVERSAMPLED), np.uint8))
    return np.where(large[..., None] == 1, np.array(dark), np.array(light)).astype(np.uint8)


def _corners(side: int, scene: Scene, turn: float, shift: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Where the symbol's corners come to lie: turned in its plane, leaning about its upright axis, in perspective."""
    half = side / OVERSAMPLED * scene.module / 2
    angle, lean = np.radians(turn), np.radians(scene.lean)
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    square = square @ np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    depth = 1 + square[:, :1] * np.sin(lean) / (6 * half)
    flat = np.column_stack([square[:, 0] * np.cos(lean), square[:, 1]])
    return (flat / depth + np.array(scene.size) / 2 + shift).astype(np.float32)


def _softened(drawn: Pixels, module: float) -> Pixels:
    """Blurred as far as the camera's pixels will be apart, so that nothing is lost between them."""
    sigma = 0.4 * OVERSAMPLED / module
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), sigma), np.uint8) if sigma > 0.5 else drawn


def _module(version: int, step: float, seed: int) -> Pixels:
    return photograph(see(version, seed, Scene(module=step)), seed)


def _tilt(version: int, step: float, seed: int) -> Pixels:
    return photograph(see(version, seed, Scene(module=3.5, lean=step)), seed)


def _focus(version: int, step: float, seed: int) -> Pixels:
    light = see(version, seed, Scene())
    return photograph(cv2.GaussianBlur(light, (0, 0), step) if step else light, seed)


def _motion(version: int, step: float, seed: int) -> Pixels:
    length = int(step)
    kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
    angle = np.random.default_rng(seed + 5).uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    ends = [tuple(np.round((length + sign * reach) * 16).astype(int).tolist()) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
    return photograph(cv2.filter2D(see(version, seed, Scene()), -1, kernel / kernel.sum()), seed)


def _noise(version: int, step: float, seed: int) -> Pixels:
    return photograph(see(version, seed, Scene()), seed, step)


def _light(version: int, step: float, seed: int) -> Pixels:
    return photograph(see(version, seed, Scene()) * np.float32(step / 100), seed)


def _glare(version: int, step: float, seed: int) -> Pixels:
    """A lamp's reflection across half of the symbol adds so much light that its end is washed out."""
    light = see(version, seed, Scene()) * np.float32(0.6)
    x, y = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    angle = np.random.default_rng(seed + 9).uniform(0, 2 * np.pi)
    along = ((x - SIZE[0] / 2) * np.cos(angle) + (y - SIZE[1] / 2) * np.sin(angle)) / 60
    shine = 1 / (1 + np.exp(-along))
    return photograph(light + (shine * step / 100 * 255)[..., None].astype(np.float32), seed)


def _pale(version: int, step: float, seed: int) -> Pixels:
    """Yellow modules on grey whose contrast falls."""
    ground, ink = np.array((200, 200, 200)), np.array((0, 200, 255))
    dark = tuple(int(part) for part in ground + (ink - ground) * step / 100)
    return photograph(see(version, seed, Scene(dark=(dark[0], dark[1], dark[2]), light=(200, 200, 200))), seed)


def _compression(version: int, step: float, seed: int) -> Pixels:
    packed = cv2.imencode(".jpg", _module(version, 2.5, seed), [cv2.IMWRITE_JPEG_QUALITY, int(step)])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def _inverted(version: int, step: float, seed: int) -> Pixels:
    return photograph(see(version, seed, Scene(module=step, dark=(225, 225, 225), light=(30, 30, 30))), seed)


SWEEPS = (
    Sweep("module size", "px", (4, 3, 2.5, 2, 1.8, 1.6, 1.5, 1.4, 1.3, 1.2), _module),
    Sweep("tilt", "°", (0, 20, 35, 45, 50, 55, 60, 65, 70), _tilt),
    Sweep("soft focus", "px", (0, 1, 1.4, 1.6, 1.8, 2, 2.2, 2.4, 2.6, 3), _focus),
    Sweep("motion", "px", (1, 3, 4, 5, 6, 7, 8, 9, 11), _motion),
    Sweep("noise", "levels", (2, 20, 40, 60, 80, 100, 120), _noise),
    Sweep("light", "%", (50, 20, 10, 8, 6, 5, 4, 3, 2), _light),
    Sweep("glare", "%", (0, 40, 60, 80, 90, 95, 100, 110), _glare),
    Sweep("yellow on grey", "%", (100, 70, 50, 35, 25, 18, 12, 8), _pale),
    Sweep("compression", "JPEG", (60, 40, 30, 20, 15, 10, 7, 4), _compression),
    Sweep("inverted, module", "px", (4, 3, 2.5, 2, 1.8, 1.6, 1.4, 1.2), _inverted),
)
