"""FHIR's dates: a year, a month, a day, or a moment with a zone. What is left open is judged against the holder."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_FORM = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})(?P<time>T.{1,32})?)?)?", re.ASCII | re.DOTALL
)


@lru_cache(maxsize=4096)
def day_of(text: str) -> str:
    """The date in `text` as far as it is given (YYYY, YYYY-MM, YYYY-MM-DD). Raises ValueError for none."""
    form = _form(text)
    _first(form)
    return text.partition("T")[0]


def span(text: str) -> tuple[datetime, datetime]:
    """The first and the last moment that `text` may mean; of a full time, twice that. Raises ValueError for none."""
    form = _form(text)
    if form["time"]:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment.astimezone(UTC), moment.astimezone(UTC)
    first = _first(form)
    month = int(form["month"] or 12)
    day = int(form["day"] or monthrange(first.year, month)[1])
    return first, first.replace(month=month, day=day) + timedelta(days=1, milliseconds=-1)


def _form(text: str) -> re.Match[str]:
    if not (form := _FORM.fullmatch(text)):
        raise ValueError("no date")
    return form


def _first(form: re.Match[str]) -> datetime:
    return datetime(int(form["year"]), int(form["month"] or 1), int(form["day"] or 1), tzinfo=UTC)
