"""A gate with much to send, at an hour that does not suit, on a link that is paid for: at a real office."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kiosk.config import Sync
from sync.office.revocation import reading
from sync.office.revocation.reading import Given
from sync.schedule import Scheduler
from sync.traffic import Traffic
from tests.sync.live import GateBox, Impostor, LiveOffice
from tests.sync.test_schedule import eventually

ALWAYS = "00:00-24:00"
PLACE = ZoneInfo("UTC")
CALM = {"interval_s": 3600, "jitter": 0.0, "spread_s": 0}


class Running:
    """Starts schedulers on one gate; `pictures` is what its console was told of a backlog."""

    def __init__(self, gate: GateBox) -> None:
        self.gate = gate
        self.pictures: list[dict[str, Any]] = []
        self.schedulers: list[Scheduler] = []
        self.then: Callable[[], None] = lambda: None

    def __call__(self, url: str | None = None, wall: Callable[[], float] = time.time, **wishes: Any) -> Scheduler:
        settings = Sync(**(CALM | wishes))
        scheduler = Scheduler(self.gate.uplink(url, settings), settings, self.changed, wall=wall, zone=PLACE)
        self.schedulers.append(scheduler)
        scheduler.start()
        return scheduler

    def meet(self) -> None:
        """The gate meets its office for the first time, and is stopped."""
        settled(self())
        self.schedulers.pop().stop()

    def changed(self) -> None:
        if self.schedulers and (picture := self.schedulers[-1].state()["progress"]):
            self.pictures.append(picture)
            self.then()


def settled(scheduler: Scheduler) -> None:
    """All three calls were made once, and none is under way."""
    eventually(lambda: all(task.ended and not task.busy for task in scheduler.tasks))


@pytest.fixture
def start(gate: GateBox) -> Iterator[Running]:
    running = Running(gate)
    yield running
    for scheduler in running.schedulers:
        scheduler.stop()


def test_a_backlog_shows_how_far_it_is_and_how_long_nothing_was_heard(
    live: LiveOffice, gate: GateBox, start: Running
) -> None:
    start.meet()
    gate.record(220)
    start(batch=40)
    eventually(lambda: gate.waiting == 0 and start.schedulers[-1].state()["progress"] is None)
    sent = [picture["sent"] for picture in start.pictures]
    assert sent == sorted(sent)
    assert {picture["total"] for picture in start.pictures} == {220}
    assert all(picture["away"] and picture["since"] for picture in start.pictures)
    assert live.passages() == 220


def test_a_line_that_breaks_leaves_the_bar_where_it_is_and_it_goes_on(
    live: LiveOffice, gate: GateBox, start: Running
) -> None:
    gate.record(220)
    broken = threading.Event()

    def cut() -> None:
        if start.pictures[-1]["sent"] and not broken.is_set():
            broken.set()
            live.stop()

    start.then = cut
    scheduler = start(batch=40)
    eventually(lambda: scheduler.state()["progress"] and not scheduler.state()["progress"]["moving"])
    stuck = scheduler.state()["progress"]
    assert 40 <= stuck["sent"] < 220
    assert stuck["left"] is None
    start.pictures.clear()
    live.start()
    scheduler.sync_now()
    eventually(lambda: gate.waiting == 0)
    assert min(picture["sent"] for picture in start.pictures) >= stuck["sent"]
    assert live.visits() == sorted(gate.visits)


def test_the_count_goes_on_from_one_journal_of_the_file_to_the_next(live: LiveOffice, gate: GateBox) -> None:
    gate.record(5)
    gate.journal.renew("fork", None)
    gate.record(3)
    told: list[int] = []
    result = gate.uplink(settings=Sync(batch=2)).push(lambda sent, _: told.append(sent))
    assert told == sorted(told)
    assert told[-1] == result.sent


def test_a_gate_that_is_stopped_does_not_send_its_whole_backlog_first(
    live: LiveOffice, gate: GateBox, start: Running
) -> None:
    gate.record(220)
    stopping: list[threading.Thread] = []

    def stop() -> None:
        if start.pictures[-1]["sent"] and not stopping:
            stopping.append(threading.Thread(target=scheduler.stop))
            stopping[0].start()
            eventually(scheduler.pushing._stopping.is_set)

    start.then = stop
    scheduler = start(batch=40)
    eventually(lambda: stopping and not stopping[0].is_alive())
    start.schedulers.clear()
    assert 0 < live.passages() < 220


def test_in_quiet_hours_a_long_backlog_goes_batch_by_batch_unless_something_is_urgent(
    live: LiveOffice, gate: GateBox, start: Running
) -> None:
    start.meet()
    gate.record(220)
    scheduler = start(quiet=[ALWAYS], bulk=50, batch=40)
    settled(scheduler)
    assert live.passages() == 40
    assert start.pictures == []
    scheduler._wake(scheduler._beat)
    scheduler.recorded(gate.record())  # a passage is not urgent
    settled(scheduler)
    assert live.passages() == 40
    gate.record(2)
    scheduler.recorded(gate.alert("fever"))
    eventually(lambda: live.passages() == 223 and gate.waiting == 0)


def test_few_events_go_in_quiet_hours_as_ever(live: LiveOffice, gate: GateBox, start: Running) -> None:
    start.meet()
    gate.record(80)
    settled(start(quiet=[ALWAYS], bulk=100, batch=50))
    assert live.passages() == 80


def test_outside_its_windows_a_gate_is_silent_but_for_what_is_urgent_and_what_is_wished(
    live: LiveOffice, gate: GateBox, start: Running
) -> None:
    start.meet()
    gate.record()
    now = datetime.now(UTC)
    begin, end = (f"{now + timedelta(hours=hours):%H}:00" for hours in (3, 4))
    scheduler = start(windows=[f"{begin}-{end}"], urgent=["alert:fever"])
    assert scheduler.state()["next_at"]
    scheduler.recorded(gate.alert("quota"))
    assert [task.begun for task in scheduler.tasks] == [0, 0, 0]
    scheduler.recorded(gate.alert("fever"))
    eventually(lambda: live.passages() == 1 and gate.waiting == 0)
    gate.record()
    scheduler.sync_now()
    eventually(lambda: live.passages() == 2)


def test_what_is_urgent_and_was_left_behind_goes_at_the_start_also_outside_windows(
    live: LiveOffice, gate: GateBox, start: Running
) -> None:
    start.meet()
    gate.record()
    gate.alert("fever")
    hour = datetime.now(UTC) + timedelta(hours=3)
    start(windows=[f"{hour:%H}:00-{hour:%H}:30"])
    eventually(lambda: live.passages() == 1 and gate.waiting == 0)


def test_a_window_opens_when_the_clock_is_set_into_it(live: LiveOffice, gate: GateBox, start: Running) -> None:
    start.meet()
    gate.record()
    ahead_s = [0.0]
    opens = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=3)
    window = f"{opens:%H}:00-{opens + timedelta(hours=1):%H}:00"
    scheduler = start(wall=lambda: time.time() + ahead_s[0], windows=[window], interval_s=1)
    assert scheduler.state()["next_at"]
    ahead_s[0] = (opens - datetime.now(UTC)).total_seconds() + 60
    scheduler._clock.wakeup()  # instead of its next look at the clock
    eventually(lambda: live.passages() == 1)


def test_a_closed_day_is_reported_within_the_time_that_gates_spread_over(
    live: LiveOffice, gate: GateBox, start: Running
) -> None:
    scheduler = start()
    settled(scheduler)
    gate.record()
    day = gate.journal.day_close(date(2020, 1, 1))
    assert day is not None
    scheduler.recorded([day])
    eventually(lambda: gate.waiting == 0)
    assert live.passages() == 1


def test_a_metered_gate_waits_with_passages_and_counts_its_bytes(
    live: LiveOffice, gate: GateBox, start: Running
) -> None:
    start.meet()
    gate.record(3)
    scheduler = start(metered=True, interval_s=1)
    eventually(lambda: scheduler._beat.ended)
    assert (scheduler._push.begun, scheduler._pull.begun) == (0, 0)
    beaten = scheduler.state()["metered"]
    assert 300 < beaten["sent"] < 3_000
    assert 100 < beaten["received"] < 3_000
    scheduler.recorded(gate.alert("fever"))
    eventually(lambda: gate.waiting == 0)
    assert scheduler.state()["metered"]["sent"] > beaten["sent"]
    assert scheduler._pull.begun == 0


def test_on_a_metered_link_a_bundle_with_large_lists_waits_whole_until_somebody_wants_it(
    live: LiveOffice, gate: GateBox, start: Running
) -> None:
    start.meet()
    before = gate.handdown.bundle.version
    given = Given()
    reading.take(given, "list", BufferedReader(BytesIO(b"ab" * 16)))
    live.office.revocation.apply(live.office.revocation.plan(given, "add"), "list", who="test")
    scheduler = start(metered=True, day_close=f"0 {(datetime.now(UTC) + timedelta(hours=12)):%H} * * *")
    eventually(lambda: scheduler.state()["held_back"])
    assert gate.handdown.bundle.version == before
    scheduler.sync_now()
    eventually(lambda: gate.handdown.bundle.version > before)
    assert not scheduler.state()["held_back"]


# --- wishes -----------------------------------------------------------------------------------------------------


def test_a_wish_is_told_what_became_of_it_and_pressed_twice_is_one(
    live: LiveOffice, gate: GateBox, start: Running
) -> None:
    scheduler = start()
    settled(scheduler)
    gate.record(2)
    with scheduler._push.turn:  # nothing begins meanwhile
        first, second = scheduler.sync_now(), scheduler.sync_now()
        assert scheduler.told(first)["state"] == "running"
    assert first is second
    eventually(lambda: scheduler.told(first)["state"] == "done")
    told = scheduler.told(first)
    assert (told["sent"], told["waiting"], told["zh"]) == (2, 0, None)
    assert told["ended_at"]
    assert scheduler._push.begun == 2
    assert scheduler.state()["wish"]["state"] == "done"
    assert scheduler.sync_now() is not first


def test_a_wish_at_an_office_that_is_away_says_so(live: LiveOffice, gate: GateBox, start: Running) -> None:
    scheduler = start()
    settled(scheduler)
    gate.record()
    live.stop()
    wish = scheduler.sync_now()
    eventually(lambda: scheduler.told(wish)["state"] == "failed")
    told = scheduler.told(wish)
    live.start()
    assert told["waiting"] == 1
    assert "连不上街道办" in told["zh"]
    assert "cannot be reached" in told["en"]


def test_a_wish_waits_for_an_office_that_asked_to_be_left_alone(gate: GateBox, start: Running) -> None:
    with Impostor(503, b'{"error":"unavailable"}', {"Retry-After": "3600"}) as office:
        scheduler = start(office.url)
        settled(scheduler)
        told = scheduler.told(scheduler.sync_now())
        assert told["state"] == "later"
        assert told["until"] > datetime.now(UTC).isoformat()
        assert office.requests == 3


# --- bytes --------------------------------------------------------------------------------------------------------


def test_the_bytes_of_a_day_outlive_a_restart_and_begin_anew_at_midnight(tmp_path: Path) -> None:
    today = [date(2026, 11, 22)]
    path = tmp_path / "traffic.json"
    first = Traffic(lambda: today[0], path)
    first.add(100, 20)
    first.save()
    second = Traffic(lambda: today[0], path)
    second.add(1, 2)
    assert second.today() == {"sent": 101, "received": 22}
    assert path.stat().st_mode & 0o077 == 0
    today[0] += timedelta(days=1)
    assert second.today() == {"sent": 0, "received": 0}
    assert Traffic(lambda: today[0], path).today() == {"sent": 0, "received": 0}


@pytest.mark.parametrize("text", ["", "[]", "{", json.dumps({"day": "2026-11-22", "sent": "x"})])
def test_a_count_that_cannot_be_read_begins_anew(text: str, tmp_path: Path) -> None:
    (tmp_path / "traffic.json").write_text(text, encoding="utf-8")
    assert Traffic(lambda: date(2026, 11, 22), tmp_path / "traffic.json").today()["sent"] == 0
