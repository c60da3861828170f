"""The commands that check a province's file, ask once, and play a province."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.__main__ import app
from kiosk.errors import ConfigError, GatehouseError
from kiosk.provinces.stand_in import SECRET, Fault, StandIn, draw, printed
from tests.kiosk.provinces.gates import now

ROOT = Path(__file__).parents[3]
runner = CliRunner()


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as province:
        yield province


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GATEHOUSE_TEST_PROVINCE_SECRET", SECRET)
    path = tmp_path / "kiosk.toml"
    path.write_text(
        '[gate]\nname = "东门"\n[provinces]\ntimeout_s = 2\n[provinces.verifier]\nposition = "东门"\n'
        'department = "社区"\n[provinces.access.test-province]\napp = "gate-7"\n',
        encoding="utf-8",
    )
    return path


def try_(text: str, config: Path, server: StandIn) -> tuple[int, str]:
    asked = ["province", "try", "test-province", text, "--config", str(config), "--endpoint", server.url]
    result = runner.invoke(app, asked)
    return result.exit_code, result.output


def test_a_good_file_says_what_it_needs():
    result = runner.invoke(app, ["province", "check", "sukang", "--json"])
    said = json.loads(result.output)
    assert (said["id"], said["secret_env"], said["unverified_against_live"]) == (
        "sukang",
        "GATEHOUSE_SUKANG_TOKEN",
        True,
    )
    assert "phone" in said["needs"]
    assert "未经实网验证" in runner.invoke(app, ["province", "check", "bamin"]).output


def test_a_bad_file_says_everything_that_is_wrong(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('id = "X"\nform = []\n', encoding="utf-8")
    result = runner.invoke(app, ["province", "check", str(path)])
    assert isinstance(result.exception, ConfigError)
    assert {problem.split(":")[1].strip() for problem in result.exception.problems} >= {
        "id",
        "form",
        "request",
        "title",
    }


def test_trying_shows_each_step_and_masks_who_it_is(server, config):
    code, said = try_(draw("green", now()), config, server)
    assert code == 0
    assert "verified, nothing wrong, level green" in said
    assert "林*燕" in said
    for hidden in ("林晓燕", SECRET, "13900000001"):
        assert hidden not in said


def test_trying_says_why_there_was_no_judgment(server, config):
    code, said = try_(printed("purple"), config, server)
    assert (code, "/data/level: 9 is in no table of levels" in said) == (1, True)
    server.fault = Fault.RESET
    code, said = try_(printed("green"), config, server)
    assert (code, "broken-off" in said) == (1, True)
    code, said = try_("https://elsewhere.example", config, server)
    assert (code, "none of" in said) == (1, True)


def test_trying_names_what_is_not_set_up(config, monkeypatch):
    monkeypatch.delenv("GATEHOUSE_TEST_PROVINCE_SECRET")
    result = runner.invoke(app, ["province", "try", "test-province", printed("green"), "--config", str(config)])
    assert result.exit_code == 1
    assert "GATEHOUSE_TEST_PROVINCE_SECRET" in result.output


def test_a_code_is_drawn_for_somebody_who_lives_there():
    assert runner.invoke(app, ["province", "code", "red"]).output.startswith("https://test-province.invalid/d/0002")
    assert runner.invoke(app, ["province", "code", "red", "--printed"]).output.strip() == printed("red")
    assert isinstance(runner.invoke(app, ["province", "code", "blue"]).exception, GatehouseError)


def test_the_test_province_serves_until_it_is_stopped(config):
    command = [sys.executable, "-m", "kiosk", "province", "serve", "--port", "0", "--fault", "expired"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as served:
        assert served.stdout is not None
        url = re.search(r"http://127\.0\.0\.1:\d+", served.stdout.readline())
        assert url is not None
        asked = ["province", "try", "test-province", printed("green"), "--config", str(config), "--endpoint", url[0]]
        said = runner.invoke(app, asked).output
        served.send_signal(signal.SIGINT)
        assert served.wait(20) == 0
    assert "failed, expired" in said
