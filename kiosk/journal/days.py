"""Days and moments as the file keeps them: whole days of the gate's time zone, whole milliseconds of UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

_FIRST_DAY = date(1970, 1, 1)
_FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Unix milliseconds, cut off as `model.iso` cuts. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return (at - _FIRST_MOMENT) // _MS


def from_ms(ms: int) -> datetime:
    """Raises OverflowError for a moment no calendar knows."""
    return _FIRST_MOMENT + ms * _MS


def day_of(at: datetime, zone: tzinfo) -> int:
    """The local day of `at`, in days since 1970-01-01."""
    return to_day(at.astimezone(zone).date())


def to_day(day: date) -> int:
    return (day - _FIRST_DAY).days


def from_day(day: int) -> date:
    return _FIRST_DAY + timedelta(days=day)
