"""Why a condition holds, does not, or cannot be decided: the comparisons that settled it, with what stood in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kiosk.model import Facts
from kiosk.screening.logic import Undecided, compile_rule, find

_SETTLES = {"and": False, "or": True}  # the answer of one operand that settles the whole


@dataclass(frozen=True, slots=True)
class Clue:
    """One comparison: its place in the rule, how it reads with the facts in it, and its answer."""

    place: str
    says: str
    answer: bool | Undecided


def clues(expression: Any, facts: Facts, place: str = "when") -> Iterator[Clue]:
    """The comparisons that settle a flawless gate expression: of an `and` that fails the first that fails, of one that
    holds all of them, of one that is open those that are open; of an `or` the other way round.
    """
    operator, operands = next(iter(expression.items())) if isinstance(expression, dict) else ("", [])
    if operator == "!":
        yield from clues(operands[0], facts, f"{place}.![0]")
    elif operator in _SETTLES:
        answers = [_answer(operand, facts) for operand in operands]
        for index in _settling(answers, _SETTLES[operator]):
            yield from clues(operands[index], facts, f"{place}.{operator}[{index}]")
    else:
        yield Clue(place, _spoken(expression, facts), _answer(expression, facts))


def _settling(answers: list[bool | Undecided], settles: bool) -> list[int]:
    """Which operands made the whole what it is."""
    decisive = [index for index, answer in enumerate(answers) if answer is settles]
    open_ones = [index for index, answer in enumerate(answers) if isinstance(answer, Undecided)]
    return decisive[:1] or open_ones or list(range(len(answers)))


def _answer(expression: Any, facts: Facts) -> bool | Undecided:
    return compile_rule(expression, mode="gate")(facts)


def _spoken(expression: Any, facts: Facts) -> str:
    """`reading.celsius (36.6) >= limits.fever (37.3)`."""
    if not isinstance(expression, dict):
        return json.dumps(expression, ensure_ascii=False)
    ((operator, operands),) = expression.items()
    if operator == "var":
        return _fact(operands, facts)
    if operator == "reduce":
        return f"reduce over {_spoken(operands[0], facts)}"
    words = [_spoken(operand, facts) for operand in operands]
    return f" {operator} ".join(words) if len(words) > 1 else f"{operator} {words[0]}"


def _fact(operand: Any, facts: Facts) -> str:
    path, *default = operand if isinstance(operand, list) else [operand]
    value = find(facts, path)
    if value is not None:
        return f"{path} ({json.dumps(value, ensure_ascii=False, default=str)})"
    return f"{path} (absent, taken as {json.dumps(default[0], ensure_ascii=False)})" if default else f"{path} (absent)"
