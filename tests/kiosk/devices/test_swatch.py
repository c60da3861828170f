"""The colour of what a browser's camera read is measured like what the gate's own camera reads."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.devices import colour, swatch
from kiosk.devices.swatch import SIDE
from kiosk.model import Colour
from tests.kiosk.devices.drawing import BLACK, GREEN, RED, YELLOW, symbol


def sent(drawn: np.ndarray) -> bytes:
    """What the page sends of a symbol without its quiet zone."""
    square = cv2.resize(drawn, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    return cv2.cvtColor(square, cv2.COLOR_BGR2RGB).tobytes()


@pytest.mark.parametrize(
    ("dark", "told"), [(BLACK, Colour.BLACK), (GREEN, Colour.GREEN), (YELLOW, Colour.YELLOW), (RED, Colour.RED)]
)
def test_a_swatch_tells_the_colour_and_how_surely(dark: tuple[int, int, int], told: Colour) -> None:
    drawn = symbol("GP1:SWATCH", dark=dark, module=5)[20:-20, 20:-20]
    tint = swatch.measure(sent(drawn))
    height, width = drawn.shape[:2]
    whole = colour.measure(drawn, [(0, 0), (width, 0), (width, height), (0, height)])
    assert tint.colour is told
    assert tint.confidence == pytest.approx(whole.confidence, abs=0.1)


def test_a_swatch_without_contrast_is_unsure() -> None:
    assert swatch.measure(bytes(swatch.BYTES)).colour is Colour.UNSURE
    assert swatch.measure(b"\xff" * swatch.BYTES).colour is Colour.UNSURE


@pytest.mark.parametrize("size", [0, 1, swatch.BYTES - 1, swatch.BYTES + 1])
def test_anything_but_a_swatch_is_an_error(size: int) -> None:
    with pytest.raises(ValueError, match=f"this one has {size}"):
        swatch.measure(bytes(size))
