"""One table of a policy document, read without stopping at the first thing that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from kiosk.model import Saying
from kiosk.screening.condition import Condition
from kiosk.screening.vetting import Dictionary, vet

LONGEST_TEXT = 300
MAX_ITEMS = 500
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_NOTHING = Condition.of(False)  # stands where a faulty condition stood; no policy with one is ever made


class Table:
    """One table of the document. What is wrong with it lands in `problems`; a stand-in is answered in its place."""

    def __init__(self, raw: Any, place: str, keys: Collection[str], problems: list[str]) -> None:
        self.place, self.problems = place, problems
        self.raw = raw if isinstance(raw, dict) else {}
        if self.raw is not raw:
            self.say("", "must be a table")
        for key in self.raw:
            if key not in keys:
                self.say(str(key), f"unknown key; known: {', '.join(keys)}")

    def say(self, key: str, words: str) -> None:
        place = ".".join(part for part in (self.place, key) if part)
        self.problems.append(f"{place}: {words}" if place else f"policy: {words}")

    def get(self, key: str, default: Any = None) -> Any:
        """The value at `key`; without one and without a default it is missing."""
        if key not in self.raw and default is None:
            self.say(key, "missing")
        return self.raw.get(key, default)

    def text(self, key: str, pattern: re.Pattern[str] | None = None, default: str | None = None) -> str:
        value = self.get(key, default)
        if not isinstance(value, str) or not (value or default == ""):
            if key in self.raw:
                self.say(key, f"must be a text, not {value!r}")
        elif len(value) > LONGEST_TEXT:
            self.say(key, f"longer than {LONGEST_TEXT} characters")
        elif pattern and not pattern.fullmatch(value):
            self.say(key, f"{value!r} must be small letters, digits and hyphens")
        else:
            return value
        return ""

    def whole(self, key: str, lowest: int, highest: int, default: int | None = None) -> int:
        value = self.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        if key in self.raw:
            self.say(key, f"must be a whole number from {lowest} to {highest}, not {value!r}")
        return lowest

    def flag(self, key: str, default: bool) -> bool:
        if isinstance(value := self.raw.get(key, default), bool):
            return value
        self.say(key, f"must be true or false, not {value!r}")
        return default

    def saying(self, key: str) -> Saying:
        if key not in self.raw:
            self.say(key, "missing")
            return Saying("", "")
        inner = Table(self.raw[key], f"{self.place}.{key}".lstrip("."), ("zh", "en"), self.problems)
        return Saying(inner.text("zh"), inner.text("en"))

    def items(self, key: str) -> list[Any]:
        value = self.raw.get(key, [])
        if isinstance(value, list) and len(value) <= MAX_ITEMS:
            return value
        self.say(key, f"must be an array of at most {MAX_ITEMS}")
        return []

    def tables(self, key: str, keys: Collection[str]) -> list[Table]:
        return [Table(raw, f"{key}[{index}]", keys, self.problems) for index, raw in enumerate(self.items(key))]

    def condition(self, key: str, dictionary: Dictionary, default: Any = None) -> Condition:
        expression = self.get(key, default)
        if expression is None:
            return _NOTHING
        if found := vet(expression, f"{self.place}.{key}", dictionary):
            self.problems += [str(flaw) for flaw in found]
            return _NOTHING
        return Condition.of(expression)

    def named(self, key: str) -> dict[str, Any]:
        """The table at `key` with whatever names it has; empty when there is none."""
        if isinstance(value := self.raw.get(key, {}), dict):
            return value
        self.say(key, "must be a table")
        return {}

    def names(self, key: str) -> tuple[str, ...]:
        """The keys of the table at `key`, for looking things up before all is read."""
        return tuple(self.raw[key]) if isinstance(self.raw.get(key), dict) else ()

    def ids(self, key: str) -> tuple[str, ...]:
        rows = self.raw.get(key)
        found = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        return tuple(name for name in found if isinstance(name, str))
