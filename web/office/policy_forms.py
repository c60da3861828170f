"""What is typed about policies: sentences out of a form's fields and back, tiers, limits, words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from kiosk.screening.vetting import Dictionary
from sync.office.policy.sentence import ALL, JOINS, Free, Group, Node, Part, fitted
from web.office.forms import Line, Text

DEEPEST = 8
MOST = 60  # parts of one group
ACTION_GAP = re.compile(r"[\s,，、]+")
EMPTY = '""'  # typed for a text that is empty, where nothing typed means unknown
NEW_PART = Part("code.presented", "is")


class Submit(FlaskForm):  # type: ignore[misc]  # wtforms carries no types
    note = Line(_("这次修改是为了什么"), 300)


class Approve(FlaskForm):  # type: ignore[misc]
    digest = HiddenField()


class Reason(FlaskForm):  # type: ignore[misc]
    reason = Text(_("理由"), 300)


class Days(FlaskForm):  # type: ignore[misc]
    days = SelectField(_("天数"), choices=[SelectChoice(days, days) for days in ("1", "3", "7", "14")], default="7")


def sentence(form: MultiDict[str, str], dictionary: Dictionary) -> Group:
    """The condition as it stands in a form; what is not understood becomes an empty group."""
    node = _node(form, "w", dictionary, 0)
    return node if isinstance(node, Group) else Group(ALL, (node,))


def edited(root: Group, edit: str) -> Group:
    """The sentence after a button was pressed: `add:w.0`, `group:w`, `free:w`, `remove:w.0.1`."""
    verb, _colon, place = edit.partition(":")
    path = [int(step) for step in place.split(".")[1:] if step.isdigit()]
    added: dict[str, Node] = {"add": NEW_PART, "group": Group("any", (NEW_PART, NEW_PART)), "free": Free("true")}
    changed: Node = root
    if verb in added:
        changed = _at(root, path, lambda node: _grown(node, added[verb]))
    elif verb == "remove" and path:
        changed = _at(root, path[:-1], lambda node: _shrunk(node, path[-1]))
    return changed if isinstance(changed, Group) else root


def rule(form: MultiDict[str, str], old: Mapping[str, Any], when: Any) -> dict[str, Any]:
    """The rule that a form describes; keys the form does not know stay as they were."""
    return {
        **old,
        "id": _typed(form, "id"),
        "tiers": [int(tier) for tier in form.getlist("tiers") if tier.isdigit()],
        "when": when,
        "verdict": _typed(form, "verdict"),
        "say": {"zh": _typed(form, "zh"), "en": _typed(form, "en")},
        "do": [action for action in ACTION_GAP.split(_typed(form, "do")) if action],
        "source": _typed(form, "source"),
        "enabled": "enabled" in form,
    }


def number(text: str) -> Any:
    """What was typed for a limit; a text where it is no number, so that its problem is told."""
    plain = text.strip().replace(",", ".").replace("。", ".")
    if re.fullmatch(r"-?\d{1,9}", plain):
        return int(plain)
    return float(plain) if re.fullmatch(r"-?\d{1,9}\.\d{1,6}", plain) else plain


def _typed(form: MultiDict[str, str], name: str) -> str:
    return form.get(name, "").strip()


def _node(form: MultiDict[str, str], place: str, dictionary: Dictionary, depth: int) -> Node:
    match form.get(f"{place}.kind"):
        case "part":
            return _part(form, place, dictionary)
        case "free":
            return Free(form.get(f"{place}.text", "").strip())
        case "group" if depth < DEEPEST:
            count = _count(form.get(f"{place}.n", ""))
            join = form.get(f"{place}.join", ALL)
            parts = tuple(_node(form, f"{place}.{index}", dictionary, depth + 1) for index in range(count))
            return Group(join if join in JOINS else ALL, parts)
        case _:
            return Group(ALL, ())


def _part(form: MultiDict[str, str], place: str, dictionary: Dictionary) -> Part:
    absent = form.get(f"{place}.absent", "").strip()
    relation = form.get(f"{place}.relation", "")
    values = [value.strip() for value in form.getlist(f"{place}.value")]
    if relation in ("in", "not-in") and len(values) == 1:
        values = [value for value in re.split(r"[,，、;；]", values[0]) if value]
    typed = Part(form.get(f"{place}.fact", ""), relation, tuple(values), "" if absent == EMPTY else absent or None)
    if relation in ("is", "is-not"):
        typed = replace(typed, value=())
    return fitted(typed, dictionary)


def _count(text: str) -> int:
    return min(int(text), MOST) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _at(node: Node, path: list[int], change: Callable[[Node], Node]) -> Node:
    if not path:
        return change(node)
    if not isinstance(node, Group) or path[0] >= len(node.parts):
        return node
    parts = [*node.parts]
    parts[path[0]] = _at(parts[path[0]], path[1:], change)
    return replace(node, parts=tuple(parts))


def _grown(node: Node, more: Node) -> Node:
    return replace(node, parts=(*node.parts, more)) if isinstance(node, Group) and len(node.parts) < MOST else node


def _shrunk(node: Node, index: int) -> Node:
    if not isinstance(node, Group):
        return node
    return replace(node, parts=tuple(part for number, part in enumerate(node.parts) if number != index))
