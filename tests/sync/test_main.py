"""python -m sync, as somebody at a terminal or a script uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sync import __main__ as commands
from tests.sync.live import GateBox, LiveOffice

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        assert self.code == 0, self.err
        said: dict[str, object] = json.loads(self.out.splitlines()[-1])
        return said


@pytest.fixture
def run(gate: GateBox, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs a command for the gate."""
    config = gate.var / "kiosk.toml"
    config.write_text(f'[gate]\nname = "东门"\nvar = "{gate.var}"\n', encoding="utf-8")

    def command(*words: str) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            commands.run([*words, "--config", str(config)])
        return Ran(int(left.value.code or 0), *capsys.readouterr())

    return command


def test_push_pull_and_status_of_a_gate_that_is_not_running(
    live: LiveOffice, gate: GateBox, run: Callable[..., Ran]
) -> None:
    gate.record(3)
    gate.close()
    before = run("status", "--json").json
    assert (before["waiting"], before["last_synced_at"], before["bundle"]) == (4, None, 0)
    pushed = run("push", "--json").json
    assert (pushed["sent"], pushed["noted"]) == (4, True)
    assert live.visits() == sorted(gate.visits)
    assert run("pull", "--json").json["changed"]
    after = run("status", "--json").json
    assert (after["waiting"], after["footing"]) == (0, "fresh")
    assert after["last_synced_at"]


def test_push_works_beside_a_running_gate_which_notes_it_later(
    live: LiveOffice, gate: GateBox, run: Callable[..., Ran]
) -> None:
    gate.record(2)  # its journal stays open, as a running gate's is
    assert not run("push", "--json").json["noted"]
    assert live.visits() == sorted(gate.visits)
    assert gate.waiting == 3
    gate.uplink().push()
    assert gate.waiting == 0
    assert live.visits() == sorted(gate.visits)


def test_people_get_words(gate: GateBox, run: Callable[..., Ran]) -> None:
    gate.close()
    assert "the office holds everything up to 1" in run("push").out
    assert "is in force now" in run("pull").out
    assert "nothing new" in run("pull").out
    assert "waiting" in run("status").out


def test_an_office_that_is_away_is_one_clear_message_and_exit_code_2(
    live: LiveOffice, gate: GateBox, run: Callable[..., Ran]
) -> None:
    gate.close()
    live.stop()
    failed = run("push")
    live.start()
    assert failed.code == 2
    assert "the office cannot be reached" in failed.err


def test_a_gate_that_is_not_enrolled_is_told_how_to_be(gate: GateBox, run: Callable[..., Ran]) -> None:
    (gate.var / "identity.json").unlink()
    failed = run("status")
    assert failed.code == 2
    assert "python -m kiosk enroll URL TOKEN" in failed.err


def test_a_gate_that_never_ran_is_told_to(gate: GateBox, run: Callable[..., Ran]) -> None:
    gate.close()
    (gate.var / "journal.db").unlink()
    failed = run("push")
    assert failed.code == 2
    assert "start the gate once" in failed.err


@pytest.mark.parametrize("command", ["push", "pull", "status"])
def test_every_command_explains_itself_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        commands.run([command, "--help"])
    assert f"python -m sync {command}" in capsys.readouterr().out


def test_it_runs_as_a_module() -> None:
    ran = subprocess.run([sys.executable, "-m", "sync", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "push" in ran.stdout


def test_a_stick_goes_to_the_office_and_back(
    live: LiveOffice, gate: GateBox, run: Callable[..., Ran], tmp_path: Path
) -> None:
    from sync.office import __main__ as office

    gate.record(3)
    out, back = str(tmp_path / "out.parcel"), str(tmp_path / "back.parcel")
    assert run("carry", "out", out, "--json").json["events"] == 4
    where = ["--url", live.settings.url, "--var", str(live.settings.var)]
    for words in (["carry", "in", out], ["carry", "out", "东门", back]):
        with pytest.raises(SystemExit) as left:
            office.run([*words, *where])
        assert not left.value.code
    assert live.visits() == sorted(gate.visits)
    assert run("carry", "in", back, "--json").json["left"], "the gate is running: its journal is open"
    gate.close()
    taken = run("carry", "in", back, "--json").json
    assert (taken["acknowledged"], taken["waiting"], taken["changed"]) == (4, 0, True)
    assert "was written by an office" not in run("carry", "in", out).out
    assert "take it to the office" in run("carry", "in", out).err
