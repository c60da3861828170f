"""Date-times by the specification's own tables."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kiosk.screening.logic import LogicError, compile_rule
from kiosk.screening.logic.dates import date_of_birth, moment, plus_time


@pytest.mark.parametrize(
    ("text", "amount", "unit", "expected"),
    [
        ("2020-02-29", 1, "day", "2020-03-01"),
        ("2020-02-29", 1, "month", "2020-03-29"),
        ("2020-02-29", 1, "year", "2021-03-01"),
        ("2020-02-29", 4, "year", "2024-02-29"),
        ("2021-01-31", 1, "month", "2021-03-03"),
        ("2021-03-31", -1, "month", "2021-03-03"),
        ("2021-12-15", 1, "month", "2022-01-15"),
        ("2021-01-15", -1, "month", "2020-12-15"),
        ("2021-01-31T10:30:15.5", 1, "month", "2021-03-03T10:30:15.500"),
        ("2021-01-01", -1, "hour", "2020-12-31T23:00:00"),
    ],
)
def test_time_moves_as_ecmascripts_setters_move_it(text: str, amount: int, unit: str, expected: str) -> None:
    assert plus_time(text, amount, unit) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "offset", ["+08:00", "+0800", "+08", "+8", "+8:00", "+800"]
)  # every spelling that the specification lists
def test_each_spelling_of_an_offset_is_the_same_moment(offset: str) -> None:
    assert moment(f"2026-11-22T11:30:00{offset}") == datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
    assert moment(f"2026-11-22T11:30:00.5{offset}") == datetime(2026, 11, 22, 3, 30, 0, 500_000, tzinfo=UTC)


def test_fractions_are_cut_to_the_millisecond() -> None:
    assert moment("2026-11-22T03:30:00.123999Z") == moment("2026-11-22T03:30:00.123Z")


@pytest.mark.parametrize(
    ("text", "last_day"),
    [("1949", "1949-12-31"), ("2004-02", "2004-02-29"), ("2005-02", "2005-02-28"), ("1949-12-31", "1949-12-31")],
)
def test_a_partial_date_is_its_last_day(text: str, last_day: str) -> None:
    assert date_of_birth(text) == moment(text) == moment(last_day)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13", "2026-02-30", "26-11-22", "2026-11-22 03:30:00", "2026-11-22T24:00:00Z",
     "2026-11-22T03:30Z", "2026-11-22\n", "２０２６", "0000", "2026-11-22T03:30:00+99:99"],
)  # fmt: skip
def test_what_is_no_date_time_is_an_error(text: str) -> None:
    with pytest.raises(LogicError):
        moment(text)


def test_a_time_of_day_is_no_date_of_birth() -> None:
    with pytest.raises(LogicError):
        date_of_birth("2004-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "expression",
    [
        {"<": ["1", 2]},
        {"<": [{"var": "half"}, 1]},
        {"<": [True, 1]},
        {"+": ["a", "b"]},
        {"in": ["a", {"var": "absent"}]},
        {"after": ["2026-11-22", "2026-11-21"]},
        {"plusTime": [{"plusTime": ["2026-11-22", 0, "day"]}, 1, "day"]},
        {"!": [{"plusTime": ["2026-11-22", 0, "day"]}]},
        {"extractFromUVCI": [7, 0]},
        {"reduce": ["abc", 1, 0]},
    ],
)
def test_a_published_rule_on_operands_of_a_wrong_kind_raises(expression: object) -> None:
    with pytest.raises(LogicError):
        compile_rule(expression, mode="published")({"half": 0.5})
