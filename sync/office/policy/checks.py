"""What is wrong with a policy, beyond what a gate itself would refuse: rules that contradict one another or take long.

Two enabled rules with the same condition and a tier in common, but different verdicts, are refused: at the gate the
more severe one always wins, so whoever wrote the milder one believes something that never happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import msgspec

from kiosk.errors import PolicyError
from kiosk.screening import Policy, policy
from kiosk.screening.cost import slow
from kiosk.screening.rulebook import Rule

_UNORDERED = ("and", "or", "===")


def problems(document: Any) -> list[str]:
    """Everything that keeps a policy from being handed down, each with its place; nothing for a good one."""
    try:
        return faults(policy.parse(document))
    except PolicyError as error:
        return error.problems
    except RecursionError:
        return ["policy: nested too deeply"]


def check(document: Any) -> Policy:
    """The policy in `document`. Raises PolicyError for whatever `problems` finds."""
    found = policy.parse(document)
    if wrong := faults(found):
        raise PolicyError(wrong)
    return found


def faults(found: Policy) -> list[str]:
    """What is wrong with a policy that a gate could read."""
    return [*_contradictions(found), *slow(found)]


def at(place: str, found: list[str]) -> list[str]:
    """The problems at `place` and below it, without that beginning: `when.and[0].var: …`."""
    below = [text.removeprefix(place) for text in found if text.startswith(place)]
    return [text.lstrip(".: ") for text in below if text[:1] in (".", ":", "[")]


def _contradictions(found: Policy) -> list[str]:
    rules = [(index, rule, _canonical(rule)) for index, rule in enumerate(found.rules) if rule.enabled]
    return [
        f"rule[{second}].verdict: contradicts rule {one.id!r} (rule[{first}]): the same condition, another verdict"
        for (first, one, condition), (second, other, same) in combinations(rules, 2)
        if condition == same and one.verdict is not other.verdict and set(one.tiers) & set(other.tiers)
    ]


def _canonical(rule: Rule) -> bytes:
    return msgspec.json.encode(_ordered(rule.when.expression))


def _ordered(expression: Any) -> Any:
    """The expression with operands in one order where their order means nothing."""
    if isinstance(expression, list):
        return [_ordered(item) for item in expression]
    if not isinstance(expression, Mapping):
        return expression
    ((operator, operands),) = expression.items()
    if operator == "var":
        return {operator: operands}
    parts = [_ordered(operand) for operand in operands]
    return {operator: sorted(parts, key=msgspec.json.encode) if operator in _UNORDERED else parts}
