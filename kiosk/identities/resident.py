"""The 18 characters of GB 11643: citizens, residence permits of Hong Kong (810000), Macau (820000) and Taiwan (830000),
and foreigners' permanent residence since December 2023 (9, province, ISO 3166 number of the nationality).

Place, date of birth, a sequence number (its last digit odd for men), and a check character after ISO/IEC 7064 MOD 11-2.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from stdnum.iso7064 import mod_11_2

from kiosk.identities.typed import Flaw, Typed, born, demand_digits, demand_length, is_digit, sex

LENGTH = 18
CHECK = LENGTH - 1
FIRST_GENERATION = 15
BIRTH, SEQUENCE_END = 6, 16
PROVINCES = frozenset(  # by region: from, to
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71))
    for code in range(first, last + 1)
)
PERMITS = {"81": "810000", "82": "820000", "83": "830000"}
FOREIGN = "9"


def check(text: str, today: date | None) -> Typed:
    """`text` (as `typed.plain` leaves it) as one of the four; the kind follows from its beginning."""
    kind = kind_of(text)
    try:
        found = _read(text, today)
    except Flaw as flaw:
        return Typed(kind, text, problem=flaw.say, at=flaw.at)
    return Typed(kind, text, found.isoformat(), sex(text[SEQUENCE_END]))


def kind_of(text: str) -> str:
    if text.startswith(FOREIGN):
        return "foreigner-id"
    return "residence-permit" if text[:2] in PERMITS else "resident-id"


def demand_province(text: str, at: int) -> None:
    """Raises Flaw when the two digits at `at` are no province."""
    if text[at : at + 2] not in PROVINCES:
        raise Flaw(
            at,
            f"第 {at + 1}–{at + 2} 位“{text[at : at + 2]}”不是省级代码",
            f"characters {at + 1}–{at + 2}, “{text[at : at + 2]}”, are no province",
        )


def _read(text: str, today: date | None) -> date:
    """The date of birth. Raises Flaw."""
    if len(text) == FIRST_GENERATION and all(map(is_digit, text)):
        raise Flaw(
            FIRST_GENERATION,
            "这是第一代身份证的 15 位号码，已停用，请看 18 位号码",
            "15 digits are a card of the first generation, no longer valid: look for the 18-character number",
        )
    demand_length(text, LENGTH)
    demand_digits(text, range(CHECK))
    if text[CHECK] != "X":
        demand_digits(text, [CHECK])
    _demand_place(text)
    found = born(text, BIRTH, today)
    _demand_check(text, today)
    return found


def _demand_place(text: str) -> None:
    if text.startswith(FOREIGN):
        demand_province(text, 1)
        return
    if text[:2] not in PERMITS:
        demand_province(text, 0)
        return
    place = PERMITS[text[:2]]
    for at in range(len(place)):
        if text[at] != place[at]:
            raise Flaw(
                at,
                f"第 {at + 1} 位应为 {place[at]}：港澳台居民居住证以 {place} 开头",
                f"character {at + 1} must be {place[at]}: such a residence permit begins with {place}",
            )


def _demand_check(text: str, today: date | None) -> None:
    expected = mod_11_2.calc_check_digit(text[:CHECK])
    if text[CHECK] == expected:
        return
    swaps = [f"{at + 1}、{at + 2}" for at in _swaps(text, today)]
    zh = f"校验不符：第 18 位应为 {expected}，输入的是 {text[CHECK]}，前面有一位输错"
    en = f"the check fails: character 18 should be {expected}, not {text[CHECK]}, or one before it is wrong"
    if 0 < len(swaps) <= 2:
        zh += f"；可能写反了第 {' 或 '.join(swaps)} 位"
        en += f"; perhaps characters {' or '.join(swaps).replace('、', ' and ')} are swapped"
    raise Flaw(CHECK, zh, en)


def _swaps(text: str, today: date | None) -> Iterator[int]:
    """Places whose two neighbours, swapped, make the number hold."""
    for at in range(LENGTH - 1):
        other = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        if other != text and _holds(other, today):
            yield at


def _holds(text: str, today: date | None) -> bool:
    try:
        demand_digits(text, range(CHECK))
        _demand_place(text)
        born(text, BIRTH, today)
    except Flaw:
        return False
    return bool(mod_11_2.calc_check_digit(text[:CHECK]) == text[CHECK])
