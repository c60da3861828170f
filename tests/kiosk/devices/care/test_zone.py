from __future__ import annotations

import numpy as np
import pytest

from kiosk.devices.care.zone import MARGIN, WHOLE, Zone, middle
from kiosk.model import Colour, Symbol

SHAPE = (720, 1280, 3)
LEFT, RIGHT = Zone.of([0, 0, 0.5, 1]), Zone.of([0.5, 0, 0.5, 1])


def at(x: int, y: int, text: str = "GP1:A") -> Symbol:
    """A symbol of 40 pixels around (x, y)."""
    corners = ((x - 20, y - 20), (x + 20, y - 20), (x + 20, y + 20), (x - 20, y + 20))
    return Symbol(text, "QRCode", Colour.BLACK, corners)


def test_a_zone_is_a_part_of_the_picture_in_pixels() -> None:
    assert WHOLE.box(SHAPE) == (0, 0, 1280, 720)
    assert Zone.of([0.25, 0.5, 0.5, 0.25]).box(SHAPE) == (320, 360, 960, 540)
    assert RIGHT.cut(np.zeros(SHAPE, np.uint8)).shape == (720, 640, 3)


def test_the_margin_ends_where_the_picture_does() -> None:
    assert RIGHT.box(SHAPE, MARGIN) == (640 - round(MARGIN * 1280), 0, 1280, 720)


def test_a_symbol_of_the_cut_is_told_in_pixels_of_the_whole_picture() -> None:
    left = RIGHT.box(SHAPE, MARGIN)[0]
    [symbol] = RIGHT.own([at(900 - left, 300)], SHAPE)
    assert middle(symbol) == (900, 300)


@pytest.mark.parametrize(("x", "lane"), [(600, "left"), (639, "left"), (640, "right"), (660, "right")])
def test_a_code_at_the_border_belongs_to_one_lane_only(x: int, lane: str) -> None:
    found = {
        name: zone.own([at(x - zone.box(SHAPE, MARGIN)[0], 300)], SHAPE)
        for name, zone in {"left": LEFT, "right": RIGHT}.items()
    }
    assert [name for name, symbols in found.items() if symbols] == [lane]


def test_a_code_without_corners_is_nobodys_where_two_lanes_share_a_picture() -> None:
    placeless = Symbol("GP1:A", "QRCode", Colour.UNSURE)
    assert WHOLE.own([placeless], SHAPE) == [placeless]
    assert LEFT.own([placeless], SHAPE) == []


@pytest.mark.parametrize("shares", [(0.6, 0, 0.5, 1), (-0.1, 0, 0.5, 1), (0, 0, 0.01, 1), (0, 0.5, 1, 0.6)])
def test_a_zone_outside_the_picture_is_refused_with_an_example(shares: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"for example \[0.5, 0, 0.5, 1\]"):
        Zone.of(shares)
