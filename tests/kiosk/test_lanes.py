"""A camera lane at work: each person in front of it is presented once, a thermometer answers, nothing stops it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from kiosk import service
from kiosk.camera_lane import CameraLane
from kiosk.checkpoint import Checkpoint, LaneTimes
from kiosk.config import Camera as Wishes
from kiosk.config import Settings
from kiosk.devices.camera import Frame
from kiosk.devices.care.selftest import SelfTest
from kiosk.devices.feed import CameraFeed
from kiosk.devices.lookout import Lookout
from kiosk.devices.process import Decoder
from kiosk.devices.sightings import Sightings
from kiosk.errors import DeviceError
from kiosk.film import script
from kiosk.film.draw import draw_film
from kiosk.handdown import HandDown
from kiosk.inforce import InForce
from kiosk.journal import Journal
from kiosk.lanes import ThermometerLane
from kiosk.model import Event, LaneInfo, Method, Presentation, Reading, Verdict
from kiosk.screening import policy
from kiosk.worker import Worker
from tests.kiosk.devices import hostile
from tests.kiosk.devices.waiting import until

HOSTILE = "tests.kiosk.devices.hostile:Hostile"
FILM = """
fps = 10
size = [640, 360]
lead_s = 0.3
gap_s = 0.8
[[person]]
show = "level"
level = "red"
name = "周志强"
seconds = 1.6
celsius = 36.8
[[person]]
show = "level"
level = "yellow"
name = "林思远"
seconds = 1.6
celsius = 38.4
on = "paper"
[[person]]
show = "text"
text = "https://example.com/menu"
seconds = 1.6
celsius = 36.4
"""


def passages(journal: Journal) -> list[Event]:
    return [event for event in journal.after(0) if event.kind in ("passage", "visit.abandoned")]


def test_each_person_of_a_film_is_presented_once_and_measured(tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    draw_film(script.parse(FILM), film)
    lane = {"name": "1", "camera": str(film), "thermometer": "film", "thermometer_grade": "clinical"}
    gate = service.build(
        Settings(gate={"name": "东门", "var": tmp_path / "var"}, lane=(lane,), camera={"gone_s": 0.5})  # type: ignore[arg-type]
    )
    gate.start()
    try:
        until(lambda: gate.cameras["1"].feed.state == "ended", within_s=60)
        until(lambda: gate.checkpoint.view("1").visit is None)
        found = passages(gate.journal)
    finally:
        gate.stop()
    assert [event.personal and event.personal["name"] for event in found] == ["周志强", "林思远", ""]
    assert [event.open["verdict"] for event in found] == ["refuse", "isolate", "check"]
    assert [event.open["celsius"] for event in found] == [36.8, 38.4, 36.4]
    assert {(event.open["method"], event.open["device"]) for event in found} == {("camera", "film")}


class Stage:
    """A camera whose frames a test holds up one by one."""

    def __init__(self) -> None:
        self._frames: queue.Queue[np.ndarray | None] = queue.Queue()
        self._index = -1

    def show(self, behaviour: int, other: int = 0) -> None:
        image = np.zeros((4, 5, 3), np.uint8)
        image.flat[0], image.flat[-1] = behaviour, other
        self._frames.put(image)

    def end(self) -> None:
        self._frames.put(None)

    def read(self) -> Frame | None:
        image = self._frames.get()
        self._index += 1
        return None if image is None else Frame(image, self._index, time.monotonic())

    def close(self) -> None:
        """Nothing is open."""


class House:
    """One lane "1" over a real journal, with a thermometer and a clock to turn."""

    def __init__(self, folder: Path) -> None:
        self.at = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
        self.journal = Journal.open(folder / "journal.db", bytes(32), now=lambda: self.at)
        rules = InForce(HandDown(folder / "handdown", None), policy.default(), None, demo=False)
        self.checkpoint = Checkpoint(
            {LaneInfo("1", "camera"): LaneTimes()}, gate="", journal=self.journal, rules=rules, now=lambda: self.at
        )

    def scan(self, text: str = "GL1:red:张三丰") -> None:
        self.checkpoint.present("1", Presentation(Method.CAMERA, self.at, text))

    def seen(self) -> str:
        """The id of the visit under way."""
        visit = self.checkpoint.view("1").visit
        return visit.id if visit else ""

    def finish(self) -> None:
        self.checkpoint.measure("1", Reading(36.6, self.at, "keypad"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.journal.close()


@pytest.mark.parametrize("behaviour", [hostile.ABORTS, hostile.SEGFAULTS, hostile.HANGS, hostile.RAISES])
def test_a_picture_that_kills_the_reader_is_counted_and_the_next_person_is_seen(house: House, behaviour: int) -> None:
    stage = Stage()
    feed = CameraFeed(lambda: 0, Wishes(stall_s=60), opener=lambda *source, loop: stage)
    decoder = Decoder(HOSTILE)
    lookout = Lookout(decoder, Sightings(1.5))
    lane = CameraLane("1", feed, lookout, house.checkpoint, lambda: house.at, prove=lambda _: SelfTest((), 0))
    lane.start()
    try:
        stage.show(hostile.FINE, 1)
        until(house.seen)
        house.finish()
        stage.show(behaviour)
        until(lambda: decoder.dropped == 1)
        assert house.seen() == ""
        stage.show(hostile.FINE, 2)
        until(house.seen)
        assert feed.state == "ok"
    finally:
        stage.end()
        lane.stop()
    house.finish()
    assert [event.open["verdict"] for event in passages(house.journal)] == ["check", "check"]


class Thermometer:
    """A thermometer that says what a test lays into it; an exception is its fault."""

    def __init__(self) -> None:
        self.says: Reading | DeviceError | None = None
        self.closed = False

    def read(self) -> Reading | None:
        if isinstance(self.says, DeviceError):
            raise self.says
        return self.says

    def close(self) -> None:
        self.closed = True


class Measuring:
    """A thermometer's lane, stepped by hand."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.thermometer = Thermometer()
        self.told: list[str] = []
        self.lane = ThermometerLane("1", self.thermometer, house.checkpoint, lambda: self.told.append(self.lane.state))
        self._stopping = threading.Event()
        self._stopping.set()  # so that no step waits

    def read(self, celsius: float | None, *, ago: timedelta = timedelta()) -> None:
        at = self.house.at - ago
        self.step(None if celsius is None else Reading(celsius, at, "gy-mcu90614"))

    def step(self, says: Reading | DeviceError | None) -> None:
        self.thermometer.says = says
        self.lane.step(self._stopping)


@pytest.fixture
def measuring(house: House) -> Measuring:
    return Measuring(house)


def test_a_reading_completes_the_visit_that_waits_for_it(measuring: Measuring) -> None:
    measuring.house.scan()
    measuring.read(36.7)
    (passage,) = passages(measuring.house.journal)
    assert (passage.open["verdict"], passage.open["celsius"]) == (Verdict.REFUSE.value, 36.7)
    assert passage.open["device"] == "gy-mcu90614"


def test_a_reading_from_before_the_visit_belongs_to_nobody(measuring: Measuring) -> None:
    measuring.house.scan()
    measuring.read(39.0, ago=timedelta(milliseconds=1))
    assert passages(measuring.house.journal) == []
    measuring.read(36.7)
    assert passages(measuring.house.journal)[0].open["celsius"] == 36.7


def test_a_reading_with_nobody_there_is_let_go(measuring: Measuring) -> None:
    measuring.read(36.7)
    measuring.read(None)
    assert measuring.lane.state == "ok"
    measuring.house.scan()
    assert measuring.house.seen()


def test_an_implausible_reading_is_refused_and_the_next_one_counts(measuring: Measuring) -> None:
    measuring.house.scan()
    measuring.read(22.5)
    assert measuring.house.seen()
    measuring.read(36.7)
    assert passages(measuring.house.journal)[0].open["celsius"] == 36.7


def test_a_broken_thermometer_is_told_once_and_again_when_it_is_back(measuring: Measuring) -> None:
    for says in (None, DeviceError("unplugged"), DeviceError("unplugged"), None, None):
        measuring.step(says)
    assert measuring.told == ["ok", "missing", "ok"]


def test_stopping_a_thermometers_lane_closes_the_thermometer(measuring: Measuring) -> None:
    measuring.lane.start()
    measuring.lane.stop()
    assert measuring.thermometer.closed


def test_a_fault_nobody_foresaw_does_not_end_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.lanes.RETRY_S", 0.01)
    steps: list[int] = []

    def step(stopping: threading.Event) -> None:
        steps.append(1)
        raise ZeroDivisionError("oh")

    worker = Worker("test", step)
    worker.start()
    until(lambda: len(steps) > 2)
    worker.stop()
    done = len(steps)
    worker.stop()
    assert len(steps) == done
