"""How a gate's day stands, judged from what is known of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

NONE, RUNNING, COMPLETE, WAITING, LATE, GAP, FORK = "none", "running", "complete", "waiting", "late", "gap", "fork"
STATES = (FORK, GAP, WAITING, LATE, RUNNING, COMPLETE, NONE)  # the gravest first
COUNTED = ("passages", "in", "out", "admit", "check", "refuse", "isolate", "overrides", "kept", "abandoned", "alerts")
WAY = "override"  # `override:<from>:<to>`: so many of the overrides went this way


@dataclass(frozen=True, slots=True)
class Figures:
    """What the office holds of a gate's day. `worst_s` is the longest delay of any event."""

    events: int = 0
    passages: int = 0
    away: int = 0
    held: int = 0
    worst_s: int = 0
    parked: int = 0
    forks: int = 0
    missing: int = 0  # numbers of a journal that another one follows, and that never came


@dataclass(frozen=True, slots=True)
class Close:
    """A gate's report of one day, and the office's signature under it."""

    journal: str
    seq: int
    digest: str
    signature: str
    counts: Mapping[str, int]
    at: datetime
    received_at: datetime

    @property
    def passages(self) -> int:
        return self.counts.get("passages", 0)

    @property
    def tallied(self) -> dict[str, int]:
        """The counts in the order people read them. Verdicts are the policy's own; what people changed stands beside
        them, and a gate from before overrides were counted says nothing of it."""
        names = [name for name in COUNTED if name in self.counts]
        names += [name for name in self.counts if name not in COUNTED and not name.startswith(f"{WAY}:")]
        return {name: self.counts[name] for name in names}

    @property
    def ways(self) -> tuple[tuple[str, str, int], ...]:
        """From which verdict people went to which, and how often."""
        parts = [(name.split(":"), count) for name, count in self.counts.items() if name.startswith(f"{WAY}:")]
        return tuple((way[1], way[2], count) for way, count in parts if len(way) == 3)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a day lies in a gate's life: its first day on record, the newest day that it has closed, and today."""

    begins: date | None
    closed_until: date | None
    today: date
    stuck: bool  # events wait at the gate for longer than an ordinary sync explains, or it has fallen silent


@dataclass(frozen=True, slots=True)
class GateDay:
    """One gate on one day; `close` is the newest report of it."""

    gate: str
    gate_name: str
    community: str
    community_name: str
    day: date
    state: str
    figures: Figures
    close: Close | None

    @property
    def lacking(self) -> int:
        """How many passages the gate counted beyond what came."""
        return max(0, self.close.passages - self.figures.passages) if self.close else 0


def state(day: date, figures: Figures, close: Close | None, where: Where) -> str:
    """The gravest thing that is true of the day."""
    before = where.begins is None or day < where.begins
    if day > where.today or (before and not figures.events and not figures.forks):
        return NONE
    if figures.forks:
        return FORK
    if figures.missing or (close and close.passages > figures.passages):
        return GAP
    if close is None and day < where.today:
        return GAP if where.closed_until and day < where.closed_until else WAITING
    if close is None and where.stuck:
        return WAITING
    if figures.away or figures.held:
        return LATE
    return COMPLETE if close else RUNNING
