"""What people type at a gate: a clear word in both languages that names the wrong digit, and nothing typed is lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from kiosk import identities
from kiosk.codes import declaration
from kiosk.identities import Typed
from kiosk.model import Holder, Saying, Stay

CELSIUS = re.compile(r"\d{1,2}(\.\d)?")
REGISTERED = ("name", "id_number", "phone", "household", "pass_number", "declaration")
NUMBERS = {"id_number": "id", "phone": "phone", "pass_number": "pass"}  # field → kind of number
LONGEST = {"name": 60, "household": 60, "id_number": 24}
LONGEST_SCAN = 8192
LOOK_BACK = 14  # days for which a stay counts
MOST_STAYS = 100
REGION = re.compile(r"[0-9]{2,12}")
CHILD_TO = 14  # years (003 §十)
NO_DECLARATION = Saying(
    "报备码是 8 位数字，有一位不对，请核对", "The code has eight digits, and one of them does not fit"
)


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
    if declaration.holds("".join(plain.split())):  # its eight digits alone, typed
        return declaration.PREFIX + "".join(plain.split())
    if not plain or len(plain) > LONGEST_SCAN:
        raise Refused.because("text", "没有读到码，请再扫一次", "No code was read, please scan again")
    return plain


def digits(text: str) -> str:
    """The digits of a code, whatever width they were typed in."""
    return "".join(char for char in _plain(text) if char.isascii() and char.isdigit())


def declared(text: str) -> str:
    """The short code of an announcement. Raises Refused for one that is none."""
    if not declaration.holds(code := digits(text)):
        raise Refused({"declaration": NO_DECLARATION})
    return code


def stays(said: Any, today: date) -> tuple[Stay, ...]:
    """`[{region: code, ago: days}]`, days from 0 to 14; none for an empty list. Raises Refused."""
    found = [_stay(item, today) for item in said] if isinstance(said, list) and len(said) <= MOST_STAYS else [None]
    if None in found:
        raise Refused.because("stays", "请选择到过的地区和日期", "Choose the regions and the days")
    return tuple(stay for stay in found if stay)


def _stay(item: Any, today: date) -> Stay | None:
    region, ago = (item.get("region"), item.get("ago")) if isinstance(item, dict) else (None, None)
    if not isinstance(region, str) or not REGION.fullmatch(region) or type(ago) is not int or not 0 <= ago <= LOOK_BACK:
        return None
    return Stay(region, today - timedelta(days=ago))


def note(text: str, longest: int, field: str = "note") -> str:
    """Free words on one line. Raises Refused for too many of them."""
    plain = " ".join(text.split())
    if len(plain) > longest or not plain.isprintable():
        raise Refused.because(field, f"最多 {longest} 字", f"At most {longest} characters")
    return plain


def child(form: Mapping[str, Any], today: date) -> Holder | None:
    """A child who comes with others and has nothing to show: name and age; None where no age was typed. Raises Refused.

    Of the birth only the year before the earliest one it can be is kept: then the age comes out as it was typed.
    """
    age, name = _plain(str(form.get("age", ""))), _plain(str(form.get("name", "")))
    if not age:
        return None
    problems = {"name": _name_problem(name), "age": _age_problem(age)}
    if found := {key: say for key, say in problems.items() if say is not None}:
        raise Refused(found)
    return Holder(name=name, birth_date=str(today.year - int(age) - 1))


def _age_problem(age: str) -> Saying | None:
    if age.isascii() and age.isdigit() and int(age) <= CHILD_TO:
        return None
    return Saying(
        f"0–{CHILD_TO} 岁；年龄更大请填证件或电话", f"0 to {CHILD_TO}; for older people a document or a phone"
    )


def registration(form: Mapping[str, Any], today: date | None = None) -> Holder:
    """Somebody registered by hand (row G4): a name, and one of ID, phone, household, pass number or the short code of
    an announcement. Raises Refused.

    With `unreadable` in the form the ID number is taken as the document shows it, whatever its check says.
    """
    typed = {key: _plain(str(form.get(key, ""))) for key in REGISTERED}
    numbers = {key: identities.check(kind, typed[key], today) for key, kind in NUMBERS.items() if typed[key]}
    found = {key: number.normalised for key, number in numbers.items()}
    problems = {key: number.problem for key, number in numbers.items() if number.problem is not None}
    if form.get("unreadable") and _recordable(found.get("id_number", "")):
        problems.pop("id_number", None)
    found["declaration"] = digits(typed["declaration"])
    problems |= _registration_problems(typed)
    if problems:
        raise Refused({key: problems[key] for key in REGISTERED if key in problems})
    return Holder(**{**typed, **found})


def unreadable(person: Holder, today: date | None = None) -> bool:
    """Whether somebody's ID number was recorded although its check fails."""
    return bool(person.id_number) and not identities.check("id", person.id_number, today).holds


def identity(text: str, today: date | None = None) -> Holder:
    """A phone, ID, passport or pass number that somebody typed at a tablet. Raises Refused."""
    number = identities.guess(text, today)
    if number.problem is not None:
        raise Refused({"number": number.problem})
    return _holder(number)


def _holder(number: Typed) -> Holder:
    match number.kind:
        case "phone":
            return Holder(phone=number.normalised)
        case "pass":
            return Holder(pass_number=number.normalised)
        case "declaration":
            return Holder(declaration=number.normalised)
        case _:
            return Holder(id_number=number.normalised)


def _recordable(number: str) -> bool:
    return 0 < len(number) <= LONGEST["id_number"] and number.isprintable()


def _registration_problems(typed: Mapping[str, str]) -> dict[str, Saying]:
    code = typed["declaration"]
    found = {"name": _name_problem(typed["name"]), "household": _household_problem(typed)}
    found |= {"declaration": None if not code or declaration.holds(digits(code)) else NO_DECLARATION}
    return {key: say for key, say in found.items() if say is not None}


def _name_problem(name: str) -> Saying | None:
    if not name:
        return Saying("请填写姓名", "Please fill in the name")
    if len(name) > LONGEST["name"] or not name.isprintable():
        return Saying("姓名太长或含有不能显示的字符", "The name is too long or has characters that cannot be shown")
    return None


def _household_problem(typed: Mapping[str, str]) -> Saying | None:
    if len(typed["household"]) > LONGEST["household"] or not typed["household"].isprintable():
        return Saying("住户一栏太长", "The household is too long")
    if typed["name"] and not any(typed[key] for key in REGISTERED[1:]):
        return Saying(
            "身份证号、电话、住户、通行证号、报备码请至少填一项",
            "Fill in at least one of ID number, phone, household, pass number, announcement code",
        )
    return None


def _plain(text: str) -> str:
    """Full-width to ordinary, without blanks around."""
    return unicodedata.normalize("NFKC", text).strip()
