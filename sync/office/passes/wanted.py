"""What somebody asks a pass for, checked before anything is issued: every problem and the field it is in. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from kiosk import identities
from kiosk.codes.office_pass import KINDS, MAX_TEXT, MEDIA
from kiosk.model import Saying
from sync.office.errors import Problem, Unfit

LONGEST_DAYS = 366
LAST4 = re.compile(r"[0-9A-Z]{4}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One pass as it was typed. `document` is a whole number of an identity document or only its last four; of a whole
    number only the last four are kept. `until` is the last day, `days` counts from now; `until` wins."""

    name: str
    document: str = ""
    household: str = ""
    phone: str = ""
    kind: str = "resident"
    medium: str = "paper"
    days: int | None = 14
    until: date | None = None

    @property
    def id_last4(self) -> str:
        return self.document[-4:]


class Unissuable(Unfit):
    """Passes that cannot be issued."""

    what = "this pass cannot be issued"


def tidy(wanted: Wanted, today: date) -> Wanted:
    """As it will be issued: without blanks around, numbers in their plain form."""
    phone = identities.check("phone", wanted.phone, today).normalised if wanted.phone.strip() else ""
    document = identities.check("id", wanted.document, today).normalised
    return replace(wanted, name=_plain(wanted.name), household=_plain(wanted.household), phone=phone, document=document)


def problems(wanted: Wanted, today: date) -> tuple[Problem, ...]:
    """What keeps a tidied `wanted` from being issued."""
    return tuple(_problems(wanted, today))


def _problems(wanted: Wanted, today: date) -> Iterator[Problem]:
    if not wanted.name:
        yield Problem("name", Saying("缺姓名", "the name is missing"))
    for field in ("name", "household"):
        text = getattr(wanted, field)
        if len(text) > MAX_TEXT or not text.isprintable():
            yield Problem(
                field, Saying(f"最多 {MAX_TEXT} 个可显示的字", f"at most {MAX_TEXT} characters that can be shown")
            )
    if wanted.document and (wrong := _document(wanted.document, today)):
        yield Problem("document", wrong)
    if wanted.phone and (wrong := identities.check("phone", wanted.phone, today).problem):
        yield Problem("phone", wrong)
    if wanted.kind not in KINDS:
        yield Problem("kind", Saying("类别应为居民、访客、务工或返乡", f"one of {', '.join(KINDS)}"))
    if wanted.medium not in MEDIA:
        yield Problem("medium", Saying("载体应为纸质或手机", f"one of {', '.join(MEDIA)}"))
    if wrong := _validity(wanted, today):
        yield Problem("until" if wanted.until else "days", wrong)


def _document(number: str, today: date) -> Saying | None:
    if LAST4.fullmatch(number):
        return None
    found = identities.check("id", number, today)
    if found.problem is not None:
        return found.problem
    if not LAST4.fullmatch(number[-4:]):
        return Saying(
            "证上写不下这样的证件号码，请只填后四位", "this number cannot stand in a pass: give its last four"
        )
    return None


def _validity(wanted: Wanted, today: date) -> Saying | None:
    days = (wanted.until - today).days + 1 if wanted.until else wanted.days
    if days is None or not 1 <= days <= LONGEST_DAYS:
        return Saying(f"有效期应为 1 至 {LONGEST_DAYS} 天", f"a pass is good for 1 to {LONGEST_DAYS} days")
    return None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
