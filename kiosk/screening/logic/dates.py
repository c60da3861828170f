"""Date-times as CertLogic 1.3.2 knows them: UTC, to the millisecond, partial dates taken at their last day."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from kiosk.screening.logic.values import LogicError

UNITS = ("year", "month", "day", "hour")

_TIME = re.compile(
    r"""(?P<year>[0-9]{4}) (?:- (?P<month>[0-9]{2}) (?:- (?P<day>[0-9]{2})
        (?: T (?P<hour>[0-9]{2}) : (?P<minute>[0-9]{2}) : (?P<second>[0-9]{2}) (?: \. (?P<fraction>[0-9]+) )?
            (?: Z | (?P<sign>[+-]) (?P<off_h>[0-9]{1,2}) (?: :? (?P<off_min>[0-9]{2}) )? )? )? )? )?""",
    re.VERBOSE,
)
_LONGEST_DATE = len("YYYY-MM-DD")


@lru_cache(maxsize=1024)
def _parse(text: str) -> datetime:
    """Raises ValueError for what is none of the specification's formats or no day of the calendar."""
    if (match := _TIME.fullmatch(text)) is None:
        raise ValueError(text)
    year, month = int(match["year"]), int(match["month"] or 12)
    day = int(match["day"] or monthrange(year, month)[1])
    milliseconds = int((match["fraction"] or "0")[:3].ljust(3, "0"))
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    offset = timedelta(hours=int(match["off_h"] or 0), minutes=int(match["off_min"] or 0))
    zone = timezone(-offset if match["sign"] == "-" else offset)
    return datetime(year, month, day, hour, minute, second, milliseconds * 1000, zone).astimezone(UTC)


def moment(text: Any) -> datetime:
    """The date-time that `text` says. Raises LogicError."""
    if not isinstance(text, str):
        raise LogicError("a date-time must be a text such as 2026-11-22T03:30:00Z")
    try:
        return _parse(text)
    except (ValueError, OverflowError) as error:
        raise LogicError(f"{text[:40]!r} is no date-time") from error


def plus_time(text: Any, amount: int, unit: str) -> datetime:
    """`text` moved by `amount` units as ECMAScript's setUTC… would: 29 February plus a year is 1 March."""
    start = moment(text)
    try:
        match unit:
            case "hour":
                return start + timedelta(hours=amount)
            case "day":
                return start + timedelta(days=amount)
            case "month":
                return _plus_months(start, amount)
            case _:
                return _plus_months(start, amount * 12)
    except (ValueError, OverflowError) as error:
        raise LogicError(f"{text} plus {amount} {unit} lies outside the calendar") from error


def date_of_birth(text: Any) -> datetime:
    """The last day that a whole or partial date of birth allows. Raises LogicError."""
    if isinstance(text, str) and len(text) > _LONGEST_DATE:
        raise LogicError(f"{text[:40]!r} is no date of birth")
    return moment(text)


def _plus_months(start: datetime, amount: int) -> datetime:
    """Days beyond the month's end run on into the next month."""
    months = start.year * 12 + start.month - 1 + amount
    first = start.replace(year=months // 12, month=months % 12 + 1, day=1)
    return first + timedelta(days=start.day - 1)
