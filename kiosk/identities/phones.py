"""Phone numbers: mainland mobiles by their form (new ranges open every year), all others by their country's plan."""

from __future__ import annotations

import re
from datetime import date

import phonenumbers
from phonenumbers import NumberParseException, ValidationResult

from kiosk.identities.typed import Flaw, Typed, demand_digits, demand_length, is_digit
from kiosk.model import Saying

KIND = "phone"
MOBILE = re.compile(r"1[3-9][0-9]{9}")
MOBILE_LENGTH = 11
MAINLAND = ("+86", "0086")
DIALLED = re.compile(r"(\+|0)[0-9]{4,20}")
LENGTHS = {
    ValidationResult.TOO_SHORT: Saying("电话号码位数不够", "the phone number is too short"),
    ValidationResult.TOO_LONG: Saying("电话号码位数过多", "the phone number is too long"),
}
NO_NUMBER = Saying(
    "电话号码不对：手机号 11 位，座机请加区号，境外号码请加 + 和国家代码",
    "no phone number: a mobile has 11 digits, a landline needs its area code, a foreign one + and its country",
)


def check(text: str, _today: date | None) -> Typed:
    """Mainland mobiles come out as 11 digits, landlines with their area code, foreign numbers in E.164."""
    number = text.replace("(", "").replace(")", "")
    for prefix in MAINLAND:
        number = number.removeprefix(prefix)
    if number.startswith("86") and MOBILE.fullmatch(number[2:]):
        number = number[2:]
    if MOBILE.fullmatch(number):
        return Typed(KIND, number)
    if number.startswith("1"):
        return _not_a_mobile(number)
    return _by_plan(number)


def _not_a_mobile(number: str) -> Typed:
    try:
        demand_length(number, MOBILE_LENGTH)
        demand_digits(number, range(MOBILE_LENGTH))
    except Flaw as flaw:
        return Typed(KIND, number, problem=flaw.say, at=flaw.at)
    zh, en = "第 2 位应为 3 至 9：手机号以 13–19 开头", "digit 2 must be 3 to 9: mobiles begin with 13 to 19"
    return Typed(KIND, number, problem=Saying(zh, en), at=1)


def _by_plan(number: str) -> Typed:
    if not DIALLED.fullmatch(number):
        odd = (at for at, char in enumerate(number) if not (is_digit(char) or (char == "+" and not at)))
        return Typed(KIND, number, problem=NO_NUMBER, at=next(odd, 0))
    try:
        parsed = phonenumbers.parse(number, "CN")
    except NumberParseException:
        return Typed(KIND, number, problem=NO_NUMBER, at=0)
    if say := LENGTHS.get(phonenumbers.is_possible_number_with_reason(parsed)):
        return Typed(KIND, number, problem=say, at=len(number))
    if not phonenumbers.is_valid_number(parsed):
        return Typed(KIND, number, problem=NO_NUMBER, at=0)
    if number.startswith("+"):
        return Typed(KIND, phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return Typed(KIND, number)
