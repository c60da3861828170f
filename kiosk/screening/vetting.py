"""Does a rule speak of facts that exist, and of values they can have?

A misspelt fact would be undecided for everybody, a misspelt value would never fire: both are problems of the policy,
found when it is written.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from kiosk.screening.logic import Flaw, flaws, reads, walk
from kiosk.screening.schema import SCHEMA, Fact, entry, fits

_NUMBERS = ("<", ">", "<=", ">=", "+")
_TIMES = ("before", "after", "not-before", "not-after")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The facts, with the limits and questions of one policy."""

    limits: Collection[str]
    questions: Collection[str]

    def fact(self, path: str) -> Fact | None:
        group, _, name = path.partition(".")
        if group == "limits":
            return SCHEMA["limits.*"] if name in self.limits else None
        if group == "answers":
            return SCHEMA["answers.*"] if name in self.questions else None
        return None if "*" in path else entry(path)

    def unknown(self, path: str) -> str:
        """What to say of a path that no fact has."""
        own = [f"limits.{name}" for name in self.limits] + [f"answers.{name}" for name in self.questions]
        near = difflib.get_close_matches(path, [*SCHEMA, *own], n=1)
        return f"unknown fact {path!r}" + (f"; did you mean {near[0]!r}?" if near else "; docs/facts.md names them all")


def vet(expression: Any, place: str, dictionary: Dictionary) -> list[Flaw]:
    """Everything wrong with a gate's expression: its shape first, and where that is right, its facts and values."""
    if found := flaws(expression, "gate", place):
        return found
    return list(_wrong_facts(expression, place, dictionary)) + list(_wrong_values(expression, place, dictionary))


def _wrong_facts(expression: Any, place: str, dictionary: Dictionary) -> Iterator[Flaw]:
    for read in reads(expression, place):
        if dictionary.fact(read.fact) is None:
            yield Flaw(read.place, dictionary.unknown(read.fact))


def _wrong_values(expression: Any, place: str, dictionary: Dictionary) -> Iterator[Flaw]:
    for part, where, _ in walk(expression, place):
        if not isinstance(part, dict):
            continue
        ((operator, operands),) = part.items()
        if operator == "var":
            says = _default(operands, dictionary)
        elif operator in _NUMBERS:
            says = _of_kind(operands, dictionary, "number", operator)
        elif operator in _TIMES:
            says = _of_kind(operands, dictionary, "time", operator)
        else:
            says = _PAIRS[operator](operands[0], operands[1], dictionary) if operator in _PAIRS else []
        yield from (Flaw(where, words) for words in says)


def _fact(operand: Any, dictionary: Dictionary) -> tuple[str, Fact, tuple[Any, ...]] | None:
    """The path, fact and default of an operand that reads one; a fold's own names are read at run time."""
    if not isinstance(operand, dict) or "var" not in operand:
        return None
    path, *default = operand["var"] if isinstance(operand["var"], list) else [operand["var"]]
    found = dictionary.fact(path)
    return (path, found, tuple(default)) if found else None


def _default(operand: Any, dictionary: Dictionary) -> list[str]:
    known = _fact({"var": operand}, dictionary)
    if known is None or not known[2]:
        return []
    path, fact, (default,) = known
    return [] if fits(fact, default) else [f"{path} is {_a(fact)}, its default {default!r} is not"]


def _of_kind(operands: list[Any], dictionary: Dictionary, kind: str, operator: str) -> list[str]:
    known = [_fact(operand, dictionary) for operand in operands]
    fitting = (kind, "document")
    return [
        f"{operator!r} needs {kind}s, but {one[0]} is {_a(one[1])}"
        for one in known
        if one and one[1].kind not in fitting
    ]


def _equality(one: Any, other: Any, dictionary: Dictionary) -> list[str]:
    known, literal = _fact(one, dictionary), other
    if known is None:
        known, literal = _fact(other, dictionary), one
    return [] if known is None or isinstance(literal, dict) else _one_of(known, [literal])


def _membership(item: Any, items: Any, dictionary: Dictionary) -> list[str]:
    known = _fact(item, dictionary)
    if known and isinstance(items, list):
        return _one_of(known, [literal for literal in items if not isinstance(literal, dict)])
    return []


def _one_of(known: tuple[str, Fact, tuple[Any, ...]], literals: list[Any]) -> list[str]:
    path, fact, default = known
    wrong = [f"{path} is {_a(fact)} and never {value!r}" for value in literals if not fits(fact, value)]
    if fact.values:
        said = ", ".join(repr(value) for value in fact.values)
        odd = [value for value in literals if fits(fact, value) and value not in (*fact.values, *default)]
        wrong += [f"{path} is never {value!r}, only one of {said}" for value in odd]
    return wrong


_PAIRS: dict[str, Callable[[Any, Any, Dictionary], list[str]]] = {"===": _equality, "in": _membership}


def _a(fact: Fact) -> str:
    return "yes or no" if fact.kind == "yes-no" else f"a {fact.kind}"
