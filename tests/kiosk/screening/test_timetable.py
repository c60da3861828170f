"""A policy section that announces its successor."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kiosk.errors import PolicyError
from kiosk.screening import policy, timetable

DEFAULT = policy.default()
CHANGE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def section(**following: Any) -> bytes:
    return json.dumps(DEFAULT.to_document() | {"next": following}).encode()


def test_the_successor_holds_from_its_time_on() -> None:
    stricter = DEFAULT.to_document() | {"version": DEFAULT.version + 1, "tier": 2}
    plan = timetable.from_json(section(**stricter, effective_from="2026-11-23T00:00:00Z"))
    assert plan.at(CHANGE - timedelta(milliseconds=1)) == DEFAULT
    assert plan.at(CHANGE).tier == 2


def test_without_a_successor_the_policy_stays() -> None:
    assert timetable.from_json(json.dumps(DEFAULT.to_document()).encode()).at(CHANGE) == DEFAULT


@pytest.mark.parametrize(
    ("following", "place"),
    [
        ({"effective_from": "tomorrow"}, "next.effective_from"),
        ({}, "next.effective_from"),
        ({"effective_from": "2026-11-23T00:00:00Z", "id": "x"}, "next.version"),
    ],
)
def test_a_successor_at_fault_is_named_with_its_place(following: dict[str, Any], place: str) -> None:
    with pytest.raises(PolicyError) as error:
        timetable.from_json(section(**following))
    assert any(problem.startswith(place) for problem in error.value.problems)


def test_a_list_is_no_policy() -> None:
    with pytest.raises(PolicyError, match="table"):
        timetable.from_json(b"[]")
