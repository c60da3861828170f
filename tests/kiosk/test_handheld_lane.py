"""A serial scanner on a lane of a real gate: scans become visits, an unplugged cable becomes a state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import service
from kiosk.config import Settings
from kiosk.errors import ConfigError
from kiosk.model import Method
from kiosk.service import GateService
from tests.kiosk.devices.waiting import until
from tests.kiosk.devices.wire import Wire


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path / "ttyACM0")
    yield wire
    wire.unplug()


def build(folder: Path, **lane: Any) -> GateService:
    lanes = ({"name": "1", "kind": "scanner", "scanner": f"serial:{folder / 'ttyACM0'}@9600", **lane},)
    return service.build(Settings(gate={"name": "东门", "var": folder / "var"}, lane=lanes))  # type: ignore[arg-type]


@pytest.fixture
def gate(tmp_path: Path, cable: Wire) -> Iterator[GateService]:
    gate = build(tmp_path)
    gate.start()
    until(lambda: state(gate) == "ok")
    yield gate
    gate.stop()


def state(gate: GateService) -> str:
    [lane] = gate.status()["lanes"]
    return str(lane["scanner"])


def presented(gate: GateService) -> str:
    """The name of the visit that a scan began, which is then broken off."""
    until(lambda: gate.checkpoint.view("1").visit)
    visit = gate.checkpoint.view("1").visit
    assert visit is not None
    assert visit.method is Method.SCANNER
    gate.checkpoint.cancel("1", visit.id, "left")
    return visit.name


def test_a_scan_begins_a_visit_that_the_record_tells_from_others(gate: GateService, cable: Wire) -> None:
    cable.send("GL1:green:张三丰\r\n".encode("gb18030"))
    assert presented(gate) == "张*丰"
    [event] = [event for event in gate.journal.after(0) if event.kind == "visit.abandoned"]
    assert event.open["method"] == "scanner"


def test_a_scanner_that_sends_a_code_over_and_over_presents_it_once(gate: GateService, cable: Wire) -> None:
    cable.send("GL1:green:张三丰\r".encode() * 5)
    assert presented(gate) == "张*丰"
    cable.send("GL1:green:李四\r".encode())
    assert presented(gate) == "李*"
    assert len([event for event in gate.journal.after(0) if event.kind == "visit.abandoned"]) == 2


def test_an_unplugged_scanner_is_told_and_works_again_when_it_is_back(
    gate: GateService, cable: Wire, tmp_path: Path
) -> None:
    cable.unplug()
    until(lambda: state(gate) == "missing")
    back = Wire(tmp_path / "ttyACM0")
    until(lambda: state(gate) == "ok")
    back.send(b"GL1:red:LI\r")
    assert presented(gate) == "L*"
    back.unplug()


def test_a_gate_starts_without_its_scanner(tmp_path: Path) -> None:
    gate = build(tmp_path)
    gate.start()
    assert state(gate) == "missing"
    gate.stop()


def test_a_lane_whose_scanner_types_has_none_to_open(tmp_path: Path) -> None:
    gate = build(tmp_path, scanner="keyboard")
    assert state(gate) == "none"
    gate.stop()


@pytest.mark.parametrize("scanner", ["usb", "serial:", "serial:/dev/ttyACM0@fast", "keyboard:1"])
def test_a_scanner_that_cannot_be_meant_is_refused_at_the_start(tmp_path: Path, scanner: str) -> None:
    with pytest.raises(ConfigError, match=r"\[lane\] 1: .*scanner"):
        build(tmp_path, scanner=scanner)
