"""The operations as CertLogic 1.3.2 means them, for rules that health authorities publish.

An absent value is null, null is falsy, and an operand of a wrong kind raises LogicError.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from kiosk.screening.logic import dates, values
from kiosk.screening.logic.values import Builder, Dialect, LogicError, Node


def _var(path: str, default: Any = None) -> Node:
    """What lies at `path`, else null. The published dialect has no defaults."""
    keys = path.split(".") if path else []

    def run(data: Any) -> Any:
        for key in keys:
            data = step(data, key)
        return default if data is None else data

    return run


def step(data: Any, key: str) -> Any:
    """One step down: a key of an object, an index of an array, None where there is neither."""
    if isinstance(data, Mapping):
        return data.get(key)
    if isinstance(data, list) and key.isdecimal() and int(key) < len(data):
        return data[int(key)]
    return None


def _array(items: tuple[Node, ...]) -> Node:
    return lambda data: [item(data) for item in items]


def _strict(function: Callable[..., Any]) -> Builder:
    """An operation that needs all its operands."""

    def build(*nodes: Node) -> Node:
        return lambda data: function(*[node(data) for node in nodes])

    return build


def _truth(value: Any) -> bool:
    if (answer := values.truth(value)) is None:
        raise LogicError("neither truthy nor falsy")
    return answer


def _if(guard: Node, then: Node, otherwise: Node) -> Node:
    return lambda data: then(data) if values.truth(guard(data)) else otherwise(data)


def _and(*nodes: Node) -> Node:
    def run(data: Any) -> Any:
        value: Any = None
        for node in nodes:
            value = node(data)
            if not _truth(value):
                return value
        return value

    return run


def _in(item: Any, items: Any) -> bool:
    if not isinstance(items, list):
        raise LogicError("'in' needs an array on its right")
    return any(values.same(item, other) for other in items)


def _reduce(items: Node, fold: Node, initial: Node) -> Node:
    """A left fold that sees `current`, `accumulator` and, under `data`, what lies outside. Null is an empty array."""

    def run(data: Any) -> Any:
        found = items(data)
        if found is not None and not isinstance(found, list):
            raise LogicError("'reduce' needs an array")
        value = initial(data)
        for current in found or ():
            value = fold({"current": current, "accumulator": value, "data": data})
        return value

    return run


_INTEGERS = "comparisons and '+' need integers"
_MOMENTS = "date comparisons need date-times made by plusTime or dccDateOfBirth"

_OPERATORS: Mapping[str, Builder] = {
    "if": _if,
    "and": _and,
    "reduce": _reduce,
    "!": _strict(lambda value: not _truth(value)),
    "===": _strict(values.same),
    "in": _strict(_in),
    "+": _strict(values.adder(values.is_integer, _INTEGERS)),
    "<": _strict(values.chain(operator.lt, values.is_integer, _INTEGERS)),
    ">": _strict(values.chain(operator.gt, values.is_integer, _INTEGERS)),
    "<=": _strict(values.chain(operator.le, values.is_integer, _INTEGERS)),
    ">=": _strict(values.chain(operator.ge, values.is_integer, _INTEGERS)),
    "before": _strict(values.chain(operator.lt, values.is_moment, _MOMENTS)),
    "after": _strict(values.chain(operator.gt, values.is_moment, _MOMENTS)),
    "not-after": _strict(values.chain(operator.le, values.is_moment, _MOMENTS)),
    "not-before": _strict(values.chain(operator.ge, values.is_moment, _MOMENTS)),
    "plusTime": _strict(dates.plus_time),
    "dccDateOfBirth": _strict(dates.date_of_birth),
    "extractFromUVCI": _strict(values.uvci_part),
}

PUBLISHED = Dialect(_var, _array, _OPERATORS)
