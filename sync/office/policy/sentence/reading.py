"""CertLogic as a sentence. Nothing is lost: what would not come out again exactly as it went in stays CertLogic."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from kiosk.model import Saying
from kiosk.screening.vetting import Dictionary
from sync.office.policy.sentence.building import expressed
from sync.office.policy.sentence.parts import (
    ALL,
    ANY,
    NEGATED,
    NONE,
    NOT_ALL,
    SYMBOLS,
    Free,
    Group,
    Node,
    Part,
)


def read(expression: Any, dictionary: Dictionary) -> Group:
    """The expression as a sentence; its outermost node is always a group."""
    node = _node(expression, dictionary)
    return node if isinstance(node, Group) else Group(ALL, (node,))


def _node(expression: Any, dictionary: Dictionary) -> Node:
    if expression is True:
        return Group(ALL, ())
    node = _shaped(expression, dictionary)
    if node is not None:
        problems: dict[str, Saying] = {}
        if _same(expressed(node, dictionary, "w", problems), expression) and not problems:
            return node
    return Free(json.dumps(expression, ensure_ascii=False))


def _shaped(expression: Any, dictionary: Dictionary) -> Node | None:
    if not isinstance(expression, dict) or len(expression) != 1:
        return None
    ((operator, operands),) = expression.items()
    if operator == "var":
        path, absent = _variable(expression)
        return Part(path, "is", absent=_yes_no_absent(absent))
    if not isinstance(operands, list):
        return None
    if operator in ("and", "or"):
        return Group(ALL if operator == "and" else ANY, tuple(_node(operand, dictionary) for operand in operands))
    if operator == "!" and len(operands) == 1:
        return _negated(_node(operands[0], dictionary))
    return _comparison(operator, operands) if len(operands) == 2 else None


def _negated(node: Node) -> Node:
    if isinstance(node, Part) and node.relation in NEGATED:
        return replace(node, relation=NEGATED[node.relation])
    if isinstance(node, Group) and node.join in (ALL, ANY) and len(node.parts) > 1:
        return Group(NOT_ALL if node.join == ALL else NONE, node.parts)
    return Group(NONE, (node,))


def _comparison(operator: str, operands: list[Any]) -> Node | None:
    one, other = operands
    if operator == "in" and not _is_var(one):
        return _part(other, "has", _spelt(one))
    if operator == "in":
        return _part(one, "in", *map(_spelt, other)) if isinstance(other, list) else None
    if operator == "===" and _is_var(one) and _is_var(other) and isinstance(other["var"], str):
        return _part(one, "same", other["var"])
    relation = {"===": "eq", **SYMBOLS}.get(operator, operator)
    return _part(one, relation, other["var"] if _plain_var(other) else _spelt(other))


def _part(variable: Any, relation: str, *value: str) -> Part | None:
    if not _is_var(variable):
        return None
    path, absent = _variable(variable)
    return Part(path, relation, value, None if absent is None else _spelt(absent))


def _variable(expression: dict[str, Any]) -> tuple[str, Any]:
    operand = expression["var"]
    return (str(operand[0]), operand[1]) if isinstance(operand, list) and len(operand) == 2 else (str(operand), None)


def _yes_no_absent(value: Any) -> str | None:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else None


def _is_var(value: Any) -> bool:
    return isinstance(value, dict) and list(value) == ["var"]


def _plain_var(value: Any) -> bool:
    return _is_var(value) and isinstance(value["var"], str)


def _spelt(value: Any) -> str:
    """A literal as it is typed; a moved time as `-48h`."""
    if isinstance(value, dict) and isinstance(moved := value.get("plusTime"), list) and len(moved) == 3:
        start = moved[0].get("var") if isinstance(moved[0], dict) else None
        return f"{'' if start == 'now' else start}{moved[1]:+}{str(moved[2])[0]}" if isinstance(moved[1], int) else ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _same(one: Any, other: Any) -> bool:
    """Equal to the letter: 37 is not 37.0 and 1 is not true."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
