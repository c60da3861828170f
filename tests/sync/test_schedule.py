"""When a gate calls: on its interval, at once when it matters, less often while it fails; nothing stops the rest."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kiosk.config import Sync
from kiosk.errors import GatehouseError, SyncError
from sync.line import LineError
from sync.office.values import EVERYTHING
from sync.schedule import Scheduler
from sync.schedule.task import Task
from sync.schedule.timetable import Call, Timetable
from sync.uplink import Vitals
from tests.sync.live import GateBox, Impostor, LiveOffice

HOURLY = Sync(interval_s=3600, jitter=0.0)
BUSY = Sync(interval_s=1, jitter=0.0)


def eventually(holds: Callable[[], Any], within_s: float = 30) -> None:
    """Wait until `holds`, failing when it does not in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "did not happen in time"
        threading.Event().wait(0.02)


@pytest.fixture
def running() -> Iterator[Callable[..., Scheduler]]:
    """Starts schedulers and stops them at the end."""
    started: list[Scheduler] = []

    def start(gate: GateBox, settings: Sync = HOURLY, url: str | None = None, **parts: Any) -> Scheduler:
        started.append(Scheduler(gate.uplink(url), settings, **parts))
        started[-1].start()
        return started[-1]

    yield start
    for scheduler in started:
        scheduler.stop()


def failing(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def attempt(task: Task, settings: Sync) -> float:
    return task.attempt(Timetable(settings, ZoneInfo("UTC")), lambda: datetime.now(UTC), lambda: 0.5)


def test_the_offices_wish_outweighs_the_back_off() -> None:
    task = Task(Call.PUSH, failing(SyncError("busy", retry_after_s=500)))
    assert attempt(task, BUSY) >= 500
    assert task.not_before_s - time.monotonic() > 400
    assert not task.halted


def test_a_fault_nobody_foresaw_is_a_failure_like_any_other() -> None:
    task = Task(Call.PUSH, failing(ZeroDivisionError("oh")))
    assert attempt(task, BUSY) <= 1
    assert isinstance(task.trouble, GatehouseError)
    assert not task.halted


def test_a_success_forgets_the_failures_before_it() -> None:
    errors = [SyncError("one"), SyncError("two")]
    task = Task(Call.PUSH, lambda: failing(errors.pop())() if errors else None)
    attempt(task, HOURLY)
    attempt(task, HOURLY)
    assert task.failures == 2
    assert attempt(task, HOURLY) == 3600
    assert (task.failures, task.trouble) == (0, None)


def test_a_gate_calls_as_soon_as_it_starts(live: LiveOffice, gate: GateBox, running: Callable[..., Scheduler]) -> None:
    gate.record(3)
    version = live.office.publish.version(live.community.id)
    scheduler = running(gate, vitals=lambda: Vitals(camera="ok"))
    eventually(lambda: live.passages() == 3 and gate.handdown.bundle.version == version)
    eventually(lambda: live.office.gates.get(gate.identity.gate, EVERYTHING).camera == "ok")
    eventually(lambda: scheduler.state()["waiting"] == 0)
    assert scheduler.state()["trouble"] is None
    assert scheduler.state()["office"] == live.url


def test_an_urgent_event_goes_up_at_once(live: LiveOffice, gate: GateBox, running: Callable[..., Scheduler]) -> None:
    scheduler = running(gate)
    eventually(lambda: scheduler.state()["last_synced_at"])
    gate.record()
    scheduler.wake()
    eventually(lambda: live.passages() == 1)


def test_however_slowly_the_screens_are_told_no_call_is_lost(
    live: LiveOffice, gate: GateBox, running: Callable[..., Scheduler]
) -> None:
    waiting, told = [], threading.Event()

    def tell() -> None:
        waiting.append(1)
        told.wait(60)

    scheduler = running(gate, on_change=tell)
    try:
        eventually(lambda: len(waiting) >= 3)
        for passages in (1, 2):
            gate.record()
            scheduler.wake()
            eventually(lambda passages=passages: live.passages() == passages)
    finally:
        told.set()


def test_the_interval_brings_everything_without_a_wake(
    live: LiveOffice, gate: GateBox, running: Callable[..., Scheduler]
) -> None:
    running(gate, BUSY)
    for count in (1, 2):
        gate.record()
        eventually(lambda count=count: live.passages() == count)


def test_what_the_office_publishes_is_fetched_when_a_receipt_mentions_it(
    live: LiveOffice, gate: GateBox, running: Callable[..., Scheduler]
) -> None:
    scheduler = running(gate)
    eventually(lambda: gate.handdown.bundle.version)
    published = live.office.publish.publish(live.community.id, {"watch": {"entries": []}}, who="test")
    scheduler._wake(scheduler._push)  # the push alone: its receipt names the version
    eventually(lambda: gate.handdown.bundle.version == published.version)


def test_an_office_that_is_away_is_shown_and_caught_up_with(
    live: LiveOffice, gate: GateBox, running: Callable[..., Scheduler]
) -> None:
    changes: list[bool] = []
    scheduler = running(gate, BUSY, on_change=lambda: changes.append(True))
    eventually(lambda: scheduler.state()["last_synced_at"])
    live.stop()
    gate.record(3)
    eventually(lambda: scheduler.state()["trouble"] == "连不上街道办，记录先存在本机")
    stopped_at = scheduler.state()["last_synced_at"]
    assert "kept here" in scheduler.state()["trouble_en"]
    assert scheduler.state()["waiting"] == 3
    assert changes
    live.start()
    eventually(lambda: scheduler.state()["waiting"] == 0 and scheduler.state()["trouble"] is None)
    assert scheduler.state()["last_synced_at"] > stopped_at
    assert live.visits() == sorted(gate.visits)


def test_a_refused_push_stops_for_good_and_does_not_stop_the_pull(
    live: LiveOffice, gate: GateBox, running: Callable[..., Scheduler]
) -> None:
    gate.record(3)
    with sqlite3.connect(gate.var / "journal.db") as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        file.execute("UPDATE events SET open = replace(open, '36.6', '36.5') WHERE number = 3")
    scheduler = running(gate, BUSY)
    eventually(lambda: scheduler._push.halted)
    assert scheduler.state()["trouble"] == "台账不连续，已停止上报，请联系街道办"
    published = live.office.publish.publish(live.community.id, {"watch": {"entries": []}}, who="test")
    scheduler.wake()
    eventually(lambda: gate.handdown.bundle.version == published.version)
    assert scheduler._push.failures == 1


def test_a_wish_to_be_called_later_holds_back_even_a_wake(gate: GateBox, running: Callable[..., Scheduler]) -> None:
    with Impostor(503, b'{"error":"unavailable"}', {"Retry-After": "3600"}) as office:
        scheduler = running(gate, BUSY, office.url)
        eventually(lambda: all(task.failures for task in scheduler.tasks))
        scheduler.wake()
        assert all(task.due_s - time.monotonic() > 3000 for task in scheduler.tasks)
        assert office.requests == 3


def test_many_wakes_during_a_call_become_one_more_call(gate: GateBox) -> None:
    begun, may_end, calls = threading.Event(), threading.Event(), []
    scheduler = Scheduler(gate.uplink(), HOURLY)

    def act() -> None:
        calls.append(True)
        begun.set()
        may_end.wait(20)

    scheduler._push.act = act
    scheduler._pull.act = scheduler._beat.act = lambda: None
    scheduler.start()
    assert begun.wait(20)
    for _ in range(50):
        scheduler.wake()
    may_end.set()
    eventually(lambda: len(calls) == 2 and not scheduler._push.busy)
    scheduler.stop()
    assert len(calls) == 2


def test_a_clock_that_is_set_back_does_not_silence_the_gate(
    live: LiveOffice, gate: GateBox, running: Callable[..., Scheduler], monkeypatch: pytest.MonkeyPatch
) -> None:
    behind_s = [0.0]
    scheduler = running(gate, HOURLY, wall=lambda: time.time() - behind_s[0])
    eventually(lambda: scheduler.state()["last_synced_at"] and not scheduler._push.busy)
    with scheduler._lock:
        scheduler._push.due_s = time.monotonic() + 0.1  # due in a moment by the clock that only goes forward
    behind_s[0] = 7200
    gate.record()
    eventually(lambda: live.passages() == 1)


def test_a_heartbeat_that_is_answered_with_a_wake_pushes(
    live: LiveOffice, gate: GateBox, running: Callable[..., Scheduler]
) -> None:
    scheduler = running(gate)
    eventually(lambda: scheduler.state()["last_synced_at"])
    gate.record()
    live.office.gates.request_wake(gate.identity.gate, EVERYTHING, who="test")
    scheduler._wake(scheduler._beat)
    eventually(lambda: live.passages() == 1)


def test_a_scheduler_that_was_stopped_calls_no_more(live: LiveOffice, gate: GateBox) -> None:
    scheduler = Scheduler(gate.uplink(), HOURLY)
    scheduler.stop()  # before it was started: nothing to stop
    scheduler = Scheduler(gate.uplink(), HOURLY)
    scheduler.start()
    eventually(lambda: scheduler.state()["last_synced_at"])
    scheduler.stop()
    gate.record()
    scheduler.wake()
    assert not scheduler._clock.running
    assert live.passages() == 0


def test_a_journal_that_cannot_be_read_is_shown_and_does_not_break_the_console(gate: GateBox) -> None:
    scheduler = Scheduler(gate.uplink(), HOURLY)
    gate.journal.close()
    (gate.var / "journal.db").unlink()
    assert scheduler.state()["trouble"] == "读不出台账"


@pytest.mark.parametrize(
    "word", ["unreachable", "broken", "tls", "rubbish", "clock", "unknown-gate", "fork", "something-new"]
)
def test_every_trouble_has_words_in_both_languages(word: str) -> None:
    from sync.trouble import saying

    said = saying(LineError(word, "details for the log"))
    assert said.zh
    assert said.en
