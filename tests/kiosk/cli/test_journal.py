"""python -m kiosk journal …, as people and scripts call it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kiosk import tokens
from kiosk.cli.journal import app
from kiosk.errors import ConfigError, JournalError
from kiosk.identity import Identity, IdentityError, Keys
from kiosk.journal import Journal
from kiosk.model import Draft
from tests.kiosk.journal.desk import Desk

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


class Gate:
    """A gate's folder with its configuration, keys and journal."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "kiosk.toml"
        self.config.write_text('[gate]\nname = "东门"\n', encoding="utf-8")
        self.var = folder / "var"

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        with Journal.open(self.var / "journal.db", Keys.load_or_create(self.var).gate, now=lambda: NOON) as journal:
            yield journal

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--config", str(self.config)])


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """A gate that recorded numbers 1 to 3."""
    gate = Gate(tmp_path)
    with gate.journal() as journal:
        journal.append(_passage("admit"), _passage("isolate", "fever"))
    return gate


def _passage(verdict: str, *rules: str) -> Draft:
    reasons = [{"rule": rule, "verdict": verdict} for rule in rules]
    said = {"lane": "1", "direction": "in", "method": "camera", "verdict": verdict, "reasons": reasons}
    return Draft("passage", NOON, said, {"name": "张三丰", "phone": "13812348000"})


def _tamper(gate: Gate, change: str) -> None:
    with Desk(gate.var / "journal.db").tampering() as file:
        file.execute(change)


def _lines(result: Result) -> list[Any]:
    assert result.exit_code == 0, result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_whole_journal_verifies_with_its_last_number_and_digest(gate: Gate) -> None:
    with gate.journal() as journal:
        head, name = journal.head(), journal.id
    (found,) = _lines(gate.run("verify", "--json"))
    assert found == {
        "ok": True,
        "journal": name,
        "seq": 3,
        "digest": head.digest,
        "first_bad": None,
        "why": None,
    }
    said = gate.run("verify").stdout
    assert f"last number 3, digest {head.digest}" in said


def test_a_broken_journal_exits_with_1_and_names_the_first_bad_number(gate: Gate) -> None:
    _tamper(gate, "UPDATE events SET at = at + 1 WHERE number = 2")
    result = gate.run("verify")
    assert result.exit_code == 1
    assert "number 2 does not hold: digest" in result.stdout
    as_json = gate.run("verify", "--json")
    assert as_json.exit_code == 1
    assert (json.loads(as_json.stdout)["first_bad"], json.loads(as_json.stdout)["seq"]) == (2, 1)


def test_verify_and_tail_work_while_the_gate_runs(gate: Gate) -> None:
    with gate.journal() as journal:
        journal.append(_passage("check"))
        assert _lines(gate.run("verify", "--json"))[0]["seq"] == 4
        assert [event["seq"] for event in _lines(gate.run("tail", "-n", "2", "--json"))] == [3, 4]


def test_tail_shows_the_newest_events_without_anything_personal(gate: Gate) -> None:
    result = gate.run("tail")
    begin, admitted, isolated = result.stdout.splitlines()
    assert "journal.begin" in begin
    assert admitted.split()[0] == "2"
    assert "11-22 12:00:00" in admitted, "in the gate's own time"
    assert isolated.endswith("passage          1 in camera isolate fever")
    for text in (result.stdout, gate.run("tail", "--json").stdout):
        assert "张三丰" not in text
        assert "13812348000" not in text


def test_tail_as_json_says_everything_open(gate: Gate) -> None:
    (event,) = _lines(gate.run("tail", "-n", "1", "--json"))
    assert (event["seq"], event["kind"], event["at"]) == (3, "passage", "2026-11-22T04:00:00.000Z")
    assert event["open"]["reasons"] == [{"rule": "fever", "verdict": "isolate"}]
    assert set(event) == {"journal", "seq", "id", "kind", "at", "clock", "open", "digest"}


def test_tail_follows_what_the_gate_records(gate: Gate) -> None:
    code = (
        f"from kiosk.cli.journal import app; app(['tail', '-n', '1', '--json', '-f', '--config', {str(gate.config)!r}])"
    )
    run = [sys.executable, "-c", code]
    with subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout
        try:
            assert json.loads(following.stdout.readline())["seq"] == 3
            with gate.journal() as journal:
                journal.append(_passage("check"))
                assert json.loads(following.stdout.readline())["seq"] == 4
                journal.renew("fork")
                assert json.loads(following.stdout.readline())["kind"] == "journal.begin"
        finally:
            following.terminate()


def test_rebuild_makes_the_projections_anew(gate: Gate) -> None:
    _tamper(gate, "UPDATE tallies SET passages = 99")
    assert _lines(gate.run("rebuild", "--json")) == [{"events": 3}]
    with gate.journal() as journal:
        assert journal.counts(NOON.date())["passages"] == 2


def test_rebuild_does_not_disturb_a_gate_that_runs(gate: Gate) -> None:
    with gate.journal():
        result = gate.run("rebuild")
    assert isinstance(result.exception, JournalError)
    assert "stop that one first" in str(result.exception)


def test_salvage_says_what_came_of_a_file(gate: Gate, tmp_path: Path) -> None:
    aside = (gate.var / "journal.db").rename(tmp_path / "aside.db")
    (gate.var / "journal.mark").unlink()
    gate.journal().__enter__().close()
    said = _lines(gate.run("salvage", str(aside), "--json"))[0]
    assert (said["file"], said["read"], said["again"], said["lost"]) == ("aside.db", 3, 2, 0)
    assert "0 recorded again" in gate.run("salvage", str(aside)).stdout
    assert "no such file" in str(gate.run("salvage", str(tmp_path / "other.db")).exception)


@pytest.mark.parametrize("command", ["verify", "tail", "rebuild"])
def test_before_the_gate_ran_there_is_nothing_and_nothing_is_made(tmp_path: Path, command: str) -> None:
    gate = Gate(tmp_path)
    result = gate.run(command)
    assert isinstance(result.exception, JournalError)
    assert not gate.var.exists()


def test_a_missing_key_is_named_and_not_made(gate: Gate) -> None:
    (gate.var / "keys" / "gate.key").unlink()
    result = gate.run("verify")
    assert isinstance(result.exception, IdentityError)
    assert "gate.key" in str(result.exception)
    assert not (gate.var / "keys" / "gate.key").exists()


def test_a_configuration_that_is_missing_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["verify", "--config", str(tmp_path / "other.toml")])
    assert isinstance(result.exception, ConfigError)


def test_a_search_takes_the_number_from_standard_input_and_keeps_no_trace_of_it(gate: Gate) -> None:
    phone, key = "13812348000", b"t" * 32
    Identity("g-1", "c-1", "幸福社区", "http://127.0.0.1:1", b"o" * 32, key).save(gate.var)
    with gate.journal() as journal:
        known = {"name": "张三丰", "phone": phone, "tokens": [tokens.token(key, "phone", phone)]}
        journal.append(Draft("passage", NOON, {"lane": "2", "verdict": "admit"}, known))

    def search(typed: str) -> Result:
        words = ["search", "--why", "本人查询", "--json", "--config", str(gate.config)]
        return CliRunner().invoke(app, words, input=f"{typed}\n")

    found = search("138 1234 8000")
    assert [json.loads(line)["open"]["lane"] for line in found.stdout.splitlines()] == ["2"]
    assert phone not in found.stdout
    assert search("13900001111").stdout == ""
    kept = (gate.var / "searches.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line)["found"] for line in kept.splitlines()] == [1, 0]
    assert phone not in kept
    refused = search("12345")
    assert isinstance(refused.exception, JournalError)
    assert "12345" not in str(refused.exception)
