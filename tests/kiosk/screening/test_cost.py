"""How long a rule can take is counted, so that no machine is too slow or too busy to agree."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.screening import policy
from kiosk.screening.cost import BUDGET, LONGEST_LIST, slow, steps

TESTS = {"var": "code.tests"}
ANY_PCR = {"or": [{"var": "accumulator"}, {"===": [{"var": "current.kind"}, "pcr"]}]}


def with_rule(when: Any, **more: Any) -> dict[str, Any]:
    document = policy.default().to_document()
    return {**document, "rule": [*document["rule"], {**document["rule"][-1], "id": "new", "when": when, **more}]}


def test_no_shipped_rule_is_slow() -> None:
    assert slow(policy.default()) == []


def test_one_look_through_a_list_is_quick_however_long_the_list() -> None:
    rule = {"reduce": [TESTS, ANY_PCR, False]}

    assert LONGEST_LIST < steps(rule) < BUDGET
    assert slow(policy.parse(with_rule(rule))) == []


@pytest.mark.parametrize("enabled", [True, False])
def test_a_look_through_a_list_for_each_item_of_a_list_is_slow(enabled: bool) -> None:
    inner = {"reduce": [{"var": "data.code.tests"}, {"===": [{"var": "current.kind"}, "pcr"]}, False]}
    rules = policy.parse(with_rule({"reduce": [TESTS, inner, False]}, enabled=enabled))

    (problem,) = slow(rules)

    assert problem.startswith(f"rule[{len(rules.rules) - 1}].when: takes up to ")
    assert "5 ms" in problem


def test_a_list_written_out_counts_as_long_as_it_is() -> None:
    few, many = ({"in": [{"var": "method"}, ["camera"] * count]} for count in (1, 1000))

    assert steps(many) - steps(few) == 999
    longer = {"if": [True, ["camera"] * 1000, ["camera"]]}
    assert steps({"reduce": [longer, {"var": "accumulator"}, 0]}) > 2 * 1000
