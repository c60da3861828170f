"""The one procedure: present → identify → ask → measure → decide → record → announce.

Camera, tablet, handheld scanner and keyboard are all clients of `Checkpoint`. One state machine per lane, each behind
its own lock, so that a slow lane never holds up another. Every outcome lies in the journal before anybody is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog
import uuid_utils

from kiosk import records, screening, views
from kiosk.checkpoint import confirming, reopening
from kiosk.checkpoint.confirming import Confirming
from kiosk.checkpoint.desk import NO_RECORD, Desk, Recorder
from kiosk.checkpoint.gathering import Gathering
from kiosk.checkpoint.lane import Lane, LaneTimes, same, stage_of
from kiosk.checkpoint.overriding import Overriding
from kiosk.checkpoint.party import Member
from kiosk.checkpoint.rules import Online, Rules
from kiosk.codes.parts import Collector
from kiosk.errors import JournalError
from kiosk.model import Direction, Event, Facts, HealthCode, LaneInfo, Presentation, Reading, Stay, plausible
from kiosk.records import Visit
from kiosk.screening.rulebook import REGIONS
from kiosk.visit import LaneView, Stage

log = structlog.get_logger(__name__)

NEXT_WAITS = timedelta(seconds=15)  # how long somebody who stepped up during a visit is remembered
MASKS = ("worn", "reminded", "refused")
HURRY = timedelta(seconds=10)  # what the visit under way has left once somebody waits behind it


class Checkpoint:
    """All lanes of one gate.

    `rules(now)` is asked once per step, so that a new bundle applies from the next step on; `on_duty()` names the
    volunteer (row G14); `announce(view, events)` is called after each change, with the events just recorded. Without
    `online`, what only an issuer's server can verify stays unverified.

    `confirming` is the waiting area for second readings, `overriding` changes verdicts that were recorded,
    `gathering` takes families and vehicles through a lane.
    """

    def __init__(
        self,
        lanes: Mapping[LaneInfo, LaneTimes],
        *,
        gate: str,
        journal: Recorder,
        rules: Callable[[datetime], Rules],
        now: Callable[[], datetime],
        on_duty: Callable[[], str] = lambda: "",
        announce: Callable[[LaneView, tuple[Event, ...]], None] = lambda _view, _events: None,
        online: Online | None = None,
    ) -> None:
        self._lanes = {info.name: Lane(info, times, info.direction) for info, times in lanes.items()}
        self._desk = Desk(gate, journal, rules, now, on_duty, announce)
        self._now = now
        self._online = online
        self.confirming = Confirming(self._desk, self._lanes)
        self.overriding = Overriding(self._desk, self._lanes)
        self.gathering = Gathering(self._desk, self._lanes, self._begin_member)

    def resume(self) -> None:
        """Go on with what was open when the gate stopped: who waits for a second reading, families and vehicles."""
        recent, now = self._desk.journal.recent, self._now()
        self.confirming.restore(confirming.unfinished(recent, now))
        self.gathering.restore(reopening.unfinished(recent, now))

    # --- what lanes and screens call ---------------------------------------------------------------------------

    def present(self, lane: str, presentation: Presentation) -> LaneView:
        """Somebody steps up. During another visit they wait their turn, and the visit under way has to hurry."""
        place = self._lane(lane)
        with place.lock:
            if place.visit and place.visit.collecting is not None and self._is_part(presentation):
                self._collect(place, place.visit, place.visit.collecting, presentation)
            elif self.gathering.takes(place, presentation):
                pass
            elif place.visit is None:
                self._begin(place, presentation)
            else:
                self._queue(place, place.visit, presentation)
            return place.view()

    def answer(self, lane: str, visit: str, answers: Mapping[str, bool]) -> LaneView:
        """Replies to the questions on show; unknown question ids are ignored, an old visit's replies too."""
        place = self._lane(lane)
        with place.lock:
            if (current := place.current(visit)) and place.needs:
                asked = {question.id for question in place.needs.questions}
                current.answers.update({key: bool(value) for key, value in answers.items() if key in asked})
                self._advance(place)
            return place.view()

    def stayed(self, lane: str, visit: str, stays: Sequence[Stay]) -> LaneView:
        """In which risk regions somebody says they were, none for an empty list; when that was asked."""
        place = self._lane(lane)
        with place.lock:
            asked = place.needs is not None and any(question.kind == REGIONS for question in place.needs.questions)
            if (current := place.current(visit)) and asked:
                current.stays = tuple(stays)
                self._advance(place)
            return place.view()

    def mask(self, lane: str, visit: str, mask: str) -> LaneView:
        """The volunteer notes whether a mask is worn: one of MASKS (row G7). Raises ValueError for another word."""
        if mask not in MASKS:
            raise ValueError(f"{mask!r}: one of {', '.join(MASKS)}")
        place = self._lane(lane)
        with place.lock:
            if current := place.current(visit):
                current.mask = mask
                self._advance(place)
            return place.view()

    def measure(self, lane: str, reading: Reading, visit: str | None = None) -> LaneView:
        """A temperature for the visit under way, or for the one named. Raises ValueError for an implausible one."""
        plausible(reading.celsius)
        place = self._lane(lane)
        with place.lock:
            if current := place.current(visit):
                current.readings.append(reading)
                self._advance(place)
            return place.view()

    def without_reading(self, lane: str, visit: str) -> LaneView:
        """No thermometer works: the visit is decided with the reading missing."""
        place = self._lane(lane)
        with place.lock:
            if current := place.current(visit):
                current.no_reading = True
                self._advance(place)
            return place.view()

    def cancel(self, lane: str, visit: str, why: str) -> LaneView:
        """Break a visit off. It is recorded all the same."""
        place = self._lane(lane)
        with place.lock:
            if current := place.current(visit):
                self._record(place, partial(self._abandon, place, current, why))
            return place.view()

    def turn(self, lane: str, direction: Direction) -> LaneView:
        """The lane lets people in or out from the next visit on."""
        place = self._lane(lane)
        with place.lock:
            if place.direction is not direction:
                place.direction = direction
                self._desk.tell(place)
            return place.view()

    def view(self, lane: str) -> LaneView:
        """What the lane's screen shows now. Raises KeyError for an unknown lane."""
        place = self._lane(lane)
        with place.lock:
            return place.view()

    def tick(self) -> None:
        """Once a second: time-outs, a verdict shown long enough, another try at what could not be recorded."""
        for place in self._lanes.values():
            with place.lock:
                self._tick(place)

    # --- who it is ---------------------------------------------------------------------------------------------

    def _begin(self, place: Lane, presentation: Presentation) -> None:
        if one := self.confirming.find(presentation):
            place.last = views.set_aside(one.visit, one.until, self._now(), self._now() + place.times.show)
            self._desk.tell(place)
            return
        visit = Visit(
            id=str(uuid_utils.uuid7()),
            lane=place.info,
            direction=place.direction,
            presentation=presentation,
            deadline=self._now() + place.times.answer + place.times.measure,
        )
        self._start(place, visit)

    def _begin_member(self, place: Lane, member: Member) -> None:
        if place.party:
            self._start(place, self.gathering.visit(place, place.party, member))

    def _start(self, place: Lane, visit: Visit) -> None:
        place.visit = visit
        place.stage = Stage.MEASURING
        if self._is_part(visit.presentation):
            visit.collecting = Collector()
            self._collect(place, visit, visit.collecting, visit.presentation)
        else:
            self._identify(place, visit)

    def _is_part(self, presentation: Presentation) -> bool:
        """Whether it is one symbol of a card that comes in several."""
        return self._desk.read(presentation.text).part is not None

    def _collect(self, place: Lane, visit: Visit, collecting: Collector, presentation: Presentation) -> None:
        """One more part, in any order; with the last one the card is read whole."""
        visit.parts = collecting.add(presentation.text, self._now())
        if visit.parts.text is None:
            self._desk.know(visit, self._desk.read(presentation.text))
            self._advance(place, begun=True)
        else:
            visit.presentation = replace(visit.presentation, text=visit.parts.text)
            visit.collecting = None
            self._identify(place, visit)

    def _identify(self, place: Lane, visit: Visit) -> None:
        """Read what was presented; a code that only its issuer's server can verify waits for the answer."""
        text = visit.presentation.text
        code = self._desk.read(text) if text else None
        self._desk.know(visit, code)
        if code and code.online and self._online and self._online.asks(text):
            visit.looking = True
            self._online.ask(text, self._now(), place.info.name, partial(self._looked_up, place, visit.id))
        self._advance(place, begun=True)

    def _looked_up(self, place: Lane, visit: str, code: HealthCode) -> None:
        """What the issuer's server answered, for the visit that asked if it is still there."""
        with place.lock:
            if (current := place.current(visit)) and current.looking:
                current.looking = False
                self._desk.know(current, code)
                self._advance(place)

    def _queue(self, place: Lane, visit: Visit, presentation: Presentation) -> None:
        if not same(visit.presentation, presentation):
            place.waiting = presentation
            visit.deadline = min(visit.deadline, self._now() + HURRY)

    # --- the steps ---------------------------------------------------------------------------------------------

    def _advance(self, place: Lane, *, begun: bool = False) -> None:
        """Collect, look up, ask, measure or decide, whatever comes next."""
        visit = place.visit
        if visit is None:
            return
        rules = self._desk.rules()
        visit.size = len(place.party.members) if place.party else visit.size
        facts = self._desk.facts(visit, rules)
        place.needs = screening.needs(facts, rules.policy)
        stage = stage_of(place.needs, visit)
        if stage is None:
            self._record(place, partial(self._conclude, place, visit, rules, facts))
        elif stage is Stage.RESTING:
            self._record(place, partial(self.confirming.set_aside, place, visit))
        else:
            if begun or stage is not place.stage:
                visit.deadline = self._now() + place.times.waiting(stage)
            place.stage = stage
            self._desk.tell(place)

    def _conclude(self, place: Lane, visit: Visit, rules: Rules, facts: Facts) -> tuple[Event, ...]:
        decision, events = self._desk.decide(visit, rules, facts)
        place.last = views.outcome(visit, decision, events[0], self._now() + place.times.show)
        return events

    def _abandon(self, place: Lane, visit: Visit, why: str) -> tuple[Event, ...]:
        at = self._now()
        events = self._desk.journal.append(records.abandoned(visit, self._desk.duty(self._desk.rules()), why, at))
        place.last = views.broken_off(visit, why, events[0], at + place.times.show)
        log.info("visit", lane=place.info.name, verdict="abandoned", reason=why)
        return events

    def _record(self, place: Lane, end: Callable[[], tuple[Event, ...]]) -> None:
        """The end of a visit, with what is durable of it; else the lane says that nobody may be admitted."""
        try:
            events = end()
        except JournalError as error:
            log.error("journal", lane=place.info.name, trouble=str(error))
            place.trouble = NO_RECORD
            self._desk.tell(place)
        else:
            place.trouble = None
            self._finish(place, events)

    def _finish(self, place: Lane, events: tuple[Event, ...]) -> None:
        waiting, place.waiting, place.visit, place.needs = place.waiting, None, None, None
        if place.party and place.last:
            self.gathering.ended(place, place.last, events[0] if place.last.verdict else None)
        self._desk.tell(place, events)
        self.gathering.go_on(place)
        if waiting and self._now() - waiting.at <= NEXT_WAITS:
            self._begin(place, waiting)

    def _tick(self, place: Lane) -> None:
        now = self._now()
        if place.visit and now >= place.visit.deadline:
            self._overdue(place, place.visit)
        elif place.visit and place.trouble:
            self._advance(place)
        elif place.last and now >= place.last.show_until:
            place.last = None
            self._desk.tell(place)
        self.confirming.tick(place)
        self.gathering.tick(place)

    def _overdue(self, place: Lane, visit: Visit) -> None:
        """Nothing came in time. A person does not suffer for a server: without its answer the code is unverified."""
        if visit.looking:
            visit.looking = False
            self._advance(place)
        else:
            self._record(place, partial(self._abandon, place, visit, "timeout"))

    def _lane(self, name: str) -> Lane:
        return self._lanes[name]
