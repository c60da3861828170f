"""Who may sign on is kept from the command line; a PIN is shown once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kiosk import service
from kiosk.__main__ import app
from kiosk.errors import GatehouseError
from kiosk.staff import SignOnError, Staff


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text('[gate]\nname = "东门"\n', encoding="utf-8")
    return path


def volunteer(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["volunteer", *words, "--config", str(config)])


def test_the_pin_that_is_printed_signs_on(config: Path) -> None:
    printed = json.loads(volunteer(config, "add", "王小明", "--json").stdout)
    staff = Staff.open(config.parent / "var" / "gate.db")
    assert staff.sign_on(printed["pin"], service.utc_now()).id == printed["id"]
    staff.close()


def test_a_pin_is_shown_when_it_is_made_and_never_again(config: Path) -> None:
    said = volunteer(config, "add", "王小明")
    assert said.exit_code == 0
    pin = said.stdout.split("PIN ")[1][:6]
    assert pin.isdecimal()
    for listed in (volunteer(config, "list").stdout, volunteer(config, "list", "--json").stdout):
        assert "王小明" in listed
        assert pin not in listed
    assert pin.encode() not in (config.parent / "var" / "gate.db").read_bytes()


def test_two_volunteers_of_one_name_are_told_apart(config: Path) -> None:
    made = [json.loads(volunteer(config, "add", "王小明", "--json").stdout) for _ in range(2)]
    listed = json.loads(volunteer(config, "list", "--json").stdout)
    assert {person["id"] for person in listed} == {person["id"] for person in made}
    assert made[0]["pin"] != made[1]["pin"]


def test_somebody_who_was_removed_signs_on_no_more(config: Path) -> None:
    printed = json.loads(volunteer(config, "add", "王小明", "--json").stdout)
    assert volunteer(config, "remove", printed["id"]).exit_code == 0
    assert json.loads(volunteer(config, "list", "--json").stdout) == []
    staff = Staff.open(config.parent / "var" / "gate.db")
    with pytest.raises(SignOnError):
        staff.sign_on(printed["pin"], service.utc_now())
    staff.close()


@pytest.mark.parametrize(
    ("words", "problem"),
    [(("add", "  "), "needs a name"), (("remove", "v-nobody"), "volunteer list")],
)
def test_what_cannot_be_done_is_said(config: Path, words: tuple[str, ...], problem: str) -> None:
    volunteer(config, "add", "王小明")
    result = volunteer(config, *words)
    assert result.exit_code != 0
    assert isinstance(result.exception, GatehouseError)
    assert problem in str(result.exception)
    assert len(json.loads(volunteer(config, "list", "--json").stdout)) == 1


def test_a_folder_that_cannot_be_made_is_named(config: Path) -> None:
    (config.parent / "var").write_text("in the way", encoding="utf-8")
    result = volunteer(config, "add", "王小明")
    assert isinstance(result.exception, GatehouseError)
    assert "set [gate] var" in str(result.exception)
