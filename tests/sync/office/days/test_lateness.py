"""Why something came late: four times tell it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sync.office.days.lateness import GRACE, Span, happened, judge

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MS = timedelta(milliseconds=1)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("received", "drain", "spans", "why", "away_min", "held_min"),
    [
        (1, 1, [(-60, 1)], None, 0, 1),  # an ordinary sync
        (5, 5, [(-60, 5)], None, 0, 5),  # as long as that may take
        (6, 6, [(-60, 6)], "held", 0, 6),  # in contact all the time, and yet
        (90, 90, [(-60, -1), (90, 90)], "away", 90, 0),  # no contact until then
        (90, 90, [(-60, 30), (90, 90)], "held", 0, 90),  # in contact for half an hour more before it fell silent
        (90, 90, [(-60, -1), (60, 90)], "held", 60, 30),  # back for half an hour before it sent anything
        (90, 62, [(-60, -1), (60, 90)], "away", 88, 2),  # a long queue on a slow line, begun at once
        (90, -60, [(-60, 90)], "away", 90, 0),  # a line that never got through its queue
        (90, 90, [], "away", 90, 0),  # no contact on record
        (-3, -3, [(-60, 0)], None, 0, 0),  # the gate's clock is ahead and nobody knows
    ],
)
def test_lateness_of_the_line_and_of_the_gate_are_told_apart(
    received: int, drain: int, spans: list[tuple[int, int]], why: str | None, away_min: int, held_min: int
) -> None:
    known = [Span(at(since), at(until)) for since, until in spans]
    late = judge(NOON, at(received), at(drain), known)
    assert (late.why, late.away, late.held) == (why, timedelta(minutes=away_min), timedelta(minutes=held_min))


def test_just_above_and_just_at_what_a_sync_may_take() -> None:
    spans = [Span(at(-1), at(60))]
    on_time, late = (judge(NOON, end, end, spans) for end in (NOON + GRACE, NOON + GRACE + MS))
    assert (on_time.why, late.why) == (None, "held")


def test_the_gates_clock_error_is_taken_out() -> None:
    assert happened(NOON, -90_000) == at(-1.5)
    assert happened(NOON, None) == NOON
