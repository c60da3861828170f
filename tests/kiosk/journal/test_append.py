"""What goes into the journal comes out of it: numbered, chained, cut to milliseconds, all of an act or nothing."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest

from kiosk import __version__, chain
from kiosk.errors import JournalError
from kiosk.journal import Journal, correction
from kiosk.model import ZERO_DIGEST, Direction, Draft, Verdict
from tests.kiosk.journal.desk import NOON, Desk


def test_a_new_journal_begins_by_saying_who_writes_it_and_when_its_days_end(desk: Desk) -> None:
    with Journal.open(desk.path, desk.key, now=desk.now, gate="g-7") as journal:
        (begin,) = journal.after(0)
    assert (begin.seq, begin.kind, begin.prev, begin.at) == (1, "journal.begin", ZERO_DIGEST, NOON)
    assert begin.open == {
        "gate": "g-7",
        "why": "new",
        "software": __version__,
        "zone": "Asia/Shanghai",
        "follows": None,
    }


def test_what_append_returns_is_what_is_read_back(desk: Desk, journal: Journal) -> None:
    events = journal.append(desk.passage(), desk.passage("isolate", celsius=38.4))
    assert journal.after(1) == list(events)
    assert [event.seq for event in events] == [2, 3]
    assert events[1].prev == events[0].digest
    assert events[1].personal == {"name": "张三丰", "phone": "13812348000", "tokens": ["ab" * 32]}
    assert [chain.flaw(event, event.prev) for event in events] == [None, None]
    assert {UUID(event.id).version for event in events} == {7}


def test_events_survive_closing_and_opening(desk: Desk) -> None:
    with desk.open() as journal:
        events = journal.append(desk.passage())
        name = journal.id
    with desk.open() as journal:
        assert journal.id == name
        assert journal.after(1) == list(events)
        assert journal.append(desk.passage())[0].prev == events[0].digest


def test_a_time_is_cut_to_milliseconds_before_it_is_digested(journal: Journal) -> None:
    at = datetime(2026, 11, 22, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=8)))
    (event,) = journal.append(Draft("passage", at, {}))
    assert event.at == NOON.replace(microsecond=999_000)
    assert journal.after(1)[0] == event
    assert journal.verify().ok


def test_words_and_tuples_are_taken_as_they_will_be_read_back(desk: Desk, journal: Journal) -> None:
    said = {"verdict": Verdict.ADMIT, "direction": Direction.IN, "actions": ("a", "b"), "celsius": 37.0, "余": "𠮷"}
    (event,) = journal.append(Draft("passage", desk.at, said, {"tokens": ()}))
    assert event.open == {"verdict": "admit", "direction": "in", "actions": ["a", "b"], "celsius": 37, "余": "𠮷"}
    assert type(event.open["verdict"]) is str
    assert event.personal == {"tokens": []}
    assert journal.after(1) == [event]
    assert journal.verify().ok


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"n": float("nan")}, "NaN|nan"),
        ({"n": 2**60}, "safe integer"),
        ({"n": 1e16}, "safe integer"),
        ({"text": "\ud800"}, "UTF-8|utf-8"),
        ({"when": NOON}, "unsupported type"),
        ({1: "one"}, "strings"),
        ({"much": "x" * 300_000}, "bytes are more"),
    ],
)
@pytest.mark.parametrize("part", ["open", "personal"])
def test_what_json_cannot_carry_is_refused_whole(
    desk: Desk, journal: Journal, said: dict[str, object], complaint: str, part: str
) -> None:
    bad = Draft("passage", desk.at, said) if part == "open" else Draft("passage", desk.at, {}, said)
    with pytest.raises(JournalError, match=complaint):
        journal.append(desk.passage(), bad)
    assert journal.head().seq == 1
    assert journal.counts(NOON.date())["passages"] == 0
    assert journal.append(desk.passage())[0].seq == 2


def test_a_time_without_a_zone_is_refused(journal: Journal) -> None:
    with pytest.raises(JournalError, match="without a zone"):
        journal.append(Draft("passage", datetime(2026, 11, 22), {}))  # noqa: DTZ001


@pytest.mark.parametrize("kind", ["", "k" * 65])
def test_a_kind_that_could_not_travel_is_refused(desk: Desk, journal: Journal, kind: str) -> None:
    with pytest.raises(JournalError, match="1 to 64"):
        journal.append(Draft(kind, desk.at, {}))


def test_an_unknown_kind_is_kept(desk: Desk, journal: Journal) -> None:
    (event,) = journal.append(Draft("disinfection.round", desk.at, {"by": "王"}, {"note": "…"}))
    assert journal.after(1) == [event]
    assert journal.recent(1, ("disinfection.round",)) == [event]
    assert journal.verify().ok


def test_every_event_carries_the_clock_of_its_moment(desk: Desk, journal: Journal) -> None:
    before = journal.append(desk.passage())[0].clock
    journal.offset_ms = -1500
    after = journal.append(desk.passage())[0].clock
    assert (before.boot, before.offset_ms, after.offset_ms) == ("boot-1", None, -1500)
    assert after.monotonic_ms >= before.monotonic_ms


def test_the_newest_events_of_the_wanted_kinds_come_first(desk: Desk, journal: Journal) -> None:
    for verdict in ("admit", "check", "refuse"):
        journal.append(desk.passage(verdict), Draft("alert", desk.at, {"alert": verdict}))
    assert [event.open["verdict"] for event in journal.recent(2)] == ["refuse", "check"]
    assert [event.open["alert"] for event in journal.recent(9, ("alert",))] == ["refuse", "check", "admit"]
    assert [event.kind for event in journal.recent(3, ("passage", "alert"))] == ["alert", "passage", "alert"]


def test_many_threads_append_without_a_gap(desk: Desk, journal: Journal) -> None:
    def work() -> None:
        for _ in range(20):
            journal.append(desk.passage(), desk.passage("check"))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journal.head().seq == 161
    assert journal.verify().ok
    assert journal.counts(NOON.date())["passages"] == 160


def test_a_correction_names_the_event_it_corrects(desk: Desk, journal: Journal) -> None:
    (wrong,) = journal.append(desk.passage(direction="out"))
    (right,) = journal.append(correction(wrong, desk.at, {"direction": "in", "why": "lane was switched"}))
    assert right.kind == "correction"
    assert right.open["corrects"] == {"journal": journal.id, "seq": 2, "id": wrong.id}
    assert journal.after(1, 1) == [wrong]
    assert journal.counts(NOON.date())["corrections"] == 1


@pytest.mark.parametrize(
    "named",
    [None, {}, {"journal": "x", "seq": 2, "id": "y"}, {"journal": "00000000-0000-7000-8000-000000000000", "seq": 2}],
)
def test_a_correction_of_nothing_is_refused(desk: Desk, journal: Journal, named: object) -> None:
    journal.append(desk.passage())
    with pytest.raises(JournalError, match="correct"):
        journal.append(Draft("correction", desk.at, {"corrects": named}))


def test_a_correction_of_another_journals_event_is_refused(desk: Desk, journal: Journal) -> None:
    (event,) = journal.append(desk.passage())
    elsewhere = {"journal": "00000000-0000-7000-8000-000000000000", "seq": 2, "id": event.id}
    with pytest.raises(JournalError, match="no event 2"):
        journal.append(Draft("correction", desk.at, {"corrects": elsewhere}))


def test_a_closed_journal_says_so(desk: Desk) -> None:
    journal = desk.open()
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.append(desk.passage())
