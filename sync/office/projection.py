"""What the entry log reads out of an event's open part. An unknown kind is projected nowhere and kept all the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kiosk.model import Direction, Event, Verdict

Word = Annotated[str, Meta(max_length=300)]
TOKEN = re.compile(r"[0-9a-f]{64}")
KID = re.compile(r"([0-9a-f]{2}){1,64}")


class _Reason(msgspec.Struct, frozen=True):
    rule: Word
    verdict: Verdict
    zh: str
    en: str


class _Visit(msgspec.Struct, frozen=True):
    """What passages and abandoned visits share."""

    lane: Word
    direction: Direction
    method: Word
    visit: Word | None = None
    celsius: float | None = None
    scheme: Word | None = None
    level: Word | None = None
    verification: Word | None = None
    colour: Word | None = None
    footing: Word | None = None
    policy: Word | None = None
    staff: Word | None = None
    kid: Word | None = None
    demo: bool = False


class _Abandoned(_Visit, frozen=True):
    why: Word = ""


class _Passage(_Visit, frozen=True, kw_only=True):
    verdict: Verdict
    reasons: list[_Reason]
    actions: list[Word] = []
    declaration: Word = ""


class _Alert(msgspec.Struct, frozen=True):
    alert: Annotated[str, Meta(min_length=1, max_length=60, pattern="^[a-z0-9-]+$")]
    zh: Word
    en: Word
    lane: Word = ""
    visit: Word = ""
    passage: Word = ""
    demo: bool = False


class _DayClose(msgspec.Struct, frozen=True):
    day: date
    counts: dict[str, int]


VISITS: Mapping[str, type[_Visit]] = {"passage": _Passage, "visit.abandoned": _Abandoned}


@dataclass(frozen=True, slots=True)
class Shown:
    """What an event leaves beside itself.

    `passage` are the columns of one line of the entry log, `alert` says kind, words, visit and demo; `used` is the
    declaration on which somebody was let in; `code` says which code (by its token) was seen, and how that ended.
    """

    passage: dict[str, Any] | None = None
    alert: dict[str, Any] | None = None
    used: str = ""
    code: dict[str, Any] | None = None


NOTHING = Shown()


def shown(event: Event) -> Shown:
    """Raises ValueError that says what cannot be read and where."""
    if (shape := VISITS.get(event.kind)) is not None:
        return _visit(event, msgspec.convert(event.open, shape))
    if event.kind == "alert":
        body = msgspec.convert(event.open, _Alert)
        said = {"kind": body.alert, "zh": body.zh, "en": body.en, "visit": body.visit, "demo": body.demo}
        return Shown(alert=_written(said))
    if event.kind == "day.close":
        msgspec.convert(event.open, _DayClose)
    return NOTHING


def _visit(event: Event, body: _Visit) -> Shown:
    verdict = body.verdict.value if isinstance(body, _Passage) else None
    columns = {
        "lane": body.lane,
        "direction": body.direction.value,
        "method": body.method,
        "verdict": verdict,
        "celsius": body.celsius,
        "demo": body.demo,
        "kid": body.kid if body.kid and KID.fullmatch(body.kid) else None,
        "visit": body.visit or "",
        "scheme": body.scheme or "",
        "level": body.level or "",
        "verification": body.verification or "",
        "colour": body.colour or "",
        "footing": body.footing or "",
        "policy": body.policy or "",
        "staff": body.staff or "",
    }
    if not isinstance(body, _Passage):
        return Shown(_written(columns))
    used = body.declaration if (body.verdict, body.direction) == (Verdict.ADMIT, Direction.IN) else ""
    token = (event.personal or {}).get("code_token")
    seen = isinstance(token, str) and not body.demo and TOKEN.fullmatch(token)
    code = {"token": token, **{name: columns[name] for name in ("direction", "verdict", "visit")}} if seen else None
    return Shown(_written(columns), used=used, code=code)


def _written(columns: dict[str, Any]) -> dict[str, Any]:
    """Raises ValueError for a word that PostgreSQL cannot hold."""
    for name, value in columns.items():
        if type(value) is str and "\0" in value:
            raise ValueError(f"{name} holds NUL")
    return columns


def closed_day(kind: str, said: Mapping[str, Any]) -> date | None:
    """The day that a `day.close` reports; None for other events, and for one that cannot be read."""
    if kind != "day.close":
        return None
    try:
        return msgspec.convert(said, _DayClose).day
    except (msgspec.ValidationError, ValueError):
        return None
