"""A picture that stands still is noticed, borne with longer each time in vain, and forgiven once it lives."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.devices.care.liveness import LIVED_S, MOST_S, Liveness, fingerprint
from kiosk.devices.picture import Pixels

FPS = 4


def picture(number: int) -> Pixels:
    """A wall as a sensor sees it, with another noise in each picture."""
    return (120 + np.random.default_rng(number).integers(-2, 3, (360, 640, 3))).astype(np.uint8)


STILL = picture(0)


def stands(watch: Liveness, from_s: float, most_s: float = 1000) -> float:
    """When the camera is to be opened anew if the same picture stands from then on."""
    for number in range(int(most_s * FPS)):
        if not watch.take(STILL, at_s := from_s + number / FPS):
            return at_s
    raise AssertionError("borne with for ever")


def lives(watch: Liveness, from_s: float, seconds: float) -> None:
    for number in range(1, int(seconds * FPS)):
        assert watch.take(picture(number), from_s + number / FPS)


def test_a_sensors_noise_is_life() -> None:
    watch = Liveness(10)
    watch.begin(0)
    lives(watch, 0, 60)
    assert not watch.frozen
    assert len({fingerprint(picture(number)) for number in range(200)}) == 200


def test_the_same_picture_for_ten_seconds_is_frozen_and_the_camera_opened_anew() -> None:
    watch = Liveness(10)
    watch.begin(100)
    assert watch.take(STILL, 100)
    assert not watch.frozen
    assert stands(watch, 100) == pytest.approx(110)
    assert watch.frozen


def test_what_a_new_opening_brings_is_frozen_until_it_is_another_picture() -> None:
    watch = Liveness(10)
    watch.begin(0)
    stands(watch, 0)
    watch.begin(12)
    assert watch.take(STILL, 12.5)
    assert watch.frozen
    assert watch.take(picture(1), 12.6)
    assert not watch.frozen


def test_each_opening_in_vain_is_given_twice_as_long_up_to_five_minutes() -> None:
    watch, at_s, waits = Liveness(10), 0.0, []
    for _ in range(40):
        watch.begin(at_s)
        again_at_s = stands(watch, at_s)
        waits.append(again_at_s - at_s)
        at_s = again_at_s + 2
    assert waits[:6] == pytest.approx([10, 20, 40, 80, 160, MOST_S])
    assert set(waits[6:]) == {MOST_S}


def test_a_picture_that_lived_for_a_minute_is_soon_looked_after_again() -> None:
    watch = Liveness(10)
    for at_s in (0, 20, 60):
        watch.begin(at_s)
        stands(watch, at_s)
    watch.begin(200)
    lives(watch, 200, LIVED_S + 2)
    last_s = 200 + LIVED_S + 2
    assert stands(watch, last_s) == pytest.approx(last_s + 10)


def test_a_stream_that_moves_for_a_moment_after_each_opening_is_not_opened_every_ten_seconds() -> None:
    watch = Liveness(10)
    for at_s, patience_s in ((0, 10), (30, 20), (90, 40)):
        watch.begin(at_s)
        watch.take(picture(int(at_s) + 1), at_s)
        assert stands(watch, at_s + 1) == pytest.approx(at_s + 1 + patience_s)


def test_who_wants_ten_minutes_of_patience_gets_them() -> None:
    watch = Liveness(600)
    watch.begin(0)
    assert stands(watch, 0) == pytest.approx(600)
