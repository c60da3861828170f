"""The file itself: who may read it, what SQLite holds it to, and that only one writes it."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.errors import JournalError
from kiosk.journal import Journal
from tests.kiosk.journal.desk import KEY, Desk

ROOT = Path(__file__).parents[3]


def test_only_the_gates_own_user_may_read_it(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage())
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in desk.path.parent.glob("journal*")}
    assert {"journal.db", "journal.db-wal", "journal.lock", "journal.mark"} <= set(modes)
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("UPDATE events SET open = '{}' WHERE number = 2", "append a correction"),
        ("DELETE FROM events WHERE number = 2", "never deleted"),
        ("INSERT OR REPLACE INTO events SELECT * FROM events WHERE number = 2", "never given twice"),
        ("UPDATE lives SET journal = randomblob(16)", "keeps its name"),
        ("DELETE FROM lives", "never deleted"),
        ("INSERT OR REPLACE INTO lives (life, journal, first) VALUES (1, randomblob(16), 1)", "begun once"),
    ],
)
def test_what_was_recorded_cannot_be_changed(desk: Desk, journal: Journal, statement: str, answer: str) -> None:
    journal.append(desk.passage())
    with sqlite3.connect(desk.path) as file, pytest.raises(sqlite3.IntegrityError, match=answer):
        file.execute(statement)
    assert journal.verify().ok


def test_keys_are_bytes_and_numbers_not_text(desk: Desk, journal: Journal) -> None:
    columns = "id, kind, at, clock, open, day, key, sealed, seal, prev, digest"
    types = ", ".join(f"typeof({name})" for name in columns.split(", "))
    with sqlite3.connect(desk.path) as file:
        row = file.execute(f"SELECT {types} FROM events").fetchone()
        assert row == (
            *("blob", "text", "integer", "text", "text", "integer", "integer"),
            *("blob", "blob", "blob", "blob"),
        )
        with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT"):
            file.execute("INSERT INTO state VALUES ('n', 'many')")


def test_a_second_writer_is_turned_away_and_the_first_goes_on(desk: Desk, journal: Journal) -> None:
    with pytest.raises(JournalError, match="another gate process"):
        desk.open()
    assert journal.append(desk.passage())[0].seq == 2


def test_a_writer_in_another_process_is_turned_away_until_the_first_has_closed(desk: Desk, journal: Journal) -> None:
    code = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path; from kiosk.journal import Journal\n"
        "from kiosk.errors import JournalError\n"
        "try: Journal.open(Path(sys.argv[1]), bytes(range(32)), now=lambda: datetime.now(UTC)).close()\n"
        "except JournalError as error: print(error)"
    )

    def other() -> str:
        run = [sys.executable, "-c", code, str(desk.path)]
        return subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout

    assert "another gate process" in other()
    with desk.open(writer=False) as reader:  # closing a handle of the lock would let the other process in
        reader.verify()
    assert "another gate process" in other()
    journal.close()
    assert other() == ""


def test_readers_read_while_the_gate_writes(desk: Desk, journal: Journal) -> None:
    with desk.open(writer=False) as reader:
        events = journal.append(desk.passage())
        assert reader.after(1) == list(events)
        assert reader.head() == journal.head()
        assert reader.id == journal.id
        assert reader.verify().ok


def test_a_reader_cannot_write(desk: Desk, journal: Journal) -> None:
    with desk.open(writer=False) as reader:
        with pytest.raises(JournalError, match="reading only"):
            reader.append(desk.passage())
        with pytest.raises(JournalError, match="reading only"):
            reader.rebuild()
        assert "reading only" in (reader.writable() or "")
    assert journal.head().seq == 1


def test_a_reader_also_reads_what_no_gate_has_open(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(desk.passage())
    with desk.open(writer=False) as reader:
        assert reader.head().seq == 2


def test_there_is_nothing_to_read_before_the_gate_ran(desk: Desk) -> None:
    with pytest.raises(JournalError, match="start the gate"):
        desk.open(writer=False)
    assert not desk.path.exists()


def test_the_folder_has_to_exist(desk: Desk) -> None:
    with pytest.raises(JournalError, match="check the folder"):
        Journal.open(desk.path.parent / "nowhere" / "journal.db", KEY, now=desk.now)


def test_another_programs_file_is_left_alone(desk: Desk) -> None:
    with sqlite3.connect(desk.path) as file:
        file.execute("PRAGMA application_id = 7")
        file.execute("CREATE TABLE theirs (x)")
    with pytest.raises(JournalError, match="another program"):
        desk.open()
    with sqlite3.connect(desk.path) as file:
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_a_file_of_a_newer_gatehouse_is_left_alone(desk: Desk) -> None:
    desk.open().close()
    with sqlite3.connect(desk.path) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(JournalError, match="newer Gatehouse"):
        desk.open()


def test_strange_characters_in_a_path_do_no_harm(tmp_path: Path) -> None:
    folder = tmp_path / "门岗 100%?#&"
    folder.mkdir()
    desk = Desk(folder / "journal.db")
    with desk.open() as journal:
        journal.append(desk.passage())
    assert sorted(path.name for path in folder.iterdir()) == ["journal.db", "journal.lock", "journal.mark"]
