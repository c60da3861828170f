"""A disk that is full, read-only, busy or broken: said clearly, and nothing that was acknowledged is lost."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.errors import JournalError
from kiosk.journal import Journal
from tests.kiosk.journal.desk import Desk

ROOT = Path(__file__).parents[3]

_ON_A_SMALL_DISK = """
import subprocess, sys
from pathlib import Path
from kiosk.errors import JournalError
from tests.kiosk.journal.desk import Desk

folder = Path(sys.argv[1])
def mount(*options): subprocess.run(["mount", *options, str(folder)], check=True)
mount("-t", "tmpfs", "-o", "size=4m", "none")
desk = Desk(folder / "journal.db")
"""

_FULL = """
journal = desk.open()
assert journal.writable() is None
acknowledged = journal.head()
(folder / "ballast").write_bytes(bytes(2_000_000))
try:
    while True:
        acknowledged = journal.append(desk.passage(note="x" * 5000))[0]
except JournalError as error:
    print("append:", error)
print("writable:", journal.writable())
assert journal.head().seq == acknowledged.seq
assert journal.head().digest == acknowledged.digest
assert journal.verify().ok
(folder / "ballast").unlink()
print("after:", journal.writable())
assert journal.append(desk.passage())[0].prev == acknowledged.digest
journal.close()
with desk.open() as journal:
    assert journal.verify().ok
"""

_READ_ONLY = """
journal = desk.open()
journal.append(desk.passage())
journal.close()
mount("-o", "remount,ro")
try:
    desk.open()
except JournalError as error:
    print("open:", error)
"""


def _on_a_small_disk(folder: Path, script: str) -> str:
    """What `script` prints, run on a disk of 4 MB that only it can see."""
    if not shutil.which("unshare"):
        pytest.skip("needs unshare to make a small disk")
    can = subprocess.run(["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", folder], check=False)
    if can.returncode:
        pytest.skip("may not make a small disk here: mounting is not allowed")
    run = ["unshare", "--map-root-user", "--mount", sys.executable, "-c", _ON_A_SMALL_DISK + script, str(folder)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_is_named_and_when_there_is_room_again_the_gate_goes_on(tmp_path: Path) -> None:
    said = dict(line.split(": ", 1) for line in _on_a_small_disk(tmp_path, _FULL).splitlines())
    assert "disk is full" in said["append"] or "free space" in said["append"]
    assert "free" in said["writable"]
    assert said["after"] == "None"


def test_a_read_only_disk_is_named(tmp_path: Path) -> None:
    said = _on_a_small_disk(tmp_path, _READ_ONLY)
    assert "ead-only" in said
    assert "journal" in said


def test_a_program_that_holds_the_file_is_waited_for_and_then_named(desk: Desk, journal: Journal) -> None:
    other = sqlite3.connect(desk.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="another program is writing"):
        journal.append(desk.passage())
    other.execute("ROLLBACK")
    other.close()
    assert journal.append(desk.passage())[0].seq == 2
    assert journal.verify().ok


def test_a_file_that_was_moved_away_is_not_written_into_unseen(desk: Desk, journal: Journal) -> None:
    desk.path.rename(desk.path.with_name("elsewhere.db"))
    with pytest.raises(JournalError, match="moved or replaced"):
        journal.append(desk.passage())
    assert "moved or replaced" in (journal.writable() or "")


def test_a_file_that_was_replaced_is_not_mistaken_for_the_own_one(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage())
    copy = desk.path.with_name("copy.db")
    shutil.copy(desk.path, copy)
    copy.replace(desk.path)
    with pytest.raises(JournalError, match="moved or replaced"):
        journal.append(desk.passage())


def test_a_file_that_is_no_database_is_kept_and_named(desk: Desk) -> None:
    desk.path.write_bytes(b"this was never a database, whatever it is called" * 100)
    before = desk.path.read_bytes()
    for writer in (True, False):
        with pytest.raises(JournalError, match="no journal at all; keep the file"):
            desk.open(writer=writer)
    assert desk.path.read_bytes() == before


def test_a_torn_file_does_not_open_and_says_what_to_run(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(*(desk.passage(note="x" * 1500) for _ in range(100)))
    with desk.path.open("r+b") as file:
        file.truncate(desk.path.stat().st_size // 2)
    with pytest.raises(JournalError, match="journal verify"):
        desk.open()


def test_after_a_fault_the_head_is_what_the_file_says(desk: Desk, journal: Journal) -> None:
    (event,) = journal.append(desk.passage())
    with pytest.raises(JournalError):
        journal.append(desk.passage(n=2**60))
    assert (journal.head().seq, journal.head().digest) == (event.seq, event.digest)
    assert journal.append(desk.passage())[0].prev == event.digest


def test_a_lock_is_given_back_when_opening_fails(desk: Desk) -> None:
    desk.open().close()
    with pytest.raises(JournalError):
        desk.open(key=bytes(32))
    desk.open().close()
