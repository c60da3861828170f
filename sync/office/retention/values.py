"""What retention answers, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A community's day whose key still lives."""

    key: str
    community: str
    community_name: str
    day: date
    destroyed_on: date  # when its time is over
    held: str = ""  # why it is kept all the same


@dataclass(frozen=True, slots=True)
class Hold:
    """Days that are kept beyond their time."""

    id: str
    community: str
    community_name: str
    first: date
    last: date
    why: str
    made_at: datetime
    made_by: str
    released_at: datetime | None
    released_by: str


@dataclass(frozen=True, slots=True)
class Status:
    """`oldest` is the oldest day whose people can be read; `due` days wait for their destruction, `overdue` of them
    since more than a day; `held` are past their time but kept. `doubt` says why the clock is not believed."""

    days: int
    oldest: date | None
    keys: int
    due: int
    overdue: int
    held: int
    ran_at: datetime | None
    doubt: str
    resealed: bool  # whether nothing is left that was sealed before days had keys
    certificates: int
    certificates_why: str

    @property
    def ok(self) -> bool:
        return not self.overdue and not self.certificates_why


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did. `busy`: another process is at it; `doubt`: nothing was destroyed, and why."""

    resealed: int = 0
    destroyed: int = 0
    held: int = 0
    busy: bool = False
    doubt: str = ""
