"""When the next call is due: intervals, windows, quiet hours, failures, the office's wishes, links paid by the byte."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.config import Sync
from sync.schedule.timetable import METERED_BEAT_S, NEVER, Call, Timetable

ZONES = [
    ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC")
]
SHANGHAI, BERLIN = ZONES[:2]
chances = st.floats(0, 1, exclude_max=True)
calls = st.sampled_from(Call)
zones = st.sampled_from(ZONES)
moments = st.integers(1_704_067_200_000, 1_830_297_600_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC))
minutes = st.integers(0, 24 * 60 - 1)


@st.composite
def hours(draw: st.DrawFn) -> str:
    begin, end = draw(st.lists(minutes, min_size=2, max_size=2, unique=True))
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (begin, end))


def table(zone: ZoneInfo = SHANGHAI, **wishes: object) -> Timetable:
    return Timetable(Sync(**wishes), zone)  # type: ignore[arg-type]


def after(now: datetime, pause_s: float) -> datetime:
    return now + timedelta(seconds=pause_s)


def shanghai(clock: str, day: int = 22) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@given(calls, moments, st.floats(1, 86_400), st.floats(0, 0.5), chances)
def test_the_regular_pause_is_the_interval_give_or_take_its_jitter(
    call: Call, now: datetime, interval: float, jitter: float, chance: float
) -> None:
    pause_s = table(interval_s=interval, jitter=jitter).regular_s(call, now, chance)
    assert interval * (1 - jitter) - 1e-6 <= pause_s <= interval * (1 + jitter) + 1e-6


@given(calls, moments, st.integers(1, 10_000), st.floats(1, 86_400), chances, st.booleans())
def test_the_pause_after_failures_grows_to_the_interval_and_no_further(
    call: Call, now: datetime, failures: int, interval: float, chance: float, pressing: bool
) -> None:
    whole = min(interval, 8.0 ** min(failures - 1, 6))
    pause_s = table(interval_s=interval).retry_s(call, failures, now, chance, pressing=pressing)
    assert whole / 2 <= pause_s <= whole <= interval


@settings(max_examples=60, deadline=None)
@given(calls, zones, moments, st.lists(hours(), min_size=1, max_size=3), st.floats(1, 86_400), chances)
def test_with_windows_every_regular_call_lies_inside_one_on_every_day_of_every_zone(
    call: Call, zone: ZoneInfo, now: datetime, windows: list[str], interval: float, chance: float
) -> None:
    timetable = table(zone, windows=windows, interval_s=interval)
    for pause_s in (timetable.regular_s(call, now, chance), timetable.first_s(call, now, chance)):
        assert 0 <= pause_s <= max(interval * 1.5, 3 * 86_400)
        assert timetable.is_open(after(now, pause_s))


@settings(max_examples=60, deadline=None)
@given(zones, moments, hours(), chances, st.integers(1, 30))
def test_what_is_not_pressing_is_tried_again_inside_a_window_only(
    zone: ZoneInfo, now: datetime, window: str, chance: float, failures: int
) -> None:
    timetable = table(zone, windows=[window])
    assert timetable.is_open(after(now, timetable.retry_s(Call.PUSH, failures, now, chance, pressing=False)))
    assert timetable.retry_s(Call.PUSH, failures, now, chance, pressing=True) <= 60


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("05:00", "22:00"),  # the end is not part of it
        ("12:00", "22:00"),
        ("21:59", "22:00"),
        ("22:00", "22:01"),
        ("23:59", "00:00"),
        ("03:00", "03:01"),
    ],
)
def test_a_window_over_midnight_is_one_window(now: str, due: str) -> None:
    timetable = table(windows=["22:00-05:00"], jitter=0)
    begun = shanghai(now)
    assert after(begun, timetable.regular_s(Call.PUSH, begun, 0.0)).astimezone(SHANGHAI).strftime("%H:%M") == due


def test_a_short_window_is_not_missed_by_a_long_interval() -> None:
    timetable = table(windows=["07:00-07:35", "08:00-08:10"], interval_s=3600, jitter=0, spread_s=0)
    begun = shanghai("07:30")
    assert after(begun, timetable.regular_s(Call.PUSH, begun, 0.5)) == shanghai("08:00")


def test_a_window_that_summer_time_skips_opens_on_the_next_day() -> None:
    timetable = table(BERLIN, windows=["02:15-02:45"], jitter=0, spread_s=0)
    evening = datetime(2026, 3, 28, 20, tzinfo=BERLIN)
    opens = after(evening.astimezone(UTC), timetable.regular_s(Call.PUSH, evening.astimezone(UTC), 0.0))
    assert opens.astimezone(BERLIN).isoformat() == "2026-03-30T02:15:00+02:00"


def test_a_window_that_summer_time_cuts_opens_with_the_first_hour_there_is() -> None:
    timetable = table(BERLIN, windows=["02:30-04:00"], jitter=0, spread_s=0)
    evening = datetime(2026, 3, 28, 20, tzinfo=BERLIN).astimezone(UTC)
    opens = after(evening, timetable.regular_s(Call.PUSH, evening, 0.0))
    assert opens.astimezone(BERLIN).isoformat() == "2026-03-29T03:00:00+02:00"


@given(st.floats(0, 86_400), chances)
def test_the_offices_wish_is_the_least_that_is_waited_and_each_gate_adds_its_own(wish_s: float, chance: float) -> None:
    assert wish_s <= table().wish_s(wish_s, chance) <= wish_s + 60
    assert table(spread_s=0).wish_s(wish_s, chance) == wish_s


def test_after_a_start_gates_spread_over_their_time_but_never_longer_than_the_interval() -> None:
    now = shanghai("12:00")
    assert table().first_s(Call.PUSH, now, 0.5) == 30
    assert table(interval_s=10).first_s(Call.PUSH, now, 0.5) == 5
    assert table(spread_s=0).first_s(Call.PUSH, now, 0.5) == 0


def test_a_metered_gate_without_windows_calls_for_nothing_but_a_rare_heartbeat() -> None:
    timetable, now = table(metered=True, jitter=0), shanghai("12:00")
    assert timetable.regular_s(Call.PUSH, now, 0.5) == timetable.regular_s(Call.PULL, now, 0.5) == NEVER
    assert timetable.regular_s(Call.BEAT, now, 0.5) == METERED_BEAT_S
    assert timetable.first_s(Call.BEAT, now, 0.5) == 30
    assert timetable.retry_s(Call.PUSH, 99, now, 0.5, pressing=True) <= 900
    assert math.isinf(timetable.retry_s(Call.PULL, 1, now, 0.5, pressing=False))


def test_a_metered_gate_with_windows_is_like_any_other_inside_them() -> None:
    timetable = table(metered=True, jitter=0, windows=["02:00-03:00"])
    assert timetable.regular_s(Call.PUSH, shanghai("02:30"), 0.5) == 60
    assert timetable.takes_bulk(shanghai("02:30"))
    assert not timetable.takes_bulk(shanghai("12:00"))
    assert timetable.regular_s(Call.BEAT, shanghai("01:30"), 0.0) == 1800


@pytest.mark.parametrize(
    ("clock", "takes"), [("00:00", False), ("00:05", True), ("01:04", True), ("01:05", False), ("12:00", False)]
)
def test_without_windows_large_lists_come_in_the_hour_after_the_days_close(clock: str, takes: bool) -> None:
    assert table(metered=True, day_close="5 0 * * *").takes_bulk(shanghai(clock)) is takes
    assert table().takes_bulk(shanghai(clock))


def test_in_quiet_hours_nothing_large_is_fetched() -> None:
    timetable = table(quiet=["07:00-09:00"])
    assert [timetable.takes_bulk(shanghai(clock)) for clock in ("06:59", "07:00", "08:59", "09:00")] == [
        True,
        False,
        False,
        True,
    ]


@settings(max_examples=150, deadline=None)
@given(calls, zones, moments, st.lists(hours(), max_size=3), st.floats(1, 86_400), chances, st.booleans())
def test_the_next_call_comes_within_the_time_that_the_office_is_told(
    call: Call, zone: ZoneInfo, now: datetime, windows: list[str], interval: float, chance: float, metered: bool
) -> None:
    timetable = table(zone, windows=windows, interval_s=interval, metered=metered)
    pause_s, told_s = timetable.regular_s(call, now, chance), timetable.again_s(call, now)
    assert told_s is None or pause_s <= told_s
    assert (told_s is not None) or pause_s == NEVER


def test_the_office_is_told_the_interval_the_next_window_or_the_hour_of_a_metered_link() -> None:
    night = table(windows=["02:00-03:00"], spread_s=60, jitter=0.1, interval_s=60)
    assert table(interval_s=60, jitter=0.1).again_s(Call.BEAT, shanghai("11:00")) == 66
    assert night.again_s(Call.BEAT, shanghai("02:10")) == 66
    assert night.again_s(Call.BEAT, shanghai("11:00")) == 15 * 3600 + 60
    assert table(metered=True, jitter=0.1).again_s(Call.BEAT, shanghai("11:00")) == math.ceil(METERED_BEAT_S * 1.1)
    assert table(metered=True).again_s(Call.PUSH, shanghai("11:00")) is None
