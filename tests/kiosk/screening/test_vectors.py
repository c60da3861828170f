"""The table of cases covers the shipped policy: every rule, both sides of every boundary, at every tier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from kiosk.model import Verdict
from kiosk.screening import explain, policy
from kiosk.screening.logic import find, walk
from kiosk.screening.rulebook import Rule
from tests.kiosk.screening.vectors import Case, cases, rows

pytestmark = pytest.mark.xdist_group("table of cases")  # whose answers are computed once

POLICY = policy.default()
NUMBERS = ("<", "<=", ">", ">=")
NEAR = 1.0  # a case lies at a boundary when it is no further away
EACH = [(rule, tier) for rule in POLICY.rules for tier in rule.tiers]


@cache
def _answers(tier: int) -> dict[str, set[Any]]:
    """What each rule answered in the cases of that tier."""
    found: dict[str, set[Any]] = defaultdict(set)
    for case in _at(tier):
        for looked in explain(case.facts, POLICY):
            found[looked.rule.id].add(looked.answer)
    return found


@cache
def _at(tier: int) -> list[Case]:
    return [case for case in cases() if case.facts.get("tier", POLICY.tier) == tier]


def _boundaries(rule: Rule) -> Iterator[tuple[str, float]]:
    """The facts that the rule compares with a limit or a number, folds aside."""
    for part, _, folds in walk(rule.when.expression):
        if folds or not isinstance(part, dict) or not (operators := [op for op in NUMBERS if op in part]):
            continue
        fact, bound = part[operators[0]]
        path = fact["var"][0] if isinstance(fact["var"], list) else fact["var"]
        number = find({"limits": POLICY.limits}, bound["var"]) if isinstance(bound, dict) else bound
        yield path, number


def test_there_are_enough_cases_to_argue_about() -> None:
    assert rows() >= 150
    assert len({case.name for case in cases()}) == len(cases()), "every case has a name of its own"
    assert {case.verdict for case in cases()} == set(Verdict)


@pytest.mark.parametrize(("rule", "tier"), EACH, ids=lambda value: getattr(value, "id", value))
def test_every_rule_fires_and_keeps_still_at_each_of_its_tiers(rule: Rule, tier: int) -> None:
    assert {True, False} <= _answers(tier)[rule.id]


@pytest.mark.parametrize(("rule", "tier"), EACH, ids=lambda value: getattr(value, "id", value))
def test_every_boundary_has_a_case_on_each_side_at_each_tier(rule: Rule, tier: int) -> None:
    for path, bound in _boundaries(rule):
        values = [value for case in _at(tier) if isinstance(value := find(case.facts, path), int | float)]
        below = [value for value in values if value < bound and bound - value <= NEAR]
        beyond = [value for value in values if value > bound and value - bound <= NEAR]
        assert bound in values, f"{path}: no case at {bound:g}"
        assert below or beyond, f"{path}: no case beside {bound:g}"


@pytest.mark.parametrize("item", [*POLICY.requires, *POLICY.questions], ids=lambda item: getattr(item, "id", item.fact))
def test_every_requirement_and_question_is_missed_by_some_case(item: Any) -> None:
    name = f"question:{item.id}" if item in POLICY.questions else f"require:{item.fact}"
    missed = [reason for case in cases() for reason in case.because if reason == name]
    assert missed
