"""Letters for screens and papers: cut from glyphs.png, since OpenCV's own fonts hold no Chinese."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from kiosk.errors import GatehouseError
from kiosk.film.picture import Picture, Shade

HERE = Path(__file__).parent
CELL, COLUMNS = 48, 32  # pixels, cells in a row
_SPACE = CELL // 5
ASIDE = 4  # pixels between two letters, and before the first


def characters() -> str:
    """Every character of the sheet in order, each once."""
    return "".join(dict.fromkeys((HERE / "glyphs.txt").read_text(encoding="utf-8").replace("\n", "")))


def write(
    picture: Picture, text: str, at: tuple[int, int], height: int, colour: Shade, *, middle: bool = False
) -> None:
    """Write `text` into `picture` in `colour` (BGR), `at` its top left corner, or its top middle with `middle`.

    `height` is that of a line in pixels. A character the sheet lacks is an empty box; what does not fit is cut off.
    """
    line = _line(text)
    scale = height / CELL
    ink = cv2.resize(line, (max(1, round(line.shape[1] * scale)), height), interpolation=cv2.INTER_AREA)
    left = at[0] - ink.shape[1] // 2 if middle else at[0]
    _blend(picture, ink, (left, at[1]), colour)


def width(text: str, height: int) -> int:
    """How many pixels wide `text` comes out."""
    return int(_line(text).shape[1]) * height // CELL


def _blend(picture: Picture, ink: Picture, at: tuple[int, int], colour: Shade) -> None:
    left, top = max(at[0], 0), max(at[1], 0)
    part = picture[top : at[1] + ink.shape[0], left : at[0] + ink.shape[1], :3]
    if part.size:
        share = ink[top - at[1] :, left - at[0] :][: part.shape[0], : part.shape[1], None] / 255.0
        part[:] = (part * (1 - share) + np.array(colour) * share).astype(np.uint8)


@lru_cache(maxsize=256)
def _line(text: str) -> Picture:
    return np.hstack([_glyphs().get(character, _box()) for character in text or " "])


@lru_cache(maxsize=1)
def _glyphs() -> dict[str, Picture]:
    sheet = cv2.imread(str(HERE / "glyphs.png"), cv2.IMREAD_GRAYSCALE)
    if sheet is None:
        raise GatehouseError(f"{HERE / 'glyphs.png'} is missing or no picture; draw it: python -m kiosk.film.sheet")
    cells = {}
    for number, character in enumerate(characters()):
        row, column = divmod(number, COLUMNS)
        cell = sheet[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL]
        inked = np.flatnonzero(cell.max(axis=0) > 0)
        first = max(inked[0] - ASIDE // 2, 0) if inked.size and character.isascii() else 0
        cells[character] = cell[:, first : inked[-1] + ASIDE // 2] if inked.size else cell[:, :_SPACE]
    return cells


@lru_cache(maxsize=1)
def _box() -> Picture:
    box = np.zeros((CELL, CELL * 3 // 4), np.uint8)
    cv2.rectangle(box, (ASIDE, 8), (box.shape[1] - ASIDE, CELL - 8), 255, 2)
    return box
