"""What a check answers, and how what was typed is read before it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kiosk.model import Saying

BETWEEN = frozenset(" -.·•—–_\t\u200b\u00a0")  # what people put between groups of digits
MALE, FEMALE = "male", "female"
EARLIEST_YEAR = 1880
ALIKE = {"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8", "G": "6"}
SAME_AS_X = str.maketrans({"Х": "X", "×": "X", "✕": "X", "✗": "X", "Χ": "X", "＊": "X", "*": "X"})


@dataclass(frozen=True, slots=True)
class Typed:
    """A number that somebody typed, and what it tells.

    `normalised` is without blanks and hyphens, in half width and upper case. `birth_date` is YYYY-MM-DD, `sex` male or
    female, each "" where the number tells none. `problem` says what does not hold, and `at` is the place of the digit
    that fails in `normalised` (from 0); it lies behind the end where one is missing.
    """

    kind: str
    normalised: str
    birth_date: str = ""
    sex: str = ""
    problem: Saying | None = None
    at: int | None = None

    @property
    def holds(self) -> bool:
        return self.problem is None


class Flaw(Exception):
    """What does not hold, and where. Stays within this package."""

    def __init__(self, at: int, zh: str, en: str) -> None:
        self.at = at
        self.say = Saying(zh, en)
        super().__init__(en)


def plain(text: str) -> str:
    """Half width, upper case, without what people put between groups; a multiplication sign is an X."""
    upper = unicodedata.normalize("NFKC", text).translate(SAME_AS_X).upper()
    return "".join(char for char in upper if char not in BETWEEN and not char.isspace())


def is_digit(char: str) -> bool:
    return char.isascii() and char.isdigit()


def demand_length(text: str, length: int) -> None:
    """Raises Flaw for too few or too many characters."""
    if len(text) < length:
        raise Flaw(
            len(text),
            f"少 {length - len(text)} 位：应为 {length} 位，现有 {len(text)} 位",
            f"{length - len(text)} missing: it has {length} characters, here are {len(text)}",
        )
    if len(text) > length:
        raise Flaw(
            length,
            f"多 {len(text) - length} 位：应为 {length} 位，现有 {len(text)} 位",
            f"{len(text) - length} too many: it has {length} characters, here are {len(text)}",
        )


def demand_digits(text: str, places: Iterable[int]) -> None:
    """Raises Flaw for the first of `places` that holds no digit, with the digit it was perhaps taken for."""
    for at in places:
        if not is_digit(text[at]):
            meant = ALIKE.get(text[at], "")
            raise Flaw(
                at,
                f"第 {at + 1} 位“{text[at]}”应为数字" + (f"，是不是 {meant}？" if meant else ""),
                f"character {at + 1}, “{text[at]}”, must be a digit" + (f": is it {meant}?" if meant else ""),
            )


def born(text: str, at: int, today: date | None) -> date:
    """The date YYYYMMDD that begins at `at`. Raises Flaw for one that no living person was born on."""
    year, month, day = int(text[at : at + 4]), int(text[at + 4 : at + 6]), int(text[at + 6 : at + 8])
    if year < EARLIEST_YEAR:
        raise Flaw(
            at,
            f"第 {at + 1}–{at + 4} 位是出生年份，{year:04} 不对",
            f"characters {at + 1}–{at + 4} are the year of birth: {year:04} cannot be",
        )
    if not 1 <= month <= 12:
        raise Flaw(
            at + 4,
            f"第 {at + 5}–{at + 6} 位是出生月份，没有 {month:02} 月",
            f"characters {at + 5}–{at + 6} are the month of birth: there is no month {month:02}",
        )
    try:
        found = date(year, month, day)
    except ValueError:
        raise Flaw(
            at + 6,
            f"第 {at + 7}–{at + 8} 位是出生日，{year} 年 {month} 月没有 {day:02} 日",
            f"characters {at + 7}–{at + 8} are the day of birth: {year}-{month:02} has no day {day:02}",
        ) from None
    if today is not None and found > today:
        raise Flaw(at, f"出生日期 {found} 还没有到", f"the date of birth, {found}, lies in the future")
    return found


def sex(digit: str) -> str:
    """Odd for men, even for women."""
    return MALE if int(digit) % 2 else FEMALE
