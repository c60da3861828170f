"""What is left of a long backlog, as people hear it: roughly right, and without jumps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.schedule.catching_up import LONG, CatchingUp
from sync.schedule.estimate import Estimate
from sync.schedule.spoken import about, span

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def drain(waiting: int, batches: list[tuple[int, float]]) -> list[tuple[float, float | None]]:
    """(time, seconds left) after each batch of so many events, which took so long."""
    estimate, at_s, sent, told = Estimate(), 0.0, 0, []
    estimate.add(0, waiting, at_s)
    for events, took_s in batches:
        at_s += took_s
        sent, waiting = sent + events, waiting - events
        estimate.add(sent, waiting, at_s)
        told.append((at_s, estimate.left_s(at_s)))
    return told


def test_at_a_steady_speed_it_is_right_and_falls_with_the_time() -> None:
    told = [(at_s, left_s) for at_s, left_s in drain(60_000, [(500, 1.0)] * 119) if left_s is not None]
    assert len(told) >= 115
    assert all(left_s == pytest.approx(120 - at_s, abs=0.5) for at_s, left_s in told)


@given(st.lists(st.floats(0.3, 3.0), min_size=20, max_size=100))
def test_however_the_line_wavers_the_estimate_never_jumps_wildly(times: list[float]) -> None:
    told = drain(100 * 500 + 60_000, [(500, took_s) for took_s in times])
    known = [(at_s, left_s) for at_s, left_s in told if left_s is not None]
    for (before_s, before), (at_s, left_s) in pairwise(known):
        expected = before - (at_s - before_s)
        assert abs(left_s - expected) <= 0.6 * expected + 5


def test_a_line_that_becomes_ten_times_slower_is_believed_little_by_little() -> None:
    told = [left_s for _, left_s in drain(60_000, [(500, 0.5)] * 40 + [(500, 5.0)] * 40) if left_s is not None]
    rises = [after / before for before, after in pairwise(told) if before]
    assert max(rises) < 3
    assert told[-1] == pytest.approx(40 * 5.0, rel=0.2)


def test_nothing_is_said_before_there_is_something_to_go_by() -> None:
    assert [left_s for _, left_s in drain(5_000, [(500, 1.0)] * 2)] == [None, None]


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (3, "几秒钟", "a few seconds"),
        (40, "不到 1 分钟", "less than a minute"),
        (61, "约 2 分钟", "about 2 minutes"),
        (180, "约 3 分钟", "about 3 minutes"),
        (7_000, "约 2 小时", "about 2 hours"),
    ],
)
def test_what_is_left_is_said_as_people_say_it(seconds: float, zh: str, en: str) -> None:
    assert (about(seconds).zh, about(seconds).en) == (zh, en)


@pytest.mark.parametrize(
    ("seconds", "en"),
    [
        (30, "less than a minute"),
        (90, "1 minute"),
        (3_600, "1 hour"),
        (8_000, "2 hours 13 minutes"),
        (14 * 86_400 + 3_700, "14 days 1 hour"),
        (86_400 + 60, "1 day"),
    ],
)
def test_an_outage_is_told_in_its_two_largest_units(seconds: float, en: str) -> None:
    assert span(seconds).en == en


def test_a_backlog_goes_on_where_a_broken_line_left_it() -> None:
    backlog = CatchingUp()
    backlog.begin(1_000, NOON - timedelta(days=14), NOON, 0.0)
    backlog.advance(400, 600, 1.0)
    backlog.rest()
    broken = backlog.picture(5.0)
    assert broken is not None
    assert (broken.sent, broken.waiting, broken.moving, broken.left_s) == (400, 600, False, None)
    backlog.begin(610, NOON, NOON + timedelta(seconds=9), 9.0)
    backlog.advance(100, 510, 10.0)
    going = backlog.picture(10.0)
    assert going is not None
    assert (going.sent, going.waiting, going.away) == (500, 510, timedelta(days=14))
    backlog.advance(610, 0, 11.0)
    backlog.end(0)
    assert backlog.picture(12.0) is None


def test_a_handful_of_events_is_no_backlog() -> None:
    backlog = CatchingUp()
    backlog.begin(LONG - 1, None, NOON, 0.0)
    assert backlog.picture(0.0) is None
