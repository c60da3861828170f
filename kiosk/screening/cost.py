"""How long a rule can take at worst, counted and not timed: the same rule is refused on a busy machine and on an idle
one, or on neither.

A step is one operation on plain values, measured at about a fifth of a microsecond on two busy cores. Every list that a
visit brings is counted as one of a thousand items, far more than any code can hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kiosk.screening.logic import walk
from kiosk.screening.rulebook import Policy

BUDGET_MS = 5
STEPS_PER_MS = 5_000
BUDGET = BUDGET_MS * STEPS_PER_MS
LONGEST_LIST = 1_000  # items of a list among the facts
_DATES = {"plusTime": 12, "before": 12, "after": 12, "not-before": 12, "not-after": 12, "dccDateOfBirth": 12}
_HEAVY: Mapping[str, int] = {**_DATES, "extractFromUVCI": 6, "===": 2}


def steps(expression: Any) -> int:
    """The most steps that evaluating `expression` can take. It must be flawless."""
    if isinstance(expression, list):
        return 1 + sum(steps(item) for item in expression if isinstance(item, dict | list))
    if not isinstance(expression, dict):
        return 1
    ((operator, operands),) = expression.items()
    if operator == "var":
        path = operands[0] if isinstance(operands, list) else operands
        return 1 + str(path).count(".")
    if operator == "reduce":
        items, fold, initial = operands
        return 1 + steps(items) + steps(initial) + _length(items) * (1 + steps(fold))
    own = _length(operands[1]) if operator == "in" else _HEAVY.get(operator, 1)
    return own + sum(map(steps, operands))


def slow(policy: Policy) -> list[str]:
    """Every condition of the policy that can take longer than 5 ms, with its place; rules switched off as well."""
    conditions: list[tuple[str, Any]] = [
        *((f"require[{index}].when", item.when.expression) for index, item in enumerate(policy.requires)),
        *((f"question[{index}].when", item.when.expression) for index, item in enumerate(policy.questions)),
        *((f"rule[{index}].when", item.when.expression) for index, item in enumerate(policy.rules)),
        *_published(policy),
    ]
    counted = [(place, steps(expression)) for place, expression in conditions]
    return [
        f"{place}: takes up to {count:,} steps, more than {BUDGET:,} ({BUDGET_MS} ms); shorten its lists or folds"
        for place, count in counted
        if count > BUDGET
    ]


def _published(policy: Policy) -> Iterator[tuple[str, Any]]:
    if policy.acceptance is not None:
        yield "acceptance.when", policy.acceptance.when.expression
        for index, rule in enumerate(policy.acceptance.rules):
            yield f"acceptance.rules[{index}].Logic", rule.document["Logic"]


def _length(items: Any) -> int:
    """How many items a list can have: as many as are written, or as a visit can bring."""
    if isinstance(items, list):
        return len(items)
    written = [len(part) for part, _, _ in walk(items) if isinstance(part, list)]
    return max([LONGEST_LIST, *written])
