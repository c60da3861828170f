"""python -m kiosk backup and restore, as people call them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kiosk.__main__ import app
from kiosk.errors import GatehouseError
from tests.kiosk.cli.test_journal import Gate, _passage


def run(gate: Gate, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--config", str(gate.config)])


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    gate = Gate(tmp_path)
    with gate.journal() as journal:
        journal.append(_passage("admit"))
    return gate


def test_a_running_gate_is_copied_and_keys_stay_at_home(gate: Gate, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with gate.journal():
        said = json.loads(run(gate, "backup", str(copy), "--json").stdout)
    assert (said["ok"], said["seq"]) == (True, 2)
    assert (gate.var / "keys" / "gate.key").read_bytes() not in copy.read_bytes()
    assert "张三丰".encode() not in copy.read_bytes()
    assert not copy.with_name("copy.db.keys").exists()


def test_with_its_keys_a_gate_can_be_put_on_another_machine(gate: Gate, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    result = run(gate, "backup", str(copy), "--with-keys")
    assert "under lock and key" in result.stderr
    keys = copy.with_name("copy.db.keys")
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    (tmp_path / "other").mkdir()
    other = Gate(tmp_path / "other")
    assert "goes on under journal" in run(other, "restore", str(copy)).stdout
    with other.journal() as journal:
        assert journal.recent(1)[0].personal == {"name": "张三丰", "phone": "13812348000"}
        assert len(journal.journals()) == 2


def test_a_copy_without_its_keys_is_refused_and_no_key_is_made(gate: Gate, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    run(gate, "backup", str(copy))
    (tmp_path / "other").mkdir()
    other = Gate(tmp_path / "other")
    result = run(other, "restore", str(copy))
    assert isinstance(result.exception, GatehouseError)
    assert "gate.key: missing" in str(result.exception)
    assert not (other.var / "keys" / "gate.key").exists()
