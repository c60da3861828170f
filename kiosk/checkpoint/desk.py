"""What every step of every lane shares: the rules in force, the journal, and whom to tell afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog

from kiosk import codes, records, screening
from kiosk.checkpoint.lane import Lane
from kiosk.checkpoint.rules import Rules
from kiosk.model import Decision, Draft, Event, Facts, HealthCode, Saying
from kiosk.records import Duty, Visit
from kiosk.visit import LaneView

log = structlog.get_logger(__name__)

NO_RECORD = Saying("不能记录，禁止放行", "Nothing can be recorded: admit nobody")


class Recorder(Protocol):
    """The journal, as far as a checkpoint needs it."""

    def append(self, *drafts: Draft) -> tuple[Event, ...]: ...

    def recent(self, limit: int, kinds: Sequence[str] = ("passage",)) -> list[Event]: ...


class Refusal(ValueError):
    """Something that may not be done; `zh` and `en` say why, `field` what it is about."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        self.field = field
        self.say = Saying(zh, en)
        super().__init__(f"{zh} · {en}")


@dataclass(frozen=True, slots=True)
class Desk:
    """`rules_at(now)` is asked once per step; `on_duty()` names the volunteer; `announce(view, events)` follows each
    change, with the events just recorded."""

    gate: str
    journal: Recorder
    rules_at: Callable[[datetime], Rules]
    now: Callable[[], datetime]
    on_duty: Callable[[], str]
    announce: Callable[[LaneView, tuple[Event, ...]], None]

    def rules(self) -> Rules:
        return self.rules_at(self.now())

    def duty(self, rules: Rules) -> Duty:
        return Duty(self.gate, self.on_duty(), rules.footing)

    def read(self, text: str) -> HealthCode:
        return codes.read(text, self.rules().reading)

    def know(self, visit: Visit, code: HealthCode | None) -> None:
        """Look up whoever presented this."""
        visit.code, visit.known = code, self.rules().known(code, visit.presentation, visit.direction)
        if visit.vehicle:
            visit.known = replace(visit.known, vehicle=visit.vehicle)

    def facts(self, visit: Visit, rules: Rules) -> Facts:
        return screening.facts.build(
            code=visit.code,
            colour=visit.presentation.colour,
            person=visit.person,
            unreadable=visit.presentation.unreadable,
            readings=visit.readings,
            answers=visit.answers,
            stays=visit.stays,
            mask=visit.mask,
            party=visit.size,
            known=visit.known,
            lane=visit.lane,
            method=visit.presentation.method,
            direction=visit.direction,
            footing=rules.footing,
            policy=rules.policy,
            now=self.now(),
        )

    def decide(self, visit: Visit, rules: Rules, facts: Facts) -> tuple[Decision, tuple[Event, ...]]:
        """The decision, with its passage and its alerts on the disk. Raises JournalError."""
        at, duty = self.now(), self.duty(rules)
        decision = screening.decide(facts, rules.policy)
        passage = records.passage(visit, duty, decision, facts, at)
        events = self.journal.append(passage, *records.alerts(visit, duty, decision, at))
        reason = decision.reasons[0].rule if decision.reasons else "-"
        took_ms = passage.open["took_ms"]
        log.info("visit", lane=visit.lane.name, verdict=decision.verdict.value, reason=reason, ms=took_ms)
        return decision, events

    def tell(self, place: Lane, events: tuple[Event, ...] = ()) -> None:
        """Something changed on this lane."""
        place.number += 1
        self.announce(place.view(), events)
