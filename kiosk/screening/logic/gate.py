"""The operations as a gate's own rules mean them: Kleene's three-valued logic.

An absent (or null) fact without a default, and an operand of a wrong kind, make an operation undecided. `and` and `or`
are decided by one false or one true operand, whatever the others lack. Nothing here raises, and nothing turns a
question into a false.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kiosk.screening.logic import dates, values
from kiosk.screening.logic.published import step
from kiosk.screening.logic.values import Builder, Dialect, LogicError, Node, Undecided, together


def _var(path: str, default: Any = None) -> Node:
    """What lies at `path`, else `default`, else undecided."""
    absent = Undecided(missing=(path,)) if default is None else default
    keys = path.split(".") if path else []
    if len(keys) == 2:
        return _two_steps(keys[0], keys[1], absent)

    def run(data: Any) -> Any:
        for key in keys:
            data = step(data, key)
        return absent if data is None else data

    return run


def _two_steps(group: str, name: str, absent: Any) -> Node:
    """`reading.celsius` and its like, the shape of nearly all facts, without a loop."""

    def run(data: Any) -> Any:
        try:
            value = data[group][name]
        except (KeyError, TypeError, IndexError):
            value = step(step(data, group), name)
        return absent if value is None else value

    return run


def _array(items: tuple[Node, ...]) -> Node:
    """The items evaluated; undecided as a whole when one of them is."""

    def run(data: Any) -> Any:
        found = [item(data) for item in items]
        return together(found) if any(type(value) is Undecided for value in found) else found

    return run


def condition(node: Node) -> Callable[[Any], bool | Undecided]:
    """`node` as the answer to a question: True, False or Undecided."""

    def run(data: Any) -> bool | Undecided:
        return _truth(node(data))

    return run


def _truth(value: Any) -> bool | Undecided:
    if value is True or value is False or type(value) is Undecided:
        return value
    answer = values.truth(value)
    return Undecided(because=("a condition is neither true nor false",)) if answer is None else answer


def _strict(function: Callable[..., Any]) -> Builder:
    """An operation that needs all its operands; what it cannot work on leaves it undecided, and so does null."""

    def build(*nodes: Node) -> Node:
        if len(nodes) == 2:
            return _pair(function, *nodes)

        def run(data: Any) -> Any:
            operands = [node(data) for node in nodes]
            for operand in operands:
                if type(operand) is Undecided:
                    return together(operands)
            try:
                return function(*operands)
            except LogicError as error:
                return Undecided(because=(str(error),))

        return run

    return build


def _pair(function: Callable[..., Any], first: Node, second: Node) -> Node:
    """The same for two operands, as nearly all operations have, without a list."""

    def run(data: Any) -> Any:
        one, other = first(data), second(data)
        if type(one) is Undecided or type(other) is Undecided:
            return together([one, other])
        try:
            return function(one, other)
        except LogicError as error:
            return Undecided(because=(str(error),))

    return run


def _not(node: Node) -> Node:
    def run(data: Any) -> bool | Undecided:
        answer = _truth(node(data))
        return answer if type(answer) is Undecided else not answer

    return run


def _first(decisive: bool) -> Builder:
    """`and` is decided by the first false operand, `or` by the first true one, even after an undecided one."""

    def build(*nodes: Node) -> Node:
        def run(data: Any) -> bool | Undecided:
            open_ones: list[Any] = []
            for node in nodes:
                answer = _truth(node(data))
                if answer is decisive:
                    return decisive
                if type(answer) is Undecided:
                    open_ones.append(answer)
            return together(open_ones) if open_ones else not decisive

        return run

    return build


def _if(guard: Node, then: Node, otherwise: Node) -> Node:
    def run(data: Any) -> Any:
        answer = _truth(guard(data))
        if type(answer) is Undecided:
            return answer
        return then(data) if answer else otherwise(data)

    return run


def _reduce(items: Node, fold: Node, initial: Node) -> Node:
    """A left fold; the fold sees `current`, `accumulator` and, under `data`, the facts outside."""

    def run(data: Any) -> Any:
        found = items(data)
        if type(found) is Undecided:
            return found
        if not isinstance(found, list):
            return Undecided(because=("'reduce' needs an array",))
        value = initial(data)
        for current in found:
            value = fold({"current": current, "accumulator": value, "data": data})
        return value

    return run


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "yes-no"
    if isinstance(value, str):
        return "text"
    return "number" if values.is_number(value) else ""


def _equal(one: Any, other: Any) -> bool:
    """Texts, numbers and yes-or-no, each with its like."""
    if type(one) is str and type(other) is str:
        return one == other
    kind = _kind(one)
    if not kind or kind != _kind(other):
        raise LogicError("'===' compares two texts, two numbers, or two yes-or-no values")
    return bool(one == other)


def _in(item: Any, items: Any) -> bool:
    if not isinstance(items, list):
        raise LogicError("'in' needs an array on its right")
    kind = _kind(item)
    if any(kind and kind == _kind(other) and item == other for other in items):
        return True
    if not kind or any(_kind(other) != kind for other in items):
        raise LogicError("'in' needs an array of values like the one it looks for")
    return False


def _extract(uvci: Any, index: int) -> str:
    if (part := values.uvci_part(uvci, index)) is None:
        raise LogicError(f"the certificate identifier has no part {index}")
    return part


def _dated(relation: values.Relation) -> Callable[..., bool]:
    """A gate rule may name a time fact as it stands, without wrapping it in plusTime."""
    compare = values.chain(relation, values.is_moment, "date comparisons need date-times")

    def run(*operands: Any) -> bool:
        return compare(*[value if isinstance(value, datetime) else dates.moment(value) for value in operands])

    return run


_NUMBERS = "comparisons and '+' need numbers"

_OPERATORS: Mapping[str, Builder] = {
    "if": _if,
    "and": _first(decisive=False),
    "or": _first(decisive=True),
    "reduce": _reduce,
    "!": _not,
    "===": _strict(_equal),
    "in": _strict(_in),
    "+": _strict(values.adder(values.is_number, _NUMBERS)),
    "<": _strict(values.chain(operator.lt, values.is_number, _NUMBERS)),
    ">": _strict(values.chain(operator.gt, values.is_number, _NUMBERS)),
    "<=": _strict(values.chain(operator.le, values.is_number, _NUMBERS)),
    ">=": _strict(values.chain(operator.ge, values.is_number, _NUMBERS)),
    "before": _strict(_dated(operator.lt)),
    "after": _strict(_dated(operator.gt)),
    "not-after": _strict(_dated(operator.le)),
    "not-before": _strict(_dated(operator.ge)),
    "plusTime": _strict(dates.plus_time),
    "dccDateOfBirth": _strict(dates.date_of_birth),
    "extractFromUVCI": _strict(_extract),
}

GATE = Dialect(_var, _array, _OPERATORS)
