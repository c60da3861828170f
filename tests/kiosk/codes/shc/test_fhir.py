from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.codes.shc import fhir, terms
from kiosk.model import Holder, LabTest, Vaccination

from .cards import ISSUED_AT, PATIENT, shot, swab
from .test_card import anything

MONTH_END = datetime(2026, 10, 31, 23, 59, 59, 999_000, tzinfo=UTC)


def record(*resources: Any, about_covid: bool = False) -> fhir.Record:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}
    return fhir.record(bundle, ISSUED_AT, about_covid=about_covid)


def patient(**changes: Any) -> dict[str, Any]:
    return PATIENT | changes


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([{"family": "Rivera", "given": ["Ana", "M."]}], "Ana M. Rivera"),
        ([{"family": "王", "given": ["小明"]}], "王小明"),
        ([{"family": "欧阳", "given": ["𠮷", "兰"]}], "欧阳𠮷兰"),
        ([{"text": " Ana  Rivera\n", "family": "other"}], "Ana Rivera"),
        ([{"given": ["Ana"]}], "Ana"),
        ([{"family": "Rivera", "given": "Ana"}], "Rivera"),
        ([{"use": "old", "family": "Old"}, {"use": "official", "family": "New"}], "New"),
        ([{"family": 5, "given": [5, None]}], ""),
        ([], ""),
        (None, ""),
        ("Ana", ""),
    ],
)
def test_the_holders_name_is_read(names: object, shown: str) -> None:
    assert record(patient(name=names)).holder == Holder(name=shown, birth_date="1990-05-04")


@pytest.mark.parametrize("birth_date", ["", "1990", "1990-05", "1990-05-04"])
def test_a_birth_date_may_be_partial(birth_date: str) -> None:
    assert record(patient(birthDate=birth_date)).holder.birth_date == birth_date


@pytest.mark.parametrize("birth_date", ["1990-02-30", "90", "1990-5-4", "1990-05-04T00:00:00Z", 1990, None, "x" * 99])
def test_a_birth_date_that_is_none_is_refused(birth_date: object) -> None:
    with pytest.raises(ValueError, match=r"date|month|day"):
        record(patient(birthDate=birth_date))


@pytest.mark.parametrize("family", ["a\u202eb", "a\x00b", "a" * 201])
def test_a_name_that_cannot_stand_on_a_screen_is_refused(family: str) -> None:
    with pytest.raises(ValueError, match="screen"):
        record(patient(name=[{"family": family}]))


def test_a_bundle_is_about_one_patient() -> None:
    assert record().holder == Holder()
    with pytest.raises(ValueError, match="more than one patient"):
        record(PATIENT, PATIENT)


@pytest.mark.parametrize("bundle", [None, [], {}, {"resourceType": "Bundle"}, {"resourceType": "Bundle", "entry": [5]}])
def test_what_is_no_bundle_is_refused(bundle: object) -> None:
    with pytest.raises(ValueError, match=r"bundle|entry"):
        fhir.record(bundle, ISSUED_AT, about_covid=False)


def test_vaccinations_are_numbered_in_the_order_of_their_days() -> None:
    found = record(shot("2022-09-05", "229"), shot("2021-01-29"), shot("2021-01-01")).vaccinations
    assert found == (
        Vaccination("Moderna (CVX 207)", 1, 2, "2021-01-01"),
        Vaccination("Moderna (CVX 207)", 2, 2, "2021-01-29"),
        Vaccination("Moderna bivalent (CVX 229)", 3, 3, "2022-09-05"),
    )


def test_a_card_may_say_which_dose_of_how_many() -> None:
    said = shot("2021-01-01", "211", protocolApplied=[{"doseNumberPositiveInt": 3, "seriesDosesPositiveInt": 3}])
    partly = shot("2021-01-01", "212", protocolApplied=[{"doseNumberPositiveInt": 2, "seriesDosesPositiveInt": True}])
    assert [(one.dose, one.doses) for one in record(said).vaccinations] == [(3, 3)]
    assert [(one.dose, one.doses) for one in record(partly).vaccinations] == [(2, 2)]
    assert [(one.dose, one.doses) for one in record(shot("2021-05-01", "212")).vaccinations] == [(1, 1)]


@pytest.mark.parametrize(
    "other",
    [
        shot("2021-01-01", "140"),
        shot("2021-01-01", status="not-done"),
        shot("2021-01-01", status="entered-in-error"),
        shot("2021-01-01", vaccineCode={"text": "COVID-19"}),
        shot("2021-01-01", vaccineCode={"coding": [{"system": "http://loinc.org", "code": "207"}]}),
        shot("2021-01-01", vaccineCode=None),
    ],
)
def test_what_is_no_vaccination_against_covid_given_is_no_evidence(other: dict[str, Any]) -> None:
    assert record(other).vaccinations == ()


def test_vaccines_are_known_by_other_systems_and_by_the_cards_label() -> None:
    atc = shot("2021-01-01", vaccineCode={"coding": [{"system": "http://www.whocc.no/atc", "code": "J07BX03"}]})
    assert record(atc).vaccinations == (Vaccination("COVID-19 (J07BX03)", 1, 2, "2021-01-01"),)
    new = shot("2027-01-01", "999")
    assert record(new).vaccinations == ()
    assert record(new, about_covid=True).vaccinations == (Vaccination("COVID-19 (999)", 1, 2, "2027-01-01"),)


def test_a_vaccination_keeps_as_much_of_its_day_as_is_said() -> None:
    days = ["2021", "2021-01", "2021-01-01", "2021-01-01T10:00:00+12:00", "2021-13", "yesterday"]
    assert [record(shot(day)).vaccinations[0].date for day in days] == [
        "2021",
        "2021-01",
        "2021-01-01",
        "2021-01-01",
        "",
        "",
    ]


def test_a_test_says_its_kind_its_time_and_its_result() -> None:
    (test,) = record(swab("2026-11-12T10:00:00+08:00")).tests
    assert test == LabTest("pcr", datetime(2026, 11, 12, 2, 0, tzinfo=UTC), "negative")
    (quick,) = record(swab("2026-11-12T02:00:00Z", "10828004", "94558-4")).tests
    assert (quick.kind, quick.result) == ("antigen", "positive")


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"valueString": "Not  Detected"}, "negative"),
        ({"valueString": "POSITIVE"}, "positive"),
        ({"valueString": "pending"}, "unknown"),
        ({"valueQuantity": {"value": 0}}, "unknown"),
        ({"valueCodeableConcept": {"coding": [{"system": terms.LOINC, "code": "LA6576-8"}]}}, "positive"),
        ({"valueCodeableConcept": {"coding": [{"system": terms.SNOMED, "code": "419984006"}]}}, "unknown"),
        ({"interpretation": [{"coding": [{"system": terms.INTERPRETATION, "code": "NEG"}]}]}, "negative"),
        ({"valueString": "negative", "interpretation": [{"coding": [{"code": "?"}]}]}, "unknown"),
        (
            {
                "valueString": "negative",
                "valueCodeableConcept": {"coding": [{"system": terms.SNOMED, "code": "260373001"}]},
            },
            "positive",
        ),
    ],
)
def test_a_result_is_negative_only_when_nothing_says_otherwise(value: dict[str, Any], result: str) -> None:
    plain = {key: said for key, said in swab("2026-11-12").items() if key != "valueCodeableConcept"}
    assert [test.result for test in record(plain | value).tests] == [result]


@pytest.mark.parametrize(
    ("said", "negative", "positive"),
    [
        ("2026-11-10", datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 10, 23, 59, 59, 999_000, tzinfo=UTC)),
        ("2026-10", datetime(2026, 10, 1, tzinfo=UTC), MONTH_END),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC), ISSUED_AT),
        ("2026-11-10T10:00:00", None, ISSUED_AT),
        ("9999-12-31T23:59:59-14:00", None, ISSUED_AT),
        (None, None, ISSUED_AT),
    ],
)
def test_an_open_time_never_helps_the_holder(said: str | None, negative: datetime | None, positive: datetime) -> None:
    assert [test.taken_at for test in record(swab(said)).tests] == ([negative] if negative else [])
    assert [test.taken_at for test in record(swab(said, "260373001")).tests] == [positive]


def test_a_period_counts_from_its_begin() -> None:
    period = swab(None, effectivePeriod={"start": "2026-11-10T00:00:00Z", "end": "2026-11-11T00:00:00Z"})
    assert record(period).tests[0].taken_at == ISSUED_AT - timedelta(days=2, hours=4)


@pytest.mark.parametrize(
    "other",
    [
        swab("2026-11-12", loinc="94563-4"),  # antibodies
        swab("2026-11-12", loinc="2093-3"),  # cholesterol
        swab("2026-11-12", status="preliminary"),
        swab("2026-11-12", status="entered-in-error"),
        swab("2026-11-12", code={"coding": [{"system": "http://example.org", "code": "94500-6"}]}),
        swab("2026-11-12", code=None),
    ],
)
def test_what_is_no_reported_test_for_the_virus_is_no_evidence(other: dict[str, Any]) -> None:
    assert record(other).tests == ()


NAMES = """
status code coding vaccineCode name birthDate occurrenceDateTime effectiveDateTime protocolApplied resourceType
valueCodeableConcept interpretation effectivePeriod valueString
"""
members = st.sampled_from(NAMES.split())


@given(st.dictionaries(members, anything, max_size=4), st.sampled_from([PATIENT, shot("2021-01-01"), swab("2026-11")]))
def test_any_resource_is_a_record_or_refused(changes: dict[str, Any], resource: dict[str, Any]) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(record(resource | changes), fhir.Record)
