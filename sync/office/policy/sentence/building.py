"""A sentence as CertLogic: its groups joined, each statement in its place."""

from __future__ import annotations

import json
from typing import Any

from kiosk.model import Saying
from kiosk.screening.vetting import Dictionary
from sync.office.policy.sentence import statement
from sync.office.policy.sentence.parts import ALL, ANY, NONE, NOT_ALL, Free, Group, Node, Part, Unsaid


def build(node: Node, dictionary: Dictionary) -> Any:
    """The expression that a sentence means. Raises Unsaid with every part that says nothing."""
    problems: dict[str, Saying] = {}
    expression = expressed(node, dictionary, "w", problems)
    if problems:
        raise Unsaid(problems)
    return expression


def expressed(node: Node, dictionary: Dictionary, place: str, problems: dict[str, Saying]) -> Any:
    """Like `build`; what says nothing yet is told in `problems` by its place, and counts as true."""
    match node:
        case Free(text):
            return _free(text, place, problems)
        case Group(join, parts):
            built = [expressed(part, dictionary, f"{place}.{index}", problems) for index, part in enumerate(parts)]
            return _joined(join, built, place, problems)
        case Part():
            return _stated(node, dictionary, place, problems)


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


def _stated(part: Part, dictionary: Dictionary, place: str, problems: dict[str, Saying]) -> Any:
    try:
        return statement.build(part, dictionary)
    except ValueError as error:
        zh, _, en = str(error).partition("|")
        problems[place] = Saying(zh, en)
    return True
