"""What people type at a gate, checked lightly: a clear word in both languages, and nothing that was typed is lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from kiosk.codes import office_pass
from kiosk.model import Holder, Saying

MOBILE = re.compile(r"1[3-9]\d{9}")
PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|\+\d{7,15}")
RESIDENT_ID = re.compile(r"\d{17}[\dX]")
OTHER_ID = re.compile(r"(?=.*[A-Z])[A-Z0-9()/-]{5,24}")
CELSIUS = re.compile(r"\d{1,2}(\.\d)?")
REGISTERED = ("name", "id_number", "phone", "household", "pass_number")
LONGEST = {"name": 60, "household": 60}
LONGEST_SCAN = 8192


class Refused(ValueError):
    """What was typed cannot be taken. `problems` maps a field to words in both languages."""

    def __init__(self, problems: Mapping[str, Saying]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(say.en for say in self.problems.values()))

    @classmethod
    def because(cls, field: str, zh: str, en: str) -> Refused:
        return cls({field: Saying(zh, en)})


def celsius(text: str) -> float:
    """Degrees with at most one decimal. Raises Refused; whether it is plausible is the checkpoint's business."""
    plain = _plain(text).replace(",", ".").replace("。", ".")
    if not CELSIUS.fullmatch(plain):
        raise Refused.because("celsius", "请输入体温，最多一位小数，例如 36.5", "Type a temperature such as 36.5")
    return float(plain)


def scanned(text: str) -> str:
    """The text of a code. Raises Refused for none or for more than a code can hold."""
    plain = text.strip("\r\n\t ")
    if not plain or len(plain) > LONGEST_SCAN:
        raise Refused.because("text", "没有读到码，请再扫一次", "No code was read, please scan again")
    return plain


def digits(text: str) -> str:
    """The digits of a code, whatever width they were typed in."""
    return "".join(char for char in _plain(text) if char.isascii() and char.isdigit())


def registration(form: Mapping[str, Any]) -> Holder:
    """Somebody registered by hand (row G4): a name, and one of ID, phone, household or pass number. Raises Refused."""
    typed = {key: _plain(str(form.get(key, ""))) for key in REGISTERED}
    typed["id_number"] = typed["id_number"].replace(" ", "").upper()
    typed["phone"] = _phone(typed["phone"])
    typed["pass_number"] = office_pass.read_number(typed["pass_number"]) or typed["pass_number"]
    problems = {key: say for key, say in _registration_problems(typed) if say is not None}
    if problems:
        raise Refused(problems)
    return Holder(**typed)


def identity(text: str) -> Holder:
    """A phone, ID or pass number that somebody typed at a tablet. Raises Refused."""
    plain = _plain(text).replace(" ", "").upper()
    if MOBILE.fullmatch(_phone(plain)):
        return Holder(phone=_phone(plain))
    if RESIDENT_ID.fullmatch(plain) and _checksum_fits(plain):
        return Holder(id_number=plain)
    if pass_number := office_pass.read_number(plain):
        return Holder(pass_number=pass_number)
    raise Refused({"number": _not_an_identity(plain)})


def _not_an_identity(plain: str) -> Saying:
    """Which of the three numbers it was meant to be is told by its length."""
    match len(plain):
        case 12:
            return Saying("证号校验不符，请对照证件再输一次", "A digit does not fit: compare it with the pass")
        case 18:
            return Saying("身份证号校验不符，请核对", "The ID number's check digit does not fit, please compare")
        case _:
            return Saying(
                "请输入 11 位手机号、18 位身份证号或 12 位通行证号",
                "Type a mobile number (11 digits), an ID number (18) or a pass number (12)",
            )


def _registration_problems(typed: Mapping[str, str]) -> list[tuple[str, Saying | None]]:
    return [
        ("name", _name_problem(typed["name"])),
        ("id_number", _id_problem(typed["id_number"])),
        ("phone", _phone_problem(typed["phone"])),
        ("household", _household_problem(typed)),
        ("pass_number", _pass_problem(typed["pass_number"])),
    ]


def _name_problem(name: str) -> Saying | None:
    if not name:
        return Saying("请填写姓名", "Please fill in the name")
    if len(name) > LONGEST["name"] or not name.isprintable():
        return Saying("姓名太长或含有不能显示的字符", "The name is too long or has characters that cannot be shown")
    return None


def _id_problem(number: str) -> Saying | None:
    if not number or (OTHER_ID.fullmatch(number) and not RESIDENT_ID.fullmatch(number)):
        return None
    if not RESIDENT_ID.fullmatch(number):
        return Saying("身份证号应为 18 位", "A resident ID number has 18 characters")
    if not _checksum_fits(number):
        return Saying("身份证号校验不符，请核对", "The ID number's check digit does not fit, please compare")
    return None


def _phone_problem(phone: str) -> Saying | None:
    if not phone or PHONE.fullmatch(phone):
        return None
    return Saying("电话号码不对，手机号应为 11 位", "This is no phone number; a mobile number has 11 digits")


def _household_problem(typed: Mapping[str, str]) -> Saying | None:
    if len(typed["household"]) > LONGEST["household"] or not typed["household"].isprintable():
        return Saying("住户一栏太长", "The household is too long")
    if typed["name"] and not any(typed[key] for key in REGISTERED[1:]):
        return Saying(
            "身份证号、电话、住户、通行证号请至少填一项",
            "Fill in at least one of ID number, phone, household, pass number",
        )
    return None


def _pass_problem(number: str) -> Saying | None:
    if not number or office_pass.read_number(number):
        return None
    return Saying("通行证号不对，应为 12 位数字", "This is no pass number: it has 12 digits")


def _checksum_fits(number: str) -> bool:
    """GB 11643: ISO 7064 MOD 11-2 over the first 17 digits."""
    total = sum(int(digit) << (17 - place) for place, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17]


def _phone(text: str) -> str:
    return text.replace(" ", "").replace("-", "").removeprefix("+86")


def _plain(text: str) -> str:
    """Full-width to ordinary, without blanks around."""
    return unicodedata.normalize("NFKC", text).strip()
