from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import pytest

from kiosk.devices.care.controls import AUTOMATIC, MANUAL, Control, Controls, set_mains


@dataclass
class Driver:
    """A camera's driver: `deaf` properties are taken and ignored, `missing` ones refused."""

    deaf: frozenset[int] = frozenset()
    missing: frozenset[int] = frozenset()
    values: dict[int, float] = field(default_factory=lambda: {cv2.CAP_PROP_EXPOSURE: 156.0})

    def set(self, prop: int, value: float, /) -> bool:
        if prop in self.missing:
            return False
        if prop not in self.deaf:
            self.values[prop] = value
        return True

    def get(self, prop: int, /) -> float:
        return self.values.get(prop, -1.0)


@dataclass(frozen=True)
class Tuned:
    exposure: str | float = "auto"
    focus: str | float = "auto"
    gain: str | float = "auto"
    mains_hz: int = 0


def of(driver: Driver, tuned: Tuned, *, mains: bool = True) -> Controls:
    controls = Controls(driver, tuned, lambda hz: mains)
    controls.settle()
    return controls


def test_locked_values_are_set_and_reported_as_accepted() -> None:
    driver = Driver()
    controls = of(driver, Tuned(exposure=8.0, focus=30, gain=64, mains_hz=50))
    assert controls.report == (
        Control("mains", "50 Hz", True),
        Control("exposure", "8.0 ms", True),
        Control("focus", "30", True),
        Control("gain", "64", True),
    )
    assert driver.values[cv2.CAP_PROP_AUTO_EXPOSURE] == MANUAL
    assert driver.values[cv2.CAP_PROP_EXPOSURE] == 80, "in units of 100 µs"
    assert driver.values[cv2.CAP_PROP_AUTOFOCUS] == 0
    assert controls.exposure_ms == 8.0


def test_a_camera_left_to_itself_is_asked_nothing() -> None:
    driver = Driver()
    before = dict(driver.values)
    assert of(driver, Tuned()).report == ()
    assert driver.values == before


@pytest.mark.parametrize("how", ["deaf", "missing"])
def test_what_the_camera_refuses_or_ignores_is_reported(how: str) -> None:
    props = frozenset({cv2.CAP_PROP_EXPOSURE, cv2.CAP_PROP_GAIN})
    driver = Driver(deaf=props) if how == "deaf" else Driver(missing=props)
    controls = of(driver, Tuned(exposure=3.0, gain=20, mains_hz=50), mains=False)
    assert {control.name: control.accepted for control in controls.report} == {
        "mains": False,
        "exposure": False,
        "gain": False,
    }
    assert driver.values[cv2.CAP_PROP_AUTO_EXPOSURE] == AUTOMATIC, "and exposes by itself again"


def test_a_wish_is_done_by_the_thread_that_reads() -> None:
    driver = Driver()
    controls = of(driver, Tuned(exposure="code"))
    controls.wish_exposure(5.0)
    assert driver.values[cv2.CAP_PROP_EXPOSURE] == 156.0
    controls.apply()
    assert driver.values[cv2.CAP_PROP_EXPOSURE] == 50
    controls.wish_exposure(None)
    controls.apply()
    assert driver.values[cv2.CAP_PROP_AUTO_EXPOSURE] == AUTOMATIC
    assert controls.report == (Control("exposure", "auto", True),)


def test_a_camera_whose_exposure_is_its_own_affair_is_left_alone() -> None:
    driver = Driver()
    controls = of(driver, Tuned(exposure="auto"))
    controls.wish_exposure(5.0)
    controls.apply()
    assert controls.report == ()
    assert not controls.follows_code


def test_a_camera_that_cannot_expose_by_hand_is_not_asked_again() -> None:
    driver = Driver(missing=frozenset({cv2.CAP_PROP_EXPOSURE}))
    controls = of(driver, Tuned(exposure="code"))
    controls.wish_exposure(5.0)
    controls.apply()
    assert not controls.follows_code
    assert controls.report == (Control("exposure", "5.0 ms", False),)


def test_the_focus_of_the_first_code_is_kept_and_let_go() -> None:
    driver = Driver()
    controls = of(driver, Tuned(focus="code"))
    controls.wish_focus_kept(True)
    controls.apply()
    assert driver.values[cv2.CAP_PROP_AUTOFOCUS] == 0
    controls.wish_focus_kept(False)
    controls.apply()
    assert driver.values[cv2.CAP_PROP_AUTOFOCUS] == 1
    of(driver, Tuned()).wish_focus_kept(True)
    assert driver.values[cv2.CAP_PROP_AUTOFOCUS] == 1


def test_a_device_that_is_no_camera_has_no_mains_frequency(tmp_path: Path) -> None:
    plain = tmp_path / "video0"
    assert set_mains(plain, 50) is False
    plain.write_bytes(b"")
    assert set_mains(plain, 50) is False
