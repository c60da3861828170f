"""What a gate announced before its journal was damaged is at the office once, or the office knows that it lacks it."""

from __future__ import annotations

import shutil
from pathlib import Path

from kiosk.journal import Journal
from sync import protocol
from sync.office.values import EVERYTHING
from tests.sync.live import GateBox, LiveOffice


def damage(gate: GateBox, at: int = 0, size: int = 4096) -> None:
    gate.close()
    with (gate.var / "journal.db").open("r+b") as file:
        file.seek(at)
        file.write(bytes(size))
    gate.journal = Journal.open(gate.var / "journal.db", gate.keys.gate, now=gate.now, heal=True)


def alerts(live: LiveOffice) -> list[str]:
    return [alert.kind for alert in live.office.alerts.list(EVERYTHING)]


def test_nothing_is_lost_or_doubled_when_the_last_receipt_was_lost_with_the_file(
    live: LiveOffice, gate: GateBox
) -> None:
    gate.record(5)
    gate.uplink().push()
    events = gate.record(5)
    message = protocol.Events(gate.journal.id, [protocol.to_wire(event) for event in events[:3]])
    live.office.intake.take(gate.identity.gate, message, gate.now())  # and its receipt never comes
    damage(gate)
    gate.record(2)
    gate.uplink().push()
    assert live.visits() == sorted(gate.visits)
    assert len(gate.visits) == 12
    assert alerts(live) == ["journal-set-aside"]
    assert all(check.ok for check in live.office.verify())


def test_what_comes_by_its_first_number_after_it_came_again_counts_once(
    live: LiveOffice, gate: GateBox, tmp_path: Path
) -> None:
    events = gate.record(4)
    begin = gate.journal.after(0, 1)
    first = gate.journal.id
    damage(gate)
    gate.uplink().push()
    late = protocol.Events(first, [protocol.to_wire(event) for event in (*begin, *events)])
    assert live.office.intake.take(gate.identity.gate, late, gate.now()).through == 5
    assert live.visits() == sorted(gate.visits)


def test_a_file_that_is_recorded_again_twice_counts_once(live: LiveOffice, gate: GateBox) -> None:
    gate.record(3)
    damage(gate)
    gate.uplink().push()
    (aside,) = gate.var.glob("journal.damaged-*.db")
    gate.close()
    for name in ("journal.db", "journal.mark"):
        (gate.var / name).unlink()
    gate.journal = Journal.open(gate.var / "journal.db", gate.keys.gate, now=gate.now, heal=True)
    assert gate.journal.recent(9) == [], "an old one is left alone"
    assert gate.journal.salvage(aside).again == 3
    gate.uplink().push()
    assert live.visits() == sorted(gate.visits)


def test_a_restored_copy_doubles_nothing(live: LiveOffice, gate: GateBox) -> None:
    gate.record(3)
    gate.close()
    shutil.copy(gate.var / "journal.db", gate.var / "copy.db")
    gate.open()
    gate.record(2)
    gate.uplink().push()
    gate.close()
    shutil.copy(gate.var / "copy.db", gate.var / "journal.db")
    gate.open()
    gate.record(1)
    gate.uplink().push()
    assert live.visits() == sorted(gate.visits)
    assert len(gate.journal.journals()) == 2
