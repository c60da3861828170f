"""Why an event came late: because the gate had no contact, or although it had. Pure.

Four times tell it: when it happened (by the gate's clock, put right by what the gate knew of its error), when the gate
was in contact for the first time from then on, when new events began to come in, and when this one was received.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SILENCE = timedelta(minutes=5)  # between two calls of a gate: longer is no contact
GRACE = timedelta(minutes=5)  # what an ordinary sync takes; later is late

AWAY, HELD = "away", "held"


@dataclass(frozen=True, slots=True)
class Span:
    """The gate called from `since` to `until` without falling silent."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Lateness:
    """`why` is AWAY, HELD or None; `away` and `held` are how long there was no contact, and contact but no event."""

    why: str | None
    away: timedelta
    held: timedelta

    @property
    def total(self) -> timedelta:
        return self.away + self.held


IN_TIME = Lateness(None, timedelta(0), timedelta(0))  # whatever came within GRACE


def happened(at: datetime, offset_ms: int | None) -> datetime:
    """The office's time of an event that the gate's clock put at `at`; as it stands when the error is not known."""
    try:
        return at if offset_ms is None else at + timedelta(milliseconds=offset_ms)
    except OverflowError:
        return at  # an error of thousands of years is no clock's


def judge(happened_at: datetime, received_at: datetime, drain_since: datetime, spans: Sequence[Span]) -> Lateness:
    """How an event that happened and was received at these times came to be late, or did not.

    `drain_since` is when the run of new events that brought it began: a long queue over a slow line is the line's
    fault and not the gate's. `spans` are in order. A gate without any contact on record until then was away.
    """
    begun = min(max(drain_since, happened_at), received_at)
    contact = min(_first_contact(happened_at, spans) or begun, begun)
    held = begun - contact
    away = max(received_at - happened_at - held, timedelta(0))
    if away + held <= GRACE:
        return Lateness(None, away, held)
    return Lateness(HELD if held > GRACE else AWAY, away, held)


def _first_contact(at: datetime, spans: Sequence[Span]) -> datetime | None:
    return next((max(span.since, at) for span in spans if span.until >= at), None)
