"""The nouns' few rules: severity, plausible readings, one spelling of a time, what a screen may show of a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.model import Verdict, from_iso, iso, mask_name, mask_number, plausible

moments = st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone


def test_verdicts_are_ordered_from_mildest_to_most_severe() -> None:
    assert sorted(Verdict, key=lambda verdict: verdict.severity) == ["admit", "check", "refuse", "isolate"]


def test_a_time_is_spelt_in_utc_with_milliseconds() -> None:
    noon_in_shanghai = datetime(2026, 11, 22, 12, 0, 0, 123_999, tzinfo=timezone(timedelta(hours=8)))
    assert iso(noon_in_shanghai) == "2026-11-22T04:00:00.123Z"


@given(moments)
def test_a_time_is_read_back_as_it_was_spelt(at: datetime) -> None:
    cut = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert from_iso(iso(at)) == cut
    assert iso(from_iso(iso(at))) == iso(at)


def test_any_offset_is_read() -> None:
    assert from_iso("2026-11-22T12:00:00+08:00") == datetime(2026, 11, 22, 4, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused_in_both_directions() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        iso(datetime(2026, 11, 22))  # noqa: DTZ001
    with pytest.raises(ValueError, match="no zone"):
        from_iso("2026-11-22T12:00:00")


@pytest.mark.parametrize("celsius", [30.0, 36.6, 43.0])
def test_a_temperature_somebody_can_have_is_taken(celsius: float) -> None:
    plausible(celsius)


@pytest.mark.parametrize("celsius", [29.9, 43.1, -3.0, 366.0, float("nan"), float("inf")])
def test_a_temperature_nobody_can_have_is_refused(celsius: float) -> None:
    with pytest.raises(ValueError, match=r".+"):
        plausible(celsius)


@pytest.mark.parametrize(
    ("name", "shown"), [("", ""), ("王", "*"), ("张三", "张*"), ("张三丰", "张*丰"), ("欧阳修文", "欧**文")]
)
def test_a_name_shows_only_its_ends(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13812348000", "138****8000"), ("110105194912310021", "110***********0021"), ("1234567", "*****67"), ("", "")],
)
def test_a_number_shows_only_its_ends(number: str, shown: str) -> None:
    assert mask_number(number) == shown
