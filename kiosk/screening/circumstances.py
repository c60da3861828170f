"""Facts from what was looked up and told: roster, watch list, declaration, vehicle, place, household, stays. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from kiosk.known import Known
from kiosk.lists import Declaration, Region
from kiosk.model import HealthCode, Holder, LabTest, Stay, Verification

CHILD_TO = 14  # 儿童: up to 14 years (003 §十)
DANGER = ("high", "medium", "low")

_KIND_OF_DECLARATION = {"return": "returnee", "visitor": "visitor", "delivery": "worker"}


def circumstances(known: Known, stays: Iterable[Stay] | None) -> dict[str, Any]:
    """The groups of facts that a visit has beside person, code, reading and answers. `stays` is None until asked."""
    return {
        "watch": _watch(known),
        "roster": {"listed": known.resident is not None, **told(household=_roster_household(known))},
        "declaration": _declaration(known.declaration, known.declaration_state),
        "vehicle": _vehicle(known),
        "place": _place(known),
        "household": _household(known),
        "stays": _stays(known, stays),
    }


def whose(person: Holder, code: HealthCode | None, known: Known) -> dict[str, Any]:
    """What kind of person it is, how old, and whether the notice gives them the gentler path (row G16)."""
    years = age(person.birth_date, known.today)
    if years is None and known.resident and known.resident.birth_year and known.today:
        years = known.today.year - known.resident.birth_year
    special = known.resident.special if known.resident else ""
    if not special and years is not None and years <= CHILD_TO:
        special = "child"
    return told(kind=_kind(code, known), special=special) | ({} if years is None else {"age": years})


def age(birth_date: str, today: date | None) -> int | None:
    """Whole years at `today`; of a partial date the fewest it can be. None where nothing is known or it lies ahead."""
    parts = birth_date.split("-")
    if today is None or not parts[0].isdecimal() or not all(part.isdecimal() for part in parts):
        return None
    year, month, day = (int(parts[place]) if len(parts) > place else last for place, last in enumerate((0, 12, 31)))
    years = today.year - year - ((today.month, today.day) < (month, day))
    return years if 0 <= years <= 150 else None


def newest_negative(tests: Iterable[LabTest], now: datetime) -> dict[str, Any]:
    """How old the newest negative PCR test is, by its sampling time (row G10); empty where there is none."""
    ages = [
        (now - test.taken_at).total_seconds() / 3600
        for test in tests
        if test.kind == "pcr" and test.result == "negative" and test.taken_at <= now
    ]
    return {"negative_age_h": min(ages)} if ages else {}


def told(**fields: Any) -> dict[str, Any]:
    """Those fields that say something."""
    return {key: value for key, value in fields.items() if value}


def _kind(code: HealthCode | None, known: Known) -> str:
    if code and code.kind and code.verification is Verification.VERIFIED:
        return code.kind
    if known.resident:
        return known.resident.kind
    return _KIND_OF_DECLARATION.get(known.declaration.kind, "") if known.declaration else ""


def _watch(known: Known) -> dict[str, Any]:
    why = [entry.why for entry in known.watch]
    return {"listed": bool(why), "why": why}


def _roster_household(known: Known) -> str:
    return known.resident.household if known.resident else ""


def _declaration(declaration: Declaration | None, state: str) -> dict[str, Any]:
    if declaration is None:
        return {"found": False, "state": ""}
    return {"found": True, "state": state, "kind": declaration.kind}


def _vehicle(known: Known) -> dict[str, Any]:
    vehicle = known.vehicle
    if vehicle is None:
        return {"present": False}
    facts = {"present": True, "kind": vehicle.kind, "role": vehicle.role, "delivery": vehicle.delivery}
    stay = {} if vehicle.stay_min is None else {"stay_min": vehicle.stay_min}
    return facts | {"inside": vehicle.inside} | told(purpose=vehicle.purpose) | stay


def _place(known: Known) -> dict[str, Any]:
    place = known.premises
    facts: dict[str, Any] = {"inside": place.inside, "full": place.limit is not None and place.inside >= place.limit}
    limit = {} if place.limit is None else {"limit": place.limit}
    event = place.gathering
    gathering = {"gathering": event.people, "gathering_approved": event.approved} if event else {}
    return facts | told(name=place.name) | limit | gathering


def _household(known: Known) -> dict[str, Any]:
    household = known.household
    if household is None:
        return {"known": False}
    last = {} if household.last_out_h is None else {"last_out_h": household.last_out_h}
    return {"known": True, "outs_today": household.outs_today, **last}


def _stays(known: Known, stays: Iterable[Stay] | None) -> dict[str, Any]:
    """Whether any stay counts now; nothing where nobody asked. Without a risk region nobody can have been in one."""
    if known.today is None:
        return {}
    today = known.today
    if stays is None:
        return {} if known.regions.current(today) else {"risk": False}
    found = [region for stay in stays if (region := known.regions.matching(stay.region, stay.day, today))]
    return {"risk": bool(found), **told(level=_worst(found))}


def _worst(regions: Iterable[Region]) -> str:
    return min((region.level for region in regions), key=DANGER.index, default="")
