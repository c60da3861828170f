"""A file that was put back, lost or forked does not go on under the old numbers."""

from __future__ import annotations

import shutil
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from kiosk.journal import Journal
from kiosk.model import ZERO_DIGEST
from tests.kiosk.journal.desk import NOON, TOKEN, Desk

TODAY = NOON.date()


def test_a_file_put_back_from_a_copy_starts_a_new_journal(desk: Desk) -> None:
    copy = desk.path.with_name("backup")
    with desk.open() as journal:
        kept = journal.append(desk.passage())[0]
    shutil.copy(desk.path, copy)
    with desk.open() as journal:
        first = journal.id
        lost = journal.append(desk.passage())[0]
    shutil.copy(copy, desk.path)
    with desk.open() as journal:
        assert journal.id != first
        assert journal.journals() == (first, journal.id)
        (begin,) = journal.after(0)
        assert (begin.seq, begin.prev, begin.open["why"]) == (1, ZERO_DIGEST, "restored")
        assert begin.open["follows"] == {"journal": first, "seq": 3, "digest": lost.digest}
        assert begin.open["kept"] == {"seq": 2, "digest": kept.digest}
        assert journal.append(desk.passage())[0].seq == 2
        assert journal.verify().ok
        assert (journal.inside(), journal.counts(TODAY)["passages"]) == (2, 2), "what the copy knew is not lost"
    with desk.open() as journal:
        assert journal.journals()[0] == first
        assert len(journal.journals()) == 2, "the restore is over"


def test_a_copy_with_another_history_of_the_same_length_is_noticed_too(desk: Desk) -> None:
    copy = desk.path.with_name("backup")
    desk.open().close()
    shutil.copy(desk.path, copy)
    with desk.open() as journal:
        journal.append(desk.passage())
    shutil.copy(desk.path, desk.path.with_name("ours"))
    shutil.copy(copy, desk.path)
    desk.path.with_suffix(".mark").rename(desk.path.with_name("mark"))
    with desk.open() as journal:
        journal.append(desk.passage("refuse"))
    desk.path.with_name("mark").rename(desk.path.with_suffix(".mark"))
    with desk.open() as journal:
        assert journal.after(0)[0].open["why"] == "restored"


def test_a_file_that_vanished_is_followed_by_a_new_journal_that_says_so(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(desk.passage())
        name, head = journal.id, journal.head()
    desk.path.unlink()
    with desk.open() as journal:
        begin = journal.after(0)[0].open
        assert begin["why"] == "lost"
        assert begin["follows"] == {"journal": name, "seq": head.seq, "digest": head.digest}


def test_a_mark_that_cannot_be_read_is_no_reason_to_start_over(desk: Desk) -> None:
    for rubbish in (b"", b"\x00" * 119, b"nonsense\n"):
        with desk.open() as journal:
            name = journal.id
        desk.path.with_suffix(".mark").write_bytes(rubbish)
        with desk.open() as journal:
            assert journal.id == name


def test_a_mark_that_lags_behind_is_no_reason_to_start_over(desk: Desk) -> None:
    with desk.open() as journal:
        name = journal.id
        journal.append(desk.passage())
        early = desk.path.with_suffix(".mark").read_bytes()
        journal.append(desk.passage())
    desk.path.with_suffix(".mark").write_bytes(early)
    with desk.open() as journal:
        assert (journal.id, journal.head().seq) == (name, 3)


def test_after_a_fork_what_the_office_refused_is_recorded_once_more(desk: Desk) -> None:
    with desk.open() as journal:
        one, two, three = journal.append(desk.passage(), desk.passage("check"), desk.passage("admit", "out"))
        first = journal.id
        journal.acknowledge(2, one.digest, desk.at)
        before = (journal.inside(), journal.counts(TODAY), journal.last_seen(TOKEN))
        second = journal.renew("fork", refused_from=3)
        assert journal.journals() == (first, second)
        begin, *repeats = journal.after(0)
        assert begin.open["follows"] == {"journal": first, "seq": 4, "digest": three.digest}
        assert [event.open["again"]["seq"] for event in repeats] == [3, 4]
        for old, new in zip((two, three), repeats, strict=True):
            assert (new.kind, new.at, new.personal) == (old.kind, old.at, old.personal)
            assert {**old.open, "again": {"journal": first, "seq": old.seq, "digest": old.digest}} == new.open
        assert (journal.inside(), journal.counts(TODAY), journal.last_seen(TOKEN)) == before
        assert journal.rebuild() == 7
        assert (journal.inside(), journal.counts(TODAY), journal.last_seen(TOKEN)) == before
        assert journal.verify().ok


def test_every_journal_of_a_file_has_its_own_outbox(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage(), desk.passage(), desk.passage())
    first = journal.id
    journal.renew("fork", refused_from=4)
    old, new = journal.outbox(first), journal.outbox()
    assert (old.journal, old.waiting) == (first, 3), "what was refused is not offered again under its old number"
    assert (new.journal, new.waiting) == (journal.id, 2)
    events = journal.after(0, journal=first)
    journal.acknowledge(3, events[2].digest, desk.at, journal=first)
    assert (journal.outbox(first).waiting, journal.outbox().waiting) == (0, 2)
    assert {event.journal for event in events} == {first}


def test_only_numbers_the_journal_has_can_have_been_refused(desk: Desk, journal: Journal) -> None:
    for number in (0, -1, 3):
        with pytest.raises(ValueError, match="has no number"):
            journal.renew("fork", refused_from=number)
    assert len(journal.journals()) == 1


def test_a_damaged_event_is_found_in_whichever_journal_it_lies(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(desk.passage(), desk.passage())
        names = [journal.id, journal.renew("fork")]
        journal.append(desk.passage(), desk.passage())
    for number, name, first_bad in ((5, names[1], 2), (3, names[0], 3)):
        with desk.tampering() as file:
            file.execute("UPDATE events SET at = at + 1 WHERE number = ?", (number,))
        with desk.open(writer=False) as journal:
            found = journal.verify()
        assert (found.journal, found.first_bad) == (name, first_bad)


def test_retention_reaches_the_older_journals_too(desk: Desk, journal: Journal) -> None:
    first = journal.id
    journal.append(desk.passage())
    journal.renew("fork")
    desk.later(days=1)
    journal.append(desk.passage())
    journal.forget_before(date(2026, 11, 23))
    assert [event.personal for event in journal.after(0, journal=first)] == [None, None]
    assert journal.verify().ok


def test_a_gate_that_moves_to_another_time_zone_says_when_its_days_end_now(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(desk.passage())
    desk.zone = ZoneInfo("Pacific/Kiritimati")  # 14 hours ahead of UTC: at noon in Shanghai already the next day
    desk.later(hours=8)
    with desk.open() as journal:
        moved, arrived = journal.after(2)[0], journal.append(desk.passage())[0]
        assert (moved.kind, moved.open["zone"], moved.open["was"]) == ("journal.zone", desk.zone.key, "Asia/Shanghai")
        assert arrived.seq == 4
        assert journal.counts(date(2026, 11, 23))["passages"] == 1
        assert journal.verify().ok
    with desk.open() as journal:
        assert journal.head().seq == 4
