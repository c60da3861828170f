"""What the office shows of its lists: names and numbers masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync.office.lists.wanted import WATCH

STATES = ("running", "early", "over", "ended")


@dataclass(frozen=True, slots=True)
class Listed:
    """One person on a list. `why` is a category of the watch list or a kind of the roster."""

    id: str
    register: str
    community: str
    community_name: str
    name: str
    id_number: str
    phone: str
    plate: str
    why: str
    begins: datetime | None
    ends: datetime | None
    worker: str
    worker_phone: str
    do: str
    household: str
    special: str
    birth_year: str
    grid: str
    source: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str
    ended_why: str

    def state(self, at: datetime) -> str:
        """One of STATES."""
        if self.ended_at is not None:
            return "ended"
        if self.ends is not None and self.ends <= at:
            return "over"
        return "early" if self.begins is not None and self.begins > at else "running"


@dataclass(frozen=True, slots=True)
class ListedFilter:
    """Which people; `words` are a whole name, a number, a plate or a household. `state` is current (running or still
    to begin), past, or empty for all."""

    register: str = WATCH
    words: str = ""
    why: str = ""
    state: str = "current"
    community: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import changes."""

    new: int = 0
    merged: int = 0
    same: int = 0
    gone: int = 0
