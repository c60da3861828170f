"""A damaged journal is noticed at the start, set aside, and what holds of it is not lost."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kiosk.errors import JournalError
from kiosk.journal import Journal, salvage
from kiosk.journal.lock import read_mark
from kiosk.journal.vault import Vault
from kiosk.journal.wreck import Wreck
from kiosk.model import Draft, Event
from tests.kiosk.journal.desk import KEY, NOON, Desk

TODAY = NOON.date()
ACKNOWLEDGED, RECORDED = 100, 300
PAGE = 4096


def heal(desk: Desk, key: bytes = KEY) -> Journal:
    return Journal.open(desk.path, key, now=desk.now, boot="boot-2", zone=desk.zone, heal=True)


def aside(desk: Desk) -> list[Path]:
    return sorted(desk.path.parent.glob("journal.damaged-*.db"))


@pytest.fixture
def written(desk: Desk) -> list[Event]:
    """What a gate recorded; the office has the first of it."""
    with desk.open() as journal:
        for number in range(RECORDED - 1):
            direction = "out" if number % 3 == 0 else "in"
            journal.append(desk.passage(direction=direction, visit=str(number), note="x" * (number % 7 * 300)))
        events = journal.after(0, limit=RECORDED)
        journal.acknowledge(ACKNOWLEDGED, events[ACKNOWLEDGED - 1].digest, desk.at)
    return events


def overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def pages_of_events(path: Path) -> list[int]:
    """Where in the file leaf pages of `events` lie: their records begin with the header of twelve columns."""
    content = path.read_bytes()
    return [
        at for at in range(0, len(content), PAGE) if content[at] == 0x0D and content[at : at + PAGE].count(b'"visit":')
    ]


def zero_header(desk: Desk) -> None:
    overwrite(desk.path, 0, bytes(100))


def zero_first_page(desk: Desk) -> None:
    overwrite(desk.path, 0, bytes(PAGE))


def cut_in_half(desk: Desk) -> None:
    with desk.path.open("r+b") as file:
        file.truncate(desk.path.stat().st_size // 2 // PAGE * PAGE + 1000)


def flip_in_a_row(desk: Desk) -> None:
    at = pages_of_events(desk.path)[-2]
    content = desk.path.read_bytes()
    inside = content.index(b'"verdict":"admit"', at)
    overwrite(desk.path, inside + 12, bytes([content[inside + 12] ^ 1]))


def wipe_a_page(desk: Desk) -> None:
    overwrite(desk.path, pages_of_events(desk.path)[-3], bytes(PAGE))


def scramble_an_inner_page(desk: Desk) -> None:
    """The one that leads to the leaves of `events`."""
    content = desk.path.read_bytes()
    inner = [at for at in range(PAGE, len(content), PAGE) if content[at] == 0x05]
    overwrite(desk.path, inner[0], b"\xff" * 64)


@pytest.mark.parametrize(
    "damage",
    [zero_header, zero_first_page, cut_in_half, flip_in_a_row, wipe_a_page, scramble_an_inner_page],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_file_is_set_aside_and_what_holds_is_recorded_once_more(
    desk: Desk, written: list[Event], damage: Callable[[Desk], None]
) -> None:
    damage(desk)
    broken = desk.path.read_bytes()
    with heal(desk) as journal:
        assert [file.read_bytes() for file in aside(desk)] == [broken]
        begin, *events = journal.after(0, limit=1000)
        last = written[-1]
        assert (begin.kind, begin.open["why"], begin.open["file"]) == ("journal.begin", "damaged", aside(desk)[0].name)
        assert begin.open["follows"] == {"journal": last.journal, "seq": last.seq, "digest": last.digest}
        *again, carried, alert = events
        assert (carried.kind, alert.kind, alert.open["alert"]) == ("journal.carried", "alert", "journal-set-aside")
        said = alert.open["salvaged"]
        assert said["again"] == len(again)
        assert said["again"] + said["lost"] == RECORDED - ACKNOWLEDGED
        assert said["again"] > 0
        assert begin.open["lost"] == said["lost"]
        before = {event.seq: event for event in written}
        numbers = [event.open["again"]["seq"] for event in again]
        assert numbers == sorted(set(numbers))
        assert min(numbers) > ACKNOWLEDGED
        for event in again:
            old = before[event.open["again"]["seq"]]
            assert event.open["again"] == {"journal": old.journal, "seq": old.seq, "digest": old.digest}
            assert (event.kind, event.at, event.personal) == (old.kind, old.at, old.personal)
        assert journal.verify().ok
        count = journal.append(desk.passage())[0].seq
    with heal(desk) as journal:
        assert journal.head().seq == count, "the second start finds nothing to mend"
        assert len(aside(desk)) == 1


def test_a_header_alone_costs_nothing_counts_and_heads_inside_go_on(desk: Desk, written: list[Event]) -> None:
    with desk.open() as journal:
        journal.append(Draft("override", desk.at, {"direction": "in", "from": "refuse", "to": "check"}))
        before = (journal.inside(), journal.counts(TODAY))
        assert before[1]["override:refuse:check"] == 1
    zero_header(desk)
    with heal(desk) as journal:
        assert journal.recent(1, ("alert",))[0].open["salvaged"]["lost"] == 0
        counts = journal.counts(TODAY)
        assert counts.pop("alerts") == before[1].pop("alerts") + 1
        assert (journal.inside(), counts) == before
        journal.rebuild()
        assert (journal.inside(), journal.counts(TODAY)["passages"]) == (before[0], RECORDED - 1)


def test_days_that_were_closed_are_not_closed_again(desk: Desk, written: list[Event]) -> None:
    desk.later(days=1)
    with desk.open() as journal:
        journal.close_days(desk.at.date())
        journal.append(desk.passage())
    zero_header(desk)
    desk.later(days=1)
    with heal(desk) as journal:
        (closed,) = journal.close_days(desk.at.date())
        assert closed.open["day"] == "2026-11-23"
        assert closed.open["counts"]["passages"] == 1


def test_what_lies_only_in_the_log_is_found_too(desk: Desk) -> None:
    journal = desk.open()
    journal.append(*(desk.passage(visit=str(number)) for number in range(50)))
    held = sqlite3.connect(desk.path)
    held.execute("SELECT * FROM events").fetchone()  # somebody reads: nothing is moved out of the log
    journal.append(*(desk.passage(visit=str(number)) for number in range(50, 100)))
    copy = desk.path.parent / "copy"
    copy.mkdir()
    for file in desk.path.parent.glob("journal.*"):
        shutil.copy(file, copy)
    held.close()
    journal.close()
    torn = Desk(copy / "journal.db")
    zero_header(torn)
    with heal(torn) as mended:
        visits = [event.open["visit"] for event in mended.recent(1000)]
    assert sorted(visits, key=int) == [str(number) for number in range(100)]


def test_a_start_that_is_broken_off_between_setting_aside_and_beginning_is_made_up_for(
    desk: Desk, written: list[Event]
) -> None:
    zero_header(desk)
    desk.path.rename(desk.path.with_name("journal.damaged-20261122T040000Z.db"))
    with heal(desk) as journal:
        assert len(journal.recent(1000)) == RECORDED - ACKNOWLEDGED
    with heal(desk) as journal:
        assert len(journal.recent(1000)) == RECORDED - ACKNOWLEDGED


def test_a_damaged_file_of_before_is_left_alone_when_the_journal_is_gone(desk: Desk, written: list[Event]) -> None:
    zero_header(desk)
    with heal(desk) as journal:
        second = journal.id
    desk.path.unlink()
    with heal(desk) as journal:
        begin = journal.after(0)[0].open
        assert (begin["why"], begin["follows"]["journal"]) == ("lost", second)
        assert journal.recent(9) == []


def test_without_a_mark_a_damaged_file_is_taken_over_all_the_same(desk: Desk, written: list[Event]) -> None:
    desk.path.with_suffix(".mark").unlink()
    zero_header(desk)
    with heal(desk) as journal:
        assert journal.after(0)[0].open["follows"]["seq"] == RECORDED
        assert len(journal.recent(1000)) == RECORDED - ACKNOWLEDGED


def test_an_event_that_was_changed_by_hand_is_not_recorded_again(desk: Desk, written: list[Event]) -> None:
    with desk.tampering() as file:
        file.execute("UPDATE events SET open = replace(open, 'admit', 'check') WHERE number = 200")
    with heal(desk) as journal:
        again = [event.open["again"]["seq"] for event in journal.recent(1000)]
        assert 200 not in again
        assert sorted([*again, 200]) == list(range(ACKNOWLEDGED + 1, RECORDED + 1))
        assert journal.recent(1, ("alert",))[0].open["salvaged"]["lost"] == 1


def test_the_row_of_the_journal_itself_may_be_lost(desk: Desk, written: list[Event]) -> None:
    with desk.tampering() as file:
        file.execute("DELETE FROM lives")
        file.execute("UPDATE events SET at = at + 1 WHERE number = 200")
    overwrite(desk.path, 0, bytes(100))
    with heal(desk) as journal:
        numbers = {event.open["again"]["seq"] for event in journal.recent(1000)}
        assert numbers == set(range(2, RECORDED + 1)) - {200}, "the office knows by their digests what it has"


def test_another_gates_key_sets_nothing_aside(desk: Desk, written: list[Event]) -> None:
    for damage in (lambda: None, lambda: zero_header(desk)):
        damage()
        before = desk.path.read_bytes()
        with pytest.raises(JournalError, match=r"gate\.key"):
            heal(desk, key=bytes(32))
        assert (desk.path.read_bytes(), aside(desk)) == (before, [])


def test_a_file_in_use_or_of_another_program_is_left_alone(desk: Desk) -> None:
    with desk.open(), pytest.raises(JournalError, match="stop that one first"):
        heal(desk)
    other = Desk(desk.path.with_name("other.db"))
    with sqlite3.connect(other.path) as file:
        file.execute("CREATE TABLE songs (title TEXT)")
        file.execute("PRAGMA application_id = 77")
    with pytest.raises(JournalError, match="another program's file"):
        heal(other)
    assert not list(desk.path.parent.glob("*damaged*"))


def test_a_sound_file_is_gone_on_with(desk: Desk, written: list[Event]) -> None:
    assert salvage.damage(desk.path, Vault(KEY)) is None
    with heal(desk) as journal:
        assert (journal.id, journal.head().seq) == (written[0].journal, RECORDED)


def test_retention_reaches_the_file_that_was_set_aside(desk: Desk, written: list[Event]) -> None:
    mark = read_mark(desk.path)
    zero_header(desk)
    with heal(desk) as journal:
        assert journal.shred(TODAY) == 0
        assert journal.shred(date(2026, 11, 23)) == 1
    with Wreck(aside(desk)[0], Vault(KEY), mark) as wreck:
        personal = [event.personal for _, event in wreck.events()]
    assert personal == [None] * RECORDED


def test_by_hand_a_file_is_recorded_once_however_often_it_is_tried(desk: Desk, written: list[Event]) -> None:
    old = desk.path.rename(desk.path.with_name("old.db"))
    desk.path.with_suffix(".mark").unlink()
    with desk.open() as journal:
        first = journal.salvage(old)
        assert (first.again, first.acknowledged, first.lost) == (RECORDED - ACKNOWLEDGED, ACKNOWLEDGED, 0)
        assert journal.salvage(old).again == 0
        assert len(journal.recent(1000)) == RECORDED - ACKNOWLEDGED
        assert journal.verify().ok


def test_by_hand_a_file_without_a_journal_or_of_another_gate_is_refused(desk: Desk, written: list[Event]) -> None:
    nothing = desk.path.with_name("nothing.db")
    nothing.write_bytes(b"\r" * 20_000)
    stranger = Desk(desk.path.parent / "stranger.db", key=bytes(32))
    with stranger.open() as journal:
        journal.append(stranger.passage())
    with desk.open() as journal:
        with pytest.raises(JournalError, match="no journal can be found"):
            journal.salvage(nothing)
        with pytest.raises(JournalError, match="another gate's key"):
            journal.salvage(stranger.path)
        assert journal.head().seq == RECORDED
