"""A copy made while the gate writes holds; a copy that is put back begins a new journal."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.errors import JournalError
from kiosk.journal import Journal
from kiosk.journal.backup import backup, restore
from tests.kiosk.journal.desk import Desk


class Shelf(Desk):
    """A desk that opens any file of its gate."""

    def opened(self, path: Path, *, writer: bool = False, restored: bool = False) -> Journal:
        return Journal.open(path, self.key, now=self.now, boot="b", zone=self.zone, writer=writer, restored=restored)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "var").mkdir()
    return Shelf(tmp_path / "var" / "journal.db")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy.db"


def test_a_copy_is_one_moment_of_a_journal_that_is_being_written(shelf: Shelf, copy: Path) -> None:
    steps: list[tuple[int, int]] = []
    with shelf.open() as journal:
        for _ in range(40):
            journal.append(*(shelf.passage(note="x" * 3000) for _ in range(10)))
        begun = journal.head()

        def told(done: int, total: int) -> None:
            steps.append((done, total))
            journal.append(shelf.passage())  # another passage at every step

        found = backup(shelf.path, copy, shelf.opened, told)
        assert (found.ok, found.seq, found.digest) == (True, begun.seq, begun.digest)
        assert journal.head().seq == begun.seq + len(steps)
    assert len(steps) > 1
    assert steps[-1][0] == steps[-1][1]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in copy.parent.iterdir() if "copy" in file.name] == ["copy.db"]


def test_a_backup_does_not_hold_up_a_gate_that_writes_beside_it(shelf: Shelf, copy: Path) -> None:
    with shelf.open() as journal:
        journal.append(*(shelf.passage(note="x" * 3000) for _ in range(400)))
        done = threading.Event()

        def write() -> None:
            while not done.is_set():
                journal.append(shelf.passage())

        writing = threading.Thread(target=write)
        writing.start()
        found = backup(shelf.path, copy, shelf.opened)
        done.set()
        writing.join()
        assert found.ok
        assert journal.verify().ok


def test_a_copy_never_overwrites_a_file(shelf: Shelf, copy: Path) -> None:
    copy.write_text("something else")
    with shelf.open(), pytest.raises(JournalError, match="exists already"):
        backup(shelf.path, copy, shelf.opened)
    assert copy.read_text() == "something else"


def test_a_journal_that_does_not_hold_makes_no_copy(shelf: Shelf, copy: Path) -> None:
    with shelf.open() as journal:
        journal.append(shelf.passage())
    with shelf.tampering() as file:
        file.execute("UPDATE events SET at = at + 1 WHERE number = 1")
    with pytest.raises(JournalError, match="number 1 does not hold"):
        backup(shelf.path, copy, shelf.opened)
    assert not copy.exists()


def test_a_restored_copy_goes_on_under_a_new_journal_on_the_same_machine_and_on_another(
    shelf: Shelf, copy: Path, tmp_path: Path
) -> None:
    with shelf.open() as journal:
        journal.append(shelf.passage(visit="a"))
        first, head = journal.id, journal.head()
        backup(shelf.path, copy, shelf.opened)
    (tmp_path / "new").mkdir()
    for path in (shelf.path, tmp_path / "new" / "journal.db"):
        place = Shelf(path, zone=ZoneInfo("Asia/Urumqi"))  # even where the zone was changed meanwhile
        done = restore(copy, path, place.opened)
        with place.open() as journal:
            assert journal.journals() == (first, done.journal)
            begin = journal.after(0)[0].open
            assert (begin["why"], begin["follows"]) == (
                "restored",
                {"journal": first, "seq": head.seq, "digest": head.digest},
            )
            assert len(journal.after(0, journal=first)) == head.seq
            assert [event.open["visit"] for event in journal.recent(9)] == ["a"]
            assert journal.verify().ok
        assert sorted(file.name for file in path.parent.glob("*restoring*")) == []


def test_a_journal_with_more_than_the_copy_is_not_replaced_unless_somebody_insists(shelf: Shelf, copy: Path) -> None:
    with shelf.open() as journal:
        journal.append(shelf.passage(visit="a"))
        backup(shelf.path, copy, shelf.opened)
        lost = journal.append(shelf.passage(visit="b"))[0]
    before = shelf.path.read_bytes()
    with pytest.raises(JournalError, match="events that the copy lacks"):
        restore(copy, shelf.path, shelf.opened)
    assert shelf.path.read_bytes() == before
    done = restore(copy, shelf.path, shelf.opened, anyway=True)
    assert done.aside
    with shelf.open() as journal:
        begin = journal.after(0)[0].open
        assert begin["follows"] == {"journal": lost.journal, "seq": lost.seq, "digest": lost.digest}
        assert journal.salvage(done.aside).again == 1
        assert [event.open["visit"] for event in journal.recent(9)] == ["b", "a"]


def test_what_cannot_be_put_back_leaves_everything_as_it_was(shelf: Shelf, copy: Path) -> None:
    with shelf.open() as journal:
        journal.append(shelf.passage())
        backup(shelf.path, copy, shelf.opened)
        with pytest.raises(JournalError, match="stop that one first"):
            restore(copy, shelf.path, shelf.opened)
    before = {file.name: file.read_bytes() for file in shelf.path.parent.iterdir()}
    torn = copy.with_name("torn.db")
    shutil.copy(copy, torn)
    with torn.open("r+b") as file:
        file.truncate(torn.stat().st_size // 2)
    note = copy.with_name("note.db")
    note.write_text("no journal", encoding="utf-8")
    strange = Shelf(shelf.path, key=bytes(32))
    for source, gate, words in (
        (torn, shelf, f"{torn}: .*(damaged|does not hold|missing)"),
        (note, shelf, f"^{note}: it is damaged, or no journal at all. The journal stays as it was; take another copy$"),
        (copy.with_name("nowhere.db"), shelf, "no such file"),
        (copy, strange, r"put the gate\.key back"),
    ):
        with pytest.raises(JournalError, match=words):
            restore(source, shelf.path, gate.opened)
    assert {file.name: file.read_bytes() for file in shelf.path.parent.iterdir()} == before
