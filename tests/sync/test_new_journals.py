"""A gate that was copied, put back or enrolled anew goes on under a new journal, and nothing of either is lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sync.enrolment import enroll
from sync.office.values import EVERYTHING
from tests.sync.live import GateBox, LiveOffice, refused


def test_a_copied_gate_is_found_out_and_nothing_of_either_is_lost(
    live: LiveOffice, gate: GateBox, tmp_path: Path
) -> None:
    gate.record(2)
    gate.uplink().push()
    copy = gate.copy(tmp_path / "copy")
    gate.record(2)
    gate.uplink().push()
    original = gate.var
    gate.go_on_in(copy)
    old = gate.journal.id
    gate.record(3)
    gate.uplink().push()
    assert gate.journal.id != old
    assert live.visits() == sorted(gate.visits)
    assert [alert.kind for alert in live.office.alerts.list(EVERYTHING)] == ["fork"]
    gate.go_on_in(original)
    gate.record()
    gate.uplink().push()
    assert live.visits() == sorted(gate.visits)
    assert all(check.ok for check in live.office.verify())


def test_a_gate_put_back_from_a_copy_goes_on_under_a_new_journal(
    live: LiveOffice, gate: GateBox, tmp_path: Path
) -> None:
    gate.record(2)
    copy = gate.copy(tmp_path / "copy")
    gate.record(2)
    gate.uplink().push()
    gate.go_on_in(copy)
    gate.uplink().push()
    gate.record()
    gate.uplink().push()
    assert len(gate.journal.journals()) == 2
    assert live.visits() == sorted(gate.visits)
    assert gate.uplink().queue().waiting == 0


def test_a_new_journal_is_not_begun_again_and_again(live: LiveOffice, gate: GateBox, tmp_path: Path) -> None:
    gate.record()
    gate.uplink().push()
    gate.journal.renew("fork")
    gate.uplink().push()
    copy = gate.copy(tmp_path / "copy")
    gate.record()
    gate.uplink().push()
    gate.go_on_in(copy)
    gate.record()
    error = refused(gate.uplink().push)
    assert (error.word, error.permanent) == ("fork", True)
    assert gate.waiting == 1
    gate.ahead = timedelta(hours=2)
    gate.uplink().push()
    assert live.visits() == sorted(gate.visits)


def test_trouble_with_an_older_journal_is_said_but_holds_up_nothing(
    live: LiveOffice, gate: GateBox, tmp_path: Path
) -> None:
    gate.record(2)
    copy = gate.copy(tmp_path / "copy")
    gate.record(3)
    gate.uplink().push()
    arrived = list(gate.visits)
    gate.go_on_in(copy)
    gate.record()  # diverges, and is left behind in a journal that was ended by hand
    gate.journal.renew("by hand")
    gate.visits.clear()
    gate.record(2)
    error = refused(gate.uplink().push)
    assert (error.word, error.permanent) == ("fork", False)
    assert "older journal" in str(error)
    assert live.visits() == sorted(arrived + gate.visits)
    assert gate.waiting == 0


def test_a_gate_enrolled_as_another_one_goes_on_under_a_new_journal(live: LiveOffice, gate: GateBox) -> None:
    gate.record(2)
    gate.uplink().push()
    gate.record(2)
    gate.close()
    enroll(live.url, live.token("西门"), gate.var, "西门", again=True)
    gate.open()
    uplink = gate.uplink()
    uplink.push()
    gate.record()
    uplink.push()
    assert live.visits() == sorted(gate.visits)
    assert gate.uplink().push().sent == 0
