"""Foreigners' permanent residence: 18 characters that begin with 9 since December 2023 (resident.py), before that 15:
nationality (three letters, ISO 3166), place of issue (four digits), date of birth YYMMDD, a sequence digit (odd for
men), and a check digit over the fourteen before it with the weights 7, 3, 1 of ICAO Doc 9303. Both are still in use.
"""

from __future__ import annotations

from datetime import date

from kiosk.identities import resident
from kiosk.identities.typed import Flaw, Typed, born, demand_digits, demand_length, sex

KIND = "foreigner-id"
LENGTH = 15
LETTERS = 3
BIRTH, SEQUENCE, CHECK = 7, 13, 14
WEIGHTS = (7, 3, 1)


def check(text: str, today: date | None) -> Typed:
    """`text` as either form."""
    if text.startswith(resident.FOREIGN):
        return resident.check(text, today)
    try:
        found = _read(text, today)
    except Flaw as flaw:
        return Typed(KIND, text, problem=flaw.say, at=flaw.at)
    return Typed(KIND, text, found.isoformat(), sex(text[SEQUENCE]))


def check_digit(text: str) -> str:
    """Over digits and letters (A is 10), as in the machine-readable zone of a passport."""
    return str(sum(int(char, 36) * WEIGHTS[at % 3] for at, char in enumerate(text)) % 10)


def _read(text: str, today: date | None) -> date:
    demand_length(text, LENGTH)
    for at in range(LETTERS):
        if not ("A" <= text[at] <= "Z"):
            raise Flaw(
                at,
                f"第 {at + 1} 位“{text[at]}”应为字母：前三位是国籍代码",
                f"character {at + 1}, “{text[at]}”, must be a letter: the first three are the nationality",
            )
    demand_digits(text, range(LETTERS, LENGTH))
    resident.demand_province(text, LETTERS)
    found = _born(text, today)
    expected = check_digit(text[:CHECK])
    if text[CHECK] != expected:
        raise Flaw(
            CHECK,
            f"校验不符：第 15 位应为 {expected}，输入的是 {text[CHECK]}，前面有一位输错",
            f"the check fails: character 15 should be {expected}, not {text[CHECK]}, or one before it is wrong",
        )
    return found


def _born(text: str, today: date | None) -> date:
    """Two digits of the year: the latest such date that is not in the future."""
    for century in ("20", "19"):
        try:
            found = born(century + text[BIRTH : BIRTH + 6], 0, today)
        except Flaw:
            continue
        return found
    try:
        return born("20" + text[BIRTH : BIRTH + 6], 0, None)
    except Flaw as flaw:
        at = flaw.at - 2 + BIRTH  # the two digits of the century are not there
        month = flaw.at == 4
        raise Flaw(
            at,
            f"第 {at + 1}–{at + 2} 位是出生{'月份' if month else '日'}，“{text[at : at + 2]}”不对",
            f"characters {at + 1}–{at + 2} are the {'month' if month else 'day'} of birth: "
            f"“{text[at : at + 2]}” cannot be",
        ) from None
