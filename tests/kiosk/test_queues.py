"""Two lanes before one camera: everybody read, nobody twice, nobody by the neighbour's lane."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.camera_lane import CameraLane
from kiosk.devices.care.watchfulness import Watchfulness
from kiosk.devices.feed import CameraFeed
from kiosk.devices.frame import Usual
from kiosk.devices.lookout import Lookout
from kiosk.devices.playback import FilmCamera
from kiosk.devices.process import Decoder
from kiosk.devices.sightings import Sightings
from kiosk.model import Presentation
from tests.kiosk.devices.drawing import scenery
from tests.kiosk.devices.queues import ZONES, queues, write
from tests.kiosk.devices.waiting import until

TICKS_A_S = os.sysconf("SC_CLK_TCK")


def eye(lane: str, fps: float, decoder: Decoder) -> Lookout:
    return Lookout(
        decoder,
        Sightings(1.5),
        zone=ZONES[lane],
        watch=Watchfulness(fps),
        is_health=lambda text: text.startswith("GP1:"),
    )


def test_everybody_in_two_queues_is_presented_once_by_their_own_lane(tmp_path: Path) -> None:
    shown = queues(12, held_s=(1.0, 1.6), gap_s=0.5)
    film = write(tmp_path / "queues.mp4", shown, (640, 360), 12)
    presented: dict[str, list[str]] = {lane: [] for lane in ZONES}
    with Decoder() as left, Decoder() as right:
        eyes = {"left": eye("left", 12, left), "right": eye("right", 12, right)}
        camera = FilmCamera(film, live=False)
        while frame := camera.read():
            for lane, lookout in eyes.items():
                if lookout.watch.due(frame.at_s) and (symbol := lookout.look(frame)):
                    presented[lane].append(symbol.text)
    assert presented == {lane: [one.text for one in shown if one.lane == lane] for lane in ZONES}


class Desk:
    """What a lane presents to, keeping a list."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def present(self, lane: str, presentation: Presentation) -> None:
        self.texts.append(presentation.text)


def processor_s(pid: int) -> float:
    """The processor's time a process has had (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_S


def children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_ten_minutes_and_two_hundred_people_at_a_live_camera(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = int(os.environ.get("GATEHOUSE_FILM_PEOPLE", "200"))
    shown = queues(people, held_s=(1.0, 4.5), gap_s=3.3)
    film = write(tmp_path / "queues.mp4", shown, (1280, 720), 15)
    desks = {lane: Desk() for lane in ZONES}
    wishes, lanes, readers = Usual(fps=15), {}, {}
    for lane in ZONES:
        before = children()
        feed = CameraFeed(lambda: str(film), wishes, zone=ZONES[lane])
        lookout = eye(lane, wishes.fps, Decoder())
        lanes[lane] = CameraLane(lane, feed, lookout, desks[lane], lambda: datetime.now(UTC))
        lookout.decoder.decode(scenery())  # which starts the process
        [readers[lane]] = children() - before
    begun_s, spent_s = time.monotonic(), {lane: processor_s(pid) for lane, pid in readers.items()}
    for camera in lanes.values():
        camera.start()
    until(lambda: all(camera.feed.state == "ended" for camera in lanes.values()), within_s=1500)
    lasted_s = time.monotonic() - begun_s
    shares = {lane: (processor_s(pid) - spent_s[lane]) / lasted_s for lane, pid in readers.items()}
    for camera in lanes.values():
        camera.stop()
    read = sum(len(set(desk.texts)) for desk in desks.values())
    with capsys.disabled():
        print(f"\n{people} people in {lasted_s:.0f} s, 1280x720 at 15 fps: {read} read")
        for lane, share in shares.items():
            print(f"  {lane}: decode process {100 * share:.1f} % of a core, {lanes[lane].lookout.tally.figures(0)}")
    assert {lane: desk.texts for lane, desk in desks.items()} == {
        lane: [one.text for one in shown if one.lane == lane] for lane in ZONES
    }
    assert max(shares.values()) < 0.5
