"""Reading a section: JSON from the office, every entry checked, the place of a fault named."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from kiosk.errors import HandDownError
from kiosk.model import Saying, from_iso

Entry = TypeVar("Entry")


def entries(section: bytes, name: str, key: str, read: Callable[[Mapping[str, Any]], Entry]) -> tuple[Entry, ...]:
    """Every entry of the list `key`, read by `read`.

    Raises HandDownError that names the first entry at fault: a list with an entry passed over is not the office's.
    """
    return listed(document(section, name), name, key, read)


def listed(
    document: Mapping[str, Any], name: str, key: str, read: Callable[[Mapping[str, Any]], Entry]
) -> tuple[Entry, ...]:
    """Like `entries`, of a section that was read already."""
    found = document.get(key)
    if not isinstance(found, list):
        raise HandDownError(f"section {name!r} must hold a list {key!r}")
    return tuple(_entry(f"section {name!r}: {key}[{place}]", entry, read) for place, entry in enumerate(found))


def document(section: bytes, name: str) -> Mapping[str, Any]:
    """The JSON object that a section is. Raises HandDownError."""
    try:
        found = json.loads(section)
    except (ValueError, RecursionError) as error:
        raise HandDownError(f"section {name!r} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise HandDownError(f"section {name!r} must be a JSON object")
    return found


def _entry(place: str, entry: Any, read: Callable[[Mapping[str, Any]], Entry]) -> Entry:
    try:
        if not isinstance(entry, dict):
            raise TypeError("must be an object")
        return read(entry)
    except KeyError as error:
        raise HandDownError(f"{place}: missing {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise HandDownError(f"{place}: {error}") from error


def text(entry: Mapping[str, Any], key: str, *, needed: bool = False) -> str:
    """A text, empty where there is none. Raises ValueError."""
    value = entry[key] if needed else entry.get(key) or ""
    if not isinstance(value, str) or (needed and not value):
        raise ValueError(f"{key!r} must be a text")
    return value


def texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts, empty where there is none. Raises ValueError."""
    value = entry.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError(f"{key!r} must be a list of texts")
    return tuple(value)


def time(entry: Mapping[str, Any], key: str) -> datetime | None:
    """A time with its zone, None where there is none. Raises ValueError or TypeError."""
    return from_iso(entry[key]) if entry.get(key) else None


def day(entry: Mapping[str, Any], key: str) -> date | None:
    """A day, None where there is none. Raises ValueError or TypeError."""
    return date.fromisoformat(entry[key]) if entry.get(key) else None


def whole(entry: Mapping[str, Any], key: str) -> int | None:
    """A whole number from 0, None where there is none. Raises ValueError."""
    value = entry.get(key)
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError(f"{key!r} must be a whole number")
    return value


def saying(entry: Mapping[str, Any], key: str) -> Saying | None:
    """Words in two languages, None where there are none. Raises ValueError or AttributeError."""
    said = entry.get(key)
    return None if not said else Saying(text(said, "zh", needed=True), text(said, "en"))


def runs(begins: datetime | None, ends: datetime | None, now: datetime) -> bool:
    """Whether `now` lies from `begins` until before `ends`; either may be open."""
    return (begins is None or begins <= now) and (ends is None or now < ends)
