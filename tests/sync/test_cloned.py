"""Two gates cloned from one disk: the office names the fork, loses neither branch, says which record is in which."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.office.errors import NotFound
from sync.office.values import EVERYTHING, Scope
from tests.sync.live import GateBox, LiveOffice


@pytest.fixture
def clones(new_gate: Callable[..., GateBox], tmp_path: Path) -> tuple[GateBox, GateBox]:
    """A gate with three passages at the office, and its copy, both of which go on."""
    first = new_gate()
    first.record(3)
    first.uplink().push()
    first.close()
    shutil.copytree(first.var, tmp_path / "copy")
    first.open()
    second = object.__new__(GateBox)
    second.var, second.ahead, second.identity, second.visits = tmp_path / "copy", first.ahead, first.identity, []
    second.open()
    return first, second


def test_both_branches_are_at_the_office_and_told_apart(clones: tuple[GateBox, GateBox], live: LiveOffice) -> None:
    first, second = clones
    journal = first.journal.id
    mine, theirs = first.record(2), second.record(4)
    first.uplink().push()
    second.uplink().push()
    second.close()

    assert live.passages() == 3 + 2 + 4
    assert live.visits() == sorted(first.visits + second.visits)
    (forked,) = live.office.forks.list(EVERYTHING)
    assert (forked.journal, forked.gate_name, forked.seq) == (journal, "东门", mine[0].seq)
    found = live.office.forks.of(journal, EVERYTHING)
    assert [row.id for row in found.first] == [event.id for event in mine]
    again = [row for row in found.second if row.kind == "passage"]
    assert [row.seq for row in again] == [event.seq for event in theirs]
    assert journal not in {row.journal for row in again}
    assert [(row.seq, row.digest) for row in found.evidence] == [(theirs[0].seq, theirs[0].digest)]
    assert all(check.ok for check in live.office.verify())
    assert "fork" in [alert.kind for alert in live.office.alerts.list(EVERYTHING)]


def test_somebody_elses_fork_is_not_there(clones: tuple[GateBox, GateBox], live: LiveOffice) -> None:
    first, second = clones
    second.close()
    assert live.office.forks.list(EVERYTHING) == ()
    for scope in (EVERYTHING, Scope("01936f10-0000-7000-8000-0000000000aa")):
        with pytest.raises(NotFound):
            live.office.forks.of(first.journal.id, scope)
