"""Regular expressions out of a province's file, admitted only when no text can make them run away.

Python's engine backtracks: each repeat of variable length multiplies the ways a text can be tried. The ways are
counted here before a pattern is used, and the texts it meets are never longer than `MAX_CHARS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

MAX_CHARS = 1024  # of a text; the longest provincial links have about 200
MAX_PATTERN = 300
MAX_WAYS = 10_000

_PART = re.compile(
    r"""(?P<open>\((?:\?:|\?P<[a-z][a-z0-9_]*>)?)
      | (?P<close>\))
      | (?P<either>\|)
      | (?P<repeat>[*+?]|\{(?P<low>[0-9]{1,4})(?P<range>,(?P<high>[0-9]{0,4}))?\})(?P<possessive>\+)?(?P<lazy>\?)?
      | (?P<one>\\[dwsDWS]|\\[^0-9A-Za-z]|\[\^?(?:\\.|[^\\\]\[])+\]|[^\\\[\](){}*+?|^$])""",
    re.VERBOSE,
)


def compiled(pattern: object) -> re.Pattern[str]:
    """`pattern` for whole texts, ASCII only. Raises ValueError for one that is wrong or could run away."""
    if isinstance(pattern, re.Pattern):
        return pattern
    if not isinstance(pattern, str) or not 0 < len(pattern) <= MAX_PATTERN:
        raise ValueError(f"must be a pattern of 1 to {MAX_PATTERN} characters")
    if (found := ways(pattern)) > MAX_WAYS:
        raise ValueError(
            f"could be tried in {found} ways on one text, {MAX_WAYS} at most: "
            "give repeats an upper limit, or make them possessive ([0-9a-f]{8,64}+)"
        )
    try:
        return re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a pattern: {error}") from error


Pattern = Annotated[re.Pattern[str], BeforeValidator(compiled)]


def ways(pattern: str) -> int:
    """An upper bound for how many ways one text can be tried. Raises ValueError for what is not allowed at all."""
    levels, place = [_Level()], 0
    while place < len(pattern):
        part = _PART.match(pattern, place)
        if part is None:
            raise ValueError(f"{pattern[place : place + 12]!r}: no anchors, look-around, flags or back references")
        _take(part, levels)
        place = part.end()
    if len(levels) > 1:
        raise ValueError("a parenthesis is left open")
    return levels[0].all()


@dataclass
class _Level:
    """What stands within one pair of parentheses: ways of the finished branches, of this branch, of its last item."""

    done: int = 0
    branch: int = 1
    item: int | None = None
    is_group: bool = False

    def all(self) -> int:
        return self.done + self.branch * (self.item or 1)

    def add(self, item: int, *, is_group: bool) -> None:
        self.branch *= self.item or 1
        self.item, self.is_group = item, is_group

    def either(self) -> None:
        self.done, self.branch, self.item = self.all(), 1, None

    def repeat(self, low: int, high: int, *, possessive: bool) -> None:
        if self.item is None:
            raise ValueError("a repeat with nothing before it")
        if self.is_group and (low, high) != (0, 1):
            raise ValueError("a group may be optional (?) but not repeated")
        if high < low:
            raise ValueError(f"{{{low},{high}}} ends before it begins")
        self.branch *= self.item + 1 if self.is_group else 1 if possessive else high - low + 1
        self.item = None


def _take(part: re.Match[str], levels: list[_Level]) -> None:
    if part["open"]:
        levels.append(_Level())
    elif part["close"]:
        if len(levels) == 1:
            raise ValueError("a parenthesis too many")
        closed = levels.pop()
        levels[-1].add(closed.all(), is_group=True)
    elif part["either"]:
        levels[-1].either()
    elif part["repeat"]:
        levels[-1].repeat(*_bounds(part), possessive=bool(part["possessive"]))
    else:
        levels[-1].add(1, is_group=False)


def _bounds(part: re.Match[str]) -> tuple[int, int]:
    match part.groupdict():
        case {"repeat": "?"}:
            return 0, 1
        case {"repeat": "*"}:
            return 0, MAX_CHARS
        case {"repeat": "+"}:
            return 1, MAX_CHARS
        case {"low": low, "range": None}:
            return int(low), int(low)
        case {"low": low, "high": high}:
            return int(low), int(high or MAX_CHARS)
        case other:
            raise ValueError(f"a repeat of no known form: {_shown(other)}")


def _shown(groups: dict[str, Any]) -> str:
    return str(groups.get("repeat"))
