"""A call for the volunteer stands until somebody comes, once for each lane."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kiosk.hub import Hub, Subscription
from kiosk.model import Direction, Method, Verdict, iso
from kiosk.summons import Summons
from kiosk.visit import LaneView, Outcome

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=2)


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def summons(hub: Hub) -> Summons:
    return Summons(hub, frozenset({"hall"}))


def ended(verdict: Verdict | None, lane: str = "hall") -> LaneView:
    """A lane whose visit just ended; without a verdict it was broken off."""
    outcome = Outcome(
        *("visit-1", 1, AT, Direction.IN, Method.TABLET, verdict, (), (), "张*", None, 36.6, False, AT),
        abandoned="" if verdict else "left",
    )
    return LaneView(lane, "tablet", Direction.IN, 1, last=outcome)


def told(screen: Subscription) -> list[dict[str, Any]]:
    update = screen.get(1)
    assert update is not None
    topic, data = update
    assert topic == "summons"
    return list(data["summons"])


def test_a_call_stands_on_every_console_until_somebody_comes(hub: Hub, summons: Summons) -> None:
    with hub.subscribe() as screen:
        summons.call("hall", "measure", AT)
        assert told(screen) == summons.open() == [{"lane": "hall", "at": iso(AT), "why": "measure"}]
        summons.dismiss("hall")
        assert told(screen) == summons.open() == []


def test_a_repeated_call_keeps_its_first_time_and_takes_the_newest_reason(summons: Summons) -> None:
    summons.call("hall", "measure", AT)
    summons.call("hall", "help", LATER)
    assert summons.open() == [{"lane": "hall", "at": iso(AT), "why": "help"}]


def test_lanes_call_apart(summons: Summons) -> None:
    summons.call("hall", "help", AT)
    summons.call("garden", "measure", LATER)
    summons.dismiss("hall")
    assert [call["lane"] for call in summons.open()] == ["garden"]


@pytest.mark.parametrize("verdict", [Verdict.CHECK, Verdict.REFUSE, Verdict.ISOLATE])
def test_whoever_a_tablet_does_not_admit_calls_the_volunteer(summons: Summons, verdict: Verdict) -> None:
    summons.follow(ended(verdict), AT)
    assert summons.open() == [{"lane": "hall", "at": iso(AT), "why": verdict.value}]


@pytest.mark.parametrize("verdict", [Verdict.ADMIT, None])
@pytest.mark.parametrize("why", ["measure", "several"])
def test_a_call_that_a_visit_waited_for_is_answered_when_it_ends_well_or_not_at_all(
    summons: Summons, verdict: Verdict | None, why: str
) -> None:
    summons.call("hall", why, AT)
    summons.follow(ended(verdict), LATER)
    assert summons.open() == []


def test_a_call_for_help_or_of_a_feverish_person_outlasts_the_next_visit(summons: Summons) -> None:
    summons.follow(ended(Verdict.ISOLATE), AT)
    summons.follow(ended(Verdict.ADMIT), LATER)
    assert [call["why"] for call in summons.open()] == ["isolate"]


def test_where_a_volunteer_stands_already_nobody_is_called(summons: Summons) -> None:
    summons.follow(ended(Verdict.ISOLATE, lane="east"), AT)
    assert summons.open() == []


def test_a_lane_without_an_outcome_calls_nobody(summons: Summons) -> None:
    summons.follow(LaneView("hall", "tablet", Direction.IN, 1), AT)
    assert summons.open() == []


def test_dismissing_what_nobody_called_is_harmless(summons: Summons) -> None:
    summons.dismiss("hall")
    assert summons.open() == []
