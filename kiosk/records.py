"""What a visit leaves in the journal: the open part may be kept, the personal part is sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kiosk import identities
from kiosk.codes import office_pass
from kiosk.codes.parts import Collected, Collector
from kiosk.known import Known, Vehicle
from kiosk.model import (
    Because,
    Decision,
    Direction,
    Draft,
    Facts,
    Footing,
    HealthCode,
    Holder,
    LaneInfo,
    Presentation,
    Reading,
    Saying,
    Stay,
    Verdict,
    iso,
)

ALERT_PREFIX = "alert:"


@dataclass(slots=True)
class Visit:
    """A visit under way. Only its lane's checkpoint touches it."""

    id: str
    lane: LaneInfo
    direction: Direction
    presentation: Presentation
    deadline: datetime
    code: HealthCode | None = None
    known: Known = field(default_factory=Known)
    collecting: Collector | None = None  # the card's other parts are still to come
    parts: Collected | None = None
    looking: bool = False  # its issuer's server was asked and has not answered yet
    answers: dict[str, bool] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    no_reading: bool = False  # no thermometer, or none to confirm with: decide all the same
    stays: tuple[Stay, ...] | None = None  # in risk regions; None until asked
    mask: str = ""  # worn, reminded, refused
    party: str = ""  # of a family or a vehicle: the same for all
    role: str = ""  # registrant, member, driver, passenger
    size: int = 1  # how many came together
    vehicle: Vehicle | None = None

    @property
    def reading(self) -> Reading | None:
        """The newest one."""
        return self.readings[-1] if self.readings else None

    @property
    def person(self) -> Holder:
        """Who it is: what the code says, completed by what was typed."""
        said, typed = (self.code.holder if self.code else Holder()), self.presentation.person
        return Holder(
            name=said.name or typed.name,
            birth_date=said.birth_date or typed.birth_date or identities.birth_date(said.id_number or typed.id_number),
            id_last4=said.id_last4 or typed.id_last4 or typed.id_number[-4:],
            id_number=said.id_number or typed.id_number,
            phone=said.phone or typed.phone,
            household=said.household or typed.household,
            pass_number=office_pass.number_of(self.code) or typed.pass_number,
        )

    @property
    def demo(self) -> bool:
        return self.presentation.demo or (self.code is not None and self.code.demo)

    @property
    def rested_s(self) -> int | None:
        """Seconds between the first reading and the last, None where there is no second one."""
        if len(self.readings) < 2:
            return None
        return round((self.readings[-1].taken_at - self.readings[0].taken_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Duty:
    """Under whose eyes and by which hand-down a visit was decided."""

    gate: str
    staff: str
    footing: Footing


def passage(visit: Visit, duty: Duty, decision: Decision, facts: Facts, at: datetime) -> Draft:
    """The passage: who, in or out, when, what was seen, what was decided."""
    open_part = _common(visit, duty) | {
        "verdict": decision.verdict.value,
        "reasons": [reason(because) for because in decision.reasons],
        "actions": list(decision.actions),
        "policy": decision.policy,
        "took_ms": round((at - visit.presentation.at).total_seconds() * 1000),
    }
    return Draft("passage", at, open_part, _personal(visit) | {"facts": dict(facts)})


def waiting(visit: Visit, duty: Duty, until: datetime, kept: Mapping[str, Any], at: datetime) -> Draft:
    """A high first reading was taken; the person rests until `until` for the second one. `kept` is what is needed to go
    on after a restart."""
    return Draft("visit.waiting", at, _common(visit, duty) | {"until": iso(until)}, _personal(visit) | {"kept": kept})


def abandoned(visit: Visit, duty: Duty, why: str, at: datetime) -> Draft:
    """A visit broken off after somebody was identified: cancelling hides nothing."""
    return Draft("visit.abandoned", at, _common(visit, duty) | {"why": why}, _personal(visit))


def alerts(visit: Visit, duty: Duty, decision: Decision, at: datetime) -> Iterable[Draft]:
    """One alert for each `alert:` action of the decision; the office sets its deadline by kind (row O5)."""
    say = decision.reasons[0].say if decision.reasons else Saying("", "")
    for action in decision.actions:
        if action.startswith(ALERT_PREFIX):
            yield alert(visit, duty, action.removeprefix(ALERT_PREFIX), say, at, decision.verdict)


def alert(visit: Visit, duty: Duty, kind: str, say: Saying, at: datetime, verdict: Verdict | None = None) -> Draft:
    """An alert of one kind that this visit raises; without a verdict where it never came to one."""
    open_part = {
        "gate": duty.gate,
        "lane": visit.lane.name,
        "alert": kind,
        "visit": visit.id,
        "verdict": verdict.value if verdict else None,
        "zh": say.zh,
        "en": say.en,
        "demo": visit.demo,
    }
    return Draft("alert", at, open_part, _who(visit.person))


def _common(visit: Visit, duty: Duty) -> dict[str, Any]:
    code, reading = visit.code, visit.reading
    return {
        "gate": duty.gate,
        "lane": visit.lane.name,
        "direction": visit.direction.value,
        "method": visit.presentation.method.value,
        "visit": visit.id,
        "scheme": code.scheme if code else None,
        "level": code.level.value if code else None,
        "verification": code.verification.value if code else None,
        "code_reason": code.reason.value if code and code.reason else None,
        "colour": visit.presentation.colour.value,
        "celsius": reading.celsius if reading else None,
        "device": reading.device if reading else None,
        "site": reading.site if reading else None,
        "readings": [_reading(one) for one in visit.readings],
        "footing": duty.footing.value,
        "staff": duty.staff,
        "demo": visit.demo,
        **({"kid": code.kid} if code and code.kid else {}),  # which key an unknown issuer's code asks for
        **_circumstances(visit),
    }


def _circumstances(visit: Visit) -> dict[str, Any]:
    """What only some visits have."""
    vehicle, known = visit.vehicle, visit.known
    said = {
        "party": visit.party,
        "role": visit.role,
        "mask": visit.mask,
        "declaration": known.declaration.id if known.declaration else "",
        "place": known.premises.name,
        "vehicle": vehicle and {"kind": vehicle.kind, "purpose": vehicle.purpose, "delivery": vehicle.delivery},
        "rested_s": visit.rested_s,
    }
    return {key: value for key, value in said.items() if value or value == 0}


def _reading(reading: Reading) -> dict[str, Any]:
    said = {name: getattr(reading, name) for name in ("celsius", "device", "site", "grade")}
    return said | {"at": iso(reading.taken_at)}


def _personal(visit: Visit) -> dict[str, Any]:
    code = visit.code
    return _who(visit.person) | {
        "id_number": visit.person.id_number,
        "birth_date": visit.person.birth_date,
        "serial": code.serial if code else "",
        "pass_number": visit.person.pass_number,
        "tokens": list(visit.known.tokens),
        **({"household_token": visit.known.household_token} if visit.known.household_token else {}),
        **({"code_token": visit.known.code_token} if visit.known.code_token else {}),
        "answers": dict(visit.answers),
        "tests": [
            {"kind": test.kind, "taken_at": iso(test.taken_at), "result": test.result}
            for test in (code.tests if code else ())
        ],
        **({"plate": visit.vehicle.plate} if visit.vehicle else {}),
        **(
            {"stays": [{"region": stay.region, "day": stay.day.isoformat()} for stay in visit.stays]}
            if visit.stays
            else {}
        ),
    }


def _who(person: Holder) -> dict[str, Any]:
    return {"name": person.name, "id_last4": person.id_last4, "phone": person.phone, "household": person.household}


def reason(because: Because) -> dict[str, Any]:
    """One reason of a decision as plain JSON values."""
    return {
        "rule": because.rule,
        "verdict": because.verdict.value,
        "zh": because.say.zh,
        "en": because.say.en,
        "source": because.source,
        "undecided": because.undecided,
    }
