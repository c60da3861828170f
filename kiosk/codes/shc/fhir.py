"""The FHIR bundle in a SMART Health Card: who it is about, which vaccinations and which tests for the virus.

A bundle is of strangers' making: what has not the shape FHIR gives it is passed over as if it were not there, except
for the bundle itself and its one patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from kiosk.codes import partial_dates
from kiosk.codes.scheme import printable
from kiosk.codes.shc import terms
from kiosk.model import Holder, LabTest, Vaccination

Resource = Mapping[str, Any]

MAX_NAME = 200
MAX_ENTRIES = 1000
MAX_CODE = 64
_GIVEN = frozenset({"completed"})
_REPORTED = frozenset({"final", "amended", "corrected"})
_FORMER_NAMES = frozenset({"old", "maiden", "nickname", "anonymous"})


@dataclass(frozen=True, slots=True)
class Record:
    """What a bundle says of its holder."""

    holder: Holder
    vaccinations: tuple[Vaccination, ...]
    tests: tuple[LabTest, ...]


def record(bundle: object, issued_at: datetime, *, about_covid: bool) -> Record:
    """What `bundle` says, of a card of `issued_at`. Raises ValueError for what is no bundle on one patient at most.

    With `about_covid` the card is labelled as one on COVID-19: then every vaccination counts, also of a code that no
    table here has.
    """
    resources = list(_resources(bundle))
    patients = [resource for resource in resources if resource["resourceType"] == "Patient"]
    if len(patients) > 1:
        raise ValueError("more than one patient")
    holder = _holder(patients[0]) if patients else Holder()
    given = [one for one in resources if _is(one, "Immunization", _GIVEN)]
    reported = [one for one in resources if _is(one, "Observation", _REPORTED)]
    tests = (_test(resource, issued_at) for resource in reported)
    return Record(holder, _vaccinations(given, about_covid=about_covid), tuple(test for test in tests if test))


def _resources(bundle: object) -> Iterator[Resource]:
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise ValueError("no bundle")
    entries = bundle.get("entry")
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise ValueError("a bundle without a list of entries, or with too many")
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise ValueError("an entry without a resource")
        yield resource


# --- the patient ---------------------------------------------------------------------------------------------------


def _holder(patient: Resource) -> Holder:
    birth_date = patient.get("birthDate", "")
    if not isinstance(birth_date, str) or "T" in birth_date:
        raise ValueError("birthDate is no date")
    name = _name(patient)
    if not printable(name, MAX_NAME, empty=True):
        raise ValueError("a name that cannot stand on a screen")
    return Holder(name=name, birth_date=birth_date and partial_dates.day_of(birth_date))


def _name(patient: Resource) -> str:
    """The name in use, given before family as written; names of Han characters the other way round, without a blank."""
    names = _objects(patient.get("name"))
    names.sort(key=lambda name: _text(name, "use") in _FORMER_NAMES)
    if not names:
        return ""
    if said := " ".join(_text(names[0], "text").split()):
        return said
    given, family = names[0].get("given"), _text(names[0], "family")
    listed = [part for part in given if isinstance(part, str)] if isinstance(given, list) else []
    if family and all("\u3400" <= char <= "\u9fff" or char >= "\U00020000" for char in family + "".join(listed)):
        return family + "".join(listed)
    return " ".join(" ".join([*listed, family]).split())


# --- vaccinations --------------------------------------------------------------------------------------------------


def _vaccinations(given: list[Resource], *, about_covid: bool) -> tuple[Vaccination, ...]:
    """Those against COVID-19 in the order of their days, numbered in that order unless they say which dose they are."""
    found = []
    for resource in given:
        if product := _product(resource, about_covid=about_covid):
            found.append((_day(resource), product, resource))
    found.sort(key=lambda one: one[0])
    numbers = count(1)
    return tuple(_vaccination(day, product, one, next(numbers)) for day, product, one in found)


def _vaccination(day: str, product: tuple[str, int], resource: Resource, order: int) -> Vaccination:
    """Dose n of m. Where the card does not say of how many, it is the vaccine's first series, or n for a later dose."""
    name, series = product
    protocol = next(iter(_objects(resource.get("protocolApplied"))), {})
    dose = _positive(protocol.get("doseNumberPositiveInt")) or order
    doses = _positive(protocol.get("seriesDosesPositiveInt")) or max(series, dose)
    return Vaccination(product=name, dose=dose, doses=doses, date=day)


def _product(resource: Resource, *, about_covid: bool) -> tuple[str, int] | None:
    """What was given and the doses of its first series; None for a vaccine against something else."""
    codings = list(_codings(resource.get("vaccineCode")))
    for system, code in codings:
        if system.startswith(terms.CVX) and (vaccine := terms.VACCINES_BY_CVX.get(code)):
            return f"{vaccine.name} (CVX {code})", vaccine.series
    for _, code in codings:
        if about_covid or code in terms.VACCINE_KINDS:
            return f"{terms.UNKNOWN_VACCINE.name} ({code})", terms.UNKNOWN_VACCINE.series
    return None


def _day(resource: Resource) -> str:
    try:
        return partial_dates.day_of(_text(resource, "occurrenceDateTime"))
    except ValueError:
        return ""


# --- tests ---------------------------------------------------------------------------------------------------------


def _test(resource: Resource, issued_at: datetime) -> LabTest | None:
    """The test for the virus in an observation; None for another observation, or a negative one without a date."""
    codes = [code for system, code in _codings(resource.get("code")) if system == terms.LOINC]
    kind = next((terms.KINDS_BY_LOINC[code] for code in codes if code in terms.KINDS_BY_LOINC), None)
    if kind is None:
        return None
    result = _result(resource)
    taken_at = _taken_at(resource, result, issued_at)
    return LabTest(kind=kind, taken_at=taken_at, result=result) if taken_at else None


def _taken_at(resource: Resource, result: str, issued_at: datetime) -> datetime | None:
    """When it was taken, where more than one moment is possible the one that says least for the holder.

    A negative result is as old as it can be, and nothing without a date; any other is as fresh as it can be, never
    fresher than the card.
    """
    period = resource.get("effectivePeriod")
    said = _text(resource, "effectiveDateTime") or _text(resource, "effectiveInstant")
    said = said or (_text(period, "start") if isinstance(period, dict) else "")
    try:
        first, last = partial_dates.span(said)
    except (ValueError, OverflowError):
        return None if result == terms.NEGATIVE else issued_at
    return first if result == terms.NEGATIVE else max(first, min(last, issued_at))


def _result(resource: Resource) -> str:
    """Positive when anything says so, negative when something says so and nothing else does."""
    concepts = [resource.get("valueCodeableConcept"), *_objects(resource.get("interpretation"))]
    said = {terms.RESULTS.get(coding, terms.UNKNOWN) for concept in concepts for coding in _codings(concept)}
    if words := _text(resource, "valueString"):
        said.add(terms.RESULTS_IN_WORDS.get(" ".join(words.lower().split()), terms.UNKNOWN))
    if terms.POSITIVE in said:
        return terms.POSITIVE
    return terms.NEGATIVE if said == {terms.NEGATIVE} else terms.UNKNOWN


# --- shapes --------------------------------------------------------------------------------------------------------


def _codings(concept: object) -> Iterator[tuple[str, str]]:
    """System and code of each coding of a CodeableConcept."""
    codings = concept.get("coding") if isinstance(concept, dict) else None
    for coding in _objects(codings):
        system, code = _text(coding, "system"), _text(coding, "code")
        if printable(code, MAX_CODE):
            yield system, code


def _is(resource: Resource, kind: str, statuses: frozenset[str]) -> bool:
    return resource["resourceType"] == kind and _text(resource, "status") in statuses


def _objects(value: object) -> list[Resource]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(item: Resource, name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _positive(value: object) -> int | None:
    """A FHIR positiveInt that can be a number of doses."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100 else None
