"""python -m sync now: the gate that runs calls at once, or the command does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kiosk import service
from kiosk.config import Settings, Sync
from sync import bell
from sync.bell import Bell
from sync.schedule import Scheduler
from tests.sync.live import GateBox, Impostor, LiveOffice
from tests.sync.test_main import Ran, run
from tests.sync.test_schedule import eventually

__all__ = ["run"]

HOURLY = Sync(interval_s=3600, jitter=0.0, spread_s=0)

Answering = Callable[..., Scheduler]


@pytest.fixture
def answering(gate: GateBox) -> Iterator[Answering]:
    """A gate at work that listens to its bell."""
    running: list[Scheduler | Bell] = []

    def start(url: str | None = None) -> Scheduler:
        scheduler = Scheduler(gate.uplink(url), HOURLY)
        running.extend([scheduler, Bell(gate.var, scheduler)])
        for part in running:
            part.start()
        eventually(lambda: all(task.ended and not task.busy for task in scheduler.tasks))
        return scheduler

    yield start
    for part in reversed(running):
        part.stop()


def test_the_gate_that_runs_calls_and_the_command_says_what_came_of_it(
    live: LiveOffice, gate: GateBox, run: Callable[..., Ran], answering: Answering
) -> None:
    answering()
    gate.record(3)
    said = run("now", "--json").json
    assert (said["by"], said["sent"], said["waiting"]) == ("gate", 3, 0)
    assert gate.waiting == 0, "the gate itself has noted it"
    assert live.visits() == sorted(gate.visits)
    assert "nothing waits; sent 0" in run("now").out
    assert list((gate.var / "bell").iterdir()) == []
    assert (gate.var / "bell").stat().st_mode & 0o077 == 0


def test_a_whole_gate_listens_to_its_bell(live: LiveOffice, gate: GateBox, run: Callable[..., Ran]) -> None:
    gate.record(3)
    gate.close()
    whole = service.build(Settings(gate={"name": "东门", "var": gate.var}, lane=({"name": "1", "kind": "scanner"},)))  # type: ignore[arg-type]
    whole.start()
    try:
        assert run("now", "--json").json["by"] == "gate"
    finally:
        whole.stop()
    assert live.visits() == sorted(gate.visits)


def test_an_office_that_is_away_is_told_with_what_waits(
    live: LiveOffice, gate: GateBox, run: Callable[..., Ran], answering: Answering
) -> None:
    answering()
    gate.record(2)
    live.stop()
    failed = run("now")
    live.start()
    assert failed.code == 2
    assert "The office cannot be reached" in failed.err
    assert "2 wait" in failed.err


def test_an_office_that_wants_to_be_left_alone_is_not_called(
    gate: GateBox, run: Callable[..., Ran], answering: Answering
) -> None:
    with Impostor(503, b'{"error":"unavailable"}', {"Retry-After": "3600"}) as office:
        answering(office.url)
        failed = run("now")
        assert failed.code == 2
        assert "asked to be left alone until" in failed.err
        assert office.requests == 3


def test_without_a_gate_the_command_calls_itself(live: LiveOffice, gate: GateBox, run: Callable[..., Ran]) -> None:
    gate.record(3)
    gate.close()
    done = run("now")
    assert "sent 4; called from here, since no gate is running" in done.out
    assert live.visits() == sorted(gate.visits)
    assert run("status", "--json").json["footing"] == "fresh"
    live.stop()
    failed = run("now")
    live.start()
    assert failed.code == 2
    assert "the office cannot be reached" in failed.err


def test_a_journal_in_use_without_a_gate_that_answers_is_said(
    gate: GateBox, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "HEARD_WITHIN_S", 0.3)
    failed = run("now")
    assert failed.code == 2
    assert "no gate answers" in failed.err
    assert list((gate.var / "bell").iterdir()) == []


def test_what_else_lies_in_the_bells_folder_rings_nothing(gate: GateBox) -> None:
    scheduler = Scheduler(gate.uplink(), HOURLY)
    box = gate.var / "bell"
    box.mkdir()
    for name in ("x.ring", "../ring", "0123456789abcdef.txt", "0123456789ABCDEF.ring"):
        (box / name.replace("/", "-")).touch()
    Bell(gate.var, scheduler).look()
    assert scheduler.state()["wish"] is None
    assert len(list(box.iterdir())) == 4
