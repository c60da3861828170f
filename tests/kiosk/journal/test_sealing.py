"""Personal parts: unreadable without the gate's key, and for everybody once their day was forgotten."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import date, timedelta

import pytest

from kiosk.errors import JournalError
from kiosk.journal import Journal
from kiosk.model import Draft
from tests.kiosk.journal.desk import NOON, TOKEN, Desk

TODAY = NOON.date()
TOMORROW = TODAY + timedelta(days=1)


def test_nothing_personal_lies_open_on_the_disk(desk: Desk, journal: Journal) -> None:
    journal.append(Draft("passage", desk.at, {"lane": "1"}, {"name": "张三丰", "phone": "13812348000"}))
    everything = desk.everything_on_disk()
    assert "张三丰".encode() not in everything
    assert b"13812348000" not in everything
    assert b'"lane":"1"' in everything


def test_another_gates_key_opens_nothing(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(desk.passage())
    for writer in (True, False):
        with pytest.raises(JournalError, match=r"gate\.key"):
            desk.open(key=bytes(32), writer=writer)
    with desk.open() as journal:
        assert journal.after(1)[0].personal is not None


def test_a_key_that_is_too_short_is_refused(desk: Desk) -> None:
    with pytest.raises(JournalError, match="32 bytes"):
        desk.open(key=b"short")
    assert not desk.path.exists()


def test_a_sealed_part_opens_only_where_it_was_sealed(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(desk.passage(), desk.passage("check"))
    with desk.tampering() as file:
        file.execute("UPDATE events SET sealed = (SELECT sealed FROM events WHERE number = 3) WHERE number = 2")
    with desk.open() as journal:
        first, second = journal.after(1)
        assert (first.personal, first.salt) == (None, None)
        assert second.personal is not None


def test_a_day_key_that_was_made_in_vain_seals_nothing(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage())
    desk.later(days=1)
    with pytest.raises(JournalError):
        journal.append(desk.passage(), desk.passage(n=2**60))
    (event,) = journal.append(desk.passage())
    assert journal.after(2) == [event]
    assert journal.verify().ok


def test_the_seal_commits_to_salt_and_personal_part(desk: Desk, journal: Journal) -> None:
    one, other = journal.append(
        Draft("passage", desk.at, {}, {"b": 1, "a": "张"}), Draft("passage", desk.at, {}, {"b": 1, "a": "张"})
    )
    plain = bytes.fromhex(one.salt or "") + '{"a":"张","b":1}'.encode()
    assert one.seal == hashlib.sha256(plain).hexdigest()
    assert one.seal != other.seal, "equal people must not show by equal seals"


def test_a_forgotten_day_is_unreadable_and_the_chain_still_holds(desk: Desk, journal: Journal) -> None:
    old = journal.append(desk.passage())[0]
    desk.later(days=1)
    new = journal.append(desk.passage(token="cd" * 32))[0]
    assert journal.forget_before(TOMORROW) == 1
    kept = {event.seq: event for event in journal.after(0)}
    assert (kept[old.seq].personal, kept[old.seq].salt) == (None, None)
    assert (kept[old.seq].open, kept[old.seq].seal, kept[old.seq].digest) == (old.open, old.seal, old.digest)
    assert kept[new.seq] == new
    assert journal.verify().ok
    assert journal.recent(1, ("journal.forget",))[0].open["before"] == TOMORROW.isoformat()


def test_with_the_personal_parts_the_last_seen_are_forgotten_too(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage(), desk.passage(token="cd" * 32))
    desk.later(days=1)
    journal.append(desk.passage())
    journal.forget_before(TOMORROW)
    assert journal.last_seen("cd" * 32) is None
    assert journal.last_seen(TOKEN) is not None
    journal.rebuild()
    assert journal.last_seen("cd" * 32) is None
    assert journal.last_seen(TOKEN) is not None
    assert journal.counts(TODAY)["passages"] == 2, "counts name nobody: they stay"


def test_of_a_destroyed_key_no_byte_is_left_on_the_disk(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage())
    desk.later(days=1)
    journal.append(desk.passage(token="cd" * 32))
    with sqlite3.connect(desk.path) as file:
        (wrapped,) = file.execute("SELECT wrapped FROM day_keys ORDER BY day").fetchone()
    assert wrapped in desk.everything_on_disk()
    assert bytes.fromhex(TOKEN) in desk.everything_on_disk()
    journal.forget_before(TOMORROW)
    assert wrapped not in desk.everything_on_disk()
    assert bytes.fromhex(TOKEN) not in desk.everything_on_disk()


def test_a_key_that_a_reader_holds_back_in_the_log_is_gone_soon_after(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage())
    desk.later(days=1)
    journal.append(desk.passage())
    with sqlite3.connect(desk.path) as file:
        (wrapped,) = file.execute("SELECT wrapped FROM day_keys ORDER BY day").fetchone()
    reader = sqlite3.connect(desk.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchone()
    journal.forget_before(TOMORROW)
    assert journal.after(1)[0].personal is None
    reader.close()
    assert journal.writable() is None
    assert wrapped not in desk.everything_on_disk()


def test_forgetting_survives_a_restart_and_repeats_harmlessly(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(desk.passage())
        desk.later(days=2)
        assert journal.forget_before(TOMORROW) == 1
        head = journal.head()
        assert journal.forget_before(TOMORROW) == 0
        assert journal.head() == head
    with desk.open() as journal:
        assert journal.after(1)[0].personal is None
        assert journal.verify().ok


def test_what_is_recorded_for_a_forgotten_day_gets_a_key_of_its_own(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage())
    desk.later(days=40)
    journal.forget_before(date(2026, 12, 1))
    desk.later(days=-40)
    late = journal.append(desk.passage())[0]
    assert journal.after(late.seq - 1)[0].personal == late.personal
    assert journal.after(1)[0].personal is None
    assert journal.verify().ok


def test_the_whole_journal_can_be_forgotten(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage())
    journal.forget_before(TODAY + timedelta(days=365))
    assert [event.personal for event in journal.after(0)] == [None] * 3
    assert journal.verify().ok
    assert journal.append(desk.passage())[0].personal is not None
    assert journal.verify().ok
