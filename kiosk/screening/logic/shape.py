"""What is wrong with an expression before anything runs it, and which facts it reads."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from kiosk.screening.logic.dates import UNITS

Mode = Literal["published", "gate"]

MAX_DEPTH = 40  # nested operations and arrays; the deepest published national rule has 15
MAX_PARTS = 2_000  # operations, arrays and literals together; the largest published one has 69
MAX_PATH = 200  # characters
MANY = MAX_PARTS

_COMPARISONS = ("<", ">", "<=", ">=", "after", "before", "not-after", "not-before")
ARITY: dict[str, tuple[int, int]] = {
    "if": (3, 3),
    "and": (2, MANY),
    "or": (2, MANY),
    "!": (1, 1),
    "===": (2, 2),
    "in": (2, 2),
    "+": (2, 2),
    **dict.fromkeys(_COMPARISONS, (2, 3)),
    "plusTime": (3, 3),
    "dccDateOfBirth": (1, 1),
    "reduce": (3, 3),
    "extractFromUVCI": (2, 2),
}
GATE_ONLY = frozenset({"or"})
FOLD_NAMES = ("current", "accumulator", "data")  # what the second operand of `reduce` sees

_PATH = re.compile(r"[^.]+(\.[^.]+)*")
_PLAIN_KEY = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Flaw:
    """`place` is the way to the faulty part: `when.and[1]['>='][0].var`."""

    place: str
    says: str

    def __str__(self) -> str:
        return f"{self.place}: {self.says}"


@dataclass(frozen=True, slots=True)
class Read:
    """One fact an expression reads. `fact` is its path among the facts, also from inside a `reduce`."""

    place: str
    fact: str
    has_default: bool


def flaws(expression: Any, mode: Mode, place: str = "when") -> list[Flaw]:
    """Everything wrong with `expression`; nothing for one that `compile_rule` takes."""
    inspector = _Inspector(mode)
    inspector.look(expression, place, depth=0, folds=0)
    return inspector.found


def reads(expression: Any, place: str = "when", folds: int = 0) -> Iterator[Read]:
    """Every fact that a flawless `expression` names, in order, repeats included."""
    for part, where, inside in walk(expression, place, folds):
        if isinstance(part, dict) and "var" in part:
            path, has_default = _var_parts(part["var"])
            if (fact := _outside(path, inside)) is not None:
                yield Read(f"{where}.var", fact, has_default)


def walk(expression: Any, place: str = "when", folds: int = 0) -> Iterator[tuple[Any, str, int]]:
    """Every part of a flawless expression with its place and the number of folds around it, outermost first."""
    yield expression, place, folds
    if isinstance(expression, list):
        for index, item in enumerate(expression):
            yield from walk(item, f"{place}[{index}]", folds)
    elif isinstance(expression, dict):
        ((operator, operands),) = expression.items()
        for index, operand in enumerate(operands if operator != "var" else ()):
            deeper = folds + (operator == "reduce" and index == 1)
            yield from walk(operand, f"{below(place, operator)}[{index}]", deeper)


def below(place: str, key: str) -> str:
    """`place` one key further down: `when.and`, `when['>=']`."""
    return f"{place}.{key}" if _PLAIN_KEY.fullmatch(key) else f"{place}[{key!r}]"


def _var_parts(operand: Any) -> tuple[str, bool]:
    return (operand, False) if isinstance(operand, str) else (operand[0], True)


def _outside(path: str, folds: int) -> str | None:
    """The fact that `path` means inside so many folds; None for the fold's own item and sum."""
    for _ in range(folds):
        first, _, rest = path.partition(".")
        if first != "data":
            return None
        path = rest
    return path


@dataclass(slots=True)
class _Inspector:
    """One look at one expression. `found` grows; a part too deep is not entered."""

    mode: Mode
    found: list[Flaw] = field(default_factory=list)
    parts: int = 0

    def look(self, part: Any, place: str, *, depth: int, folds: int) -> None:
        self.parts += 1
        if self.parts == MAX_PARTS + 1:
            self._say(place, f"the expression has more than {MAX_PARTS} parts")
        if self.parts > MAX_PARTS:
            return
        if depth > MAX_DEPTH:
            self._say(place, f"nested deeper than {MAX_DEPTH}")
        elif isinstance(part, list):
            for index, item in enumerate(part):
                self.look(item, f"{place}[{index}]", depth=depth + 1, folds=folds)
        elif isinstance(part, dict):
            self._operation(part, place, depth, folds)
        else:
            self._literal(part, place)

    def _operation(self, part: dict[Any, Any], place: str, depth: int, folds: int) -> None:
        if len(part) != 1:
            self._say(place, f"an operation has exactly one key, this has {len(part)}: {', '.join(map(str, part))}")
            return
        ((operator, operands),) = part.items()
        if operator == "var":
            self._var(operands, place, folds)
        elif not isinstance(operands, list):
            self._say(place, f'not of the form {{"{operator}": [ … ]}}')
        elif operator not in ARITY or (operator in GATE_ONLY and self.mode == "published"):
            self._say(place, f"unknown operator {operator!r}; known: {', '.join(self._known())}")
        elif self._count(operator, operands, place):
            for index, operand in enumerate(operands):
                deeper = folds + (operator == "reduce" and index == 1)
                self.look(operand, f"{below(place, operator)}[{index}]", depth=depth + 1, folds=deeper)

    def _known(self) -> list[str]:
        return sorted(name for name in ("var", *ARITY) if self.mode == "gate" or name not in GATE_ONLY)

    def _count(self, operator: str, operands: list[Any], place: str) -> bool:
        fewest, most = ARITY[operator]
        if not fewest <= len(operands) <= most:
            wanted = f"{fewest}" if fewest == most else f"at least {fewest}" if most == MANY else f"{fewest} or {most}"
            self._say(place, f"{operator!r} takes {wanted} operands, not {len(operands)}")
            return False
        if operator == "plusTime":
            self._whole(operands[1], f"{place}.plusTime[1]", "the amount of time")
            if operands[2] not in UNITS:
                self._say(f"{place}.plusTime[2]", f"the unit of time is one of {', '.join(UNITS)}")
        if operator == "extractFromUVCI":
            self._whole(operands[1], f"{place}.extractFromUVCI[1]", "the part's number")
        return True

    def _whole(self, operand: Any, place: str, what: str) -> None:
        if not isinstance(operand, int) or isinstance(operand, bool):
            self._say(place, f"{what} is a whole number")

    def _var(self, operand: Any, place: str, folds: int) -> None:
        path = operand
        if self.mode == "gate" and isinstance(operand, list):
            if len(operand) != 2:
                self._say(place, 'not of the form {"var": ["<path>", <default>]}')
                return
            path = operand[0]
            self._default(operand[1], below(place, "var"))
        if not isinstance(path, str):
            self._say(place, 'not of the form {"var": "<path>"}')
        elif len(path) > MAX_PATH or (path and not _PATH.fullmatch(path)):
            self._say(place, f"{path[:MAX_PATH]!r} is no path")
        elif self.mode == "gate" and folds and path.partition(".")[0] not in FOLD_NAMES:
            self._say(place, f"inside 'reduce' there are only {', '.join(FOLD_NAMES)}, not {path!r}")

    def _default(self, value: Any, place: str) -> None:
        """A plain value, or an array of plain values."""
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict | list):
                self._say(f"{place}[1]", "a default is a plain value, no operation")
            else:
                self._literal(item, f"{place}[1]")

    def _literal(self, value: Any, place: str) -> None:
        if isinstance(value, bool | str | int):
            return
        if isinstance(value, float):
            if self.mode == "published":
                self._say(place, f"{value} is not an integer")
            elif not math.isfinite(value):
                self._say(place, "a number must be finite")
        elif value is None:
            self._say(place, "null is no expression")
        else:
            self._say(place, f"{value!r} is not JSON; write times as text, like '2026-11-22T03:30:00Z'")

    def _say(self, place: str, says: str) -> None:
        self.found.append(Flaw(place, says))
