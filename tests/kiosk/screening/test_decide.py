"""Decisions: the vectors a street official can read, and what holds whatever the policy says."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.model import Verdict
from kiosk.screening import Policy, decide, explain, needs, policy
from kiosk.screening.logic import Undecided
from tests.kiosk.screening.vectors import Case, cases, person


@pytest.fixture(scope="module")
def default() -> Policy:
    return policy.default()


def _policy(**changes: Any) -> Policy:
    """A small policy of one rule that never fires, with some of its parts changed."""
    say = {"zh": "规则", "en": "rule"}
    document = {
        "id": "small",
        "version": 3,
        "title": {"zh": "小策略", "en": "Small policy"},
        "limits": {"fever": 37.3},
        "rule": [{"id": "never", "when": False, "verdict": "check", "say": say}],
    }
    return policy.parse(document | changes)


def _rule(id: str, when: Any, verdict: str = "check", **more: Any) -> dict[str, Any]:
    return {"id": id, "when": when, "verdict": verdict, "say": {"zh": id, "en": id}} | more


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_default_policy_decides_as_the_vectors_say(case: Case, default: Policy) -> None:
    decision = decide(case.facts, default)
    assert decision.verdict == case.verdict
    assert [because.rule for because in decision.reasons] == case.because
    assert list(decision.actions) == case.actions
    assert [because.rule for because in decision.reasons if because.undecided] == case.undecided
    assert decision.policy == "default@1"


def test_every_verdict_stands_in_the_vectors() -> None:
    assert {case.verdict for case in cases()} == set(Verdict)


def test_nothing_known_at_all_is_a_check(default: Policy) -> None:
    decision = decide({}, default)
    assert decision.verdict is Verdict.CHECK
    assert "require:reading.celsius" in [because.rule for because in decision.reasons]


def test_a_rule_without_its_fact_is_undecided_and_says_what_is_missing() -> None:
    facts = person("resident", without=["reading"])
    rule = _rule("fever", {">=": [{"var": "reading.celsius"}, {"var": "limits.fever"}]}, "isolate", do=["alert:fever"])
    decision = decide(facts, _policy(rule=[rule]))
    (because,) = decision.reasons
    assert decision.verdict is Verdict.CHECK, "not isolate: nobody knows yet"
    assert because.undecided
    assert because.missing == ("reading.celsius",)
    assert "体温" in because.say.zh
    assert "temperature" in because.say.en
    assert decision.actions == (), "an alert waits until somebody knows"


def test_a_rule_on_a_fact_of_the_wrong_kind_is_undecided_and_says_so() -> None:
    facts = person("resident", {"reading.celsius": "36.5"})
    rule = _rule("fever", {">=": [{"var": "reading.celsius"}, {"var": "limits.fever"}]}, "isolate")
    (because,) = decide(facts, _policy(rule=[rule])).reasons
    assert because.undecided
    assert because.missing == ()
    assert "numbers" in because.say.en


def test_a_rule_that_would_admit_is_no_less_undecided() -> None:
    rule = _rule("welcome", {"===": [{"var": "code.level"}, "green"]}, "admit")
    assert decide(person("by-hand"), _policy(rule=[rule])).verdict is Verdict.CHECK


def test_an_admitting_rule_gives_its_reason_and_outranks_nothing() -> None:
    rules = [_rule("welcome", True, "admit"), _rule("stop", True, "refuse"), _rule("look", True, "check")]
    decision = decide(person("resident"), _policy(rule=rules))
    assert decision.verdict is Verdict.REFUSE
    assert [because.rule for because in decision.reasons] == ["stop", "look", "welcome"]


def test_nobody_is_admitted_whom_nothing_identifies_whatever_the_policy_forgot() -> None:
    for facts in ({}, person("stranger"), person("visitor"), person("resident", without=["person"])):
        decision = decide(facts, _policy(rule=[_rule("welcome", True, "admit")]))
        assert decision.verdict is Verdict.CHECK
        assert decision.reasons[0].rule == "unidentified"


def test_a_rule_switched_off_or_for_another_tier_is_not_looked_at() -> None:
    rules = [_rule("off", True, enabled=False), _rule("closure", True, tiers=[2, 3]), _rule("never", False)]
    small = _policy(rule=rules, tier=1)
    assert decide(person("resident"), small).verdict is Verdict.ADMIT
    assert [looked.looked_at for looked in explain(person("resident"), small)] == [False, False, True]
    assert decide(person("resident", {"tier": 2}), small).verdict is Verdict.CHECK


@pytest.mark.parametrize("tier", [-1, 4, "2", 2.0, True, None])
def test_a_tier_that_is_none_leaves_the_policys_own_tier_in_force(tier: Any) -> None:
    small = _policy(rule=[_rule("closure", True, tiers=[2])], tier=2)
    assert decide(person("resident", {"tier": tier}), small).verdict is Verdict.CHECK


def test_the_policys_limits_count_not_those_recorded_with_the_facts() -> None:
    facts = person("resident", {"limits": {"fever": 42.0}, "reading.celsius": 38.0})
    rule = _rule("fever", {">=": [{"var": "reading.celsius"}, {"var": "limits.fever"}]}, "isolate")
    assert decide(facts, _policy(rule=[rule])).verdict is Verdict.ISOLATE


def test_each_action_is_taken_once_in_the_order_of_severity() -> None:
    rules = [
        _rule("look", True, "check", do=["advise:desk", "alert:one"]),
        _rule("stop", True, "isolate", do=["alert:one", "call:120"]),
    ]
    assert decide(person("resident"), _policy(rule=rules)).actions == ("alert:one", "call:120", "advise:desk")


def test_needs_names_the_reading_and_the_questions_still_open(default: Policy) -> None:
    facts = person("resident", {"method": "tablet", "answers.exposure": False}, ["reading.celsius"])
    wanted = needs(facts, default)
    assert wanted.reading
    assert [question.id for question in wanted.questions] == ["symptoms"]
    assert wanted.missing == ("reading.celsius", "answers.symptoms")


def test_nothing_is_needed_once_all_is_there(default: Policy) -> None:
    wanted = needs(person("resident"), default)
    assert (wanted.reading, wanted.questions, wanted.missing) == (False, (), ())


def test_what_cannot_be_decided_to_be_unnecessary_is_needed() -> None:
    say = {"zh": "请答", "en": "Please answer"}
    small = _policy(
        question=[{"id": "ill", "when": {"===": [{"var": "code.level"}, "green"]}} | say],
        require=[{"fact": "person.phone", "when": {"===": [{"var": "code.level"}, "green"]}, "say": say}],
        rule=[_rule("ill", {"var": ["answers.ill", False]})],
    )
    wanted = needs(person("by-hand"), small)
    assert [question.id for question in wanted.questions] == ["ill"]
    assert wanted.missing == ("person.phone", "answers.ill")


@pytest.mark.parametrize("reply", ["no", 0, None, {}])
def test_an_answer_that_is_neither_yes_nor_no_is_no_answer(reply: Any, default: Policy) -> None:
    facts = person("resident", {"method": "tablet", "answers.symptoms": reply, "answers.exposure": False})
    assert [question.id for question in needs(facts, default).questions] == ["symptoms"]
    assert decide(facts, default).verdict is not Verdict.ADMIT


def test_explain_tells_of_every_rule_what_it_read_and_answered() -> None:
    rule = _rule("fever", {">=": [{"var": "reading.celsius"}, {"var": "limits.fever"}]}, "isolate")
    (seen,) = explain(person("resident"), _policy(rule=[rule]))
    assert (seen.answer, seen.facts, seen.absent) == (False, {"reading.celsius": 36.5, "limits.fever": 37.3}, ())
    (blind,) = explain(person("resident", without=["reading"]), _policy(rule=[rule]))
    assert blind.answer == Undecided(missing=("reading.celsius",))
    assert blind.absent == ("reading.celsius",)
