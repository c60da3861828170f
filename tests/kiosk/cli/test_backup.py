"""python -m kiosk backup and restore, as people call them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kiosk.__main__ import app
from kiosk.errors import GatehouseError
from kiosk.staff import Staff
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


def restored(gate: Gate, copy: Path) -> Any:
    """What restoring a copy says; the log goes before it."""
    return json.loads(run(gate, "restore", str(copy), "--json").stdout.splitlines()[-1])


def manned(gate: Gate) -> str:
    """The gate with a volunteer on duty and a bundle in force; the volunteer's PIN."""
    staff = Staff.open(gate.var / "gate.db")
    _, pin = staff.add("王小明")
    staff.sign_on(pin, datetime.now(UTC))
    staff.close()
    folder = gate.var / "handdown"
    folder.mkdir()
    section = b'{"notices":[]}'
    sha256 = hashlib.sha256(section).hexdigest()
    (folder / sha256).write_bytes(section)
    (folder / "manifest.json").write_text(json.dumps({"version": 7, "sections": {"notices": sha256}}))
    return pin


def test_volunteers_and_hand_down_go_along_and_come_back(gate: Gate, tmp_path: Path) -> None:
    pin, copy = manned(gate), tmp_path / "copy.db"
    run(gate, "backup", str(copy), "--with-keys")
    content = copy.read_bytes()
    assert "王小明".encode() not in content
    assert b'{"notices":[]}' not in content

    (tmp_path / "other").mkdir()
    other = Gate(tmp_path / "other")
    said = restored(other, copy)
    assert said["put_back"] == ["volunteers", "hand-down"]
    staff = Staff.open(other.var / "gate.db")
    assert staff.on_duty() is None
    assert staff.sign_on(pin, datetime.now(UTC)).name == "王小明"
    staff.close()
    for file in sorted((gate.var / "handdown").iterdir()):
        assert (other.var / "handdown" / file.name).read_bytes() == file.read_bytes()
    for file in (other.var / "gate.db", other.var / "handdown" / "manifest.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with other.journal() as journal:
        assert journal.verify().ok
    with sqlite3.connect(other.var / "journal.db") as file:
        assert file.execute("SELECT count(*) FROM sqlite_master WHERE name = 'enclosed'").fetchone() == (0,)


def test_who_is_there_already_stays(gate: Gate, tmp_path: Path) -> None:
    manned(gate)
    copy = tmp_path / "copy.db"
    run(gate, "backup", str(copy))
    staff = Staff.open(gate.var / "gate.db")
    staff.add("李红")
    staff.close()
    (gate.var / "handdown" / "manifest.json").write_text('{"version": 8, "sections": {}}')
    assert restored(gate, copy)["put_back"] == []
    staff = Staff.open(gate.var / "gate.db")
    assert [person.name for person in staff.all()] == ["李红", "王小明"]
    staff.close()
    assert "8" in (gate.var / "handdown" / "manifest.json").read_text()


def test_a_copy_from_before_anything_went_along_is_put_back_as_ever(gate: Gate, tmp_path: Path) -> None:
    manned(gate)
    copy = tmp_path / "copy.db"
    run(gate, "backup", str(copy))
    with sqlite3.connect(copy) as file:
        file.execute("DROP TABLE enclosed")
    (gate.var / "gate.db").unlink()
    assert restored(gate, copy)["put_back"] == []
    with gate.journal() as journal:
        assert len(journal.journals()) == 2
