"""Those who come together: a family, or the people of one vehicle (row G5). Each of them is a visit of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kiosk.identities import plates
from kiosk.known import Vehicle
from kiosk.model import Direction, Event, Presentation, Verdict, mask_name, mask_number
from kiosk.visit import MemberView, Outcome, PartyView, VehicleView

REGISTRANT, MEMBER, DRIVER, PASSENGER = "registrant", "member", "driver", "passenger"


@dataclass(slots=True)
class Member:
    """One of them: what they presented, and once it was recorded, what came of it."""

    visit: str
    role: str
    presentation: Presentation
    outcome: Outcome | None = None
    passage: Event | None = None


@dataclass(slots=True)
class Party:
    """`touched` is when anything last happened; `vehicle` is None for people on foot."""

    id: str
    touched: datetime
    direction: Direction
    vehicle: Vehicle | None = None
    members: list[Member] = field(default_factory=list)

    @property
    def role(self) -> str:
        """The next one's: the first registers for all, or drives."""
        roles = (DRIVER, PASSENGER) if self.vehicle else (REGISTRANT, MEMBER)
        return roles[bool(self.members)]

    @property
    def complete(self) -> bool:
        """Whether nobody is left without an outcome."""
        return all(member.outcome for member in self.members)

    @property
    def worst(self) -> Verdict | None:
        found = [member.outcome.verdict for member in self.members if member.outcome and member.outcome.verdict]
        return max(found, key=lambda verdict: verdict.severity, default=None)

    def member(self, visit: str) -> Member | None:
        return next((member for member in self.members if member.visit == visit), None)

    def next(self) -> Member | None:
        """The first one who has no outcome."""
        return next((member for member in self.members if member.outcome is None), None)

    def has(self, shown: Presentation) -> bool:
        """Whether one of them presented just that."""
        return any(
            (one.presentation.text, one.presentation.person) == (shown.text, shown.person) for one in self.members
        )

    def view(self, now: str) -> PartyView:
        """As the lane's screen shows it; `now` is the visit under way."""
        return PartyView(
            id=self.id,
            vehicle=_vehicle(self.vehicle, self.direction) if self.vehicle else None,
            members=tuple(_member(member, now) for member in self.members),
            worst=self.worst,
            complete=self.complete,
        )


def _member(member: Member, now: str) -> MemberView:
    person = member.presentation.person
    name = member.outcome.name if member.outcome else mask_name(person.name) or mask_number(person.phone)
    stage = "done" if member.outcome else ("now" if member.visit == now else "queued")
    return MemberView(member.visit, member.role, name, stage, member.outcome)


def _vehicle(vehicle: Vehicle, direction: Direction) -> VehicleView:
    return VehicleView(
        plate=plates.mask(vehicle.plate),
        kind=vehicle.kind,
        purpose=vehicle.purpose,
        delivery=vehicle.delivery,
        stay_min=vehicle.stay_min,
        inside=vehicle.inside and direction is Direction.IN,
        unseen=not vehicle.inside and direction is Direction.OUT,
    )
