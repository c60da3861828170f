"""What must hold of the policy every gate starts with, whoever steps up."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.known import Household, Vehicle
from kiosk.lists import Gathering
from kiosk.model import Footing, Level, Method, Reason, Stay, Verdict, Verification
from kiosk.screening import Policy, decide, needs, policy
from kiosk.screening.decide import UNIDENTIFIED
from tests.kiosk.screening.visits import NOW, PASS, REGIONS, TOKEN, Seen, reading, visits

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
    """Or they are children whom the volunteer registered, with somebody."""
    facts = seen.facts(policy)
    if decide(facts, policy).verdict is Verdict.ADMIT:
        if seen.code:
            assert seen.code.verification is Verification.VERIFIED
            assert seen.code.level in (Level.GREEN, Level.NONE)
        else:
            assert (facts["person"].get("special"), seen.method) == ("child", Method.HAND)
            assert seen.party > 1
        assert seen.reading
        assert seen.reading.celsius < policy.limits["fever"]
        assert not any(said for question, said in seen.answers.items() if question not in ("errand", "paper-itself"))
        assert not seen.watch
        assert not facts["stays"].get("risk") or facts["stays"]["level"] == "low"
        assert seen.mask != "refused"


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


def _known(seen: Seen, **changes: Any) -> Seen:
    return seen.but(known=replace(seen.known, **changes))


def _code(seen: Seen, **changes: Any) -> Seen:
    return seen.but(code=replace(seen.code or PASS, **changes))


RISKS: dict[str, Callable[[Seen], Seen]] = {
    "a fever": lambda seen: seen.but(reading=reading(38.4)),
    "symptoms": lambda seen: seen.but(answers=seen.answers | {"symptoms": True}),
    "exposure": lambda seen: seen.but(answers=seen.answers | {"exposure": True}),
    "on the office's list": lambda seen: seen.but(watch=(*seen.watch, "contact")),
    "under observation": lambda seen: seen.but(watch=(*seen.watch, "observation")),
    "a close contact": lambda seen: seen.but(watch=(*seen.watch, "close-contact")),
    "not to be let in": lambda seen: seen.but(watch=(*seen.watch, "denied")),
    "back from the border": lambda seen: seen.but(answers=seen.answers | {"border": True}),
    "in a high risk area": lambda seen: _known(
        seen.but(stays=(*(seen.stays or ()), Stay("420100", NOW.date()))), regions=REGIONS
    ),
    "no mask": lambda seen: seen.but(mask="refused"),
    "as many inside as may be": lambda seen: _known(seen, premises=replace(seen.known.premises, inside=9, limit=9)),
    "an event without leave": lambda seen: _known(
        seen, premises=replace(seen.known.premises, gathering=Gathering("p", "会", 80))
    ),
    "another of the household is out": lambda seen: _known(seen, household=Household(1.0, 1)),
    "a photo of a paper pass": lambda seen: seen.but(answers=seen.answers | {"paper-itself": False}),
    "the same code a moment ago": lambda seen: _known(seen, copied=True),
    "the car is inside already": lambda seen: _known(
        seen, vehicle=replace(seen.known.vehicle or Vehicle("闽C12345", purpose="送货"), inside=True)
    ),
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


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["why", "level", "taken"]), inner),
    max_leaves=5,
)


@given(seen=visits, policy=tiers, gone=st.sets(st.sampled_from(ANSWERABLE), min_size=1), data=st.data())
def test_an_admission_without_some_facts_would_stand_with_them(
    seen: Seen, policy: Policy, gone: set[str], data: st.DataObject
) -> None:
    """Nothing that a fact could have told is taken for the better.

    What kind of person it is may stay unknown for good: whoever has a valid pass is then taken for a resident.
    """
    whole = seen.facts(policy)
    partial = copy.deepcopy(whole)
    for group in gone:
        if isinstance(partial[group], dict) and (names := sorted(partial[group].keys() - {"kind"})):
            del partial[group][data.draw(st.sampled_from(names))]
        else:
            del partial[group]
    if decide(partial, policy).verdict is Verdict.ADMIT:
        assert decide(whole, policy).verdict is Verdict.ADMIT


@given(seen=visits, policy=tiers, data=st.data())
def test_whatever_lies_among_the_facts_nothing_raises_and_nothing_is_taken_for_good(
    seen: Seen, policy: Policy, data: st.DataObject
) -> None:
    whole = seen.facts(policy)
    broken = copy.deepcopy(whole)
    for group in data.draw(st.sets(st.sampled_from(ANSWERABLE), min_size=1)):
        broken[group] = data.draw(junk)
    decision = decide(broken, policy)
    assert needs(broken, policy) == needs(broken, policy)
    if decision.verdict is Verdict.ADMIT:
        assert decide(whole, policy).verdict is Verdict.ADMIT


@given(facts=st.dictionaries(st.sampled_from([*ANSWERABLE, "tier", "limits", "stays", "mask", "place"]), junk))
def test_a_handful_of_nonsense_admits_nobody(facts: dict[str, Any]) -> None:
    assert decide(facts, POLICIES[0]).verdict is not Verdict.ADMIT


def test_every_rule_of_the_default_policy_cites_its_notice() -> None:
    shipped = policy.default()
    sources = [rule.source for rule in shipped.rules] + [item.source for item in shipped.requires]
    assert [source for source in sources if not re.match(r"[GCO][0-9]+( [GCO][0-9]+)* · 00[0-4] §", source)] == []
