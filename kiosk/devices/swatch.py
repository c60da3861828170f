"""The colour of a symbol that a browser's camera read.

The page sends the symbol straightened to a small square, which is measured here like every other symbol: bare bytes,
so that no picture of a stranger's has to be opened.
"""

from __future__ import annotations

import numpy as np

from kiosk.devices import colour
from kiosk.devices.colour import Tint

SIDE = 48  # pixels; what web/static/js/swatch.js sends
BYTES = SIDE * SIDE * 3
_CORNERS = ((0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE))


def measure(rgb: bytes) -> Tint:
    """The tint of a symbol that fills 48×48 pixels, row after row, red, green, blue.

    Raises ValueError for any other number of bytes.
    """
    if len(rgb) != BYTES:
        raise ValueError(f"a swatch has {BYTES} bytes, {SIDE}×{SIDE} pixels of three: this one has {len(rgb)}")
    square = np.frombuffer(rgb, np.uint8).reshape(SIDE, SIDE, 3)
    return colour.measure(np.ascontiguousarray(square[..., ::-1]), _CORNERS)
