"""Pass numbers, and what a number is when there is one field for all of them."""

from __future__ import annotations

import re
from datetime import date

from stdnum.iso7064 import mod_11_10

from kiosk.identities import papers, phones
from kiosk.identities.typed import Flaw, Typed, demand_digits, demand_length, is_digit
from kiosk.model import Saying

PASS = "pass"  # noqa: S105 - a kind of number, no password
PASS_LENGTH = 12
DECLARATION = "declaration"
DECLARATION_LENGTH = 8  # its short code: seven digits and one after ISO/IEC 7064 MOD 11,10
PAPER = re.compile(r"(?=.*[0-9])(?=.*[A-Z])[A-Z0-9]{6,15}")

UNKNOWN = Saying(
    "请输入 11 位手机号、18 位身份证号、护照号、12 位通行证号或 8 位报备码",
    "Type a mobile number (11 digits), an ID (18), a passport or pass number (12), or an announcement’s code (8)",
)


def pass_number(text: str, _today: date | None) -> Typed:
    """A number as under a pass's symbol, 4821-0937-1166: eleven digits and one after ISO/IEC 7064 MOD 11,10."""
    try:
        demand_length(text, PASS_LENGTH)
        demand_digits(text, range(PASS_LENGTH))
    except Flaw as flaw:
        return Typed(PASS, text, problem=flaw.say, at=flaw.at)
    expected = mod_11_10.calc_check_digit(text[:-1])
    if text[-1] != expected:
        zh = f"证号校验不符：最后一位应为 {expected}，输入的是 {text[-1]}，或前面有一位输错，请对照证件"
        en = f"A digit does not fit: compare it with the pass. The last should be {expected}, or one before it is wrong"
        return Typed(PASS, text, problem=Saying(zh, en), at=PASS_LENGTH - 1)
    return Typed(PASS, f"{text[:4]}-{text[4:8]}-{text[8:]}")


def guess(text: str, today: date | None) -> Typed:
    """By its form; see `identities.guess`."""
    digits = sum(map(is_digit, text))
    if text.startswith("+") or (digits == len(text) and 9 <= len(text) <= 11 and text.startswith("1")):
        return phones.check(text, today)
    if digits == len(text) == PASS_LENGTH:
        return pass_number(text, today)
    if digits == len(text) == DECLARATION_LENGTH and mod_11_10.is_valid(text):
        return Typed(DECLARATION, text)
    if len(text) >= 15 and digits >= len(text) - 3:
        return papers.document(text, today)
    if PAPER.fullmatch(text):
        return papers.document(text, today)
    return Typed("", text, problem=UNKNOWN, at=None)
