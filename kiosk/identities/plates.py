"""Number plates of the mainland (GA 36-2018): ordinary, new-energy, temporary, and those with a special character."""

from __future__ import annotations

import re
from datetime import date

from kiosk.identities.typed import Flaw, Typed
from kiosk.model import Saying

KIND = "plate"
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
SPECIAL = "警学港澳使领挂临"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I, no O: they look like 1 and 0
SERIAL = LETTERS + "0123456789"
NEW_ENERGY = "DABCEFGHJK"  # electric: D, A–C, E; others F–H, J, K
LENGTH, NEW_ENERGY_LENGTH = 7, 8

_NEW_ENERGY = re.compile(rf"[{NEW_ENERGY}][{SERIAL}][0-9]{{4}}|[0-9]{{5}}[{NEW_ENERGY}]")
_ORDINARY = re.compile(rf"[{SERIAL}]{{5}}")
_LAST = re.compile(rf"[{SERIAL}]{{4}}[警学港澳领挂]")
_TEMPORARY = re.compile(rf"[{SERIAL}]{{5,6}}临")
_EMBASSY = re.compile(r"使[0-9]{6}|[0-9]{6}使")
_MIXED_UP = {"I": "1", "O": "0"}


def check(text: str, _today: date | None) -> Typed:
    """In half width and upper case without the dot: 闽A12345, 粤BD12345, 京A1234警, 使014578, 闽A12345临."""
    try:
        _demand(text)
    except Flaw as flaw:
        return Typed(KIND, text, problem=flaw.say, at=flaw.at)
    return Typed(KIND, text)


def kind(plate: str) -> str:
    """ordinary, new-energy or temporary, of a plate that holds; special ones count as ordinary."""
    if plate.endswith("临"):
        return "temporary"
    return "new-energy" if len(plate) == NEW_ENERGY_LENGTH else "ordinary"


def mask(plate: str) -> str:
    """闽A12345 → 闽A·***45, as screens show it."""
    return f"{plate[:2]}·{'*' * max(len(plate) - 4, 0)}{plate[-2:]}" if len(plate) > 4 else "*" * len(plate)


def _demand(text: str) -> None:
    """Raises Flaw for the first character that does not hold."""
    if _EMBASSY.fullmatch(text):
        return
    if not text or text[0] not in PROVINCES:
        raise Flaw(0, "车牌第 1 位应为省份简称，例如 闽", "a plate begins with its province, for example 闽")
    if len(text) < 2 or text[1] not in LETTERS + "O":
        raise Flaw(1, "车牌第 2 位应为字母", "character 2 of a plate is a letter")
    rest = text[2:]
    _demand_serial(rest)
    if len(text) < LENGTH:
        missing = LENGTH - len(text)
        raise Flaw(len(text), f"车牌少 {missing} 位", f"the plate has {missing} characters too few")
    if not any(form.fullmatch(rest) for form in (_ORDINARY, _NEW_ENERGY, _LAST, _TEMPORARY)):
        raise Flaw(2, *_why(text))


def _demand_serial(rest: str) -> None:
    for at, char in enumerate(rest, 2):
        if char in _MIXED_UP:
            meant = _MIXED_UP[char]
            raise Flaw(
                at,
                f"第 {at + 1} 位不会是字母 {char}，是不是数字 {meant}？",
                f"character {at + 1} cannot be the letter {char}: is it the digit {meant}?",
            )
        if char not in SERIAL + SPECIAL:
            raise Flaw(at, f"第 {at + 1} 位“{char}”不对", f"character {at + 1}, “{char}”, is on no plate")


def _why(text: str) -> tuple[str, str]:
    """What is wrong with a plate whose characters could each be on one."""
    if len(text) == NEW_ENERGY_LENGTH and text[-1] not in SPECIAL:
        say = Saying(
            "8 位是新能源车牌：第 3 位或第 8 位为 D、A、B、C、E、F、G、H、J、K，其余为数字",
            "eight characters are a new-energy plate: the third or the last is one of DABCEFGHJK, the others digits",
        )
    elif len(text) > LENGTH:
        say = Saying("车牌位数过多", "the plate has too many characters")
    else:
        say = Saying("警、学、港、澳、领、挂、临只能在末位", "警, 学, 港, 澳, 领, 挂, 临 stand only at the end")
    return say.zh, say.en
