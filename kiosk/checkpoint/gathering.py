"""同行: taking a party through a lane, one after the other, on one screen.

While a party is open, whatever is presented on its lane joins it. Nobody joins one that has been complete for a while:
a stranger behind a family is not of the family.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

import structlog
import uuid_utils

from kiosk import records
from kiosk.checkpoint import reopening
from kiosk.checkpoint.desk import Desk, Refusal
from kiosk.checkpoint.lane import Lane
from kiosk.checkpoint.overriding import keep_with
from kiosk.checkpoint.party import DRIVER, Member, Party
from kiosk.errors import JournalError
from kiosk.known import Vehicle
from kiosk.model import Draft, Event, Method, Presentation, Verdict
from kiosk.records import Visit
from kiosk.visit import Outcome

log = structlog.get_logger(__name__)

JOINS = timedelta(seconds=60)  # after its last outcome nobody joins any more
EMPTY = timedelta(seconds=120)  # one that nobody joined
SHOWN = timedelta(minutes=10)  # a complete one that nobody finished
MOST = 20  # in one party


class Gathering:
    """The open parties of all lanes. `begin(place, member)` starts a member's visit."""

    def __init__(self, desk: Desk, lanes: dict[str, Lane], begin: Callable[[Lane, Member], None]) -> None:
        self._desk = desk
        self._lanes = lanes
        self._begin = begin

    def open(self, lane: str, vehicle: Vehicle | None = None) -> None:
        """From now on everybody on this lane comes together.

        Raises Refusal during another visit or party, JournalError.
        """
        place = self._lanes[lane]
        with place.lock:
            if place.visit or (place.party and not place.party.complete):
                raise Refusal("", "请先办完当前这位", "Finish the visit under way first")
            if vehicle:
                vehicle = self._paired(place, vehicle)
            self._close(place)
            party = Party(str(uuid_utils.uuid7()), self._desk.now(), place.direction, vehicle)
            at = self._desk.now()
            self._desk.journal.append(reopening.opened(self._desk.gate, self._desk.on_duty(), place, party, at))
            place.party = party
            place.last = None
            self._desk.tell(place)

    def finish(self, lane: str) -> None:
        """Everybody has an outcome, the lane is free. Raises Refusal while somebody has none."""
        place = self._lanes[lane]
        with place.lock:
            if place.party and not place.party.complete:
                raise Refusal("", "还有人没有结果，请办完或移除", "Somebody has no outcome yet: finish or remove them")
            self._close(place)

    def remove(self, lane: str, visit: str) -> None:
        """Somebody who has no outcome and whose turn it is not does not belong here; recorded as broken off.

        Raises Refusal, JournalError.
        """
        place = self._lanes[lane]
        with place.lock:
            member = place.party.member(visit) if place.party else None
            if place.party is None or member is None or member.outcome or (place.visit and place.visit.id == visit):
                raise Refusal("", "这位不能移除", "This one cannot be removed")
            left = self.visit(place, place.party, member)
            shown = member.presentation.text
            self._desk.know(left, self._desk.read(shown) if shown else None)
            duty = self._desk.duty(self._desk.rules())
            events = self._desk.journal.append(records.abandoned(left, duty, "mistake", self._desk.now()))
            place.party.members.remove(member)
            self._desk.tell(place, events)

    def takes(self, place: Lane, shown: Presentation) -> bool:
        """Whether this presentation belongs to the lane's party; then it has joined."""
        party, now = place.party, self._desk.now()
        if party is None:
            return False
        if party.members and party.complete and now - party.touched > JOINS:
            self._close(place)
            return False
        if not party.has(shown) and len(party.members) < MOST:
            member = Member(str(uuid_utils.uuid7()), party.role, shown)
            if party.vehicle and member.role == DRIVER:
                member.presentation = replace(shown, plate=party.vehicle.plate)
            party.members.append(member)
            party.touched = now
            self._note(place, reopening.joined(self._desk.gate, place, party, member, now))
            if place.visit is None:
                self.go_on(place)
            else:
                self._desk.tell(place)
        return True

    def visit(self, place: Lane, party: Party, member: Member) -> Visit:
        """A member's visit, not begun yet."""
        return Visit(
            id=member.visit,
            lane=place.info,
            direction=party.direction,
            presentation=member.presentation,
            deadline=self._desk.now() + place.times.answer + place.times.measure,
            party=party.id,
            role=member.role,
            size=len(party.members),
            vehicle=party.vehicle and replace(party.vehicle, role="driver" if member.role == DRIVER else "passenger"),
        )

    def ended(self, place: Lane, outcome: Outcome, passage: Event | None) -> None:
        """A member's visit ended."""
        party = place.party
        if party and (member := party.member(outcome.visit)):
            member.outcome, member.passage = outcome, passage
            party.touched = self._desk.now()
            settle(self._desk, place, party)

    def go_on(self, place: Lane) -> None:
        """The next member's turn, if there is one."""
        if place.party and place.visit is None and (following := place.party.next()):
            self._begin(place, following)

    def restore(self, found: Iterable[reopening.Left]) -> None:
        """Go on with parties that were open when the gate stopped. Whoever has no outcome has their turn again."""
        for left in found:
            lane = str(left.begun.open.get("lane"))
            if (place := self._lanes.get(lane)) is None or place.party:
                log.error("party", lane=lane, trouble="its lane is gone, an open party ends")
                continue
            try:
                party = reopening.party_of(left, self._desk.now() + place.times.show)
            except (KeyError, TypeError, ValueError) as error:
                log.error("party", lane=lane, trouble="an open party cannot be read", why=repr(error)[:200])
                continue
            with place.lock:
                place.party = party
                for one in place.resting.values():
                    one.party = party if party.member(one.visit.id) else one.party

    def tick(self, place: Lane) -> None:
        """Once a second, under the lane's lock: a party that nobody finishes ends by itself; one that was found again
        after a start goes on."""
        party = place.party
        self.go_on(place)
        if party and party.complete:
            limit = SHOWN if party.members else EMPTY
            if self._desk.now() - party.touched > limit:
                self._close(place)

    def _paired(self, place: Lane, vehicle: Vehicle) -> Vehicle:
        """With what is known of its last passage."""
        shown = Presentation(Method.HAND, self._desk.now(), plate=vehicle.plate)
        seen = self._desk.rules().known(None, shown, place.direction).vehicle
        return replace(vehicle, inside=seen.inside, stay_min=seen.stay_min) if seen else vehicle

    def _note(self, place: Lane, draft: Draft) -> None:
        """For the next start of the gate. What it could not write down the visits themselves will say."""
        try:
            self._desk.journal.append(draft)
        except JournalError as error:
            log.error("journal", lane=place.info.name, trouble=str(error))

    def _close(self, place: Lane) -> None:
        if place.party:
            self._note(place, reopening.closed(self._desk.gate, place, place.party, self._desk.now()))
            place.party = None
            place.last = None
            self._desk.tell(place)


def settle(desk: Desk, place: Lane, party: Party) -> None:
    """Who came together with somebody who is isolated stays for a check, also who was admitted already."""
    isolated = next((one for one in party.members if one.outcome and one.outcome.verdict is Verdict.ISOLATE), None)
    admitted = [one for one in party.members if one.outcome and one.outcome.verdict is Verdict.ADMIT]
    if isolated is None or not admitted:
        return
    events: tuple[Event, ...] = ()
    try:
        passages = [one.passage for one in admitted if one.passage]
        events = desk.journal.append(*keep_with(passages, desk.now()))
    except JournalError as error:  # the screen is stricter then than the record, never milder
        log.error("journal", lane=place.info.name, trouble=str(error))
    for one in admitted:
        if one.outcome:
            one.outcome = replace(one.outcome, verdict=Verdict.CHECK, was=one.outcome.was or Verdict.ADMIT, kept=True)
    desk.tell(place, events)
