"""Lengths of time as a person says them, in both languages."""

from __future__ import annotations

import math

from kiosk.model import Saying

_LENGTHS = ((86_400, "天", "day"), (3_600, "小时", "hour"), (60, "分钟", "minute"))


def about(seconds: float) -> Saying:
    """What is left: `约 3 分钟` / `about 3 minutes`. Rounded up, since nobody minds being done early."""
    if seconds < 15:
        return Saying("几秒钟", "a few seconds")
    if seconds <= 60:
        return Saying("不到 1 分钟", "less than a minute")
    length, zh, en = _LENGTHS[1] if seconds > 5_400 else _LENGTHS[2]
    count = math.ceil(seconds / length)
    return Saying(f"约 {count} {zh}", f"about {count} {_plural(count, en)}")


def span(seconds: float) -> Saying:
    """How long something lasted, in its two largest units: `14 天 3 小时` / `14 days 3 hours`."""
    if seconds < 60:
        return Saying("不到 1 分钟", "less than a minute")
    parts: list[tuple[int, str, str]] = []
    left = int(seconds)
    for length, zh, en in _LENGTHS:
        count, left = divmod(left, length)
        if count or parts:
            parts.append((count, zh, en))
    shown = [part for part in parts[:2] if part[0]]
    return Saying(
        " ".join(f"{count} {zh}" for count, zh, _ in shown),
        " ".join(f"{count} {_plural(count, en)}" for count, _, en in shown),
    )


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"
