"""How often the colour of a symbol is told rightly: drawn shades under casts, light levels and reflections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.devices import colour
from kiosk.devices.picture import Pixels
from kiosk.model import Colour
from tests.kiosk.devices.drawing import symbol

TRUTHS = (Colour.GREEN, Colour.YELLOW, Colour.RED, Colour.BLACK)
SHADES = {  # as provincial apps, printers and phones draw them, BGR
    Colour.GREEN: [(0, 150, 30), (80, 176, 0), (50, 160, 40), (96, 174, 39), (60, 130, 20), (64, 193, 7)],
    Colour.YELLOW: [(0, 190, 250), (0, 200, 255), (0, 176, 255), (0, 215, 255), (20, 180, 240), (50, 197, 255)],
    Colour.RED: [(30, 20, 215), (0, 0, 255), (45, 45, 220), (60, 20, 220), (53, 57, 229), (28, 28, 183)],
    Colour.BLACK: [(0, 0, 0), (30, 30, 30), (50, 40, 40), (33, 33, 33), (45, 50, 55), (20, 20, 24)],
}
CASTS = {
    "daylight": (1.0, 1.0, 1.0),
    "lamp": (0.6, 0.85, 1.0),
    "sodium lamp": (0.45, 0.8, 1.0),
    "tube": (0.92, 1.0, 0.9),
    "screen": (1.0, 0.95, 0.85),
    "shade": (1.0, 0.9, 0.75),
}
LAMPS = ((255, 255, 255), (255, 245, 230), (200, 230, 255), (170, 255, 190), (150, 200, 255))  # what is reflected, BGR
LEVELS = (1.0, 0.7, 0.45, 0.25, 0.12)
SEEDS = 8
PLAIN, REFLECTING = "casts and light levels", "reflections on the screen"


@dataclass(frozen=True, slots=True)
class Judged:
    """One drawn frame: what stood in it, how it was lit, what was told."""

    truth: Colour
    light: str
    told: Colour


def judge_all(seeds: int = SEEDS) -> list[Judged]:
    """Every shade under every cast and level, and again with a reflection."""
    return [
        Judged(truth, light, colour.of_symbol(frame, corners))
        for seed in range(seeds)
        for truth in TRUTHS
        for shade in SHADES[truth]
        for light, frame, corners in _frames(shade, seed)
    ]


def table(judged: list[Judged], light: str) -> str:
    """The confusion table as Markdown: a line for each truth, a column for each answer."""
    told = [*TRUTHS, Colour.UNSURE]
    lines = [f"| {light} | {' | '.join(told)} |", f"|---|{'---:|' * len(told)}"]
    for truth in TRUTHS:
        counts = Counter(one.told for one in judged if one.truth is truth and one.light == light)
        lines.append(f"| {truth} | {' | '.join(str(counts[answer]) for answer in told)} |")
    return "\n".join(lines)


def shares(judged: list[Judged], light: str) -> tuple[int, float, float]:
    """False greens, the share otherwise wrong and the share unsure."""
    here = [one for one in judged if one.light == light]
    false_green = sum(one.told is Colour.GREEN and one.truth is not Colour.GREEN for one in here)
    unsure = sum(one.told is Colour.UNSURE for one in here)
    wrong = sum(one.told not in (one.truth, Colour.UNSURE) for one in here) - false_green
    return false_green, wrong / len(here), unsure / len(here)


def _frames(shade: tuple[int, int, int], seed: int) -> Iterator[tuple[str, Pixels, list[tuple[int, int]]]]:
    chance = np.random.default_rng([seed, *shade])
    module = int(chance.integers(3, 7))
    drawn = symbol(f"GP1:COLOUR {seed}", dark=shade, light=(250, 250, 250), module=module).astype(np.float32)
    edge = 4 * module
    corners = [(edge, edge), (drawn.shape[1] - edge, edge), (drawn.shape[1] - edge, drawn.shape[0] - edge)]
    corners.append((edge, drawn.shape[0] - edge))
    soft = cv2.GaussianBlur(drawn, (0, 0), chance.uniform(0.3, 0.3 * module))
    for cast in CASTS.values():
        level = float(chance.choice(LEVELS))
        lit = soft * np.array(cast, np.float32) * np.float32(level)
        yield PLAIN, _photographed(lit, chance), corners
        yield REFLECTING, _photographed(lit + _reflection(lit.shape, level, chance), chance), corners


def _reflection(shape: tuple[int, ...], level: float, chance: np.random.Generator) -> npt.NDArray[np.float32]:
    """Light of a lamp's colour, even over the whole symbol, strongest at one end, or a spot."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]] / shape[0]
    strength = chance.uniform(0.05, 0.6) * level
    angle, at = chance.uniform(0, 2 * np.pi), chance.uniform(0.2, 0.8, 2)
    spread = [
        np.ones(shape[:2]),
        1 / (1 + np.exp(-8 * ((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)))),
        np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / 0.08),
    ][int(chance.integers(3))]
    lamp = np.array(LAMPS[int(chance.integers(len(LAMPS)))])
    return (spread[..., None] * lamp * strength).astype(np.float32)


def _photographed(light: npt.NDArray[np.float32], chance: np.random.Generator) -> Pixels:
    """With the sensor's noise, as a camera's JPEG, which keeps a quarter of the colour."""
    noisy = np.clip(light + chance.normal(0, 2.5, light.shape), 0, 255).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(60, 95))]
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", noisy, quality)[1], cv2.IMREAD_COLOR), np.uint8)
