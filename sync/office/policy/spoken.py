"""Conditions and facts as sentences, in both languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kiosk.model import Saying
from kiosk.screening.schema import spoken as schema_words
from kiosk.screening.vetting import Dictionary
from sync.office.policy import vocabulary
from sync.office.policy.sentence import NOTHING, Free, Group, Node, Part, read

SEPARATORS = {"all": Saying(" 并且 ", " and "), "any": Saying(" 或者 ", " or ")}
SHOWN = 300  # characters of CertLogic in a sentence


def dictionary(document: Mapping[str, Any]) -> Dictionary:
    """The facts with the limits and questions of one policy document, which may still be wrong."""
    limits, questions = document.get("limits"), document.get("question")
    ids = [row.get("id") for row in questions if isinstance(row, Mapping)] if isinstance(questions, list) else []
    names = [name for name in limits if isinstance(name, str)] if isinstance(limits, Mapping) else []
    return Dictionary(names, [name for name in ids if isinstance(name, str)])


def condition(expression: Any, document: Mapping[str, Any]) -> Saying:
    """A `when` in words."""
    node = read(expression, dictionary(document))
    return Saying(*(_say(node, document, language, outermost=True) for language in ("zh", "en")))


def fact(path: str, document: Mapping[str, Any]) -> Saying:
    """What a fact is called: a question by its own words, a limit by what it is for."""
    group, _, name = path.partition(".")
    if group == "limits":
        limit, limits = vocabulary.limit(name), document.get("limits")
        number = limits.get(name) if isinstance(limits, Mapping) else None
        shown = "" if number is None else f" {number:g}" if isinstance(number, int | float) else f" {number}"
        zh, en = limit.say.zh + shown + limit.unit.zh, limit.say.en + f"{shown} {limit.unit.en}".rstrip()
        return Saying(f"“{zh}”", f"“{en}”")
    if group == "answers":
        found = [row for row in _rows(document, "question") if row.get("id") == name]
        asked = found[0] if found else {}
        return Saying(f"答“{asked.get('zh', name)}”", f"the answer to “{asked.get('en', name)}”")
    return _short(schema_words(path))


def _short(say: Saying) -> Saying:
    """A fact's words without what they explain in brackets or after a semicolon."""
    return Saying(say.zh.partition("（")[0], say.en.partition(";")[0].partition(", empty")[0].partition(", one")[0])


def _rows(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = document.get(key)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _say(node: Node, document: Mapping[str, Any], language: str, *, outermost: bool = False) -> str:
    match node:
        case Free(text):
            return text if len(text) <= SHOWN else text[:SHOWN] + "…"
        case Part():
            return _statement(node, document, language)
        case Group(join, parts):
            return _group(join, [_say(part, document, language) for part in parts], language, outermost)


def _group(join: str, said: list[str], language: str, outermost: bool) -> str:
    if not said:
        return "总是" if language == "zh" else "always"
    separator = SEPARATORS["all" if join in ("all", "not-all") else "any"]
    joined = (separator.zh if language == "zh" else separator.en).join(said)
    if join in ("none", "not-all"):
        return f"并非（{joined}）" if language == "zh" else f"not ({joined})"
    if outermost or len(said) == 1:
        return joined
    return f"（{joined}）" if language == "zh" else f"({joined})"


def _statement(part: Part, document: Mapping[str, Any], language: str) -> str:
    name = getattr(fact(part.fact, document), language)
    relation = getattr(vocabulary.RELATIONS[part.relation], language)
    values = [_value(value, part, document, language) for value in part.value]
    said = f"{name} {relation}" + (f" {('、' if language == 'zh' else ', ').join(values)}" if values else "")
    if part.relation in ("is", "is-not"):
        yes = part.relation == "is"
        said = f"{name}：{'是' if yes else '否'}" if language == "zh" else f"{name}: {'yes' if yes else 'no'}"
    if part.absent is None:
        return said
    absent = getattr(_absent(part.absent), language)
    return said + (f"（没有记录时按“{absent}”）" if language == "zh" else f" (“{absent}” when not known)")


def _absent(text: str) -> Saying:
    return {"yes": Saying("是", "yes"), "no": Saying("否", "no"), NOTHING: Saying("没有", "none")}.get(
        text
    ) or vocabulary.value(text)


def _value(text: str, part: Part, document: Mapping[str, Any], language: str) -> str:
    is_path = part.relation in ("same", "differs") or text.startswith("limits.")
    return str(getattr(fact(text, document) if is_path else vocabulary.value(text), language))


def certlogic(expression: Any) -> str:
    """The expression as its author would write it, indented."""
    return json.dumps(expression, ensure_ascii=False, indent=2)
