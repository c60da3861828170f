"""verify --day and export --proof as people run them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from sync.office.office import Office
from sync.office.values import EVERYTHING
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import GateEnd, enrolled
from tests.sync.office.test_cli import Run, an_office, json_of, run, var

__all__ = ["an_office", "run", "var"]


@pytest.fixture
def a_day(run: Run, an_office: Callable[[], Office], clock: ManualClock) -> str:
    """A gate named 东门 with two passages on 22 November, closed; its id."""
    run("init", "--community", "幸福社区")
    office = an_office()
    end = GateEnd(office, enrolled(office, office.units.communities(EVERYTHING)[0], "东门").id, clock)
    end.passes(2)
    clock.go(hours=13)
    end.journal.append("day.close", clock.at, {"gate": end.id, "day": "2026-11-22", "counts": {"passages": 2}})
    end.send()
    clock.at -= timedelta(hours=13)
    office.close()
    return end.id


def test_a_day_is_verified_and_given_out(a_day: str, run: Run, tmp_path: Path) -> None:
    (found,) = json_of(run("verify", "--gate", "东门", "--day", "2026-11-22", "--json"))
    assert (found["gate"], found["ok"], found["passages"], found["countersigned"]) == (a_day, True, 2, 3)
    assert "ok, countersigned at 3" in run("verify", "--gate", a_day, "--day", "2026-11-22").stdout
    assert json_of(run("verify", "--json"))[0]["ok"]

    run("export", "--proof", "--gate", "东门", "--day", "2026-11-22", str(tmp_path / "day.zip"))
    with zipfile.ZipFile(tmp_path / "day.zip") as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, "-I", str(tmp_path / "verify.py")]
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


def test_what_cannot_be_had_is_said(a_day: str, run: Run, tmp_path: Path) -> None:
    assert "needs --gate" in run("verify", "--day", "2026-11-22", code=2).stderr
    assert "nothing of 东门" in run("verify", "--gate", a_day, "--day", "2026-11-01", code=2).stderr
    assert "not a day" in run("verify", "--gate", a_day, "--day", "yesterday", code=2).stderr
    wanted = ("--gate", a_day, "--day", "2026-11-22")
    assert "--proof" in run("export", *wanted, str(tmp_path / "a.zip"), code=2).stderr
    assert "cannot be written" in run("export", "--proof", *wanted, str(tmp_path / "no" / "a.zip"), code=2).stderr
