"""CertLogic 1.3.2 (eu-dcc-business-rules), compiled to closures. docs/policy.md tells the gate's own dialect.

- `published`: the specification's own meaning, for acceptance rules that authorities publish. An evaluation may raise
  LogicError; its caller then treats the rule as not passed.
- `gate`: the same language for a gate's own rules, in three-valued logic. An answer is True, False or Undecided, and an
  evaluation never raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, overload

from kiosk.errors import PolicyError
from kiosk.screening.logic.gate import GATE, condition
from kiosk.screening.logic.published import PUBLISHED, step
from kiosk.screening.logic.shape import Flaw, Mode, Read, flaws, reads, walk
from kiosk.screening.logic.values import Dialect, LogicError, Node, Undecided

__all__ = ["Flaw", "LogicError", "Read", "Undecided", "compile_rule", "find", "flaws", "reads", "walk"]

_DIALECTS: dict[Mode, Dialect] = {"published": PUBLISHED, "gate": GATE}


@overload
def compile_rule(expression: Any, *, mode: Literal["gate"]) -> Callable[[Any], bool | Undecided]: ...
@overload
def compile_rule(expression: Any, *, mode: Literal["published"]) -> Callable[[Any], Any]: ...


def compile_rule(expression: Any, *, mode: Mode) -> Callable[[Any], Any]:
    """`expression` as a function of its data. Raises PolicyError that names every flaw and its place."""
    if found := flaws(expression, mode):
        raise PolicyError([str(flaw) for flaw in found])
    node = _compile(expression, _DIALECTS[mode])
    return condition(node) if mode == "gate" else node


def find(data: Any, path: str) -> Any:
    """What lies at `path`, None where nothing does."""
    for key in path.split("."):
        data = step(data, key)
    return data


def _compile(expression: Any, dialect: Dialect) -> Node:
    if not any(isinstance(item, dict | list) for item in _items(expression)):
        return lambda _: expression
    if isinstance(expression, list):
        return dialect.array(tuple(_compile(item, dialect) for item in expression))
    ((operator, operands),) = expression.items()
    if operator == "var":
        return dialect.var(*(operands if isinstance(operands, list) else [operands]))
    return dialect.operators[operator](*[_compile(operand, dialect) for operand in operands])


def _items(expression: Any) -> list[Any]:
    """What has to be computed in `expression`: the items of an array, the operation itself, nothing of a literal."""
    return expression if isinstance(expression, list) else [expression]
