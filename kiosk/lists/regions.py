"""风险地区: regions by GB/T 2260 code prefix and dates (rows C3, G3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kiosk.lists import section
from kiosk.model import Saying

LOOK_BACK = timedelta(days=14)  # a stay within the last 14 days counts (004 §二(四))
LEVELS = ("high", "medium", "low")
_CODE = re.compile(r"[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?")


@dataclass(frozen=True, slots=True)
class Region:
    """A risk region: every code that begins with `code`, from the day `begins` to the day `ends`, both included."""

    code: str
    name: Saying
    level: str = "high"
    begins: date | None = None
    ends: date | None = None

    def covers(self, code: str, day: date) -> bool:
        """Whether a stay in the region `code` on that day was in this one. A coarser code may have been in it."""
        inside = code.startswith(self.code) or self.code.startswith(code)
        return bool(code) and inside and (self.begins or day) <= day <= (self.ends or day)


class Regions:
    """The `regions` section: `{"regions": [{code, name: {zh, en}, level, from, until}]}`, days as YYYY-MM-DD."""

    def __init__(self, regions: Iterable[Region] = ()) -> None:
        self.regions = tuple(regions)

    @classmethod
    def from_section(cls, content: bytes) -> Regions:
        """Raises HandDownError."""
        return cls(section.entries(content, "regions", "regions", _region))

    def current(self, today: date) -> tuple[Region, ...]:
        """The regions where somebody may have stayed within the last 14 days, to be asked about."""
        since = today - LOOK_BACK
        return tuple(
            region
            for region in self.regions
            if (region.begins or today) <= today and (region.ends is None or region.ends >= since)
        )

    def matching(self, code: str, day: date, today: date) -> Region | None:
        """The region in which a stay on `day` counts now; None for a stay of more than 14 days ago."""
        if not today - LOOK_BACK <= day <= today:
            return None
        return next((region for region in self.regions if region.covers(code, day)), None)

    def __len__(self) -> int:
        return len(self.regions)


def _region(said: Mapping[str, Any]) -> Region:
    code, level = section.text(said, "code", needed=True), section.text(said, "level") or "high"
    name = section.saying(said, "name")
    if not _CODE.fullmatch(code) or level not in LEVELS or name is None:
        raise ValueError("needs a GB/T 2260 code of 2, 4, 6, 9 or 12 digits, a name, and level high, medium or low")
    return Region(code, name, level, section.day(said, "from"), section.day(said, "until"))
