"""复测: a high first reading is only a suspicion (rows G2, G12).

The person rests beside the lane, which goes on, and is measured again with another thermometer.

Who waits belongs to the lane they came by and is guarded by its lock. They stay until they were measured again or the
volunteer breaks the visit off; somebody with a fever who left is an alert.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import TypeAdapter

from kiosk import records, views
from kiosk.checkpoint.desk import Desk, Refusal
from kiosk.checkpoint.gathering import settle
from kiosk.checkpoint.lane import Lane, Resting
from kiosk.checkpoint.reopening import WITHIN, Recent, since
from kiosk.errors import JournalError
from kiosk.known import Vehicle
from kiosk.model import Direction, Event, HealthCode, Presentation, Reading, Saying, Stay, Verdict, plausible
from kiosk.records import Visit

log = structlog.get_logger(__name__)

REST_MIN = 5.0  # where the policy sets no other
LONGEST = timedelta(hours=4)  # nobody sits in the waiting area for longer
SHOWN = timedelta(minutes=10)  # a second verdict that nobody dealt with
LEFT = Saying("初筛体温偏高，未复测即离开", "The first reading was high, and they left before the second")
GONE = Refusal("visit", "这位不在等候区", "Nobody waits under this number any more")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a waiting visit needs to go on after a restart."""

    presentation: Presentation
    direction: Direction
    code: HealthCode | None
    readings: tuple[Reading, ...]
    answers: dict[str, bool]
    stays: tuple[Stay, ...] | None
    mask: str
    party: str
    role: str
    size: int
    vehicle: Vehicle | None


_KEPT = TypeAdapter(Kept)


class Confirming:
    """The waiting area of all lanes."""

    def __init__(self, desk: Desk, lanes: Mapping[str, Lane]) -> None:
        self._desk = desk
        self._lanes = lanes

    def set_aside(self, place: Lane, visit: Visit) -> tuple[Event, ...]:
        """Record that this visit waits, and let it rest beside the lane. Raises JournalError."""
        at, rules = self._desk.now(), self._desk.rules()
        until = at + timedelta(minutes=rules.policy.limits.get("rest-min", REST_MIN))
        events = self._desk.journal.append(records.waiting(visit, self._desk.duty(rules), until, _keep(visit), at))
        place.resting[visit.id] = Resting(visit, until, party=place.party if visit.party else None)
        place.last = views.set_aside(visit, until, at, at + place.times.show, events[0].seq)
        log.info("visit", lane=place.info.name, verdict="waiting", reason="fever")
        return events

    def find(self, shown: Presentation) -> Resting | None:
        """Whoever waits and presents the same again: nobody gets rid of a first reading by beginning anew."""
        for place in self._lanes.values():
            for one in tuple(place.resting.values()):
                known = one.visit.presentation
                if one.outcome is None and (known.text, known.person) == (shown.text, shown.person):
                    return one
        return None

    def second(self, visit: str, reading: Reading, *, rested: bool = False) -> None:
        """The second reading of somebody who waits; with it the visit is decided.

        `rested` is the volunteer's word that they rested although the time is not over. Raises ImplausibleReading,
        Refusal when it is too early or nobody waits under this number, JournalError.
        """
        plausible(reading.celsius)
        place = self._place(visit)
        with place.lock:
            one = self._waiting(place, visit)
            left = one.until - self._desk.now()
            if left > timedelta(0) and not rested:
                minutes = max(1, -(-left // timedelta(minutes=1)))
                raise Refusal("rested", f"还需休息约 {minutes} 分钟", f"About {minutes} more min of rest")
            one.visit.readings.append(reading)
            try:
                self._decide(place, one)
            except JournalError:
                one.visit.readings.pop()
                raise

    def unconfirmed(self, visit: str) -> None:
        """No other thermometer is to be had: decide by the first reading. Raises Refusal, JournalError."""
        place = self._place(visit)
        with place.lock:
            one = self._waiting(place, visit)
            one.visit.no_reading = True
            self._decide(place, one)

    def leave(self, visit: str, why: str) -> None:
        """Break a waiting visit off: recorded, and an alert. Raises Refusal, JournalError."""
        place = self._place(visit)
        with place.lock:
            self._abandon(place, self._waiting(place, visit), why)

    def dismiss(self, visit: str) -> None:
        """The volunteer has dealt with a second verdict."""
        for place in self._lanes.values():
            with place.lock:
                if (one := place.resting.get(visit)) and one.outcome:
                    del place.resting[visit]
                    self._desk.tell(place)

    def tick(self, place: Lane) -> None:
        """Once a second, under the lane's lock: who waited too long, what was shown long enough."""
        now = self._desk.now()
        for one in tuple(place.resting.values()):
            if one.outcome is None and now >= one.since + LONGEST:
                try:
                    self._abandon(place, one, "timeout")
                except JournalError as error:
                    log.error("journal", lane=place.info.name, trouble=str(error))
            elif one.outcome and now >= one.outcome.show_until:
                del place.resting[one.visit.id]
                self._desk.tell(place)

    def restore(self, events: Iterable[Event]) -> None:
        """Go on with visits that waited when the gate stopped: their `visit.waiting` events."""
        for event in events:
            place = self._lanes.get(str(event.open.get("lane"))) or next(iter(self._lanes.values()))
            try:
                visit, until = _resumed(event, place)
            except (KeyError, TypeError, ValueError) as error:
                log.error(
                    "visit", lane=place.info.name, trouble="a waiting visit cannot be read", why=repr(error)[:200]
                )
                continue
            with place.lock:
                self._desk.know(visit, visit.code)
                place.resting[visit.id] = Resting(visit, until)

    def _place(self, visit: str) -> Lane:
        for place in self._lanes.values():
            if visit in place.resting:
                return place
        raise GONE

    def _waiting(self, place: Lane, visit: str) -> Resting:
        one = place.resting.get(visit)
        if one is None or one.outcome is not None:
            raise GONE
        return one

    def _decide(self, place: Lane, one: Resting) -> None:
        rules = self._desk.rules()
        decision, events = self._desk.decide(one.visit, rules, self._desk.facts(one.visit, rules))
        shown = place.times.show if decision.verdict is Verdict.ADMIT else SHOWN
        one.outcome = views.outcome(one.visit, decision, events[0], self._desk.now() + shown)
        if one.party and (member := one.party.member(one.visit.id)):
            member.outcome, member.passage = one.outcome, events[0]
            settle(self._desk, place, one.party)
        self._desk.tell(place, events)

    def _abandon(self, place: Lane, one: Resting, why: str) -> None:
        at, duty = self._desk.now(), self._desk.duty(self._desk.rules())
        left = records.abandoned(one.visit, duty, why, at)
        events = self._desk.journal.append(left, records.alert(one.visit, duty, "fever", LEFT, at))
        del place.resting[one.visit.id]
        log.info("visit", lane=place.info.name, verdict="abandoned", reason=why)
        self._desk.tell(place, events)


def unfinished(recent: Recent, now: datetime) -> list[Event]:
    """The `visit.waiting` events of the last day that neither a passage nor breaking off followed, oldest first.

    `recent(limit, kinds)` is the journal's.
    """
    waiting = [event for event in recent(200, ("visit.waiting",)) if event.at >= now - WITHIN and event.personal]
    if not waiting:
        return []
    ended = since(recent, ("passage", "visit.abandoned"), min(event.at for event in waiting))
    done = {event.open.get("visit") for event in ended}
    return [event for event in reversed(waiting) if event.open.get("visit") not in done]


def _keep(visit: Visit) -> Mapping[str, Any]:
    kept = Kept(
        presentation=visit.presentation,
        direction=visit.direction,
        code=visit.code,
        readings=tuple(visit.readings),
        answers=visit.answers,
        stays=visit.stays,
        mask=visit.mask,
        party=visit.party,
        role=visit.role,
        size=visit.size,
        vehicle=visit.vehicle,
    )
    plain: dict[str, Any] = _KEPT.dump_python(kept, mode="json")
    return plain


def _resumed(event: Event, place: Lane) -> tuple[Visit, datetime]:
    """Raises KeyError, TypeError or ValueError for what an older gate wrote otherwise."""
    kept = _KEPT.validate_python((event.personal or {})["kept"])
    visit = Visit(
        id=str(event.open["visit"]),
        lane=place.info,
        direction=kept.direction,
        presentation=kept.presentation,
        deadline=event.at,
        code=kept.code,
        answers=dict(kept.answers),
        readings=list(kept.readings),
        stays=kept.stays,
        mask=kept.mask,
        party=kept.party,
        role=kept.role,
        size=kept.size,
        vehicle=kept.vehicle,
    )
    return visit, datetime.fromisoformat(event.open["until"])
