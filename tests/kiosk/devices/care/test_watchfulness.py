from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.care.watchfulness import HOLD_S, SMALL, Watchfulness, moved, small
from kiosk.devices.picture import Pixels
from tests.kiosk.devices.drawing import held_up, scenery, symbol

EMPTY = small(scenery())
SOMEBODY = small(held_up("GP1:A"))


def noisy(picture: Pixels, sigma: float, seed: int) -> Pixels:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def looks(watch: Watchfulness, pictures: list[Pixels], fps: float, start_s: float = 0.0) -> list[float]:
    seen = []
    for number, picture in enumerate(pictures):
        if watch.due(at_s := start_s + number / fps):
            watch.look(picture, at_s)
            seen.append(at_s)
    return seen


def test_an_empty_gate_is_looked_at_a_few_times_a_second() -> None:
    watch = Watchfulness(15, 4)
    looks(watch, [EMPTY] * 60, 15)
    assert len(looks(watch, [EMPTY] * 150, 15, start_s=4.0)) in range(35, 55)
    assert watch.pause_s == pytest.approx(0.2)


def test_whoever_moves_is_looked_at_in_every_frame_and_three_seconds_longer() -> None:
    watch = Watchfulness(15, 4)
    looks(watch, [EMPTY] * 75, 15)
    assert not watch.awake
    coming = [noisy(EMPTY if number % 2 else SOMEBODY, 1, number) for number in range(30)]
    seen = looks(watch, coming, 15, start_s=5.0)
    assert watch.awake
    assert seen[0] - 5.0 <= 0.25, "noticed within a quarter of a second"
    assert [round(later - sooner, 3) for sooner, later in pairwise(seen)] == [0.067] * (len(seen) - 1)
    assert len(looks(watch, [EMPTY] * int(15 * HOLD_S - 2), 15, start_s=7.0)) == int(15 * HOLD_S - 2)
    looks(watch, [EMPTY] * 10, 15, start_s=7.1 + HOLD_S)
    assert not watch.awake


def test_a_fast_camera_is_decoded_no_faster_than_asked() -> None:
    moving = [SOMEBODY if number % 2 else EMPTY for number in range(60)]
    assert len(looks(Watchfulness(15, 4), moving, 60)) in range(15, 21)


@given(
    start_s=st.floats(0, 1),
    fps=st.sampled_from([5.0, 7.5, 10.0, 15.0, 25.0, 30.0, 60.0]),
    idle_fps=st.floats(0.1, 10),
    lateness=st.lists(st.floats(0, 0.5), min_size=20, max_size=20),
)
def test_what_is_shown_for_a_second_is_looked_at_even_when_no_movement_is_noticed(
    start_s: float, fps: float, idle_fps: float, lateness: list[float]
) -> None:
    watch = Watchfulness(15, idle_fps)
    times = [(number + lateness[number % 20]) / fps for number in range(int(8 * fps))]
    seen = []
    for at_s in times:
        if watch.due(at_s):
            watch.look(EMPTY, at_s)
            seen.append(at_s)
    shown_from = 5.0 + start_s
    assert len([at_s for at_s in seen if shown_from <= at_s < shown_from + 1]) >= 2


def test_noise_is_no_movement_and_neither_is_the_light() -> None:
    assert not moved(noisy(EMPTY, 2, 1), noisy(EMPTY, 2, 2))
    brighter = np.clip(EMPTY.astype(np.int16) + 25, 0, 255).astype(np.uint8)
    assert not moved(EMPTY, brighter)


@pytest.mark.parametrize("side", [70, 144, 300])
def test_a_code_that_appears_is_movement_however_small(side: int) -> None:
    frame = scenery()
    before = small(frame)
    code = cv2.resize(symbol("GP1:A"), (side, side), interpolation=cv2.INTER_AREA)
    frame[300 : 300 + side, 600 : 600 + side] = code
    assert moved(before, small(frame))


def test_a_film_that_begins_again_is_looked_at_at_once() -> None:
    watch = Watchfulness(15, 4)
    looks(watch, [EMPTY] * 90, 15)
    assert watch.due(0.0)
    watch.look(EMPTY, 0.0)
    assert not watch.due(0.01)


def test_the_small_picture_is_grey_and_of_one_size() -> None:
    assert small(scenery()).shape == SMALL[::-1]
    assert small(scenery(size=(640, 480))).shape == SMALL[::-1]


def test_other_evidence_keeps_it_awake() -> None:
    watch = Watchfulness(15, 4)
    looks(watch, [EMPTY] * 90, 15)
    assert not watch.awake
    watch.wake(6.0)
    watch.look(EMPTY, 6.1)
    assert watch.awake
