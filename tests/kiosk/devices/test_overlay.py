from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.devices.overlay import FEWEST, MOST, Laid, Overlay
from kiosk.devices.picture import Pixels, darkest
from kiosk.model import Colour, Symbol
from tests.kiosk.devices.drawing import held_up, scenery

CODE = darkest(held_up("GP1:OVERLAY"))


def grainy(picture: Pixels, seed: int, noise: float = 40) -> Pixels:
    grain = np.random.default_rng(seed).normal(0, noise, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def moved(picture: Pixels, x: float, y: float, degrees: float = 0.0) -> Pixels:
    turn = cv2.getRotationMatrix2D((640, 360), degrees, 1.0)
    turn[:, 2] += (x, y)
    return np.asarray(cv2.warpAffine(picture, turn, (1280, 720), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def laid(frames: list[Pixels]) -> Laid | None:
    overlay, last = Overlay(), None
    for frame in frames:
        last = overlay.add(frame)
    return last


def likeness(one: Pixels, other: Pixels) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_noise_averages_away_though_a_hand_moves_the_symbol() -> None:
    frames = [grainy(moved(CODE, 3 * at, -2 * at, 0.3 * at), at) for at in range(8)]
    average = laid(frames)
    assert average is not None
    inner = np.s_[190:530, 470:810]
    assert likeness(frames[0][inner], CODE[inner]) < 0.9
    assert likeness(average.pixels[100:440, 100:440], CODE[inner]) > 0.95


def test_what_is_found_in_the_average_is_placed_in_the_newest_frame() -> None:
    average = laid([grainy(moved(CODE, 9 * at, 4 * at), at) for at in range(4)])
    assert average is not None
    found = average.moved(Symbol("GP1:OVERLAY", "QRCode", Colour.UNSURE, ((200, 100), (300, 200))))
    assert (
        np.abs(np.array(found.corners) - [(370 + 200 + 27, 90 + 100 + 12), (370 + 300 + 27, 90 + 200 + 12)]).max() <= 2
    )


def test_there_is_an_average_from_the_third_frame_on_and_after_the_last_another_one_begins() -> None:
    overlay = Overlay()
    counts = [average.frames if (average := overlay.add(grainy(CODE, at))) else 0 for at in range(MOST + FEWEST)]
    assert counts == [0, 0, *range(FEWEST, MOST + 1), 0, 0, FEWEST]


def test_another_scene_begins_another_average() -> None:
    overlay = Overlay()
    for at in range(FEWEST):
        overlay.add(grainy(CODE, at))
    assert overlay.add(grainy(darkest(scenery(5)), 9)) is None


def test_begun_anew_an_average_shares_no_frame_with_the_one_before() -> None:
    overlay = Overlay()
    for at in range(FEWEST):
        overlay.add(grainy(CODE, at))
    overlay.begin_anew()
    counts = [average.frames if (average := overlay.add(grainy(CODE, at))) else 0 for at in range(FEWEST)]
    assert counts == [0, 0, FEWEST]


@pytest.mark.parametrize("size", [(1, 1), (85, 400), (86, 86), (720, 1280)])
@pytest.mark.parametrize("level", [0, 255])
def test_pictures_that_show_nothing_or_hardly_any_pixel_give_no_average(size: tuple[int, int], level: int) -> None:
    assert laid([np.full(size, level, np.uint8)] * 5) is None


def test_a_camera_that_changes_its_size_begins_another_average() -> None:
    frames = [grainy(CODE, at) for at in range(FEWEST)]
    assert laid([*frames, grainy(CODE[:480, :640], 9)]) is None
