"""QR codes as pictures, in the colours of health codes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import segno

from kiosk.codes.shc import numeric
from kiosk.errors import ConfigError
from kiosk.film.picture import WHITE, Picture, Shade
from kiosk.model import Colour

MODULES: dict[Colour, Shade] = {
    Colour.GREEN: (66, 142, 20),
    Colour.YELLOW: (0, 190, 250),
    Colour.RED: (38, 28, 205),
    Colour.BLACK: (24, 24, 24),
    Colour.UNSURE: (150, 150, 150),
}


def draw(text: str, side: int, colour: Colour) -> Picture:
    """`text` as a QR code (level M, quiet zone of 4 modules) in a picture of `side` × `side` pixels.

    Raises ConfigError for a text that no symbol holds.
    """
    try:
        # Level M is what passes are printed at; UTF-8 is announced (ECI) only where ASCII does not do.
        wide = not text.isascii()
        code = segno.make(
            _segments(text),
            error="m",
            boost_error=False,
            micro=False,
            eci=wide,
            encoding="utf-8" if wide else None,
            mode="byte" if wide else None,
        )
    except (ValueError, UnicodeError) as error:
        raise ConfigError([f"a text of {len(text)} characters fits no QR code: {error}"]) from error
    dark = np.array([list(row) for row in code.matrix_iter(border=4)], dtype=bool)
    picture = np.where(dark[..., None], np.array(MODULES[colour], np.uint8), np.array(WHITE, np.uint8))
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_NEAREST)


def _segments(text: str) -> Any:
    """A health card's digits apart from what is before them: three and a third bits each instead of eight."""
    head, slash, digits = text.rpartition("/")
    return [head + slash, digits] if text.startswith(numeric.PREFIX) and digits.isdecimal() else text
