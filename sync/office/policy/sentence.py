"""A rule's condition as the parts of a sentence, and back: fact · relation · value, joined by 并且, 或者, 非.

`read` never loses anything: what does not come out of `build` exactly as it went in stays CertLogic (`Free`), so that
opening a rule in the editor and saving it changes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kiosk.model import Saying
from kiosk.screening.logic.dates import UNITS
from kiosk.screening.vetting import Dictionary

ALL, ANY, NONE, NOT_ALL = "all", "any", "none", "not-all"
JOINS = (ALL, ANY, NONE, NOT_ALL)
RELATIONS: Mapping[str, tuple[str, ...]] = {
    "yes-no": ("is", "is-not"),
    "text": ("eq", "ne", "in", "not-in", "same", "differs"),
    "number": ("ge", "gt", "le", "lt", "eq", "ne"),
    "time": ("before", "not-after", "after", "not-before"),
    "list": ("has", "has-not"),
}
NEGATED = {"is": "is-not", "eq": "ne", "in": "not-in", "same": "differs", "has": "has-not"}
PLAIN = {negative: positive for positive, negative in NEGATED.items()}
NUMBERS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
SYMBOLS = {symbol: relation for relation, symbol in NUMBERS.items()}

NOTHING = "[]"  # how the default of a list is typed: counted as empty

_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,9})?")
_WHOLE = re.compile(r"-?\d{1,12}")
_MOVED = re.compile(r"(now|[a-z][\w.]*)?\s*([+-]\d{1,6})\s*(year|month|day|hour|y|m|d|h)s?")
_UNIT = {"y": "year", "m": "month", "d": "day", "h": "hour"}


@dataclass(frozen=True, slots=True)
class Part:
    """One statement. `value` is what it compares with: a text, the texts of a list, a number or a fact's path as
    text, a time as `now`, `-48h`, or a fact's path. `absent` is what counts where the fact is not there; None leaves
    that undecided."""

    fact: str
    relation: str
    value: tuple[str, ...] = ()
    absent: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Statements joined. `all` without any is always true."""

    join: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Free:
    """CertLogic that no sentence says, as JSON text; it may be wrong while somebody types."""

    text: str


Node = Part | Group | Free


class Unsaid(ValueError):
    """A sentence that says nothing yet: `problems` maps a part's place (`w.0`) to words."""

    def __init__(self, problems: Mapping[str, Saying]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{place}: {say.en}" for place, say in problems.items()))


def read(expression: Any, dictionary: Dictionary) -> Group:
    """The expression as a sentence; its outermost node is always a group."""
    node = _node(expression, dictionary)
    return node if isinstance(node, Group) else Group(ALL, (node,))


def build(node: Node, dictionary: Dictionary) -> Any:
    """The expression that a sentence means. Raises Unsaid with every part that says nothing."""
    problems: dict[str, Saying] = {}
    expression = _build(node, dictionary, "w", problems)
    if problems:
        raise Unsaid(problems)
    return expression


def fitted(part: Part, dictionary: Dictionary) -> Part:
    """The part with a relation that its fact knows; without its value when the old one meant another kind."""
    relations = RELATIONS[_kind(part.fact, dictionary)]
    if part.relation in relations:
        return part
    return replace(part, relation=relations[0], value=(), absent=None)


# --- reading


def _node(expression: Any, dictionary: Dictionary) -> Node:
    if expression is True:
        return Group(ALL, ())
    node = _shaped(expression, dictionary)
    if node is not None:
        problems: dict[str, Saying] = {}
        if _same(_build(node, dictionary, "w", problems), expression) and not problems:
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


# --- building


def _build(node: Node, dictionary: Dictionary, place: str, problems: dict[str, Saying]) -> Any:
    match node:
        case Free(text):
            return _free(text, place, problems)
        case Group(join, parts):
            built = [_build(part, dictionary, f"{place}.{index}", problems) for index, part in enumerate(parts)]
            return _joined(join, built, place, problems)
        case Part():
            return _statement(node, dictionary, place, problems)


def _free(text: str, place: str, problems: dict[str, Saying]) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        problems[place] = Saying(f"不是 JSON：{error}", f"not JSON: {error}")
    return True


def _joined(join: str, built: list[Any], place: str, problems: dict[str, Saying]) -> Any:
    if not built:
        if join != ALL:
            problems[place] = Saying("至少写一项", "say at least one thing")
        return True
    if len(built) == 1:
        return {"!": built} if join in (NONE, NOT_ALL) else built[0]
    inner = {"or" if join in (ANY, NONE) else "and": built}
    return {"!": [inner]} if join in (NONE, NOT_ALL) else inner


def _statement(part: Part, dictionary: Dictionary, place: str, problems: dict[str, Saying]) -> Any:
    kind = _kind(part.fact, dictionary)
    try:
        positive = PLAIN.get(part.relation, part.relation)
        if part.relation not in RELATIONS[kind]:
            raise ValueError("这项事实不能这样比较|this fact cannot be compared like this")
        expression = _POSITIVE[kind](part, positive, dictionary)
    except ValueError as error:
        zh, _, en = str(error).partition("|")
        problems[place] = Saying(zh, en)
        return True
    return {"!": [expression]} if part.relation in PLAIN else expression


def _yes_no(part: Part, relation: str, dictionary: Dictionary) -> Any:  # noqa: ARG001
    return _var(part, {"yes": True, "no": False}.get(part.absent or ""))


def _text(part: Part, relation: str, dictionary: Dictionary) -> Any:
    variable = _var(part, part.absent)
    if relation == "in":
        if not part.value:
            raise ValueError("至少选一项|choose at least one")
        return {"in": [variable, list(part.value)]}
    if relation == "same":
        return {"===": [variable, {"var": _path(_first(part), "text", dictionary)}]}
    return {"===": [variable, _first(part)]}


def _number(part: Part, relation: str, dictionary: Dictionary) -> Any:
    absent = None if part.absent is None else _figure(part.absent)
    typed = _first(part).strip()
    against = _figure(typed) if _NUMBER.fullmatch(typed) else {"var": _path(typed, "number", dictionary)}
    return {NUMBERS.get(relation, "==="): [_var(part, absent), against]}


def _time(part: Part, relation: str, dictionary: Dictionary) -> Any:
    typed = _first(part).strip()
    if not (moved := _MOVED.fullmatch(typed)):
        return {relation: [_var(part, part.absent), {"var": _path(typed, "time", dictionary)}]}
    start = _path(moved[1] or "now", "time", dictionary)
    unit = _UNIT.get(moved[3], moved[3])
    assert unit in UNITS
    return {relation: [_var(part, part.absent), {"plusTime": [{"var": start}, int(moved[2]), unit]}]}


def _list(part: Part, relation: str, dictionary: Dictionary) -> Any:  # noqa: ARG001
    if not (typed := _first(part)):
        raise ValueError("请写出所含的内容|say what it should hold")
    return {"in": [typed, _var(part, [] if part.absent == NOTHING else None)]}


_POSITIVE: Mapping[str, Callable[[Part, str, Dictionary], Any]] = {
    "yes-no": _yes_no, "text": _text, "number": _number, "time": _time, "list": _list,
}  # fmt: skip


def _var(part: Part, absent: Any) -> dict[str, Any]:
    return {"var": part.fact if absent is None else [part.fact, absent]}


def _first(part: Part) -> str:
    return part.value[0] if part.value else ""


def _figure(text: str) -> int | float:
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError("应为数字|must be a number")
    return int(text) if _WHOLE.fullmatch(text.strip()) else float(text)


def _path(text: str, kind: str, dictionary: Dictionary) -> str:
    fact = dictionary.fact(text)
    if fact is None or fact.kind != kind:
        wanted = {
            "number": "数字或界限，例如 37.3、limits.fever",
            "time": "时间，例如 now、-48h",
            "text": "另一项文字事实",
        }
        english = {"number": "a number or a limit such as limits.fever", "time": "a time: now, -48h", "text": "a fact"}
        raise ValueError(f"应为{wanted[kind]}|must be {english[kind]}")
    return text


def _kind(path: str, dictionary: Dictionary) -> str:
    fact = dictionary.fact(path)
    return fact.kind if fact else "yes-no"
