"""A visit as its lane's screen may show it: masked, without what a bystander need not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from kiosk.model import (
    Because,
    Decision,
    Direction,
    Event,
    HealthCode,
    Method,
    Saying,
    Verdict,
    from_iso,
    mask_name,
    mask_number,
)
from kiosk.records import Visit
from kiosk.screening import Needs
from kiosk.screening.rulebook import REGIONS, Question
from kiosk.visit import CodeView, Outcome, QuestionView, RegionView, RestingView, Stage, VisitView, Worker


def visit(visit: Visit, stage: Stage, needs: Needs | None) -> VisitView:
    """The visit under way; only the questions still open."""
    questions = needs.questions if needs else ()
    return VisitView(
        id=visit.id,
        stage=stage,
        method=visit.presentation.method,
        code=_code(visit),
        name=shown_name(visit),
        questions=tuple(_question(visit, question) for question in questions),
        started_at=visit.presentation.at,
        deadline=visit.deadline,
        parts=(len(visit.parts.have), visit.parts.total) if visit.collecting and visit.parts else None,
        mask=visit.mask,
    )


def _question(visit: Visit, question: Question) -> QuestionView:
    known = visit.known
    regions = known.regions.current(known.today) if question.kind == REGIONS and known.today else ()
    shown = tuple(RegionView(region.code, region.name, region.level) for region in regions)
    return QuestionView(question.id, question.say, question.kind, shown)


def outcome(visit: Visit, decision: Decision, event: Event, show_until: datetime) -> Outcome:
    """A decided and recorded visit."""
    return _outcome(visit, event.seq, event.at, show_until, decision.verdict, decision)


def broken_off(visit: Visit, why: str, event: Event, show_until: datetime) -> Outcome:
    """A visit that was recorded as abandoned."""
    return _outcome(visit, event.seq, event.at, show_until, None, None, why)


def set_aside(visit: Visit, rest_until: datetime, at: datetime, show_until: datetime, seq: int = 0) -> Outcome:
    """A visit whose first reading was high: it waits for the second. `seq` is 0 where that was recorded before."""
    return replace(_outcome(visit, seq, at, show_until, None, None), rest_until=rest_until)


def resting(visit: Visit, until: datetime, outcome: Outcome | None) -> RestingView:
    """Somebody in the waiting area."""
    first = visit.readings[0]
    return RestingView(visit.id, shown_name(visit), first.celsius, first.taken_at, until, outcome)


def recorded(event: Event, show_until: datetime) -> Outcome:
    """A visit that ended before this start of the gate, as its event tells it. Raises KeyError or ValueError."""
    said, personal = event.open, event.personal or {}
    readings = said.get("readings") or []
    return Outcome(
        visit=str(said["visit"]),
        seq=event.seq,
        at=event.at,
        direction=Direction(said["direction"]),
        method=Method(said["method"]),
        verdict=Verdict(said["verdict"]) if "verdict" in said else None,
        reasons=tuple(_because(reason) for reason in said.get("reasons", ())),
        actions=tuple(said.get("actions", ())),
        name=mask_name(personal.get("name", ""))
        or mask_number(personal.get("phone") or personal.get("pass_number", "")),
        code=None,
        celsius=said.get("celsius"),
        demo=bool(said.get("demo")),
        show_until=show_until,
        abandoned=str(said.get("why", "")),
        first=readings[0]["celsius"] if len(readings) > 1 else None,
        rest_until=from_iso(said["until"]) if "until" in said else None,
    )


def _because(said: Mapping[str, Any]) -> Because:
    words = Saying(str(said["zh"]), str(said["en"]))
    return Because(str(said["rule"]), Verdict(said["verdict"]), words, str(said.get("source", "")))


def shown_name(visit: Visit) -> str:
    """张*丰; or the masked phone or pass number where no name is known."""
    person = visit.person
    return mask_name(person.name) or mask_number(person.phone) or mask_number(person.pass_number)


def _outcome(
    visit: Visit,
    seq: int,
    at: datetime,
    show_until: datetime,
    verdict: Verdict | None,
    decision: Decision | None,
    abandoned: str = "",
) -> Outcome:
    return Outcome(
        visit=visit.id,
        seq=seq,
        at=at,
        direction=visit.direction,
        method=visit.presentation.method,
        verdict=verdict,
        reasons=decision.reasons if decision else (),
        actions=decision.actions if decision else (),
        name=shown_name(visit),
        code=_code(visit),
        celsius=visit.reading.celsius if visit.reading else None,
        demo=visit.demo,
        show_until=show_until,
        abandoned=abandoned,
        workers=_workers(visit),
        declaration=visit.known.declaration_state,
        first=visit.readings[0].celsius if len(visit.readings) > 1 else None,
    )


def _workers(visit: Visit) -> tuple[Worker, ...]:
    """Each grid worker of a watch entry once."""
    named = [Worker(entry.worker, entry.worker_phone) for entry in visit.known.watch if entry.worker]
    return tuple(dict.fromkeys(named))


def _code(visit: Visit) -> CodeView | None:
    code: HealthCode | None = visit.code
    if code is None:
        return None
    return CodeView(
        scheme=code.scheme,
        level=code.level,
        verification=code.verification,
        reason=code.reason.value if code.reason else None,
        name=mask_name(code.holder.name),
        id_last4=code.holder.id_last4,
        household=code.holder.household,
        issuer=code.issuer,
        valid_until=code.valid_until,
        colour=visit.presentation.colour,
        demo=code.demo,
        medium=code.medium,
    )
