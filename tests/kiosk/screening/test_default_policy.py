"""What must hold of the policy every gate starts with, whoever steps up."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.model import Footing, Level, Method, Reason, Verdict, Verification
from kiosk.screening import Policy, decide, needs, policy
from kiosk.screening.decide import UNIDENTIFIED
from tests.kiosk.screening.visits import PASS, TOKEN, Seen, reading, visits

POLICIES = [replace(policy.default(), tier=tier) for tier in range(4)]
tiers = st.sampled_from(POLICIES)


def _severity(seen: Seen, policy: Policy) -> int:
    return decide(seen.facts(policy), policy).verdict.severity


@given(seen=visits, policy=tiers)
def test_nobody_is_admitted_while_anything_required_is_missing(seen: Seen, policy: Policy) -> None:
    facts = seen.facts(policy)
    if needs(facts, policy).missing:
        assert decide(facts, policy).verdict is not Verdict.ADMIT


@given(seen=visits, policy=tiers)
def test_the_admitted_are_verified_measured_and_below_the_line(seen: Seen, policy: Policy) -> None:
    if decide(seen.facts(policy), policy).verdict is Verdict.ADMIT:
        assert seen.code
        assert seen.code.verification is Verification.VERIFIED
        assert seen.code.level in (Level.GREEN, Level.NONE)
        assert seen.reading
        assert seen.reading.celsius < policy.limits["fever"]
        assert not any(seen.answers.values())
        assert not seen.watch


@given(seen=visits, policy=tiers, order=st.randoms(use_true_random=False))
def test_the_order_of_rules_changes_neither_verdict_nor_reasons(seen: Seen, policy: Policy, order: Any) -> None:
    shuffled = replace(policy, rules=tuple(order.sample(policy.rules, len(policy.rules))))
    one, other = decide(seen.facts(policy), policy), decide(seen.facts(policy), shuffled)
    assert one.verdict is other.verdict
    assert set(one.reasons) == set(other.reasons)
    assert set(one.actions) == set(other.actions)


@given(seen=visits, policy=tiers)
def test_the_verdict_is_that_of_the_first_reason(seen: Seen, policy: Policy) -> None:
    decision = decide(seen.facts(policy), policy)
    severities = [because.verdict.severity for because in decision.reasons]
    assert severities == sorted(severities, reverse=True)
    assert decision.verdict.severity == max(severities, default=Verdict.ADMIT.severity)


def _failed(reason: Reason) -> Callable[[Seen], Seen]:
    return lambda seen: _code(seen, verification=Verification.FAILED, reason=reason)


def _code(seen: Seen, **changes: Any) -> Seen:
    return seen.but(code=replace(seen.code or PASS, **changes))


RISKS: dict[str, Callable[[Seen], Seen]] = {
    "a fever": lambda seen: seen.but(reading=reading(38.4)),
    "symptoms": lambda seen: seen.but(answers=seen.answers | {"symptoms": True}),
    "exposure": lambda seen: seen.but(answers=seen.answers | {"exposure": True}),
    "on the office's list": lambda seen: seen.but(watch=(*seen.watch, "contact")),
    "under observation": lambda seen: seen.but(watch=(*seen.watch, "observation")),
}
RISKS_OF_THE_ADMITTED: dict[str, Callable[[Seen], Seen]] = {
    "a red code": lambda seen: _code(seen, level=Level.RED),
    "a yellow code": lambda seen: _code(seen, level=Level.YELLOW),
    "no code": lambda seen: seen.but(code=None),
    "no reading": lambda seen: seen.but(reading=None),
    "nobody vouches": lambda seen: seen.but(code=TOKEN),
    **{f"code {reason.value}": _failed(reason) for reason in Reason},
}


@pytest.mark.parametrize("risk", RISKS)
@given(seen=visits, policy=tiers)
def test_a_risk_more_is_never_judged_more_mildly(risk: str, seen: Seen, policy: Policy) -> None:
    assert _severity(RISKS[risk](seen), policy) >= _severity(seen, policy)


@given(seen=visits, policy=tiers, more=st.floats(0, 8))
def test_a_higher_temperature_is_never_judged_more_mildly(seen: Seen, policy: Policy, more: float) -> None:
    if seen.reading:
        hotter = seen.but(reading=replace(seen.reading, celsius=seen.reading.celsius + more))
        assert _severity(hotter, policy) >= _severity(seen, policy)


@pytest.mark.parametrize("risk", RISKS_OF_THE_ADMITTED)
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: f"tier {policy.tier}")
def test_any_flaw_in_what_an_admitted_resident_showed_ends_the_admission(risk: str, policy: Policy) -> None:
    resident = Seen(answers={"symptoms": False, "exposure": False})
    assert decide(resident.facts(policy), policy).verdict is Verdict.ADMIT
    assert decide(RISKS_OF_THE_ADMITTED[risk](resident).facts(policy), policy).verdict is not Verdict.ADMIT


@given(seen=visits)
def test_a_higher_tier_is_never_judged_more_mildly(seen: Seen) -> None:
    severities = [_severity(seen, policy) for policy in POLICIES]
    assert severities == sorted(severities)


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("footing", Footing)
def test_every_reason_against_a_code_has_one_rule_that_says_so(reason: Reason, footing: Footing) -> None:
    seen = _failed(reason)(Seen(method=Method.SCANNER, footing=footing))
    decision = decide(seen.facts(POLICIES[0]), POLICIES[0])
    assert decision.verdict is not Verdict.ADMIT
    assert len(decision.reasons) == 1
    assert decision.reasons[0].rule != UNIDENTIFIED


ANSWERABLE = ("now", "direction", "method", "footing", "person", "code", "pass", "reading", "watch")


@given(seen=visits, policy=tiers, gone=st.sets(st.sampled_from(ANSWERABLE), min_size=1), data=st.data())
def test_an_admission_without_some_facts_would_stand_with_them(
    seen: Seen, policy: Policy, gone: set[str], data: st.DataObject
) -> None:
    """Nothing that a fact could have told is taken for the better."""
    whole = seen.facts(policy)
    partial = copy.deepcopy(whole)
    for group in gone:
        if isinstance(partial[group], dict) and partial[group]:
            del partial[group][data.draw(st.sampled_from(sorted(partial[group])))]
        else:
            del partial[group]
    if decide(partial, policy).verdict is Verdict.ADMIT:
        assert decide(whole, policy).verdict is Verdict.ADMIT


def test_every_rule_of_the_default_policy_cites_its_notice() -> None:
    shipped = policy.default()
    for item in (*shipped.rules, *shipped.requires):
        assert "·" in item.source, item.source
