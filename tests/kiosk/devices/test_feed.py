from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from kiosk.devices import feed
from kiosk.devices.care.controls import Controls
from kiosk.devices.care.zone import Zone
from kiosk.devices.feed import CameraFeed
from kiosk.devices.frame import Camera, Frame, Usual
from kiosk.errors import DeviceError
from tests.kiosk.devices.care.test_controls import Driver
from tests.kiosk.devices.drawing import film, scenery
from tests.kiosk.devices.waiting import until

QUICK = Usual(stall_s=0.3, reopen_s=0.02)
PATIENT = Usual(stall_s=30, reopen_s=0.02)


class Bench:
    """Cameras that do what the test says: each opening takes the next entry of `script`, the last one for ever."""

    def __init__(self, *script: str) -> None:
        self.script = list(script)
        self.opened = 0
        self.closed = 0
        self.released = threading.Event()

    def open(self, source: int | str, wishes: Any, *, loop: bool) -> Camera:
        does = self.script[min(self.opened, len(self.script) - 1)]
        self.opened += 1
        if does == "refuses":
            raise DeviceError("USB camera 0 does not open")
        return BenchCamera(self, does)


class BenchCamera:
    def __init__(self, bench: Bench, does: str) -> None:
        self._bench = bench
        self._does = does
        self._index = -1
        self._pause = threading.Event()

    def read(self) -> Frame | None:
        self._index += 1
        if self._index >= 3:
            match self._does:
                case "unplugged":
                    raise DeviceError("USB camera 0 gives no more pictures")
                case "stuck":
                    self._bench.released.wait()
                case "freezes":
                    self._index = 3
                case "ends":
                    return None
        self._pause.wait(0.002)
        return Frame(np.full((72, 128, 3), self._index % 256, np.uint8), self._index, self._index / 10)

    def close(self) -> None:
        self._bench.closed += 1


@contextmanager
def running(bench: Bench, wishes: Usual = PATIENT) -> Iterator[tuple[CameraFeed, list[str]]]:
    """A feed on the bench, and the states it called out."""
    told: list[str] = []
    camera = CameraFeed(lambda: 0, wishes, changed=lambda: told.append(camera.state), opener=bench.open)
    camera.start()
    try:
        yield camera, told
    finally:
        bench.released.set()
        camera.stop()


def test_the_newest_frame_is_at_hand() -> None:
    with running(Bench("works")) as (camera, told):
        assert camera.wait_newer(50, timeout=60)
        until(lambda: (frame := camera.newest()) and frame.index > 60)
        assert told == ["ok"]


def test_waiting_for_a_newer_frame_gives_up_in_time_and_when_stopped() -> None:
    camera = CameraFeed(lambda: 0, PATIENT, opener=Bench("works").open)
    assert camera.wait_newer(-1, timeout=0.01) is None
    camera.start()
    assert camera.wait_newer(10**9, timeout=0.01) is None
    waiting = threading.Thread(target=camera.wait_newer, args=(10**9, 100))
    waiting.start()
    camera.stop()
    waiting.join(10)
    assert not waiting.is_alive()


def test_an_unplugged_camera_is_reported_and_opened_again() -> None:
    bench = Bench("unplugged", "refuses", "works")
    with running(bench) as (camera, told):
        frame = camera.wait_newer(10, timeout=60)
        assert frame
        assert frame.index > 10, "numbers go on where they were"
        assert told == ["ok", "missing", "missing", "ok"]
        assert camera.trouble == ""


def test_a_missing_camera_gives_no_picture_and_says_why() -> None:
    with running(Bench("refuses")) as (camera, _):
        until(lambda: camera.trouble)
        assert (camera.state, camera.trouble) == ("missing", "USB camera 0 does not open")
        assert (camera.newest(), camera.jpeg(100), camera.position()) == (None, None, None)


def test_no_usb_camera_found_is_missing_too() -> None:
    camera = CameraFeed(lambda: None, PATIENT, opener=Bench("works").open)
    camera.start()
    until(lambda: "no USB camera found" in camera.trouble)
    camera.stop()


def test_a_driver_that_never_returns_does_not_block_the_lane() -> None:
    bench = Bench("stuck", "works")
    with running(bench, QUICK) as (camera, told):
        until(lambda: camera.state == "ok" and bench.opened == 2)
        assert told == ["ok", "stalled", "ok"]
        assert bench.closed == 0, "the stuck camera is still held by its driver"
        bench.released.set()
        until(lambda: bench.closed == 1)
        assert camera.wait_newer(-1, timeout=60), "what the old one brings is not heard"
        assert told == ["ok", "stalled", "ok"]


def test_a_stalled_camera_shows_no_old_picture() -> None:
    bench = Bench("stuck", "refuses")
    with running(bench, QUICK) as (camera, _):
        until(lambda: bench.opened >= 2)
        assert (camera.newest(), camera.jpeg(100)) == (None, None)


def test_threads_stuck_in_a_driver_do_not_pile_up() -> None:
    bench = Bench("stuck")
    with running(bench, Usual(stall_s=0.05, reopen_s=0.01)) as (camera, _):
        until(lambda: bench.opened == feed.MOST_LEFT)
        until(lambda: camera.state == "stalled")
        assert threading.Event().wait(0.2) is False
        assert bench.opened == feed.MOST_LEFT
        bench.released.set()
        until(lambda: bench.opened > feed.MOST_LEFT)


def test_a_usb_camera_that_repeats_its_last_picture_is_opened_again() -> None:
    bench = Bench("freezes", "freezes", "works")
    with running(bench, Usual(stall_s=30, reopen_s=0.02, frozen_s=0.1)) as (camera, told):
        until(lambda: bench.opened == 3 and camera.state == "ok")
        assert bench.closed == 2
        assert told == ["ok", "frozen", "ok", "frozen", "ok"]


def test_a_frozen_camera_that_is_gone_when_it_is_opened_again_is_missing() -> None:
    bench = Bench("freezes", "refuses")
    with running(bench, Usual(stall_s=30, reopen_s=0.02, frozen_s=0.1)) as (camera, told):
        until(lambda: told == ["ok", "frozen", "missing"])
        assert camera.trouble == "USB camera 0 does not open"


def test_a_film_of_a_still_picture_is_not_frozen(tmp_path: Path) -> None:
    path = film(tmp_path / "still.mp4", [scenery(size=(320, 240))] * 40, fps=20)
    told: list[str] = []
    camera = CameraFeed(lambda: str(path), Usual(frozen_s=0.2), changed=lambda: told.append(camera.state))
    camera.start()
    until(lambda: camera.state == "ended")
    camera.stop()
    assert told == ["ok", "ended"]


def test_a_film_that_is_over_has_ended_and_is_not_opened_again() -> None:
    bench = Bench("ends")
    with running(bench) as (camera, told):
        until(lambda: camera.state == "ended")
        assert (camera.newest(), bench.opened) == (None, 1)
        until(lambda: bench.closed == 1)
        assert told == ["ok", "ended"]


def test_a_stopped_feed_closes_its_camera_and_is_silent() -> None:
    bench = Bench("works")
    with running(bench) as (camera, told):
        assert camera.wait_newer(-1, timeout=60)
        camera.stop()
        assert bench.closed == 1
        assert told == ["ok"]


def test_the_picture_for_aiming_is_small_and_kept_until_there_is_a_newer_one() -> None:
    bench = Bench("stuck")
    with running(bench) as (camera, _):
        assert camera.wait_newer(1, timeout=60)
        picture = camera.jpeg(64)
        assert picture
        assert cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR).shape == (36, 64, 3)
        assert camera.jpeg(64) is picture
        wide = camera.jpeg(1000)
        assert wide
        assert cv2.imdecode(np.frombuffer(wide, np.uint8), cv2.IMREAD_COLOR).shape == (72, 128, 3)


def test_a_film_plays_live_over_and_over_and_tells_its_place(tmp_path: Path) -> None:
    path = film(tmp_path / "gate.mp4", [scenery(size=(320, 240))] * 4, fps=20)
    camera = CameraFeed(lambda: str(path), PATIENT, loop=True)
    camera.start()
    places = set()
    index = -1
    while index < 12:
        frame = camera.wait_newer(index, timeout=60)
        assert frame
        index = frame.index
        places.add(round(frame.position_s or 0, 2))
    assert places <= {0.0, 0.05, 0.1, 0.15}
    assert len(places) > 1
    camera.stop()


class SteeredCamera(BenchCamera):
    """A camera that can rest and has controls."""

    rest_s = 0.0
    controls = Controls(Driver(), PATIENT, lambda hz: True)


def test_a_camera_that_can_rest_is_told_to_and_its_controls_are_at_hand() -> None:
    bench = Bench("works")
    camera = SteeredCamera(bench, "works")
    feed = CameraFeed(lambda: 0, Usual(stall_s=1), opener=lambda *source, loop: camera)
    feed.rest(0.2)
    assert feed.controls is None
    feed.start()
    assert feed.wait_newer(-1, timeout=60)
    assert (camera.rest_s, feed.controls) == (0.2, SteeredCamera.controls)
    feed.rest(60)
    assert camera.rest_s == 0.5, "a resting camera must not look stalled"
    feed.stop()
    assert feed.controls is None
    assert feed.taken > 0


def test_the_picture_for_aiming_is_dark_outside_the_lanes_zone(tmp_path: Path) -> None:
    bench = Bench("stuck")
    feed = CameraFeed(
        lambda: 0, PATIENT, opener=lambda *source, loop: White(bench, "stuck"), zone=Zone.of([0.5, 0, 0.5, 1])
    )
    feed.start()
    assert feed.wait_newer(-1, timeout=60)
    image = cv2.imdecode(np.frombuffer(feed.jpeg(128) or b"", np.uint8), cv2.IMREAD_GRAYSCALE)
    bench.released.set()
    feed.stop()
    assert image[:, :56].max() < 100
    assert image[8:-8, 72:-8].min() > 230


class White(BenchCamera):
    """A camera in front of a white wall."""

    def read(self) -> Frame | None:
        frame = super().read()
        return frame and replace(frame, image=np.full((72, 128, 3), 255, np.uint8))
