"""What both modes know of values: truth, sameness, comparison, parts of a certificate identifier."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from kiosk.errors import GatehouseError

Node = Callable[[Any], Any]
Relation = Callable[[Any, Any], bool]
Builder = Callable[..., Node]


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a mode makes of data access, arrays and operations. A builder takes its operands' nodes."""

    var: Builder
    array: Callable[[tuple[Node, ...]], Node]
    operators: Mapping[str, Builder]


_UVCI_PREFIX = "URN:UVCI:"
_UVCI_SEPARATOR = re.compile("[/#:]")


class LogicError(GatehouseError):
    """An operation met an operand that it does not work on."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A gate rule's third answer: `missing` names absent facts, `because` says which operand was of a wrong kind."""

    missing: tuple[str, ...] = ()
    because: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        raise TypeError("undecided is neither true nor false")


def together(values: list[Any]) -> Undecided:
    """Everything that the undecided ones among `values` lack, each once and in order."""
    undecided = [value for value in values if type(value) is Undecided]
    if len(undecided) == 1:
        return undecided[0]
    return Undecided(
        missing=tuple(dict.fromkeys(path for value in undecided for path in value.missing)),
        because=tuple(dict.fromkeys(words for value in undecided for words in value.because)),
    )


def truth(value: Any) -> bool | None:
    """Truthy, falsy, or None for what is neither (specification 1.3.2, "Truthy and falsy values")."""
    if value is True or value is False:
        return bool(value)
    if value is None:
        return False
    if isinstance(value, str | int | list | dict):
        return bool(value)
    return None


def same(one: Any, other: Any) -> bool:
    """Equal without coercion: 1 is not "1" and not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    return bool(one == other)


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """A finite number; NaN would answer false to every comparison."""
    return is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def is_moment(value: Any) -> bool:
    return isinstance(value, datetime)


def chain(relation: Relation, fits: Callable[[Any], bool], says: str) -> Callable[..., bool]:
    """`a < b`, or `a < b < c`: LogicError(`says`) unless every operand fits."""

    def compare(*values: Any) -> bool:
        if not all(map(fits, values)):
            raise LogicError(says)
        return all(relation(one, other) for one, other in pairwise(values))

    return compare


def adder(fits: Callable[[Any], bool], says: str) -> Callable[[Any, Any], Any]:
    """`a + b`: LogicError(`says`) unless both fit."""

    def add(one: Any, other: Any) -> Any:
        if not (fits(one) and fits(other)):
            raise LogicError(says)
        try:
            return one + other
        except OverflowError as error:
            raise LogicError("a sum beyond all numbers") from error

    return add


def uvci_part(uvci: Any, index: int) -> str | None:
    """The fragment of a certificate identifier at `index`, None where there is none."""
    if uvci is None:
        return None
    if not isinstance(uvci, str):
        raise LogicError("extractFromUVCI needs a text")
    parts = _UVCI_SEPARATOR.split(uvci.removeprefix(_UVCI_PREFIX))
    return parts[index] if 0 <= index < len(parts) else None
