"""What a lane shows: the visit under way, and the outcome of the one before. Pure values, safe to put on a screen.

Names and numbers in here are masked already.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from kiosk.model import Because, Colour, Direction, Level, Method, Saying, Verdict, Verification, iso


class Stage(StrEnum):
    """Where a visit stands. Decided, recorded and announced follow each other within one call."""

    COLLECTING = "collecting"  # the other parts of a card
    LOOKING = "looking"  # its issuer's server was asked
    ASKING = "asking"
    MEASURING = "measuring"
    RESTING = "resting"  # the second reading; the lane goes on meanwhile


@dataclass(frozen=True, slots=True)
class CodeView:
    """A health code as the volunteer sees it."""

    scheme: str
    level: Level
    verification: Verification
    reason: str | None
    name: str  # masked
    id_last4: str
    household: str
    issuer: str
    valid_until: datetime | None
    colour: Colour
    demo: bool
    medium: str = ""  # of a pass: phone or paper


@dataclass(frozen=True, slots=True)
class RegionView:
    """A risk region to choose from."""

    code: str
    say: Saying
    level: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """`kind` is yesno or regions, then with the regions of the day."""

    id: str
    say: Saying
    kind: str = "yesno"
    regions: tuple[RegionView, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitView:
    """The visit under way on a lane; `questions` are those still to be answered, `parts` how many symbols of how many
    were shown of a card that comes in several."""

    id: str
    stage: Stage
    method: Method
    code: CodeView | None
    name: str  # masked
    questions: tuple[QuestionView, ...]
    started_at: datetime
    deadline: datetime
    parts: tuple[int, int] | None = None
    mask: str = ""  # worn, reminded, refused


@dataclass(frozen=True, slots=True)
class Worker:
    """网格员: who answers for somebody on the watch list."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A recorded visit. `abandoned` is the reason why one was broken off; then there is no verdict."""

    visit: str
    seq: int
    at: datetime
    direction: Direction
    method: Method
    verdict: Verdict | None
    reasons: tuple[Because, ...]
    actions: tuple[str, ...]
    name: str  # masked
    code: CodeView | None
    celsius: float | None
    demo: bool
    show_until: datetime
    abandoned: str = ""
    first: float | None = None  # °C of the first reading, when there were several
    workers: tuple[Worker, ...] = ()
    declaration: str = ""  # the state of the declaration that was found, one of `lists.declarations.STATES`
    kept: bool = False  # admitted by itself, but of a party in which somebody is isolated
    was: Verdict | None = None  # the policy's verdict, where somebody decided otherwise
    rest_until: datetime | None = None  # set aside until the second reading; then there is no verdict either


@dataclass(frozen=True, slots=True)
class RestingView:
    """Somebody in the waiting area: since the first, high reading, and until they have rested long enough.

    `outcome` is there once the second reading was taken.
    """

    visit: str
    name: str  # masked
    celsius: float
    since: datetime
    until: datetime
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class VehicleView:
    """A vehicle as screens show it: the plate masked. `stay_min` tells how long it was inside when it leaves; `unseen`
    that it leaves without having come in, `inside` that it comes in a second time."""

    plate: str
    kind: str
    purpose: str
    delivery: bool
    stay_min: float | None
    inside: bool
    unseen: bool


@dataclass(frozen=True, slots=True)
class MemberView:
    """One of a party: `stage` is `queued`, `now` or `done`, then with an outcome."""

    visit: str
    role: str
    name: str  # masked
    stage: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class PartyView:
    """Those who came together; `worst` is the most severe verdict so far."""

    id: str
    vehicle: VehicleView | None
    members: tuple[MemberView, ...]
    worst: Verdict | None
    complete: bool


@dataclass(frozen=True, slots=True)
class LaneView:
    """All a lane's screen needs. `trouble` says why nothing can be recorded; then nobody is admitted.

    `number` grows with every change, so that a screen drops what arrives out of order.
    """

    lane: str
    kind: str
    direction: Direction
    number: int
    visit: VisitView | None = None
    last: Outcome | None = None
    trouble: Saying | None = None
    resting: tuple[RestingView, ...] = ()
    party: PartyView | None = None


def as_json(value: Any) -> Any:
    """A dataclass of this module as plain JSON values, times as RFC 3339."""
    return _plain(asdict(value))


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return iso(value)
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case StrEnum():
            return value.value
        case _:
            return value
