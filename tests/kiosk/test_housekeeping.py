"""What a gate does without being asked: it notices that nothing can be recorded, closes days, forgets, keeps time."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.checkpoint import Checkpoint
from kiosk.config import Settings
from kiosk.handdown import HandDown
from kiosk.housekeeping import Housekeeper
from kiosk.inforce import InForce
from kiosk.model import Event
from kiosk.screening import policy
from tests.kiosk.journal.desk import Desk

ROOT = Path(__file__).parents[2]
DAY = timedelta(days=1)
SHANGHAI_MIDNIGHT = datetime.fromisoformat("2026-11-22T16:00:00+00:00")
INSTANT = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)


class House:
    """A journal, the housekeeper who looks after it, and how often the screens were told of a change."""

    def __init__(self, folder: Path, **sync: object) -> None:
        self.desk = Desk(folder / "journal.db")
        self.journal = self.desk.open()
        self.told = 0
        gate = {"name": "东门", "var": folder, "reset_inside_at": "04:00"}
        settings = Settings(gate=gate, retention={"days": 2}, sync=sync)  # type: ignore[arg-type]
        rules = InForce(HandDown(folder / "handdown", None), policy.default(), None, demo=False)
        checkpoint = Checkpoint({}, gate="", journal=self.journal, rules=rules, now=self.desk.now)
        self.heard: list[str] = []  # kinds of what the keeper recorded by itself
        self.keeper = Housekeeper(checkpoint, self.journal, settings, self._changed, "", self._hears)

    def closed(self) -> list[Event]:
        return [event for event in self.journal.after(0) if event.kind == "day.close"]

    def closed_days(self) -> list[str]:
        return [str(event.open["day"]) for event in self.closed()]

    def take_journal_away(self) -> None:
        self.desk.path.rename(self.desk.path.with_suffix(".away"))

    def bring_journal_back(self) -> None:
        self.desk.path.with_suffix(".away").rename(self.desk.path)

    def _hears(self, events: tuple[Event, ...]) -> None:
        self.heard += [event.kind for event in events]

    def _changed(self) -> None:
        self.told += 1


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.journal.close()


def test_a_journal_that_cannot_be_written_is_told_once_and_again_when_it_can(house: House) -> None:
    house.keeper.look()
    assert (house.keeper.trouble, house.told) == (None, 0)
    house.take_journal_away()
    house.keeper.look()
    house.keeper.look()
    assert "journal.db" in (house.keeper.trouble or "")
    assert house.told == 1
    house.bring_journal_back()
    house.keeper.look()
    assert (house.keeper.trouble, house.told) == (None, 2)


def test_each_day_is_closed_once_and_a_quiet_one_reports_zero(house: House) -> None:
    house.journal.append(house.desk.passage(), house.desk.passage("refuse"))
    house.desk.later(days=3)
    house.keeper.keep_days(house.desk.at)
    assert house.closed_days() == ["2026-11-22", "2026-11-23", "2026-11-24"]
    counts = [event.open["counts"] for event in house.closed()]
    assert (counts[0]["passages"], counts[0]["admit"], counts[0]["refuse"]) == (2, 1, 1)
    assert set(counts[1].values()) == set(counts[2].values()) == {0}
    assert counts[0].keys() == counts[1].keys()
    house.keeper.keep_days(house.desk.at)
    house.desk.later(days=1)
    house.keeper.keep_days(house.desk.at)
    assert house.closed_days() == ["2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25"]


def test_a_day_is_closed_at_the_minute_that_kiosk_toml_says_and_told_for_its_report(tmp_path: Path) -> None:
    house = House(tmp_path, day_close="5 0 * * *")
    house.journal.append(house.desk.passage())
    for moment, closed in ((5 * MINUTE - INSTANT, []), (5 * MINUTE, ["2026-11-22"])):
        house.desk.at = SHANGHAI_MIDNIGHT + moment
        house.keeper.keep_days(house.desk.at)
        assert house.closed_days() == closed
    house.keeper.keep_days(house.desk.at)
    assert house.heard == ["day.close"]
    house.journal.close()


def test_a_day_ends_at_the_gates_own_midnight(house: House) -> None:
    house.desk.at = SHANGHAI_MIDNIGHT - INSTANT
    house.keeper.keep_days(house.desk.at)
    assert house.closed_days() == []
    house.desk.at = SHANGHAI_MIDNIGHT
    house.keeper.keep_days(house.desk.at)
    assert house.closed_days() == ["2026-11-22"]


def test_another_start_on_the_same_day_closes_nothing_twice(house: House, tmp_path: Path) -> None:
    house.desk.later(days=1)
    house.keeper.keep_days(house.desk.at)
    house.journal.close()
    again = House(tmp_path)
    again.desk.at = house.desk.at
    again.keeper.keep_days(again.desk.at)
    assert again.closed_days() == ["2026-11-22"]
    again.journal.close()


def test_after_the_retention_time_nobody_can_be_named_any_more(house: House) -> None:
    (passage,) = house.journal.append(house.desk.passage())
    for days, readable in ((2, True), (1, False)):
        house.desk.later(days=days)
        house.keeper.keep_days(house.desk.at)
        (found,) = house.journal.after(passage.seq - 1, limit=1)
        assert (found.personal is not None) is readable
        assert found.open["verdict"] == "admit"
    assert house.journal.verify().ok


@pytest.mark.parametrize(("contact_after", "offset_ms"), [(timedelta(0), 0), (3 * DAY * 365, -3 * 365 * 86_400_000)])
def test_a_clock_that_jumps_years_ahead_makes_nobody_unreadable(
    house: House, contact_after: timedelta, offset_ms: int
) -> None:
    (passage,) = house.journal.append(house.desk.passage())
    house.journal.acknowledge(passage.seq, passage.digest, house.desk.at + contact_after)
    house.journal.offset_ms = offset_ms
    house.desk.later(days=3 * 365)
    house.keeper.keep_days(house.desk.at)
    (found,) = house.journal.after(passage.seq - 1, limit=1)
    assert found.personal is not None


def test_while_nothing_can_be_recorded_no_day_is_closed_and_afterwards_it_is(house: House) -> None:
    house.desk.later(days=1)
    house.take_journal_away()
    house.keeper.keep_days(house.desk.at)  # not looked yet: it meets the fault itself
    house.keeper.look()
    house.keeper.keep_days(house.desk.at)
    house.bring_journal_back()
    assert house.closed_days() == []
    house.keeper.look()
    house.keeper.keep_days(house.desk.at)
    assert house.closed_days() == [str(date(2026, 11, 22))]


def test_one_step_looks_and_keeps_the_days(house: House) -> None:
    house.take_journal_away()
    stopping = threading.Event()
    stopping.set()
    house.keeper.step(stopping)
    assert house.keeper.trouble
    house.bring_journal_back()


FULL_DISK = """
import shutil, subprocess, sys
from pathlib import Path
from kiosk.model import Method, Presentation, Reading, Verdict
from kiosk.service import utc_now
from tests.web import gating

folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(folder)], check=True)
gate = gating.build(folder / "var", gate={"name": "南门", "var": folder / "var", "disk_warn_mb": 2, "disk_stop_mb": 1})
ballast = folder / "ballast"

def fill(leave=0):
    with ballast.open("ab", buffering=0) as file:
        try:
            while shutil.disk_usage(folder).free > leave:
                file.write(bytes(4096))
        except OSError:
            pass

gate.housekeeper.look()
assert gate.status()["recording"]["ok"]
visit = gate.checkpoint.present("1", Presentation(Method.SCANNER, utc_now(), gating.GREEN)).visit
(folder / "var" / "log").mkdir()
(folder / "var" / "log" / "gate.log").write_bytes(b"a line, " * 200_000)
fill(leave=1_600_000)
gate.housekeeper.look()
assert (folder / "var" / "log" / "gate.log").stat().st_size < 300_000, "the log is shed"
assert gate.status()["disk"]["level"] == "ok", "and that was enough"
fill(leave=1_600_000)
gate.housekeeper.look()
status = gate.status()
print("low:", status["disk"]["en"])
assert (status["disk"]["level"], status["recording"]["ok"]) == ("low", True), status
assert [event.open["alert"] for event in gate.journal.recent(9, ("alert",))] == ["disk-low"]
gate.housekeeper.look()
assert len(gate.journal.recent(9, ("alert",))) == 1, "told once"
fill(leave=900_000)
with gate.hub.subscribe() as screen:
    gate.housekeeper.look()
    while True:
        topic, told = screen.get(5)
        if not told["recording"]["ok"]:
            break
assert told["disk"]["level"] == "full"
assert topic == "status" and not told["recording"]["ok"], told
print("recording:", told["recording"]["en"])
for _ in range(400):
    view = gate.checkpoint.measure("1", Reading(36.6, utc_now(), "keypad"), visit.id)
    if view.trouble:
        break
    visit = gate.checkpoint.present("1", Presentation(Method.SCANNER, utc_now(), gating.GREEN)).visit
assert view.trouble.zh == "不能记录，禁止放行", view
assert view.visit.id == visit.id
ballast.unlink()
gate.checkpoint.tick()
view = gate.checkpoint.view("1")
assert view.trouble is None and view.last.visit == visit.id and view.last.verdict is Verdict.CHECK, view
gate.housekeeper.look()
assert gate.status()["recording"]["ok"]
assert [row["seq"] for row in gate.recent(1)] == [view.last.seq]
assert gate.journal.verify().ok
gate.stop()
print("afterwards: recorded")
"""


def test_on_a_full_disk_nobody_is_admitted_and_when_there_is_room_the_visit_is_recorded(tmp_path: Path) -> None:
    if not shutil.which("unshare"):
        pytest.skip("needs unshare to make a small disk")
    alone = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*alone, "mount", "-t", "tmpfs", "none", tmp_path], capture_output=True).returncode:
        pytest.skip("may not make a small disk here: mounting is not allowed")
    done = subprocess.run(
        [*alone, sys.executable, "-c", FULL_DISK, tmp_path],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    said = dict(
        line.split(": ", 1) for line in done.stdout.splitlines() if line.startswith(("low", "recording", "afterwards"))
    )
    assert said["low"].startswith("Disk space is low: 1 MB left")
    assert "admit nobody" in said["recording"]
    assert said["afterwards"] == "recorded"


NOON_OF_THE_DESK = datetime.fromisoformat("2026-11-22T04:00:00+00:00")
FOUR_NEXT_MORNING = datetime.fromisoformat("2026-11-22T20:00:00+00:00")


def test_the_day_begins_with_nobody_inside_once(house: House) -> None:
    house.journal.append(house.desk.passage(), house.desk.passage())
    house.keeper.empty_at_night(NOON_OF_THE_DESK)
    house.keeper.empty_at_night(FOUR_NEXT_MORNING - INSTANT)
    assert house.journal.inside() == 2
    house.keeper.empty_at_night(FOUR_NEXT_MORNING)
    assert house.journal.inside() == 0
    house.journal.append(house.desk.passage())
    house.keeper.empty_at_night(FOUR_NEXT_MORNING + timedelta(hours=5))
    assert house.journal.inside() == 1


def test_a_gate_that_was_off_at_the_hour_begins_the_day_when_it_starts(house: House) -> None:
    house.journal.append(house.desk.passage())
    house.keeper.empty_at_night(FOUR_NEXT_MORNING + timedelta(hours=3))
    [event] = [event for event in house.journal.after(0) if event.kind == "count.set"]
    assert (event.open["inside"], event.open["was"], event.open["why"]) == (0, 1, "night")


def test_a_restart_does_not_empty_the_place_a_second_time(house: House) -> None:
    house.keeper.empty_at_night(FOUR_NEXT_MORNING)
    house.desk.at = FOUR_NEXT_MORNING
    house.journal.append(house.desk.passage())
    again = Housekeeper(house.keeper._checkpoint, house.journal, house.keeper._settings, lambda: None)
    again.empty_at_night(FOUR_NEXT_MORNING + timedelta(hours=1))
    assert house.journal.inside() == 1


def test_a_volunteers_count_stands_in_the_journal_with_its_reason(house: House) -> None:
    house.journal.append(house.desk.passage())
    house.keeper.set_inside(12, "recounted by hand", "v-1")
    event = house.journal.recent(1, ("count.set",))[0]
    assert event.open == {"gate": "", "inside": 12, "was": 1, "why": "recounted by hand", "staff": "v-1"}
    assert house.journal.inside() == 12
