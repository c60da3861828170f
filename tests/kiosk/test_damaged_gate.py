"""A gate whose journal was damaged while it was off starts all the same; without its key it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import service
from kiosk.errors import GatehouseError
from kiosk.model import Method, Presentation, Reading
from kiosk.service import GateService
from tests.web import gating


def visit(gate: GateService) -> str:
    shown = gate.checkpoint.present("1", Presentation(Method.SCANNER, service.utc_now(), gating.GREEN)).visit
    assert shown
    gate.checkpoint.measure("1", Reading(36.6, service.utc_now(), "keypad"), shown.id)
    return str(shown.id)


def test_a_gate_with_a_damaged_journal_starts_and_its_recent_list_is_there(tmp_path: Path) -> None:
    gate = service.build(gating.settings(tmp_path))
    seen = [visit(gate), visit(gate)]
    gate.stop()
    with (tmp_path / "journal.db").open("r+b") as file:
        file.write(bytes(4096))
    gate = service.build(gating.settings(tmp_path))
    assert [row["visit"] for row in gate.recent()] == seen[::-1]
    assert gate.status()["recording"]["ok"]
    gate.housekeeper.look()
    assert gate.status()["recording"]["ok"]
    seen.append(visit(gate))
    assert len(gate.recent()) == 3
    gate.stop()


def test_a_missing_key_is_named_and_no_journal_is_set_aside(tmp_path: Path) -> None:
    service.build(gating.settings(tmp_path)).stop()
    key = tmp_path / "keys" / "gate.key"
    right = key.read_bytes()
    key.unlink()
    with pytest.raises(GatehouseError, match=r"gate\.key: missing"):
        service.build(gating.settings(tmp_path))
    key.write_bytes(bytes(32))
    key.chmod(0o600)
    with pytest.raises(GatehouseError, match=r"put the gate\.key back"):
        service.build(gating.settings(tmp_path))
    key.write_bytes(right)
    service.build(gating.settings(tmp_path)).stop()
    assert not list(tmp_path.glob("*damaged*"))
