"""Somebody who is to be put on the watch list or the roster, as it was typed; checked before it counts. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from kiosk import identities, tokens
from kiosk.lists.roster import KINDS, SPECIAL
from kiosk.lists.watch import CATEGORIES
from kiosk.model import Saying
from sync.office.errors import Problem, Unfit

WATCH, ROSTER = "watch", "roster"
REGISTERS = (WATCH, ROSTER)
LONGEST = {"name": 60, "household": 60, "worker": 60, "do": 200, "grid": 60}
LONGEST_DAYS = 3 * 366
NUMBERS = {"id_number": "id", "phone": "phone", "plate": "plate", "worker_phone": "phone"}  # field → kind of number
FIELDS = {
    WATCH: ("name", "id_number", "phone", "plate", "why", "begins", "ends", "worker", "worker_phone", "do"),
    ROSTER: ("name", "id_number", "phone", "plate", "household", "why", "special", "birth_year", "grid"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One person. `why` is a category of the watch list or a kind of the roster; `begins` and `ends` are days, both
    included, None for now and for until it is ended."""

    name: str = ""
    id_number: str = ""
    phone: str = ""
    plate: str = ""
    why: str = ""
    begins: date | None = None
    ends: date | None = None
    worker: str = ""
    worker_phone: str = ""
    do: str = ""
    household: str = ""
    special: str = ""
    birth_year: str = ""
    grid: str = ""


class Unlistable(Unfit):
    """Somebody who cannot be listed."""

    what = "this entry cannot be taken"


def tidy(register: str, wanted: Wanted, today: date) -> Wanted:
    """As it will be kept: without blanks around, numbers in their plain form, only what the list has a column for; on
    the roster with the year of birth that the ID number tells."""
    plain: dict[str, Any] = {
        field.name: " ".join(unicodedata.normalize("NFC", value).split())
        for field in fields(wanted)
        if isinstance(value := getattr(wanted, field.name), str)
    }
    for field, kind in NUMBERS.items():
        if plain[field]:
            plain[field] = identities.check(kind, plain[field], today).normalised
    plain["birth_year"] = plain["birth_year"] or identities.birth_date(plain["id_number"])[:4]
    kept = replace(wanted, **plain)
    return Wanted(**{field: getattr(kept, field) for field in FIELDS[register]})


def problems(register: str, wanted: Wanted, today: date) -> tuple[Problem, ...]:
    """What keeps a tidied `wanted` off a list."""
    own = _watched if register == WATCH else _living
    return (*_common(wanted, today), *own(wanted, today))


def merged(older: Wanted, newer: Wanted) -> Wanted:
    """What two entries of one person say together: the newer one's words, the longer time."""
    given = {field.name: getattr(newer, field.name) for field in fields(newer) if getattr(newer, field.name)}
    begins = older.begins and newer.begins and min(older.begins, newer.begins)
    ends = older.ends and newer.ends and max(older.ends, newer.ends)
    return replace(older, **{**given, "begins": begins, "ends": ends})


def mark(key: bytes, wanted: Wanted) -> str:
    """By which the same person is known again: the ID number, else name and phone, else name and plate."""
    if wanted.id_number:
        who = f"id|{wanted.id_number}"
    else:
        who = f"{'phone' if wanted.phone else 'plate'}|{folded(wanted.name)}|{wanted.phone or wanted.plate}"
    return keyed(key, "person", who)


def keyed(key: bytes, kind: str, text: str) -> str:
    """A mark under the community's key that says nothing to anybody else."""
    return hmac.new(key, f"listed-{kind}:{text}".encode(), hashlib.sha256).hexdigest()


def folded(name: str) -> str:
    return re.sub(r"[\s·•・.]+", "", unicodedata.normalize("NFKC", name)).upper()


def tokens_of(key: bytes, wanted: Wanted) -> list[str]:
    """By which a gate recognises this person."""
    known = (("id", wanted.id_number), ("phone", wanted.phone), ("plate", wanted.plate))
    return [tokens.token(key, kind, identity) for kind, identity in known if identity]


# --- what does not hold


def _common(wanted: Wanted, today: date) -> Iterator[Problem]:
    if not (wanted.id_number or wanted.phone or wanted.plate):
        say = Saying(
            "证件号码、电话、车牌至少填一项，门岗才认得出", "give an ID number, a phone or a plate to know them by"
        )
        yield Problem("id_number", say)
    if not wanted.name and not wanted.plate:
        yield Problem("name", Saying("缺姓名", "the name is missing"))
    for field, kind in NUMBERS.items():
        if getattr(wanted, field) and (wrong := identities.check(kind, getattr(wanted, field), today).problem):
            yield Problem(field, wrong)
    for field, most in LONGEST.items():
        text = getattr(wanted, field)
        if len(text) > most or not text.isprintable():
            yield Problem(field, Saying(f"最多 {most} 个可显示的字", f"at most {most} characters that can be shown"))


def _watched(wanted: Wanted, today: date) -> Iterator[Problem]:
    if wanted.why not in CATEGORIES:
        known = "、".join(say.zh for say in CATEGORIES.values())
        yield Problem("why", Saying(f"类别应为：{known}", f"one of {', '.join(CATEGORIES)}"))
    if wanted.ends is None:
        return
    if wanted.ends < today:
        yield Problem("ends", Saying("截止日期已过", "this day is over"))
    elif wanted.begins and wanted.ends < wanted.begins:
        yield Problem("ends", Saying("截止早于开始", "it ends before it begins"))
    elif (wanted.ends - (wanted.begins or today)).days > LONGEST_DAYS:
        yield Problem("ends", Saying("时间太长，请核对年份", "too long: compare the year"))


def _living(wanted: Wanted, today: date) -> Iterator[Problem]:
    if wanted.why not in KINDS:
        yield Problem("why", Saying("身份应为居民或工作人员", f"one of {', '.join(KINDS)}"))
    if wanted.why == "resident" and not wanted.household:
        yield Problem("household", Saying("居民要填住户", "a resident needs a household"))
    if wanted.special not in ("", *SPECIAL):
        yield Problem("special", Saying("应为儿童、孕产妇或需照护", f"one of {', '.join(SPECIAL)}"))
    if not wanted.birth_year:
        return
    born = identities.birth_date(wanted.id_number)[:4]
    if not wanted.birth_year.isdigit() or not 1880 <= int(wanted.birth_year[:6]) <= today.year:
        yield Problem("birth_year", Saying("出生年应为四位数字", "a year of four digits"))
    elif born and born != wanted.birth_year:
        say = Saying(f"与证件号码不符：号码里是 {born} 年", f"the ID number says {born}")
        yield Problem("birth_year", say)


# --- words that people write for the words of the data


def _spelt(*known: Mapping[str, str]) -> Mapping[str, str]:
    return {spelling.upper(): word for group in known for spelling, word in group.items()}


WHY = {
    WATCH: _spelt(
        {say.zh: word for word, say in CATEGORIES.items()},
        {word: word for word in CATEGORIES},
        {"密接": "close-contact", "密切接触": "close-contact", "居家观察": "observation", "居家隔离": "observation",
         "医学观察": "observation", "禁止": "denied", "风险地区": "region", "境外": "abroad", "冷链": "cold-chain",
         "边境": "border", "其他": "other"},
    ),
    ROSTER: _spelt({word: word for word in KINDS}, {"居民": "resident", "住户": "resident", "工作人员": "worker",
                                                    "务工": "worker", "务工人员": "worker"}),
}  # fmt: skip
SPECIALS = _spelt({word: word for word in SPECIAL}, {"儿童": "child", "孕产妇": "pregnant", "孕妇": "pregnant",
                                                     "产妇": "pregnant", "需照护": "care", "照护": "care"})  # fmt: skip


def spelt(register: str, field: str, text: str) -> str:
    """What `text` means in a field with words of its own; a word that is not known stays."""
    known: Mapping[str, str] = {"why": WHY[register], "special": SPECIALS}.get(field, {})
    return known.get(text.strip().upper(), text)
