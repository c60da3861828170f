"""Films of two queues before one camera: people hold codes up on the left and on the right, each lane sees one half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from kiosk.devices.care.zone import Zone
from kiosk.devices.picture import Pixels
from tests.kiosk.devices.drawing import BLACK, GREEN, RED, YELLOW, scenery, symbol

ZONES = {"left": Zone.of([0, 0, 0.5, 1]), "right": Zone.of([0.5, 0, 0.5, 1])}
COLOURS = (GREEN, BLACK, YELLOW, RED)
ARRIVE_S = 0.25  # to bring a code up, and to take it away


@dataclass(frozen=True, slots=True)
class Showing:
    """Somebody of one lane holds a code up from `start_s` until `end_s`."""

    lane: str
    text: str
    start_s: float
    end_s: float
    seed: int


def queues(people: int, *, held_s: tuple[float, float], gap_s: float, seed: int = 1) -> list[Showing]:
    """`people` shared out over both lanes, each held up for some time between two limits, in no common rhythm."""
    rng = np.random.default_rng(seed)
    free_s = {"left": 0.6, "right": 1.1}
    showings = []
    for number in range(people):
        lane = ("left", "right")[number % 2]
        start_s = free_s[lane]
        end_s = start_s + rng.uniform(*held_s)
        free_s[lane] = end_s + gap_s * rng.uniform(0.8, 1.2)
        showings.append(Showing(lane, f"GP1:{lane.upper()}-{number:03d}", start_s, end_s, seed + number))
    return showings


def frames(showings: list[Showing], size: tuple[int, int], fps: float) -> Iterator[Pixels]:
    """The film frame by frame; a code wanders a little while it is held up, and the sensor adds its noise."""
    ground = scenery(5, size)
    noises = [np.random.default_rng(number).normal(0, 2, ground.shape).astype(np.int16) for number in range(4)]
    for number in range(int((max(showing.end_s for showing in showings) + 1) * fps)):
        frame = ground.copy()
        for showing in showings:
            if showing.start_s <= number / fps < showing.end_s:
                _hold_up(frame, showing, number / fps)
        yield np.clip(frame + noises[number % 4], 0, 255).astype(np.uint8)


def write(path: Path, showings: list[Showing], size: tuple[int, int], fps: float) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, size)
    for frame in frames(showings, size, fps):
        writer.write(frame)
    writer.release()
    return path


def _hold_up(frame: Pixels, showing: Showing, at_s: float) -> None:
    height, width = frame.shape[:2]
    rng = np.random.default_rng(showing.seed)
    code = symbol(showing.text, dark=COLOURS[showing.seed % 4], module=8)
    size = height * rng.uniform(0.34, 0.46)
    up = min((at_s - showing.start_s) / ARRIVE_S, (showing.end_s - at_s) / ARRIVE_S, 1.0)
    x = width * (0.25 if showing.lane == "left" else 0.75) + rng.uniform(-0.06, 0.06) * width
    x += 4 * np.sin(3.1 * at_s + showing.seed)
    y = height * (0.5 + 0.9 * (1 - up)) + 3 * np.sin(4.3 * at_s)
    turn = np.radians(rng.uniform(-12, 12))
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * size / 2
    corners = square @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))]) + (x, y)
    side = code.shape[0]
    flat = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    cv2.warpPerspective(
        code, matrix, (width, height), dst=frame, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT
    )
