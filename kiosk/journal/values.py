"""What the journal answers, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.model import ZERO_DIGEST, Draft, Event


@dataclass(frozen=True, slots=True)
class Head:
    """The last number and its digest; 0 and zeros before the first event."""

    seq: int = 0
    digest: str = ZERO_DIGEST


@dataclass(frozen=True, slots=True)
class Outbox:
    """What the office has of one journal. `waiting` events lie beyond `through`, the oldest of them since `oldest_at`.

    `synced_at` is when the office last acknowledged, None before the first time.
    """

    journal: str
    through: int
    waiting: int
    synced_at: datetime | None
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether all events of the file hold. `seq` and `digest` are the last good ones of `journal`.

    When something is wrong, `journal` and `first_bad` name the first number that does not hold, and `why` says how.
    """

    ok: bool
    journal: str
    seq: int
    digest: str
    first_bad: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The newest passage of one person token."""

    journal: str
    seq: int
    at: datetime
    direction: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody of a household went out. `day` is days since 1970-01-01 where the gate stands, `who` a person token."""

    at: datetime
    day: int
    who: str


def correction(of: Event, at: datetime, open: dict[str, Any], personal: dict[str, Any] | None = None) -> Draft:
    """A draft that corrects `of`: the earlier event stays as it was, this one names it and says what holds instead."""
    named = {"journal": of.journal, "seq": of.seq, "id": of.id}
    return Draft("correction", at, {**open, "corrects": named}, personal or {})
