from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from kiosk.devices import colour
from kiosk.devices.decoder import read_symbols
from kiosk.devices.picture import grey
from kiosk.model import Colour
from tests.bench import scan_colours
from tests.kiosk.devices.drawing import BLACK, GREEN, RED, YELLOW, held_up, symbol

# as phones and provincial apps draw them, BGR
DRAWN = {
    Colour.GREEN: [GREEN, (80, 176, 0), (50, 160, 40), (96, 174, 39)],
    Colour.YELLOW: [YELLOW, (0, 200, 255), (0, 176, 255), (0, 215, 255)],
    Colour.RED: [RED, (0, 0, 255), (45, 45, 220), (60, 20, 220)],
    Colour.BLACK: [BLACK, (30, 30, 30), (50, 40, 40)],
}
LIGHTS = [1.0, 0.3]
CASTS = {"none": (1, 1, 1), "warm": (0.7, 0.9, 1), "cold": (1, 0.92, 0.8), "sodium": (0.55, 0.8, 1)}
WHOLE = [(0, 0), (90, 0), (90, 90), (0, 90)]


@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS)
@pytest.mark.parametrize("truth", DRAWN)
def test_the_colour_of_the_modules_is_seen_under_any_light(truth: Colour, cast: tuple[float, float, float]) -> None:
    seen = [
        _seen(held_up("GP1:COLOUR", dark=dark, light=light, cast=cast)) for dark, light in product(DRAWN[truth], LIGHTS)
    ]
    assert set(seen) == {truth}


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 0.75])
@pytest.mark.parametrize("truth", DRAWN)
def test_a_reflection_makes_a_colour_unsure_but_never_another_one(truth: Colour, share: float) -> None:
    for dark in DRAWN[truth]:
        frame = held_up("GP1:COLOUR", dark=dark)
        washed = (frame * (1 - share) + np.array((255, 250, 240)) * share).astype(np.uint8)
        assert colour.of_symbol(washed, _corners(frame)) in {
            truth,
            Colour.UNSURE,
            *([Colour.BLACK] if share > 0.7 else []),
        }


@pytest.mark.parametrize("dark", [(200, 80, 20), (160, 30, 160), (130, 180, 130)], ids=["blue", "purple", "pale green"])
def test_any_other_colour_is_unsure(dark: tuple[int, int, int]) -> None:
    assert _seen(held_up("GP1:COLOUR", dark=dark)) is Colour.UNSURE


@pytest.mark.parametrize("light", [(0, 190, 0), (0, 0, 220), (0, 200, 255)], ids=["green", "red", "yellow"])
def test_a_coloured_symbol_on_dark_ground_is_not_taken_for_its_ground(light: tuple[int, int, int]) -> None:
    assert _seen(symbol("GP1:DARK-MODE", dark=light, light=BLACK)) is Colour.UNSURE


def test_a_grey_picture_tells_no_colour() -> None:
    drawn = symbol("GP1:GREY")
    assert colour.of_symbol(grey(drawn), _corners(drawn)) is Colour.UNSURE


@pytest.mark.parametrize(
    "image",
    [np.zeros((90, 90, 3), np.uint8), np.full((90, 90, 3), 255, np.uint8), np.zeros((1, 1, 3), np.uint8)],
    ids=["black", "white", "one pixel"],
)
def test_where_there_are_not_both_dark_and_white_modules_nothing_is_told(image: np.ndarray) -> None:
    assert colour.of_symbol(image, WHOLE) is Colour.UNSURE


@pytest.mark.parametrize(
    "corners", [[], [(0, 0)], [(5, 5)] * 4, [(0, 0), (9, 0), (18, 0), (27, 0)], [(-900, -900)] * 4]
)
def test_corners_that_span_nothing_are_unsure(corners: list[tuple[int, int]]) -> None:
    assert colour.of_symbol(held_up("GP1:COLOUR"), corners) in {Colour.UNSURE, Colour.BLACK}


def test_the_measure_says_how_strong_the_colour_was() -> None:
    frame = held_up("GP1:COLOUR", dark=GREEN)
    tint = colour.measure(frame, _corners(frame))
    assert tint.colour is Colour.GREEN
    assert tint.chroma > colour.SURE_FROM
    assert 112 <= tint.hue <= 195


def test_confidence_falls_with_the_reflection_and_ends_at_unsure() -> None:
    frame = held_up("GP1:COLOUR", dark=GREEN)
    washed = [(frame * (1 - share) + 255 * share).astype(np.uint8) for share in (0.0, 0.5, 0.75)]
    clear, veiled, gone = (colour.measure(picture, _corners(frame)) for picture in washed)
    assert clear.confidence == 1.0
    assert 0.5 <= veiled.confidence < clear.confidence
    assert (gone.colour, gone.confidence) == (Colour.UNSURE, 0.0)


@pytest.mark.parametrize("level", [170, 210])
def test_light_grey_is_not_black(level: int) -> None:
    assert _seen(held_up("GP1:COLOUR", dark=(level, level, level))) is Colour.UNSURE


def test_drawn_colours_under_casts_and_reflections_are_told_rightly_or_not_at_all() -> None:
    judged = scan_colours.judge_all(seeds=1)
    for light in (scan_colours.PLAIN, scan_colours.REFLECTING):
        false_green, wrong, unsure = scan_colours.shares(judged, light)
        assert (false_green, wrong) == (0, 0)
        assert unsure < 0.2


def _corners(image: np.ndarray) -> tuple[tuple[int, int], ...]:
    return read_symbols(image)[0].corners


def _seen(image: np.ndarray) -> Colour:
    return colour.of_symbol(image, _corners(image))
