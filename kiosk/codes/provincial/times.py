"""Times as vendors write them: numbers since 1970, RFC 3339, or digits in an order of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timezone, tzinfo
from typing import Annotated

from pydantic import AfterValidator

UNIX_S, UNIX_MS, ISO = "unix-s", "unix-ms", "iso"

_DIRECTIVES = re.compile(r"(?:%[YmdHMSf]|[^%A-Za-z]|T|Z)+")
_DIGITS = re.compile(r"[0-9]{1,16}")
_MAX_CHARS = 40
_YEARS = range(1990, 2200)  # beyond them it is a misread number


def known_format(form: str) -> str:
    """`form` when it is a way to write a time. Raises ValueError."""
    if form in (UNIX_S, UNIX_MS, ISO):
        return form
    if not _DIRECTIVES.fullmatch(form) or not all(part in form for part in ("%Y", "%m", "%d")):
        raise ValueError(f"must be {UNIX_S}, {UNIX_MS}, {ISO} or like %Y-%m-%d %H:%M:%S, not {form!r}")
    return form


TimeFormat = Annotated[str, AfterValidator(known_format)]


def zone_of(offset: str) -> tzinfo:
    """`+08:00` as a zone. Raises ValueError."""
    zone = datetime.strptime(offset, "%z").tzinfo
    if not isinstance(zone, timezone):
        raise ValueError(f"{offset!r} is no offset, for example +08:00")
    return zone


def read(value: object, forms: Iterable[str], zone: tzinfo) -> datetime:
    """The time in `value` by the first of `forms` that fits; one without a zone is of `zone`.

    Raises ValueError for anything else.
    """
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    for form in forms:
        if 0 < len(text) <= _MAX_CHARS and (found := _by(text, form, zone)) is not None:
            return found
    raise ValueError("no time in a known form")


def write(at: datetime, form: str, zone: tzinfo) -> str:
    """`at` as `read` would take it."""
    if form == UNIX_S:
        return str(int(at.timestamp()))
    if form == UNIX_MS:
        return str(int(at.timestamp() * 1000))
    local = at.astimezone(zone)
    return local.isoformat(timespec="seconds") if form == ISO else local.strftime(form)


def _by(text: str, form: str, zone: tzinfo) -> datetime | None:
    try:
        if form in (UNIX_S, UNIX_MS):
            seconds = int(text) / (1000 if form == UNIX_MS else 1) if _DIGITS.fullmatch(text) else -1
            found = datetime.fromtimestamp(seconds, UTC)
        else:
            found = datetime.fromisoformat(text) if form == ISO else datetime.strptime(text, form)  # noqa: DTZ007
            found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.year in _YEARS else None
