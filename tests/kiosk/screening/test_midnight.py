"""Days are the community's own, hours everybody's: ages and stays turn at local midnight, tests and quotas do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.known import Household, Known
from kiosk.model import Direction, Holder, LabTest, Method, Presentation, Stay, Verdict
from kiosk.recognition import Lists, NoPast, Recogniser
from kiosk.screening import decide, policy
from tests.kiosk.screening.cast import CAST, GREEN
from tests.kiosk.screening.visits import REGIONS, Seen

POLICY = policy.default()
MIDNIGHT = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)  # in Shanghai
BEFORE = MIDNIGHT - timedelta(milliseconds=1)
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def known(now: datetime, zone: ZoneInfo = SHANGHAI) -> Known:
    recogniser = Recogniser(b"k" * 32, NoPast(), zone, "gate-1")
    presentation = Presentation(Method.HAND, now)
    return recogniser.know(Lists(regions=REGIONS), now, None, presentation, Direction.IN)


def child(now: datetime, zone: ZoneInfo = SHANGHAI) -> Seen:
    """Somebody who turns fifteen on 22 November 2026."""
    return CAST["child"].but(person=Holder(name="小明", birth_date="2011-11-22"), known=known(now, zone), stays=())


def test_a_child_is_one_until_midnight_before_the_fifteenth_birthday() -> None:
    assert child(BEFORE).facts(POLICY, BEFORE)["person"]["special"] == "child"
    assert "special" not in child(MIDNIGHT).facts(POLICY, MIDNIGHT)["person"]
    assert decide(child(BEFORE).facts(POLICY, BEFORE), POLICY).verdict is Verdict.ADMIT
    assert decide(child(MIDNIGHT).facts(POLICY, MIDNIGHT), POLICY).verdict is Verdict.CHECK


def test_the_birthday_is_the_communitys_not_greenwichs() -> None:
    assert "special" in child(MIDNIGHT, BERLIN).facts(POLICY, MIDNIGHT)["person"], "five in the afternoon in Berlin"


@pytest.mark.parametrize(("at", "risk"), [(BEFORE, True), (MIDNIGHT, False)])
def test_a_stay_counts_to_the_end_of_the_fourteenth_day(at: datetime, risk: bool) -> None:
    seen = CAST["returnee"].but(known=known(at), stays=(Stay("420100", datetime(2026, 11, 7, tzinfo=UTC).date()),))
    assert seen.facts(POLICY, at)["stays"]["risk"] is risk


@given(zone=st.integers(-12, 14), minutes=st.integers(-2, 2))
def test_a_test_is_as_old_as_it_is_in_whatever_zone_its_time_was_written(zone: int, minutes: int) -> None:
    closure = replace(POLICY, tier=3)
    taken_at = MIDNIGHT - timedelta(hours=168, minutes=minutes)
    code = replace(GREEN, tests=(LabTest("pcr", taken_at.astimezone(timezone(timedelta(hours=zone))), "negative"),))
    out = CAST["phone"].but(code=code, direction=Direction.OUT, answers=CAST["phone"].answers | {"errand": False})
    admitted = decide(out.facts(closure, MIDNIGHT), closure).verdict is Verdict.ADMIT
    assert admitted is (minutes <= 0)


@given(zone=st.integers(-12, 14), seen=st.sampled_from(list(CAST.values())), tier=st.sampled_from(range(4)))
def test_the_zone_in_which_now_is_written_changes_nothing(zone: int, seen: Seen, tier: int) -> None:
    tiered = replace(POLICY, tier=tier)
    elsewhere = MIDNIGHT.astimezone(timezone(timedelta(hours=zone)))
    assert seen.facts(tiered, MIDNIGHT) == seen.facts(tiered, elsewhere)


@pytest.mark.parametrize(("hours", "verdict"), [(47.99, Verdict.REFUSE), (48.0, Verdict.ADMIT)])
def test_a_quota_of_two_days_is_48_hours_and_no_matter_of_midnights(hours: float, verdict: Verdict) -> None:
    closure = replace(POLICY, tier=3)
    out = CAST["phone"].but(
        direction=Direction.OUT,
        known=replace(CAST["phone"].known, household=Household(hours, 0)),
        answers=CAST["phone"].answers | {"errand": False},
    )
    assert decide(out.facts(closure, MIDNIGHT), closure).verdict is verdict
