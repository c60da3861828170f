"""The machine's clock is set back and forth, its time zone corrected: order, numbers and days are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.journal import Journal
from tests.kiosk.journal.desk import NOON, Desk

STEPS = [
    timedelta(hours=-9),  # somebody took UTC for the time here
    timedelta(days=3),
    timedelta(days=-3, minutes=-1),
    timedelta(days=400),
    timedelta(days=-4000),  # a dead battery: the clock begins in the past
    timedelta(seconds=-1),
    timedelta(days=3600),
]


def reopen(desk: Desk, boot: str) -> Journal:
    return Journal.open(desk.path, desk.key, now=desk.now, boot=boot, zone=desk.zone)


def test_numbers_go_on_whatever_the_clock_says_and_the_other_clock_goes_along(desk: Desk, journal: Journal) -> None:
    said = []
    for step in STEPS:
        desk.at += step
        said.append(journal.append(desk.passage())[0])
    events = journal.after(1)
    assert events == said
    assert [event.seq for event in events] == list(range(2, len(STEPS) + 2))
    assert [event.at for event in events] != sorted(event.at for event in events)
    monotonic = [event.clock.monotonic_ms for event in events]
    assert monotonic == sorted(monotonic)
    assert {event.clock.boot for event in events} == {"boot-1"}
    assert journal.verify().ok


def test_after_a_restart_the_boot_says_that_the_other_clock_began_anew(desk: Desk) -> None:
    with reopen(desk, "boot-1") as journal:
        journal.append(desk.passage())
    desk.later(days=-30)
    with reopen(desk, "boot-2") as journal:
        (late,) = journal.append(desk.passage())
        assert (late.seq, late.clock.boot) == (3, "boot-2")
        assert len(journal.journals()) == 1, "a clock that was set back is no restored file"
        assert journal.verify().ok


def test_what_the_office_has_does_not_depend_on_the_clock(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage())
    desk.later(days=-2)
    (second,) = journal.append(desk.passage())
    journal.acknowledge(second.seq, second.digest, desk.at)
    desk.later(days=5)
    (third,) = journal.append(desk.passage())
    assert journal.outbox().waiting == 1
    assert journal.after(journal.outbox().through) == [third]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.lists(st.integers(-60, 60), min_size=1, max_size=12))
def test_no_day_is_closed_twice_and_none_is_left_out(
    tmp_path_factory: pytest.TempPathFactory, hours: list[int]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("clock") / "journal.db")
    with desk.open() as journal:
        for step in hours:
            desk.later(hours=step)
            journal.append(desk.passage())
            journal.close_days(local(desk.at, desk.zone))
        desk.at = max(desk.at, NOON) + timedelta(days=40)  # in the end it is right
        journal.close_days(local(desk.at, desk.zone))
        closed = [event.open["day"] for event in journal.after(0, 1000) if event.kind == "day.close"]
        assert len(closed) == len(set(closed))
        recorded = {
            local(event.at, desk.zone).isoformat() for event in journal.after(0, 1000) if event.kind == "passage"
        }
        oldest = (local(desk.at, desk.zone) - timedelta(days=31)).isoformat()
        assert {day for day in recorded if day >= oldest} <= set(closed)
        assert sum(journal.counts(date.fromisoformat(day))["passages"] for day in recorded) == len(hours)
        assert journal.verify().ok


def test_a_corrected_time_zone_changes_no_event_and_closes_no_day_again(desk: Desk) -> None:
    desk.at = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # in Shanghai it is the 23rd already
    desk.zone = ZoneInfo("UTC")
    with desk.open() as journal:
        first = journal.append(desk.passage())[0]
    desk.zone = ZoneInfo("Asia/Shanghai")
    with desk.open() as journal:
        second = journal.append(desk.passage())[0]
        desk.later(days=1)
        journal.close_days(local(desk.at, desk.zone))
        events = journal.after(0)
        assert [event.open["day"] for event in events if event.kind == "day.close"] == ["2026-11-22", "2026-11-23"]
        assert [event.id for event in events if event.kind == "passage"] == [first.id, second.id]
        assert second.prev != first.digest, "the change of the zone stands between them"
        assert first.at == second.at
        assert journal.verify().ok
    desk.zone = ZoneInfo("UTC")
    with desk.open() as journal:
        journal.close_days(local(desk.at, desk.zone))
        closed = [event.open["day"] for event in journal.after(0) if event.kind == "day.close"]
        assert len(closed) == len(set(closed))
        assert journal.verify().ok


def local(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
