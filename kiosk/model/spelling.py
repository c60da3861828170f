"""How times are spelt, and names and numbers masked, everywhere alike."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(at: datetime) -> str:
    """`at` as RFC 3339 UTC with milliseconds: 2026-11-22T03:30:00.123Z. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def from_iso(text: str) -> datetime:
    """The time `iso` wrote (any RFC 3339 offset is taken). Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is before or after any time in UTC") from error


def mask_name(name: str) -> str:
    """张三丰 → 张*丰, 张三 → 张*, as screens show a name."""
    if len(name) <= 1:
        return name and "*"
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_number(number: str) -> str:
    """13812348000 → 138****8000: the first three and the last four stay, short numbers keep only their end."""
    if len(number) < 8:
        return "*" * max(len(number) - 2, 0) + number[-2:]
    return number[:3] + "*" * (len(number) - 7) + number[-4:]
