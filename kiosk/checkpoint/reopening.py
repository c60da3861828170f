"""What an open party leaves in the journal, and how it is found again after the gate was stopped or killed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from kiosk import views
from kiosk.checkpoint.lane import Lane
from kiosk.checkpoint.overriding import PARTY
from kiosk.checkpoint.party import Member, Party
from kiosk.known import Vehicle
from kiosk.model import Direction, Draft, Event, Presentation, Verdict
from kiosk.visit import Outcome

OPEN, JOIN, CLOSE = "party.open", "party.join", "party.close"
ENDS = ("passage", "visit.abandoned", "visit.waiting")
WITHIN = timedelta(days=1)
LATELY = 200  # parties looked through; of each lane only the newest can still be open

Recent = Callable[[int, Sequence[str]], list[Event]]

_VEHICLE: TypeAdapter[Vehicle | None] = TypeAdapter(Vehicle | None)
_PRESENTATION = TypeAdapter(Presentation)


def opened(gate: str, staff: str, place: Lane, party: Party, at: datetime) -> Draft:
    said = {"gate": gate, "lane": place.info.name, "party": party.id, "direction": party.direction.value}
    return Draft(OPEN, at, said | {"staff": staff}, {"vehicle": _VEHICLE.dump_python(party.vehicle, mode="json")})


def joined(gate: str, place: Lane, party: Party, member: Member, at: datetime) -> Draft:
    said = {"gate": gate, "lane": place.info.name, "party": party.id, "visit": member.visit, "role": member.role}
    kept = {"kept": _PRESENTATION.dump_python(member.presentation, mode="json")}
    return Draft(JOIN, at, said | {"demo": member.presentation.demo}, kept)


def closed(gate: str, place: Lane, party: Party, at: datetime) -> Draft:
    return Draft(CLOSE, at, {"gate": gate, "lane": place.info.name, "party": party.id})


@dataclass(frozen=True, slots=True)
class Left:
    """An open party as the journal tells it: its beginning, who joined, what came of them; each oldest first."""

    begun: Event
    joins: tuple[Event, ...]
    ends: tuple[Event, ...]
    overrides: tuple[Event, ...]


def unfinished(recent: Recent, now: datetime) -> list[Left]:
    """The newest party of each lane, where nothing closed it within the last day. `recent` is the journal's."""
    begun = [event for event in recent(LATELY, (OPEN,)) if event.at >= now - WITHIN and event.personal]
    if not begun:
        return []
    over = {event.open.get("party") for event in recent(2 * LATELY, (CLOSE,))}
    newest = {event.open.get("lane"): event for event in reversed(begun)}
    return [_left(recent, event) for event in newest.values() if event.open.get("party") not in over]


def party_of(left: Left, show_until: datetime) -> Party:
    """The party with its members, in the order they came. Raises KeyError, TypeError or ValueError for what cannot be
    read."""
    said, personal = left.begun.open, left.begun.personal or {}
    vehicle = _VEHICLE.validate_python(personal["vehicle"])
    touched = max(event.at for event in (left.begun, *left.joins, *left.ends))
    party = Party(str(said["party"]), touched, Direction(said["direction"]), vehicle)
    ends = {event.open.get("visit"): event for event in left.ends}
    for event in left.joins:
        member = Member(str(event.open["visit"]), str(event.open["role"]), _presentation(event))
        if end := ends.get(member.visit):
            member.outcome = _outcome(end, left.overrides, show_until)
            member.passage = end if member.outcome.verdict else None
        party.members.append(member)
    return party


def since(recent: Recent, kinds: Sequence[str], at: datetime) -> list[Event]:
    """Every event of these kinds from `at` on, newest first."""
    limit = 500
    found = recent(limit, kinds)
    while len(found) == limit and found[-1].at >= at:
        limit *= 4
        found = recent(limit, kinds)
    return [event for event in found if event.at >= at]


def _left(recent: Recent, begun: Event) -> Left:
    def of_party(kinds: Sequence[str], name: str, wanted: Iterable[Any]) -> tuple[Event, ...]:
        values = set(wanted)
        return tuple(event for event in reversed(since(recent, kinds, begun.at)) if event.open.get(name) in values)

    joins = of_party((JOIN,), "party", [begun.open.get("party")])
    visits = [event.open.get("visit") for event in joins]
    return Left(begun, joins, of_party(ENDS, "visit", visits), of_party(("override",), "visit", visits))


def _presentation(event: Event) -> Presentation:
    return _PRESENTATION.validate_python((event.personal or {})["kept"])


def _outcome(end: Event, overrides: Iterable[Event], show_until: datetime) -> Outcome:
    """What came of a member, with the verdict that stands now."""
    outcome = views.recorded(end, show_until)
    for event in overrides:
        if event.open.get("visit") == outcome.visit and outcome.verdict:
            kept, was = event.open.get("why") == PARTY, outcome.was or outcome.verdict
            outcome = replace(outcome, verdict=Verdict(event.open["to"]), was=was, kept=kept)
    return outcome
