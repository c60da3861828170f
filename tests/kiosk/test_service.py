"""A whole gate on a folder of its own: what it makes there, what it shows, what it keeps over a restart."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import service
from kiosk.config import Settings
from kiosk.errors import ConfigError, GatehouseError, JournalError
from kiosk.identity import Identity, IdentityError
from kiosk.model import Holder, Method, Presentation, Reading, Verdict
from kiosk.service import GateService
from kiosk.visit import LaneView
from tests.kiosk.devices.waiting import until

LANES = ({"name": "1", "kind": "scanner"}, {"name": "hall", "kind": "tablet"})
RED, YELLOW = "GL1:red:张三丰", "GL1:yellow:李四"

Build = Callable[..., GateService]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Builds gates on one folder and stops those that are left."""
    built: list[GateService] = []

    def make(lanes: tuple[dict[str, Any], ...] = LANES, *, demo: bool = False, **gate: Any) -> GateService:
        settings = Settings(gate={"name": "东门", "var": tmp_path / "var"} | gate, lane=lanes)  # type: ignore[arg-type]
        built.append(service.build(settings, demo=demo))
        return built[-1]

    yield make
    for gate in built:
        gate.stop()


def scan(gate: GateService, text: str, lane: str = "1") -> LaneView:
    return gate.checkpoint.present(lane, Presentation(Method.SCANNER, service.utc_now(), text))


def measure(gate: GateService, celsius: float = 36.6, lane: str = "1") -> LaneView:
    return gate.checkpoint.measure(lane, Reading(celsius, service.utc_now(), "keypad"))


def pass_by(gate: GateService, text: str = RED, celsius: float = 36.6) -> LaneView:
    scan(gate, text)
    return measure(gate, celsius)


# --- the folder -----------------------------------------------------------------------------------------------------


def test_a_gate_starts_on_a_bare_folder_and_keeps_it_to_itself(build: Build, tmp_path: Path) -> None:
    gate = build()
    pass_by(gate)
    var = tmp_path / "var"
    assert gate.journal.head().seq == 3  # begun, a passage, its alert
    assert {path.name for path in var.iterdir()} >= {"journal.db", "gate.db", "keys"}
    assert [path for path in (var, *var.rglob("*")) if path.stat().st_mode & 0o077] == []


def test_what_was_recorded_is_there_after_a_restart_and_the_numbers_go_on(build: Build) -> None:
    first = build()
    volunteer, pin = first.staff.add("王小明")
    first.staff.sign_on(pin, service.utc_now())
    first.signed_on(volunteer.id, volunteer.name, on=True)
    first.start()
    pass_by(first)
    first.stop()
    head, rows = first.journal.id, 3 + 1
    second = build()
    assert (second.journal.id, second.journal.head().seq) == (head, rows)
    assert [row["verdict"] for row in second.recent()] == ["refuse"]
    assert pass_by(second, YELLOW).last.seq == rows + 1  # type: ignore[union-attr]
    assert second.recent(1)[0]["staff"] == volunteer.id
    assert second.journal.verify().ok


def test_two_gates_cannot_write_one_journal(build: Build) -> None:
    build()
    with pytest.raises(JournalError, match="another gate process"):
        build()


def test_a_journal_whose_key_is_lost_is_given_no_other(build: Build, tmp_path: Path) -> None:
    build().stop()
    key = tmp_path / "var" / "keys" / "gate.key"
    key.unlink()
    with pytest.raises(IdentityError, match="backup"):
        build()
    assert not key.exists()


def test_a_folder_that_cannot_be_made_is_named(build: Build, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GatehouseError, match=r"set \[gate\] var"):
        build(var=tmp_path / "file" / "var")


# --- its parts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lane", "problem"),
    [
        ({"camera": "film.mp4", "thermometer": "thermocouple"}, "unknown thermometer"),
        ({"camera": "film.mp4", "thermometer": "serial:"}, "serial:/dev/ttyUSB0"),
        ({"camera": "film.mp4", "thermometer": "serial:/dev/ttyUSB0@fast"}, "serial:/dev/ttyUSB0"),
        ({"camera": 0, "thermometer": "film"}, "needs a film"),
        ({"camera": "nowhere.mp4", "thermometer": "film"}, "nowhere.mp4"),
        ({"kind": "tablet", "thermometer": "film"}, "needs a film"),
    ],
)
def test_a_device_that_cannot_be_is_a_problem_of_the_configuration(
    build: Build, lane: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        build(({"name": "1"} | lane,))


OWN_POLICY = """
id = "ours"
version = 3
title = {zh = "本门", en = "Ours"}
[[rule]]
id = "closed"
when = true
verdict = "refuse"
say = {zh = "本门关闭", en = "This gate is closed"}
"""


def test_until_the_office_hands_one_down_the_gates_own_policy_rules(build: Build, tmp_path: Path) -> None:
    own = tmp_path / "policy.toml"
    own.write_text(OWN_POLICY, encoding="utf-8")
    gate = build(policy=own)
    assert gate.status()["policy"] == "ours@3"
    assert scan(gate, "GL1:green").last.reasons[0].rule == "closed"  # type: ignore[union-attr]


@pytest.mark.parametrize("text", [None, "id = ", 'id = "ours"', "\udcff"])
def test_a_policy_that_cannot_be_used_is_named(build: Build, tmp_path: Path, text: str | None) -> None:
    own = tmp_path / "ours.toml"
    if text is not None:
        own.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ConfigError, match=r"\[gate\] policy: .*ours\.toml: "):
        build(policy=own)


def test_a_gate_that_is_not_enrolled_works_and_counts_what_waits(build: Build) -> None:
    gate = build()
    gate.start()
    assert pass_by(gate).last.verdict is Verdict.REFUSE  # type: ignore[union-attr]
    gate.sync_now()
    status = gate.status()
    assert (status["enrolled"], status["community"], status["footing"]) == (False, "", "none")
    assert status["sync"] == {"waiting": 3, "last_synced_at": None, "trouble": None, "office": None}


def test_an_enrolled_gate_with_no_office_in_reach_works_and_says_so(build: Build, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    Identity("g-1", "c-1", "幸福社区", "http://127.0.0.1:9", b"o" * 32, b"t" * 32).save(tmp_path / "var")
    gate = build()
    gate.start()
    assert pass_by(gate).last.verdict is Verdict.REFUSE  # type: ignore[union-attr]
    until(lambda: gate.status()["sync"]["trouble"])
    sync = gate.status()["sync"]
    assert (sync["office"], sync["waiting"], sync["last_synced_at"]) == ("http://127.0.0.1:9", 3, None)
    assert gate.recent(1)[0]["verdict"] == "refuse"


def test_a_demonstration_plays_the_bundled_film_and_says_so_on_every_record(build: Build) -> None:
    gate = build(({"name": "1"},), demo=True)
    gate.start()
    until(lambda: gate.recent(1), within_s=60)
    assert gate.status()["demo"] is True
    assert gate.recent(1)[0]["demo"] is True
    picture = gate.jpeg("1", 320)
    assert picture is not None
    assert picture.startswith(b"\xff\xd8")


def test_a_named_camera_is_used_in_a_demonstration_too(build: Build, tmp_path: Path) -> None:
    gate = build(({"name": "1", "camera": str(tmp_path / "nowhere.mp4")},), demo=True)
    gate.start()
    until(lambda: "nowhere.mp4" in gate.cameras["1"].feed.trouble)
    assert gate.status()["lanes"][0]["camera"] == "missing"


# --- what it shows --------------------------------------------------------------------------------------------------


def test_the_status_says_all_a_console_needs_in_plain_values(build: Build) -> None:
    gate = build()
    status = gate.status()
    no_devices = {"camera": "none", "thermometer": "none", "scanner": "none", "dropped": 0}
    no_devices |= {"warnings": [], "hint": None, "zone": None, "selftest": "none"}
    assert json.loads(json.dumps(status)) == status
    assert status | {"time": ""} == {
        "gate": "东门",
        "community": "",
        "demo": False,
        "enrolled": False,
        "time": "",
        "footing": "none",
        "policy": "default@1",
        "handdown_trouble": {},
        "recording": {"ok": True, "zh": "", "en": ""},
        "disk": {"level": "ok", "zh": "", "en": ""},
        "sync": {"waiting": 1, "last_synced_at": None, "trouble": None, "office": None},
        "clock_offset_ms": None,
        "inside": 0,
        "place": None,
        "lanes": [
            {"name": "1", "kind": "scanner"} | no_devices,
            {"name": "hall", "kind": "tablet"} | no_devices,
        ],
        "summons": [],
    }
    assert gate.jpeg("1") is None
    assert gate.notices() == []


def test_the_recent_list_is_masked_and_the_newest_comes_first(build: Build) -> None:
    gate = build()
    pass_by(gate)
    typed = Holder(phone="13812348000")
    view = gate.checkpoint.present("1", Presentation(Method.HAND, service.utc_now(), person=typed))
    assert view.visit is not None
    gate.checkpoint.cancel("1", view.visit.id, "left")
    rows = gate.recent()
    assert [(row["kind"], row["name"], row["why"]) for row in rows] == [
        ("visit.abandoned", "138****8000", "left"),
        ("passage", "张*丰", ""),
    ]
    assert rows[1]["reasons"][0]["rule"] == "red-code"
    assert "张三丰" not in json.dumps(rows, ensure_ascii=False)


def test_a_recorded_visit_reaches_every_screen(build: Build) -> None:
    gate = build()
    scan(gate, RED)
    with gate.hub.subscribe() as screen:
        view = measure(gate)
        heard = dict(update for update in iter(lambda: screen.get(0), None))
    assert heard["lane"]["last"]["visit"] == view.last.visit  # type: ignore[union-attr]
    assert heard["lane"]["last"]["verdict"] == "refuse"
    assert heard["recent"]["rows"] == gate.recent()
    assert heard["status"]["sync"]["waiting"] == 3


def test_somebody_a_tablet_refuses_calls_the_volunteer(build: Build) -> None:
    gate = build()
    view = scan(gate, RED, lane="hall")
    assert view.visit is not None
    gate.checkpoint.answer("hall", view.visit.id, {question.id: False for question in view.visit.questions})
    measure(gate, lane="hall")
    assert [(call["lane"], call["why"]) for call in gate.status()["summons"]] == [("hall", "refuse")]
    gate.dismiss("hall")
    gate.summon("hall", "help")
    assert [call["why"] for call in gate.status()["summons"]] == ["help"]


def test_changes_of_shift_are_written_down_without_a_name_in_the_open(build: Build) -> None:
    gate = build()
    gate.signed_on("v-1", "王小明", on=True)
    gate.signed_on("v-1", "王小明", on=False)
    on, off = gate.journal.after(1)
    assert (on.kind, off.kind) == ("shift.on", "shift.off")
    assert dict(on.open) == {"gate": "", "staff": "v-1"}
    assert on.personal == {"name": "王小明"}


# --- when something breaks ------------------------------------------------------------------------------------------


def test_screens_are_told_that_nothing_can_be_recorded_even_when_nothing_can_be_read(
    build: Build, tmp_path: Path
) -> None:
    gate = build()
    journal = tmp_path / "var" / "journal.db"
    journal.rename(tmp_path / "away.db")
    (tmp_path / "var" / "journal.db").write_bytes(b"not a database" * 100)
    gate.journal._reader._engine.dispose()  # as a thread that has read nothing before would meet it
    with gate.hub.subscribe() as screen:
        gate.housekeeper.look()
        topic, told = screen.get(5) or ("", {})
    assert topic == "status"
    assert told["recording"]["ok"] is False
    assert "禁止放行" in told["recording"]["zh"]
    assert gate.recent() == []


def test_a_visit_is_recorded_also_when_nobody_can_say_who_is_on_duty(build: Build, tmp_path: Path) -> None:
    gate = build()
    gate.staff.close()
    os.truncate(tmp_path / "var" / "gate.db", 100)
    assert pass_by(gate).last.verdict is Verdict.REFUSE  # type: ignore[union-attr]
    assert gate.recent(1)[0]["staff"] == ""


def test_a_damaged_hand_down_is_told(build: Build, tmp_path: Path) -> None:
    folder = tmp_path / "var" / "handdown"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{half", encoding="utf-8")
    gate = build()
    assert gate.status()["handdown_trouble"].keys() == {"bundle"}
    assert gate.status()["footing"] == "none"


def test_a_stopped_gate_has_left_no_thread_behind(build: Build) -> None:
    before = set(threading.enumerate())
    gate = build()
    gate.start()
    assert set(threading.enumerate()) - before
    gate.stop()
    until(lambda: not set(threading.enumerate()) - before)
