"""What a visit found out, as the dictionary that rules read. `SCHEMA` documents every path; docs/facts.md prints it.

Absent means absent: a key that is not known is not there. The values are plain JSON, times are RFC 3339 text, so that
the facts can lie in the sealed part of a passage and be judged again by another policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from kiosk.known import Known
from kiosk.model import (
    Colour,
    Direction,
    Footing,
    HealthCode,
    Holder,
    LabTest,
    LaneInfo,
    Method,
    Reading,
    Reason,
    Stay,
    Verification,
    iso,
)
from kiosk.screening.circumstances import circumstances, newest_negative, told, whose
from kiosk.screening.rulebook import Policy
from kiosk.screening.schema import NO_REASON, SCHEMA

__all__ = ["SCHEMA", "build"]

ISSUED_BY_OFFICE = "office-pass"
CLINICAL = "clinical"


def build(
    *,
    code: HealthCode | None,
    colour: Colour,
    person: Holder,
    readings: Sequence[Reading],
    answers: Mapping[str, bool],
    known: Known,
    lane: LaneInfo,
    method: Method,
    direction: Direction,
    footing: Footing,
    policy: Policy,
    now: datetime,
    unreadable: bool = False,
    stays: Sequence[Stay] | None = None,
    mask: str = "",
    party: int = 1,
) -> dict[str, Any]:
    """The facts of a visit so far.

    `code` is None when nothing was scanned or typed; `person` is who it is as far as code and registration say;
    `readings` are in the order they were taken; `known` is what was looked up; `unreadable` says that the document's
    number was recorded although its check fails; `stays` is None until somebody asked; `mask` is worn, reminded,
    refused or "" where nobody noted it; `party` is how many came together. Raises ValueError for a time without a zone.
    """
    return {
        "now": iso(now),
        "direction": direction.value,
        "method": method.value,
        "lane": {"name": lane.name, "kind": lane.kind, "alone": lane.alone},
        "tier": policy.tier,
        "limits": dict(policy.limits),
        "footing": footing.value,
        "person": {
            "identified": _identified(code, person, method),
            **told(**asdict(person)),
            **told(unreadable=unreadable),
            **whose(person, code, known),
        },
        "code": _code(code, colour, now) | _freshness(code, now, copied=known.copied),
        "pass": _pass(code),
        "test": newest_negative(code.tests, now) if code and code.verification is Verification.VERIFIED else {},
        "reading": _reading(readings),
        "answers": dict(answers),
        "party": {"size": party},
        **told(mask=mask),
        **circumstances(known, stays),
    }


def _identified(code: HealthCode | None, person: Holder, method: Method) -> bool:
    """What somebody says of themselves, or an unverified code says, identifies nobody."""
    vouched = method is Method.HAND or (code is not None and code.verification is Verification.VERIFIED)
    return vouched and any((person.name, person.id_number, person.id_last4, person.phone))


def _code(code: HealthCode | None, colour: Colour, now: datetime) -> dict[str, Any]:
    if code is None:
        return {"presented": False, "recognised": False, "verified": False, "reason": NO_REASON}
    said: dict[str, Any] = {
        "presented": True,
        "recognised": code.reason is not Reason.UNKNOWN_SCHEME,
        "verified": code.verification is Verification.VERIFIED,
        "reason": code.reason.value if code.reason else NO_REASON,
        "scheme": code.scheme,
        "verification": code.verification.value,
        "level": code.level.value,
        "colour": colour.value,
        "demo": code.demo,
        "tests": [_test(test, now) for test in code.tests],
        "vaccinations": [asdict(vaccination) for vaccination in code.vaccinations],
        "recoveries": [asdict(recovery) for recovery in code.recoveries],
    }
    times = {"valid_from": code.valid_from, "valid_until": code.valid_until}
    return (
        said
        | _certificate(code)
        | told(issuer=code.issuer, serial=code.serial)
        | told(**{name: at and iso(at) for name, at in times.items()})
    )


def _certificate(code: HealthCode) -> dict[str, Any]:
    """What published acceptance rules judge: only a genuine certificate that is good now."""
    if code.verification is not Verification.VERIFIED or code.certificate is None:
        return {}
    return {"certificate": dict(code.certificate)}


def _freshness(code: HealthCode | None, now: datetime, *, copied: bool) -> dict[str, Any]:
    """Whether the symbol is an old one, or a second one of the same code."""
    made_at, life_s = (code.made_at, code.life_s) if code else (None, None)
    age_s = None if made_at is None else (now - made_at).total_seconds()
    return {
        "copied": copied,
        "stale": age_s is not None and life_s is not None and age_s > life_s,
        **({} if age_s is None else {"age_s": age_s}),
    }


def _test(test: LabTest, now: datetime) -> dict[str, Any]:
    age_h = (now - test.taken_at).total_seconds() / 3600
    return {"kind": test.kind, "result": test.result, "taken_at": iso(test.taken_at), "age_h": age_h}


def _pass(code: HealthCode | None) -> dict[str, Any]:
    presented = code is not None and code.scheme == ISSUED_BY_OFFICE
    valid = code is not None and presented and code.verification is Verification.VERIFIED
    return {"presented": presented, "valid": valid, **told(medium=code.medium if code and presented else "")}


def _reading(readings: Sequence[Reading]) -> dict[str, Any]:
    """The reading that counts: the newest clinical one, else the newest. `first` had to be confirmed."""
    if not readings:
        return {"taken": False}
    clinical = [reading for reading in readings if reading.grade == CLINICAL]
    counts = (clinical or list(readings))[-1]
    said = {
        "taken": True,
        "celsius": counts.celsius,
        "device": counts.device,
        "site": counts.site,
        "grade": counts.grade,
        "taken_at": iso(counts.taken_at),
        "count": len(readings),
    }
    first = {"first": readings[0].celsius} if len(readings) > 1 else {}
    return said | first | told(confirmed=bool(clinical))
