"""The one procedure: present → ask → measure → decide → record → announce.

Camera, tablet, handheld scanner and keyboard are all clients of `Checkpoint`. One state machine per lane, each behind
its own lock, so that a slow lane never holds up another. Every outcome lies in the journal before anybody is told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
import uuid_utils

from kiosk import codes, records, screening, views
from kiosk.errors import JournalError
from kiosk.model import (
    Direction,
    Draft,
    Event,
    Facts,
    Footing,
    HealthCode,
    LaneInfo,
    Presentation,
    Reading,
    Saying,
    plausible,
)
from kiosk.records import Duty, Visit
from kiosk.screening import Needs, Policy
from kiosk.visit import LaneView, Outcome, Stage

log = structlog.get_logger(__name__)

NEXT_WAITS = timedelta(seconds=15)  # how long somebody who stepped up during a visit is remembered
HURRY = timedelta(seconds=10)  # what the visit under way has left once somebody waits behind it
NO_RECORD = Saying("不能记录，禁止放行", "Nothing can be recorded: admit nobody")


class Recorder(Protocol):
    """The journal, as far as a checkpoint needs it."""

    def append(self, *drafts: Draft) -> tuple[Event, ...]: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force at a moment: the policy, how fresh it is, what verifies codes, who is looked for."""

    policy: Policy
    footing: Footing
    reading: codes.ReadContext
    tokens: Callable[[HealthCode | None, Presentation], tuple[str, ...]]
    watch: Callable[[Iterable[str]], tuple[Mapping[str, Any], ...]]


@dataclass(frozen=True, slots=True)
class LaneTimes:
    """How long a lane waits for answers and for a reading, and how long it shows a verdict."""

    answer: timedelta = timedelta(seconds=90)
    measure: timedelta = timedelta(seconds=45)
    show: timedelta = timedelta(seconds=8)


@dataclass(slots=True)
class _Lane:
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


class Checkpoint:
    """All lanes of one gate.

    `rules(now)` is asked once per step, so that a new bundle applies from the next step on; `on_duty()` names the
    volunteer (row G14); `announce(view, events)` is called after each change, with the events just recorded.
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
    ) -> None:
        self._lanes = {info.name: _Lane(info, times, info.direction) for info, times in lanes.items()}
        self._gate = gate
        self._journal = journal
        self._rules = rules
        self._now = now
        self._on_duty = on_duty
        self._announce = announce

    # --- what lanes and screens call ---------------------------------------------------------------------------

    def present(self, lane: str, presentation: Presentation) -> LaneView:
        """Somebody steps up. During another visit they wait their turn, and the visit under way has to hurry."""
        place = self._lane(lane)
        with place.lock:
            if place.visit is None:
                self._begin(place, presentation)
            elif not _same(place.visit.presentation, presentation):
                place.waiting = presentation
                place.visit.deadline = min(place.visit.deadline, self._now() + HURRY)
            return self._view(place)

    def answer(self, lane: str, visit: str, answers: Mapping[str, bool]) -> LaneView:
        """Replies to the questions on show; unknown question ids are ignored, an old visit's replies too."""
        place = self._lane(lane)
        with place.lock:
            if (current := _current(place, visit)) and place.needs:
                asked = {question.id for question in place.needs.questions}
                current.answers.update({key: bool(value) for key, value in answers.items() if key in asked})
                self._advance(place)
            return self._view(place)

    def measure(self, lane: str, reading: Reading, visit: str | None = None) -> LaneView:
        """A temperature for the visit under way, or for the one named. Raises ValueError for an implausible one."""
        plausible(reading.celsius)
        place = self._lane(lane)
        with place.lock:
            if current := _current(place, visit):
                current.reading = reading
                self._advance(place)
            return self._view(place)

    def without_reading(self, lane: str, visit: str) -> LaneView:
        """No thermometer works: the visit is decided with the reading missing."""
        place = self._lane(lane)
        with place.lock:
            if current := _current(place, visit):
                current.no_reading = True
                self._advance(place)
            return self._view(place)

    def cancel(self, lane: str, visit: str, why: str) -> LaneView:
        """Break a visit off. It is recorded all the same."""
        place = self._lane(lane)
        with place.lock:
            if _current(place, visit):
                self._abandon(place, why)
            return self._view(place)

    def turn(self, lane: str, direction: Direction) -> LaneView:
        """The lane lets people in or out from the next visit on."""
        place = self._lane(lane)
        with place.lock:
            if place.direction is not direction:
                place.direction = direction
                self._changed(place)
            return self._view(place)

    def view(self, lane: str) -> LaneView:
        """What the lane's screen shows now. Raises KeyError for an unknown lane."""
        place = self._lane(lane)
        with place.lock:
            return self._view(place)

    def tick(self) -> None:
        """Once a second: time-outs, a verdict shown long enough, another try at what could not be recorded."""
        for place in self._lanes.values():
            with place.lock:
                self._tick(place)

    # --- the steps ---------------------------------------------------------------------------------------------

    def _begin(self, place: _Lane, presentation: Presentation) -> None:
        rules = self._rules(self._now())
        code = codes.read(presentation.text, rules.reading) if presentation.text else None
        tokens = rules.tokens(code, presentation)
        place.visit = Visit(
            id=str(uuid_utils.uuid7()),
            lane=place.info,
            direction=place.direction,
            presentation=presentation,
            code=code,
            tokens=tokens,
            watch=rules.watch(tokens),
            deadline=self._now() + place.times.answer + place.times.measure,
        )
        self._advance(place, begun=True)

    def _advance(self, place: _Lane, *, begun: bool = False) -> None:
        """Ask, measure or decide, whatever comes next."""
        visit = place.visit
        if visit is None:
            return
        rules = self._rules(self._now())
        facts = self._facts(visit, rules)
        place.needs = screening.needs(facts, rules.policy)
        stage = _stage(place.needs, visit)
        if stage is None:
            self._conclude(place, rules, facts)
            return
        if begun or stage is not place.stage:
            wait = place.times.answer if stage is Stage.ASKING else place.times.measure
            visit.deadline = self._now() + wait
        place.stage = stage
        self._changed(place)

    def _conclude(self, place: _Lane, rules: Rules, facts: Facts) -> None:
        visit = place.visit
        assert visit is not None
        at = self._now()
        decision = screening.decide(facts, rules.policy)
        duty = self._duty(rules)
        drafts = [
            records.passage(visit, duty, decision, facts, at),
            *records.alerts(visit, duty, decision, at),
        ]
        if events := self._record(place, drafts):
            place.last = views.outcome(visit, decision, events[0], at + place.times.show)
            took_ms = events[0].open["took_ms"]
            reason = decision.reasons[0].rule if decision.reasons else "-"
            log.info("visit", lane=place.info.name, verdict=decision.verdict.value, reason=reason, ms=took_ms)
            self._finish(place, events)

    def _abandon(self, place: _Lane, why: str) -> None:
        visit = place.visit
        assert visit is not None
        at = self._now()
        if events := self._record(place, [records.abandoned(visit, self._duty(self._rules(at)), why, at)]):
            place.last = views.broken_off(visit, why, events[0], at + place.times.show)
            log.info("visit", lane=place.info.name, verdict="abandoned", reason=why)
            self._finish(place, events)

    def _record(self, place: _Lane, drafts: list[Draft]) -> tuple[Event, ...]:
        """The events, durable; or nothing, and the lane says that nobody may be admitted."""
        try:
            events = self._journal.append(*drafts)
        except JournalError as error:
            log.error("journal", lane=place.info.name, trouble=str(error))
            place.trouble = NO_RECORD
            self._changed(place)
            return ()
        place.trouble = None
        return events

    def _finish(self, place: _Lane, events: tuple[Event, ...]) -> None:
        waiting, place.waiting, place.visit, place.needs = place.waiting, None, None, None
        self._changed(place, events)
        if waiting and self._now() - waiting.at <= NEXT_WAITS:
            self._begin(place, waiting)

    def _tick(self, place: _Lane) -> None:
        now = self._now()
        if place.visit and now >= place.visit.deadline:
            self._abandon(place, "timeout")
        elif place.visit and place.trouble:
            self._advance(place)
        elif place.last and now >= place.last.show_until:
            place.last = None
            self._changed(place)

    # --- small things ------------------------------------------------------------------------------------------

    def _facts(self, visit: Visit, rules: Rules) -> Facts:
        return screening.facts.build(
            code=visit.code,
            colour=visit.presentation.colour,
            person=visit.person,
            reading=visit.reading,
            answers=visit.answers,
            watch=visit.watch,
            lane=visit.lane,
            method=visit.presentation.method,
            direction=visit.direction,
            footing=rules.footing,
            policy=rules.policy,
            now=self._now(),
        )

    def _duty(self, rules: Rules) -> Duty:
        return Duty(self._gate, self._on_duty(), rules.footing)

    def _lane(self, name: str) -> _Lane:
        return self._lanes[name]

    def _view(self, place: _Lane) -> LaneView:
        visit = views.visit(place.visit, place.stage, place.needs) if place.visit else None
        return LaneView(
            lane=place.info.name,
            kind=place.info.kind,
            direction=place.direction,
            number=place.number,
            visit=visit,
            last=place.last,
            trouble=place.trouble,
        )

    def _changed(self, place: _Lane, events: tuple[Event, ...] = ()) -> None:
        place.number += 1
        self._announce(self._view(place), events)


def _current(place: _Lane, visit: str | None) -> Visit | None:
    """The visit under way when it is the one meant: a second click or a late answer belongs to no other person."""
    return place.visit if place.visit and visit in (None, place.visit.id) else None


def _same(one: Presentation, other: Presentation) -> bool:
    return replace(one, at=other.at, colour=other.colour) == other


def _stage(needs: Needs, visit: Visit) -> Stage | None:
    """What is waited for; None when the visit can be decided."""
    if needs.questions:
        return Stage.ASKING
    if needs.reading and not visit.no_reading:
        return Stage.MEASURING
    return None
