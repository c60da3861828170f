"""An office wipes a gate that runs in its own process: all it recorded is at the office, what goes on is a new gate."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.identity import Identity, Keys
from kiosk.journal import Journal
from kiosk.model import Draft
from kiosk.staff import Staff
from sync.enrolment import enroll
from sync.office.values import EVERYTHING
from tests.journeys.house import KIOSK, ROOT, TABLET_LANE, free_port, until
from tests.sync.live import LiveOffice
from tests.sync.office.gate_end import PERSON, passage

PASSAGES = 30


def recorded(var: Path, count: int) -> None:
    """Passages of a gate without a line."""
    drafts = [Draft("passage", datetime.now(UTC), passage(), PERSON) for _ in range(count)]
    with Journal.open(var / "journal.db", Keys.load(var).gate, now=lambda: datetime.now(UTC)) as journal:
        journal.append(*drafts)


@pytest.fixture
def var(tmp_path: Path, live: LiveOffice) -> Path:
    """An enrolled gate with a volunteer and passages that wait."""
    var = tmp_path / "gate" / "var"
    var.mkdir(parents=True)
    enroll(live.url, live.token("东门"), var, "东门")
    staff = Staff.open(var / "gate.db")
    staff.add("王小明")
    staff.close()
    recorded(var, PASSAGES)
    return var


@pytest.fixture
def start(var: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The gate as its service starts it."""
    config = var.parent / "kiosk.toml"
    config.write_text(KIOSK.format(gate_port=free_port(), lanes=TABLET_LANE), encoding="utf-8")
    command = [sys.executable, "-m", "kiosk", "run", "--config", str(config)]
    with (var.parent / "gate.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=30)


def test_a_running_gate_that_is_wiped_goes_on_as_a_new_one_and_nothing_is_lost(
    live: LiveOffice, var: Path, request: pytest.FixtureRequest
) -> None:
    gate_id, old_key = str(Identity.load(var).gate), (var / "keys" / "gate.key").read_bytes()  # type: ignore[union-attr]
    live.office.standings.wipe(gate_id, EVERYTHING, "撤岗", who="test")
    process = request.getfixturevalue("start")  # the order is there first: it must wait for every passage

    (aside,) = until(lambda: sorted(var.glob("journal.wiped-*.db")), "the gate was not wiped", patience_s=120)
    until(lambda: (var / "journal.mark").exists(), "no new gate began", patience_s=120)
    assert process.poll() is None, "it goes on by itself, under the process that was started first"
    assert live.passages() == PASSAGES
    assert all(check.ok for check in live.office.verify())
    assert Identity.load(var) is None
    assert (var / "keys" / "gate.key").read_bytes() != old_key
    assert PERSON["name"].encode() not in aside.read_bytes()
    staff = Staff.open(var / "gate.db")
    assert staff.all() == ()
    staff.close()

    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=60)
    with Journal.open(var / "journal.db", Keys.load(var).gate, now=lambda: datetime.now(UTC), writer=False) as journal:
        begin = journal.after(0)[0]
        assert (begin.kind, begin.open["why"], begin.open["follows"]) == ("journal.begin", "new", None)
