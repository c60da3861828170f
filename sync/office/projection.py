"""What the entry log reads out of an event's open part. An unknown kind is projected nowhere and kept all the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kiosk.model import Direction, Event, Verdict

Word = Annotated[str, Meta(max_length=300, pattern="^[^\x00]*$")]  # PostgreSQL's text holds no NUL
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


class _Used(msgspec.Struct, frozen=True):
    verdict: Verdict
    direction: Direction
    declaration: Word = ""
    visit: Word = ""
    demo: bool = False


VISITS: Mapping[str, type[_Visit]] = {"passage": _Passage, "visit.abandoned": _Abandoned}
WORDS = ("visit", "scheme", "level", "verification", "colour", "footing", "policy", "staff")


def passage(event: Event) -> dict[str, Any] | None:
    """The columns of one line of the entry log; None for events that are none.

    Raises ValueError that says what cannot be read and where.
    """
    if (shape := VISITS.get(event.kind)) is None:
        return None
    body = msgspec.convert(event.open, shape)
    return {
        "lane": body.lane,
        "direction": body.direction.value,
        "method": body.method,
        "verdict": body.verdict.value if isinstance(body, _Passage) else None,
        "celsius": body.celsius,
        "demo": body.demo,
        "kid": body.kid if KID.fullmatch(body.kid or "") else None,
        **{name: getattr(body, name) or "" for name in WORDS},
    }


def alert(event: Event) -> dict[str, Any] | None:
    """What an alert of the gate says: kind, words, visit, demo; None for other events. Raises ValueError."""
    if event.kind != "alert":
        return None
    body = msgspec.convert(event.open, _Alert)
    return {"kind": body.alert, "zh": body.zh, "en": body.en, "visit": body.visit, "demo": body.demo}


def day_close(event: Event) -> None:
    """Raises ValueError for a day's report that cannot be read."""
    if event.kind == "day.close":
        msgspec.convert(event.open, _DayClose)


def closed_day(kind: str, said: Mapping[str, Any]) -> date | None:
    """The day that a `day.close` reports; None for other events, and for one that cannot be read."""
    if kind != "day.close":
        return None
    try:
        return msgspec.convert(said, _DayClose).day
    except (msgspec.ValidationError, ValueError):
        return None


def used(event: Event) -> str:
    """The declaration on which somebody was let in; empty for other events. Raises ValueError."""
    if event.kind != "passage":
        return ""
    body = msgspec.convert(event.open, _Used)
    return body.declaration if (body.verdict, body.direction) == (Verdict.ADMIT, Direction.IN) else ""


def code_seen(event: Event) -> dict[str, Any] | None:
    """Which code (by its token) a passage was about, and how it ended; None for other events. Raises ValueError."""
    token = (event.personal or {}).get("code_token")
    if event.kind != "passage" or not isinstance(token, str) or not TOKEN.fullmatch(token):
        return None
    body = msgspec.convert(event.open, _Used)
    seen = {"direction": body.direction.value, "verdict": body.verdict.value, "visit": body.visit}
    return None if body.demo else {"token": token, **seen}
