"""The entry log's filter, as it stands in an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from kiosk.model import Direction, Level, Method, Verdict
from sync.office.values import EntryFilter

KINDS = ("passage", "visit.abandoned")
YES_NO = {"yes": True, "no": False}
LONGEST_ID = 64
KID = re.compile(r"([0-9a-f]{2}){1,64}")


def read(query: Mapping[str, str]) -> EntryFilter:
    """The filter in `query`, empty values meaning any. Raises ValueError that names what is not understood."""
    readers: dict[str, Any] = {
        "day": date.fromisoformat,
        "gate": _id,
        "community": _id,
        "verdict": Verdict,
        "direction": Direction,
        "method": lambda text: str(Method(text)),
        "kind": lambda text: KINDS[KINDS.index(text)],
        "level": lambda text: str(Level(text)),
        "demo": lambda text: YES_NO[text],
        "kid": _kid,
    }
    return EntryFilter(**{name: _read(name, reader, query.get(name, "")) for name, reader in readers.items()})


def _read(name: str, reader: Any, text: str) -> Any:
    if not text.strip():
        return None
    try:
        return reader(text.strip())
    except (ValueError, KeyError) as error:
        raise ValueError(f"{name}={text[:40]}") from error


def _id(text: str) -> str:
    if len(text) > LONGEST_ID or not text.isprintable():
        raise ValueError("not an id")
    return text


def _kid(text: str) -> str:
    if not KID.fullmatch(text):
        raise ValueError("not the id of a key")
    return text


def page_number(text: str | None) -> int:
    """The page asked for, 1 for anything that is no number of a page."""
    plain = (text or "").strip()
    return max(1, int(plain)) if plain.isascii() and plain.isdigit() and len(plain) < 7 else 1
