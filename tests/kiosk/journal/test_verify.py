"""Whatever is changed behind the journal's back is found, and the first number that does not hold is named."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest

from kiosk import chain
from kiosk.errors import JournalError
from kiosk.journal import Journal
from kiosk.model import Clock
from tests.kiosk.journal.desk import NOON, Desk

TOMORROW = (NOON + timedelta(days=1)).date()


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Numbers 1 to 6, 2 to 4 of them passages of the first day, 5 and 6 of the second."""
    with desk.open() as journal:
        journal.append(desk.passage(), desk.passage("check"), desk.passage("refuse"))
        desk.later(days=1)
        journal.append(desk.passage(), desk.passage("isolate"))
    return desk


def _verify(desk: Desk) -> tuple[int | None, str]:
    with desk.open(writer=False) as journal:
        found = journal.verify()
    assert found.ok is (found.first_bad is None)
    if found.first_bad is not None:
        assert found.seq == found.first_bad - 1
    return found.first_bad, found.why or ""


def test_an_untouched_journal_holds_and_says_its_last_number_and_digest(filled: Desk) -> None:
    with filled.open(writer=False) as journal:
        found = journal.verify()
        head = journal.head()
        assert (found.ok, found.journal, found.seq, found.digest) == (True, journal.id, head.seq, head.digest)
        assert (found.first_bad, found.why) == (None, None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("id = randomblob(16)", "digest"),
        ("id = randomblob(15)", "cannot be read"),
        ("kind = 'visit.abandoned'", "digest"),
        ("at = at + 1", "digest"),
        ("at = at + 86400000", "digest"),
        ("at = 9223372036854775807", "cannot be read"),
        ("clock = replace(clock, 'boot-1', 'boot-2')", "digest"),
        ("clock = '{}'", "cannot be read"),
        ("clock = replace(clock, ':', ': ')", "spelt"),
        ("open = replace(open, 'check', 'admit')", "digest"),
        ("open = replace(open, ',', ', ')", "spelt"),
        ("open = '[]'", "cannot be read"),
        ("open = 'nonsense'", "cannot be read"),
        ("day = day + 1", "another day"),
        ("key = key + 1", "key of another day"),
        ("key = 99", "key of its day is gone"),
        ("sealed = randomblob(length(sealed))", "does not open"),
        ("sealed = zeroblob(3)", "does not open"),
        ("seal = randomblob(32)", "seal"),
        ("prev = randomblob(32)", "prev"),
        ("digest = randomblob(32)", "digest"),
        ("number = 300", "missing"),
    ],
)
def test_a_change_in_any_column_is_found(filled: Desk, change: str, why: str) -> None:
    with filled.tampering() as file:
        assert file.execute(f"UPDATE events SET {change} WHERE number = 3").rowcount == 1
    first_bad, said = _verify(filled)
    assert first_bad == 3
    assert why in said


@pytest.mark.parametrize("number", [1, 2, 5, 6])
def test_the_number_named_is_the_one_that_was_changed(filled: Desk, number: int) -> None:
    with filled.tampering() as file:
        file.execute("UPDATE events SET at = at - 1 WHERE number = ?", (number,))
    assert _verify(filled)[0] == number


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_deleted_event_is_missed(filled: Desk, number: int) -> None:
    with filled.tampering() as file:
        file.execute("DELETE FROM events WHERE number = ?", (number,))
    assert _verify(filled) == (number, "it is missing")


def test_two_events_that_changed_places_are_found(filled: Desk) -> None:
    with filled.tampering() as file:
        for change in ("-3 WHERE number = 3", "3 WHERE number = 4", "4 WHERE number = -3"):
            file.execute(f"UPDATE events SET number = {change}")
    assert _verify(filled)[0] == 3


def test_an_event_cut_off_at_the_end_is_missed(filled: Desk) -> None:
    with filled.tampering() as file:
        file.execute("DELETE FROM events WHERE number = 6")
    first_bad, why = _verify(filled)
    assert first_bad == 6
    assert "had written: 6 numbers" in why


def test_what_the_office_acknowledged_cannot_be_cut_off_even_without_the_mark(filled: Desk) -> None:
    with filled.open() as journal:
        journal.acknowledge(5, journal.after(4, 1)[0].digest, filled.at)
    filled.path.with_suffix(".mark").unlink()
    with filled.tampering() as file:
        file.execute("DELETE FROM events WHERE number > 4")
    first_bad, why = _verify(filled)
    assert first_bad == 5
    assert "acknowledged 5" in why


def _forge(file: sqlite3.Connection, number: int, verdict: str) -> None:
    """Change an event as somebody would who knows the format and recomputes the digests to the end, but has no key."""
    (journal,) = file.execute("SELECT journal FROM lives").fetchone()
    hexed = journal.hex()
    name = f"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}"
    rows = file.execute("SELECT number, id, kind, at, clock, open, seal, prev FROM events WHERE number >= ?", (number,))
    prev = None
    for seq, id, kind, at, clock, text, seal, old_prev in rows.fetchall():
        said = json.loads(text) | ({"verdict": verdict} if seq == number else {})
        prev = prev or old_prev
        hexed = id.hex()
        moment = NOON + timedelta(milliseconds=at - int(NOON.timestamp() * 1000))
        digest = chain.digest(
            journal=name,
            seq=seq,
            id=f"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}",
            kind=kind,
            at=f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
            clock=Clock(**json.loads(clock)),
            open=said,
            seal=seal.hex(),
            prev=prev.hex(),
        )
        file.execute(
            "UPDATE events SET open = ?, prev = ?, digest = ? WHERE number = ?",
            (chain.canonical(said).decode(), prev, bytes.fromhex(digest), seq),
        )
        prev = bytes.fromhex(digest)


def test_a_chain_that_was_forged_to_its_end_still_contradicts_the_office(filled: Desk) -> None:
    with filled.open() as journal:
        journal.acknowledge(4, journal.after(3, 1)[0].digest, filled.at)
    with filled.tampering() as file:
        _forge(file, 3, "admit")
    first_bad, why = _verify(filled)
    assert first_bad == 4
    assert "office acknowledged" in why


def test_a_chain_that_was_forged_to_its_end_contradicts_the_mark(filled: Desk) -> None:
    with filled.tampering() as file:
        _forge(file, 6, "admit")
    first_bad, why = _verify(filled)
    assert first_bad == 6
    assert "not what this gate had written" in why


def test_a_personal_part_that_was_replaced_does_not_fit_its_seal(filled: Desk) -> None:
    with filled.tampering() as file:
        file.execute("UPDATE events SET seal = ? WHERE number = 3", (hashlib.sha256(b"other").digest(),))
    assert _verify(filled) == (3, "seal does not fit the personal part")


def _unwrapped_noise(file: sqlite3.Connection) -> None:
    file.execute("UPDATE day_keys SET wrapped = randomblob(length(wrapped)) WHERE id = 1")


def _other_day(file: sqlite3.Connection) -> None:
    file.execute("UPDATE day_keys SET day = day - 1 WHERE id = 1")


def _destroyed(file: sqlite3.Connection) -> None:
    file.execute("DELETE FROM day_keys WHERE id = 2")


@pytest.mark.parametrize(
    ("damage", "first_bad", "why"),
    [(_unwrapped_noise, 1, "does not open"), (_other_day, 1, "does not open"), (_destroyed, 5, "is gone")],
)
def test_damage_to_a_day_key_is_found(
    filled: Desk, damage: Callable[[sqlite3.Connection], None], first_bad: int, why: str
) -> None:
    with filled.tampering() as file:
        damage(file)
    found, said = _verify(filled)
    assert found == first_bad
    assert why in said


def test_personal_parts_may_be_gone_only_where_the_journal_says_so(filled: Desk) -> None:
    with filled.open() as journal:
        journal.forget_before(TOMORROW)
    assert _verify(filled) == (None, "")
    with filled.tampering() as file:
        file.execute("DELETE FROM day_keys")
    assert _verify(filled)[0] == 5


def test_a_forgetting_that_was_tampered_with_is_itself_the_first_bad_number(filled: Desk) -> None:
    with filled.open() as journal:
        journal.forget_before(TOMORROW)
    for change in ("open = replace(open, '2026-11-23', '2026-11-01')", "open = '{}'", "open = 'torn'"):
        with filled.tampering() as file:
            file.execute(f"UPDATE events SET {change} WHERE number = 7")
        assert _verify(filled)[0] == 7


@pytest.mark.parametrize(
    ("change", "first_bad"),
    [
        ("UPDATE lives SET journal = randomblob(16)", 1),
        ("UPDATE lives SET first = 2", 1),
        ("INSERT INTO lives (journal, first) VALUES (randomblob(16), 4)", 1),
        ("INSERT INTO lives (journal, first) VALUES (randomblob(16), 7)", 1),
        ("INSERT INTO lives (journal, first) VALUES (randomblob(16), 99)", 7),
        ("DELETE FROM lives", 1),
    ],
)
def test_a_tampered_list_of_journals_is_found(filled: Desk, change: str, first_bad: int) -> None:
    with filled.tampering() as file:
        file.execute(change)
    assert _verify(filled)[0] == first_bad


def test_a_damaged_page_is_named_by_the_number_that_cannot_be_read(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(*(desk.passage(note="x" * 1500) for _ in range(300)))
        last = journal.head().seq
    content = bytearray(desk.path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    desk.path.write_bytes(content)
    first_bad, why = _verify(desk)
    assert first_bad is not None
    assert 1 < first_bad < last
    assert "damaged" in why


def test_a_change_among_the_youngest_events_keeps_the_gate_from_going_on(filled: Desk) -> None:
    with filled.tampering() as file:
        file.execute("UPDATE events SET at = at + 1 WHERE number = 4")
    with pytest.raises(JournalError, match=r"number 4: digest.*journal verify"):
        filled.open()


def test_verifying_works_while_the_gate_goes_on(desk: Desk, journal: Journal) -> None:
    journal.append(*(desk.passage() for _ in range(50)))
    with desk.open(writer=False) as reader:
        for _ in range(5):
            journal.append(desk.passage())
            found = reader.verify()
            assert (found.ok, found.seq) == (True, journal.head().seq)
