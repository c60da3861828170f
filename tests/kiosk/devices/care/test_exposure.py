from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.care.exposure import (
    LAMP_MS,
    LONGEST_MS,
    SETTLE_S,
    SHORTEST_MS,
    ExposureCare,
    brightness,
    white_of,
)
from kiosk.devices.picture import grey
from tests.kiosk.devices.drawing import symbol


class Sensor:
    """A camera before something of a given luminance: the level is luminance times exposure, up to full scale."""

    def __init__(self, luminance: float, exposure_ms: float) -> None:
        self.luminance = luminance
        self.automatic_ms = self.exposure_ms = exposure_ms

    @property
    def level(self) -> float:
        return min(self.luminance * self.exposure_ms, 255.0)

    def expose(self, milliseconds: float | None) -> None:
        self.exposure_ms = milliseconds or self.automatic_ms


def watched(
    sensor: Sensor, care: ExposureCare, seconds: float, start_s: float = 0.0, awake: bool = True
) -> list[float]:
    """The levels seen while `care` looks after the sensor, fifteen times a second."""
    levels = []
    for number in range(int(15 * seconds)):
        levels.append(sensor.level)
        sensor.expose(care.wish(sensor.level, sensor.exposure_ms, start_s + number / 15, awake=awake))
    return levels


@pytest.mark.parametrize("luminance", [10, 25, 60, 200, 800])
def test_a_code_blown_out_or_drowned_comes_into_reach(luminance: float) -> None:
    sensor = Sensor(luminance, exposure_ms=10)
    levels = watched(sensor, ExposureCare(), 6)
    assert 75 <= levels[-1] <= 242
    assert len(set(levels[-30:])) == 1, "and then nothing hunts"


def test_a_code_that_is_bright_enough_is_left_to_the_cameras_own_automatic() -> None:
    care = ExposureCare()
    watched(Sensor(15, 10), care, 3)
    assert care.exposure_ms is None


def test_the_automatic_has_the_camera_back_when_everybody_is_gone() -> None:
    sensor, care = Sensor(60, 10), ExposureCare()
    watched(sensor, care, 4)
    assert care.exposure_ms is not None
    watched(sensor, care, 6, start_s=4, awake=False)
    assert (care.exposure_ms, sensor.exposure_ms) == (None, 10)


def test_between_the_limits_nothing_begins_and_what_began_goes_on() -> None:
    care = ExposureCare()
    assert care.wish(230, 10, 0.0, awake=True) is None
    first = care.wish(250, 10, 1.0, awake=True)
    second = care.wish(230, first or 0, 2.0, awake=True)
    assert first is not None
    assert second is not None
    assert second < first < 10
    assert care.wish(200, second, 3.0, awake=True) == second


def test_the_camera_is_given_time_to_follow() -> None:
    care = ExposureCare()
    first = care.wish(255, 8, 0.0, awake=True)
    assert care.wish(255, 8, SETTLE_S / 2, awake=True) == first
    assert (care.wish(255, 8, SETTLE_S * 1.1, awake=True) or 0) < (first or 0)


def test_long_exposures_are_whole_pulses_of_the_lamps() -> None:
    care = ExposureCare()
    assert care.wish(60, 9, 0.0, awake=True) == LAMP_MS
    assert ExposureCare(lamp_ms=0).wish(60, 7, 0.0, awake=True) == 14


@given(
    levels=st.lists(st.floats(0, 255), min_size=1, max_size=40),
    exposure_ms=st.floats(0.01, 1000),
    step_s=st.floats(0.01, 2),
)
def test_no_wish_is_beyond_what_a_moving_hand_allows(levels: list[float], exposure_ms: float, step_s: float) -> None:
    care = ExposureCare()
    for number, level in enumerate(levels):
        wish = care.wish(level, exposure_ms, number * step_s, awake=True)
        assert wish is None or SHORTEST_MS <= wish <= LONGEST_MS


def test_brightness_is_that_of_the_light_modules() -> None:
    code = grey(symbol("GP1:A", light=(180, 180, 180)))
    assert white_of(code) == 180
    dark_phone = np.full((90, 160), 20, np.uint8)
    dark_phone[30:60, 60:100] = 250
    assert brightness(dark_phone[25:65, 55:105]) == 250
    assert white_of(np.full((10, 10), 77, np.uint8)) == 77
