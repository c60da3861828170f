"""What somebody announces, as it was typed; checked before it counts. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from kiosk import identities
from kiosk.lists.declarations import KINDS
from kiosk.model import Saying
from sync.office.errors import Problem, Unfit

LONGEST = timedelta(days=7)
AHEAD = timedelta(days=30)
TEXTS = {"name": 60, "household": 60, "purpose": 100}
NUMBERS = {"id_number": "id", "phone": "phone", "plate": "plate"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One announcement: who comes, from when until when, what for, to which household."""

    kind: str
    name: str
    begins: datetime
    ends: datetime
    id_number: str = ""
    phone: str = ""
    plate: str = ""
    purpose: str = ""
    household: str = ""


class Undeclarable(Unfit):
    """What cannot be announced."""

    what = "this cannot be announced"


def tidy(wanted: Wanted, today: date) -> Wanted:
    """As it will be kept: without blanks around, numbers in their plain form."""
    plain: dict[str, Any] = {
        name: " ".join(unicodedata.normalize("NFC", getattr(wanted, name)).split()) for name in TEXTS
    }
    for name, kind in NUMBERS.items():
        text = getattr(wanted, name)
        plain[name] = identities.check(kind, text, today).normalised if text.strip() else ""
    return replace(wanted, **plain)


def problems(wanted: Wanted, now: datetime) -> Iterator[Problem]:
    """What keeps a tidied `wanted` from being announced."""
    if wanted.kind not in KINDS:
        yield Problem("kind", Saying("请选择返乡、来访或送货", f"one of {', '.join(KINDS)}"))
    if not wanted.name:
        yield Problem("name", Saying("请填写姓名", "the name is missing"))
    if not (wanted.id_number or wanted.phone or wanted.plate):
        yield Problem("phone", Saying("证件号码、电话、车牌至少填一项", "give an ID number, a phone or a plate"))
    for field, most in TEXTS.items():
        text = getattr(wanted, field)
        if len(text) > most or not text.isprintable():
            yield Problem(field, Saying(f"最多 {most} 个可显示的字", f"at most {most} characters that can be shown"))
    for field, kind in NUMBERS.items():
        if (text := getattr(wanted, field)) and (wrong := identities.check(kind, text, now.date()).problem):
            yield Problem(field, wrong)
    yield from _times(wanted, now)


def _times(wanted: Wanted, now: datetime) -> Iterator[Problem]:
    if wanted.ends <= max(wanted.begins, now):
        yield Problem("ends", Saying("结束要晚于开始和现在", "it must end after it begins and after now"))
    elif wanted.ends - wanted.begins > LONGEST:
        yield Problem("ends", Saying("最多 7 天", "at most 7 days"))
    elif wanted.begins > now + AHEAD:
        yield Problem("begins", Saying("最多提前 30 天", "at most 30 days ahead"))
