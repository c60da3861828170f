"""Hours of the day as kiosk.toml writes them, `"06:00-08:00"`: pure, by the clock on the wall."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_SPELT = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begin` until before `end`, in minutes after midnight; over midnight where `end` comes first."""

    begin: int
    end: int

    @classmethod
    def read(cls, spelt: Any) -> Hours:
        """Raises ValueError for anything but `HH:MM-HH:MM`, from 00:00 to 24:00, that is longer than nothing."""
        if isinstance(spelt, Hours):
            return spelt
        if not (found := _SPELT.fullmatch(spelt) if isinstance(spelt, str) else None):
            raise ValueError('hours are written "06:00-08:00"')
        begin, end = (60 * int(found[at]) + int(found[at + 1]) for at in (1, 3))
        if begin >= _DAY or end > _DAY or begin == end:
            raise ValueError(f"{spelt}: from 00:00 to 24:00, and not from an hour to the same one")
        return cls(begin, end)

    def hold(self, local: datetime) -> bool:
        minute = 60 * local.hour + local.minute
        if self.begin < self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (self.begin, self.end))


def hold(hours: Iterable[Hours], local: datetime) -> bool:
    """Whether any of them holds at a local time."""
    return any(one.hold(local) for one in hours)
