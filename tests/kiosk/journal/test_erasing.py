"""Somebody is to be forgotten: their parts are emptied on record, everybody else's stay, and the chain holds."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from kiosk.journal import Journal
from kiosk.model import Draft
from tests.kiosk.journal.desk import TOKEN, Desk

OTHER = "cd" * 32
REQUEST = "01a20250-f443-701d-8626-cf5322aa9df9"


def recorded(desk: Desk, journal: Journal) -> None:
    """Numbers 2 to 5: two passages of one person, one of another, and the first one's alert."""
    journal.append(
        desk.passage(visit="v1"), desk.passage(token=OTHER), desk.passage("isolate", visit="v2"),
        Draft("alert", desk.at, {"lane": "1", "alert": "fever", "visit": "v2"}, {"name": "张三丰"}),
    )  # fmt: skip


def readable(journal: Journal) -> list[int]:
    return [event.seq for event in journal.after(0) if event.personal is not None]


def test_the_parts_of_one_person_go_and_the_chain_still_holds(desk: Desk, journal: Journal) -> None:
    recorded(desk, journal)
    before = [event.digest for event in journal.after(0)]
    assert [event.seq for event in journal.find([TOKEN])] == [2, 4, 5]

    assert journal.erase(REQUEST, [TOKEN], desk.at) == 3

    assert readable(journal) == [1, 3, 6]
    assert [event.digest for event in journal.after(0)][:5] == before
    assert journal.verify().ok
    assert (journal.last_seen(TOKEN), journal.last_seen(OTHER) is not None) == (None, True)
    (said,) = journal.recent(1, ("journal.erase",))
    assert {name: said.open[name] for name in ("request", "parts")} == {"request": REQUEST, "parts": 3}
    assert TOKEN not in json.dumps(dict(said.open))
    assert journal.find([TOKEN]) == []


def test_a_request_is_done_once_and_reaches_no_further_than_its_time(desk: Desk, journal: Journal) -> None:
    recorded(desk, journal)
    desk.later(minutes=1)
    (later,) = journal.append(desk.passage())
    desk.later(minutes=-1)
    journal.erase(REQUEST, [TOKEN], desk.at)
    journal.append(desk.passage())  # the person comes again
    assert journal.erase(REQUEST, [TOKEN], desk.at) == 0
    assert len(journal.recent(9, ("journal.erase",))) == 1
    assert [event.seq for event in journal.find([TOKEN])] == [later.seq, later.seq + 2]


def test_what_was_sealed_is_not_left_in_the_file(desk: Desk) -> None:
    with desk.open() as journal:
        recorded(desk, journal)
        with closing(sqlite3.connect(f"file:{desk.path}?mode=ro", uri=True)) as file:
            sealed = [part for (part,) in file.execute("SELECT sealed FROM events WHERE number IN (2, 4, 5)")]
        assert all(part in desk.everything_on_disk() for part in sealed)
        journal.erase(REQUEST, [TOKEN], desk.at)
        journal.writable()
    assert not [part for part in sealed if part in desk.everything_on_disk()]
    assert bytes.fromhex(TOKEN) not in desk.everything_on_disk()


def test_a_later_request_and_forgotten_days_leave_it_whole(desk: Desk, journal: Journal) -> None:
    recorded(desk, journal)
    journal.erase(REQUEST, [TOKEN], desk.at)
    journal.erase("another", [OTHER], desk.at)
    assert journal.verify().ok
    desk.later(days=2)
    journal.append(desk.passage())
    journal.forget_before(desk.at.date())
    assert journal.verify().ok
    assert journal.rebuild() == len(journal.after(0))
    assert journal.verify().ok


def test_a_part_that_is_missing_without_being_on_record_is_a_flaw(desk: Desk) -> None:
    with desk.open() as journal:
        recorded(desk, journal)
    with desk.tampering() as file:
        file.execute("UPDATE events SET sealed = x'' WHERE number = 3")
    with desk.open() as journal:
        found = journal.verify()
        assert (found.ok, found.first_bad) == (False, 3)
        journal.erase(REQUEST, [TOKEN], desk.at)
    with desk.tampering() as file:
        file.execute("UPDATE events SET sealed = x'' WHERE number = 1")
    with desk.open(writer=False) as journal:
        assert not journal.verify().ok


@pytest.mark.parametrize(
    "change",
    ["sealed = x''", "sealed = x'00'", "sealed = x'', open = '{}'", "digest = x'00'", "number = 99"],
)
def test_nothing_is_emptied_or_changed_but_behind_its_event(desk: Desk, change: str) -> None:
    with desk.open() as journal:
        recorded(desk, journal)
    with (
        closing(sqlite3.connect(desk.path)) as file,
        pytest.raises(sqlite3.IntegrityError, match="never changed"),
    ):
        file.execute(f"UPDATE events SET {change} WHERE number = 2")


def test_behind_its_event_only_a_sealed_part_can_be_emptied(desk: Desk) -> None:
    with desk.open() as journal:
        recorded(desk, journal)
        journal.erase(REQUEST, [OTHER], desk.at)
    for change in ("sealed = x'00'", "sealed = x'', open = '{}'", "seal = x'00'"):
        with (
            closing(sqlite3.connect(desk.path)) as file,
            pytest.raises(sqlite3.IntegrityError, match="never changed"),
        ):
            file.execute(f"UPDATE events SET {change} WHERE number = 2")


def test_a_file_of_before_learns_it_when_it_is_opened(desk: Desk) -> None:
    with desk.open() as journal:
        recorded(desk, journal)
    with closing(sqlite3.connect(desk.path)) as file, file:
        file.execute("DROP TRIGGER events_only_emptied")
        file.execute("CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'never'); END")
    with desk.open() as journal:
        assert journal.erase(REQUEST, [TOKEN], desk.at) == 3
        assert journal.verify().ok


def test_the_event_of_forgotten_days_says_which_they_were(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage())
    desk.later(days=1)
    journal.append(desk.passage())
    desk.later(days=5)
    assert str(journal.readable_from()) == "2026-11-22"
    journal.forget_before(desk.at.date())
    (said,) = journal.recent(1, ("journal.forget",))
    assert {name: said.open[name] for name in ("keys", "days", "first", "last", "before")} == {
        "keys": 2, "days": 2, "first": "2026-11-22", "last": "2026-11-23", "before": "2026-11-28"}  # fmt: skip
    assert str(journal.readable_from()) == "2026-11-28"
