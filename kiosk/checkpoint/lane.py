"""The state of one lane, and what its visit waits for."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kiosk import views
from kiosk.checkpoint.party import Party
from kiosk.model import Direction, LaneInfo, Presentation, Saying
from kiosk.records import Visit
from kiosk.screening import Needs
from kiosk.visit import LaneView, Outcome, Stage


@dataclass(frozen=True, slots=True)
class LaneTimes:
    """How long a lane waits for answers, for a reading, for the other parts of a card and for an issuer's server, and
    how long it shows a verdict."""

    answer: timedelta = timedelta(seconds=90)
    measure: timedelta = timedelta(seconds=45)
    show: timedelta = timedelta(seconds=8)
    collect: timedelta = timedelta(seconds=60)
    look_up: timedelta = timedelta(seconds=40)

    def waiting(self, stage: Stage) -> timedelta:
        return {Stage.ASKING: self.answer, Stage.COLLECTING: self.collect, Stage.LOOKING: self.look_up}.get(
            stage, self.measure
        )


@dataclass(slots=True)
class Resting:
    """A visit that waits beside the lane for its second reading, at the earliest at `until`; then its outcome."""

    visit: Visit
    until: datetime
    outcome: Outcome | None = None
    party: Party | None = None  # whom they came with

    @property
    def since(self) -> datetime:
        return self.visit.readings[0].taken_at


@dataclass(slots=True)
class Lane:
    """One line of people. Whoever touches it holds `lock`."""

    info: LaneInfo
    times: LaneTimes
    direction: Direction
    lock: threading.RLock = field(default_factory=threading.RLock)
    number: int = 0
    visit: Visit | None = None
    stage: Stage = Stage.MEASURING
    needs: Needs | None = None
    waiting: Presentation | None = None
    last: Outcome | None = None
    trouble: Saying | None = None
    resting: dict[str, Resting] = field(default_factory=dict)  # by visit
    party: Party | None = None

    def current(self, visit: str | None) -> Visit | None:
        """The visit under way when it is the one meant: a second click or a late answer belongs to no other person."""
        return self.visit if self.visit and visit in (None, self.visit.id) else None

    def view(self) -> LaneView:
        """What the lane's screen shows now."""
        return LaneView(
            lane=self.info.name,
            kind=self.info.kind,
            direction=self.direction,
            number=self.number,
            visit=views.visit(self.visit, self.stage, self.needs) if self.visit else None,
            last=self.last,
            trouble=self.trouble,
            resting=tuple(views.resting(one.visit, one.until, one.outcome) for one in self.resting.values()),
            party=self.party.view(self.visit.id if self.visit else "") if self.party else None,
        )


def same(one: Presentation, other: Presentation) -> bool:
    """Whether it is the same thing presented again."""
    return replace(one, at=other.at, colour=other.colour, colour_confidence=other.colour_confidence) == other


def stage_of(needs: Needs, visit: Visit) -> Stage | None:
    """What is waited for; None when the visit can be decided."""
    if visit.collecting is not None:
        return Stage.COLLECTING
    if visit.looking:
        return Stage.LOOKING
    if needs.questions:
        return Stage.ASKING
    if needs.reading and not visit.no_reading:
        return Stage.MEASURING
    if needs.confirmation and not visit.no_reading:
        return Stage.RESTING
    return None
