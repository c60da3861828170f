"""One statement as CertLogic: a fact, how it compares, and with what. Each kind of fact has its own way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kiosk.screening.logic.dates import UNITS
from kiosk.screening.vetting import Dictionary
from sync.office.policy.sentence.parts import NOTHING, NUMBERS, PLAIN, RELATIONS, Part

_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,9})?")
_WHOLE = re.compile(r"-?\d{1,12}")
_MOVED = re.compile(r"(now|[a-z][\w.]*)?\s*([+-]\d{1,6})\s*(year|month|day|hour|y|m|d|h)s?")
_UNIT = {"y": "year", "m": "month", "d": "day", "h": "hour"}


def build(part: Part, dictionary: Dictionary) -> Any:
    """Raises ValueError for a statement that says nothing, with `Chinese|English` words."""
    kind = _kind(part.fact, dictionary)
    if part.relation not in RELATIONS[kind]:
        raise ValueError("这项事实不能这样比较|this fact cannot be compared like this")
    expression = _POSITIVE[kind](part, PLAIN.get(part.relation, part.relation), dictionary)
    return {"!": [expression]} if part.relation in PLAIN else expression


def fitted(part: Part, dictionary: Dictionary) -> Part:
    """The part with a relation that its fact knows; without its value when the old one meant another kind."""
    relations = RELATIONS[_kind(part.fact, dictionary)]
    if part.relation in relations:
        return part
    return replace(part, relation=relations[0], value=(), absent=None)


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
