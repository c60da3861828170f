"""Draws what cameras see: symbols, and frames with a symbol held up in front of something."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import segno

from kiosk.devices.picture import Pixels

BLACK = (0, 0, 0)
GREEN = (0, 150, 30)
YELLOW = (0, 190, 250)
RED = (30, 20, 215)
WHITE = (255, 255, 255)


def symbol(
    text: str, *, dark: tuple[int, int, int] = BLACK, light: tuple[int, int, int] = WHITE, module: int = 6
) -> Pixels:
    """A QR code as BGR, `module` pixels a module, with its quiet zone."""
    return draw(segno.make(text, micro=False, error="m", encoding="utf-8", eci=False), dark, light, module)


def draw(
    code: segno.QRCode,
    dark: tuple[int, int, int] = BLACK,
    light: tuple[int, int, int] = WHITE,
    module: int = 6,
) -> Pixels:
    """Any code that segno made, likewise."""
    modules = np.pad(np.array([list(row) for row in code.matrix], np.uint8), 4)
    large = np.kron(modules, np.ones((module, module), np.uint8))
    picture = np.where(large[..., None] == 1, np.array(dark), np.array(light))
    return picture.astype(np.uint8)


def scenery(seed: int = 1, size: tuple[int, int] = (1280, 720)) -> Pixels:
    """Soft blotches of all colours: a frame without a code."""
    blotches = np.random.default_rng(seed).integers(40, 200, (18, 32, 3)).astype(np.uint8)
    return cv2.resize(blotches, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def held_up(
    text: str,
    *,
    dark: tuple[int, int, int] = BLACK,
    module: float = 5,
    tilt: float = 12,
    light: float = 1.0,
    cast: tuple[float, float, float] = (1, 1, 1),
    seed: int = 1,
) -> Pixels:
    """A 1280×720 frame with a symbol in its middle: turned by `tilt` degrees and seen askew, under light of the
    given strength (1 is full) and colour (BGR), with a little noise."""
    lit = _unlit(text, dark, module, tilt, seed) * np.array(cast, np.float32) * np.float32(light)
    noise = np.empty(lit.shape, np.int16)
    cv2.setRNGSeed(seed)
    cv2.randn(noise, (0, 0, 0), (2, 2, 2))
    return np.clip(lit + noise, 0, 255).astype(np.uint8)


@lru_cache(maxsize=16)
def _unlit(text: str, dark: tuple[int, int, int], module: float, tilt: float, seed: int) -> Pixels:
    drawn = symbol(text, dark=dark, module=12)
    side, size = drawn.shape[0], drawn.shape[0] * module / 12
    turn = np.radians(tilt)
    corners = np.array([(-1, -1), (1, -0.9), (0.95, 0.9), (-1, 1)]) * size / 2
    corners = corners @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))]) + (640, 360)
    square = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32)
    matrix = cv2.getPerspectiveTransform(square, corners.astype(np.float32))
    frame = scenery(seed)
    cv2.warpPerspective(drawn, matrix, (1280, 720), dst=frame, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT)
    return frame


def seen_from_the_side(text: str, *, height: int, width: float, far: float) -> Pixels:
    """A 1280×720 frame with a symbol that leans away: `width` and `far` are shares of its near edge's height."""
    drawn, frame = symbol(text, module=12), scenery(3)
    side, half = drawn.shape[0], width * height / 2
    near, away = height / 2, far * height / 2
    corners = [(640 - half, 360 - near), (640 + half, 360 - away), (640 + half, 360 + away), (640 - half, 360 + near)]
    square = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32)
    matrix = cv2.getPerspectiveTransform(square, np.array(corners, np.float32))
    cv2.warpPerspective(drawn, matrix, (1280, 720), dst=frame, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT)
    return frame


def film(path: Path, frames: list[Pixels], fps: float = 10) -> Path:
    """A film of these frames; the suffix of `path` says which kind."""
    codec = {".mp4": "mp4v", ".avi": "MJPG", ".mkv": "MJPG"}[path.suffix]
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, (width, height))
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


def save(path: Path, picture: np.ndarray) -> Path:
    assert cv2.imwrite(str(path), picture)
    return path


def lying_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be as large as it is told."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    )
