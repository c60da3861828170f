"""Identity documents by their form: passports and travel permits have nothing in their number that could be checked."""

from __future__ import annotations

import re
from datetime import date

from kiosk.identities import foreigner, resident
from kiosk.identities.typed import Typed, is_digit
from kiosk.model import Saying

PASSPORT = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,9}")  # ICAO Doc 9303: at most nine
CHINESE_PASSPORT = re.compile(r"E[IO][0-9]{7}")  # the second letter skips I and O
TO_THE_MAINLAND = re.compile(r"[HM]([0-9]{8}|[0-9]{10})")  # of Hong Kong and Macau residents, 港澳居民来往内地通行证
TAIWAN_COMPATRIOT = re.compile(r"[0-9]{8}|[0-9]{10}[A-Z]")  # 台湾居民来往大陆通行证
OTHER = re.compile(r"(?=.*[0-9])(?=.*[A-Z])[A-Z0-9()/]{5,24}")
OLD_FOREIGNER = re.compile(r"(?=[0-9]{0,2}[A-Z])[0-9A-Z]{15}")  # a letter among the first three

NO_FORM = Saying(
    "不像证件号码：身份证 18 位，护照 5 至 9 位字母和数字",
    "no number of an identity document: an ID number has 18 characters, a passport 5 to 9 letters and digits",
)


def document(text: str, today: date | None) -> Typed:
    """Any identity document. Digits alone of nearly the right length are taken for a resident's number gone wrong."""
    if text.startswith(resident.FOREIGN) and len(text) > 11:
        return foreigner.check(text, today)
    if OLD_FOREIGNER.fullmatch(text):
        return foreigner.check(text, today)
    if len(text) > 11 and sum(map(is_digit, text)) >= len(text) - 2:
        return resident.check(text, today)
    if TO_THE_MAINLAND.fullmatch(text) or TAIWAN_COMPATRIOT.fullmatch(text):
        return Typed("travel-permit", text)
    if PASSPORT.fullmatch(text) and not text.isdigit():
        return passport(text, today)
    if OTHER.fullmatch(text):
        return Typed("other-document", text)
    return Typed("resident-id", text, problem=NO_FORM, at=_first_odd(text))


def passport(text: str, _today: date | None) -> Typed:
    if CHINESE_PASSPORT.fullmatch(text):
        digit = "0" if text[1] == "O" else "1"
        zh = f"第 2 位“{text[1]}”不对：中国护照不用字母 I 和 O，是不是数字 {digit}？"
        en = f"character 2, “{text[1]}”: Chinese passports use no letter I or O. Is it the digit {digit}?"
        return Typed("passport", text, problem=Saying(zh, en), at=1)
    if PASSPORT.fullmatch(text):
        return Typed("passport", text)
    at = _first_odd(text)
    say = Saying("护照号码为 5 至 9 位字母和数字", "a passport number has 5 to 9 letters and digits")
    return Typed("passport", text, problem=say, at=min(at, 9))


def travel_permit(text: str, _today: date | None) -> Typed:
    if TO_THE_MAINLAND.fullmatch(text) or TAIWAN_COMPATRIOT.fullmatch(text):
        return Typed("travel-permit", text)
    say = Saying(
        "港澳居民来往内地通行证为 H 或 M 加 8 位数字，台湾居民来往大陆通行证为 8 位数字",
        "a permit of Hong Kong or Macau is H or M and 8 digits, one of Taiwan 8 digits",
    )
    return Typed("travel-permit", text, problem=say, at=_first_odd(text))


def _first_odd(text: str) -> int:
    """The first character that no such number has, else the end."""
    return next((at for at, char in enumerate(text) if not (char.isascii() and char.isalnum())), len(text))
