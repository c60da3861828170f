"""Only an answer that says so in every place is verified; everything else is a value with a reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.codes.provincial import SHIPPED, shipped
from kiosk.model import HealthCode, LabTest, Level, Reason, Vaccination, Verification
from tests.kiosk.codes.provincial.papers import AT, body, later, province, text

SOMEPLACE = province()


def answered(said: bytes, status: int = 200) -> HealthCode:
    return SOMEPLACE.answered(text(), status, said, AT)


def test_a_complete_answer_is_verified_with_its_holder():
    code = answered(body())
    assert (code.verification, code.reason, code.level) == (Verification.VERIFIED, None, Level.GREEN)
    assert (code.holder.name, code.holder.id_number, code.holder.id_last4) == ("王小明", "35010219880512042X", "042X")
    assert (code.holder.phone, code.scheme, code.issuer) == ("13812348000", "someplace", "某省码")
    assert (code.made_at, code.life_s, code.valid_until) == (AT, 60, later(60))


@pytest.mark.parametrize(("level", "meant"), [("01", Level.YELLOW), ("10", Level.RED)])
def test_levels_go_by_the_vendors_own_table(level, meant):
    assert answered(body(level=level)).level is meant


@pytest.mark.parametrize("level", ["02", "", None, 0, "0", "green", ["00"], {"x": 1}, 1.0, "00\u202e", "0" * 5000])
def test_a_level_in_no_table_is_looked_at_by_somebody_and_never_green(level):
    code = answered(body(level=level))
    assert (code.verification, code.reason, code.level) == (Verification.UNVERIFIED, Reason.SCHEMA, Level.NONE)


@pytest.mark.parametrize(
    ("level", "reason", "verification"),
    [
        ("40", Reason.EXPIRED, Verification.FAILED),
        ("50", Reason.UNKNOWN_ISSUER, Verification.FAILED),
        ("70", Reason.UNREACHABLE, Verification.UNVERIFIED),
    ],
)
def test_levels_that_are_no_colours_are_reasons(level, reason, verification):
    code = answered(body(level=level))
    assert (code.reason, code.verification, code.level) == (reason, verification, Level.NONE)


@pytest.mark.parametrize(
    ("said", "reason", "verification"),
    [
        ("111", Reason.EXPIRED, Verification.FAILED),
        ("112", Reason.UNKNOWN_ISSUER, Verification.FAILED),
        ("116", Reason.NOT_PERMITTED, Verification.UNVERIFIED),
        ("999", Reason.SCHEMA, Verification.UNVERIFIED),
        ("", Reason.SCHEMA, Verification.UNVERIFIED),
    ],
)
def test_error_codes_tell_nothing_of_anybody(said, reason, verification):
    code = answered(body(code=said))
    assert (code.reason, code.verification) == (reason, verification)
    assert (code.level, code.holder.name, code.tests) == (Level.NONE, "", ())


@pytest.mark.parametrize("name", [None, "", "  ", 7.5, ["王"], "王\n小明", "王" * 500])
def test_without_what_must_be_there_a_green_level_is_not_told(name):
    code = answered(body(name=name))
    assert (code.verification, code.reason, code.level) == (Verification.UNVERIFIED, Reason.SCHEMA, Level.NONE)


def test_a_red_level_is_told_even_when_the_name_is_missing():
    code = answered(body(name=None, level="10"))
    assert (code.verification, code.level) == (Verification.UNVERIFIED, Level.RED)


@pytest.mark.parametrize(
    ("status", "reason"), [(500, Reason.UNREACHABLE), (302, Reason.UNREACHABLE), (403, Reason.NOT_PERMITTED)]
)
def test_other_statuses_are_no_answer_whatever_their_body_says(status, reason):
    code = answered(body(), status)
    assert (code.verification, code.reason) == (Verification.UNVERIFIED, reason)


@pytest.mark.parametrize(
    "said",
    [
        b"", b"<html>", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"code":"0","code":"0"}', b'{"a":NaN}',
        b'{"a":' + b"9" * 10_000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_answer_of_the_service_counts_as_none(said):
    code = answered(said)
    assert (code.verification, code.reason) == (Verification.UNVERIFIED, Reason.UNREACHABLE)


def test_masked_numbers_keep_only_what_is_whole():
    holder = answered(body(id="350102********042X", phone="138****8000")).holder
    assert (holder.id_number, holder.id_last4, holder.phone) == ("", "042X", "")


def test_tests_are_read_in_the_provinces_own_time():
    code = answered(body(tests=[{"time": "2026-11-22 08:00:00", "result": "阴性"}]))
    assert code.tests == (LabTest("pcr", datetime(2026, 11, 22, 0, 0, tzinfo=UTC), "negative"),)


def test_a_single_test_need_not_stand_in_a_list():
    assert len(answered(body(tests={"time": "2026-11-22 08:00:00", "result": "阳性"})).tests) == 1


@pytest.mark.parametrize("tests", [None, [], {}, "", [{"time": "", "result": None}], [{}]])
def test_no_test_is_no_test(tests):
    code = answered(body(tests=tests))
    assert (code.tests, code.verification) == ((), Verification.VERIFIED)


@pytest.mark.parametrize(
    "test",
    [
        {"result": "阴性"},
        {"time": "yesterday", "result": "阴性"},
        {"time": "2026-11-22 23:00:00", "result": "阴性"},
        {"time": True, "result": "阴性"},
        "阴性",
    ],
)
def test_a_test_without_a_possible_time_spoils_the_answer_instead_of_vanishing(test):
    assert answered(body(tests=[test])).reason is Reason.SCHEMA


def test_a_result_in_no_table_is_unknown():
    code = answered(body(tests=[{"time": "2026-11-22 08:00:00", "result": "?"}]))
    assert [test.result for test in code.tests] == ["unknown"]


def test_vaccinations_keep_dose_product_and_local_day():
    code = answered(body(doses=[{"day": "2026-03-01 00:30:00", "n": 2, "of": "3", "what": "灭活"}]))
    assert code.vaccinations == (Vaccination("灭活", 2, 3, "2026-03-01"),)


@pytest.mark.parametrize("dose", [{"n": 1}, {"day": "2026-03-01", "n": "x"}, {"day": "2026-03-01", "n": -1}])
def test_a_vaccination_that_cannot_be_read_spoils_the_answer(dose):
    assert answered(body(doses=[dose])).reason is Reason.SCHEMA


def test_an_answer_about_another_code_says_nothing():
    careful = province(answer__echo="/data/token")
    assert careful.answered(text(), 200, body(token="ab12" * 8), AT).verification is Verification.VERIFIED
    code = careful.answered(text(), 200, body(token="zz99" * 8), AT)
    assert (code.reason, code.holder.name, code.level) == (Reason.SCHEMA, "", Level.NONE)


def test_json_within_json_is_opened():
    nested = province(answer__inner=["/data"])
    said = json.dumps({"code": 0, "data": json.dumps({"level": "00", "name": "王小明"})}).encode()
    assert nested.answered(text(), 200, said, AT).verification is Verification.VERIFIED
    assert nested.answered(text(), 200, b'{"code":"0","data":"{"}', AT).reason is Reason.UNREACHABLE


def test_an_answer_that_says_so_is_a_demonstration():
    shown = province(answer__demo="/data/demo")
    assert shown.answered(text(), 200, body(demo=True), AT).demo
    assert not shown.answered(text(), 200, body(demo="no"), AT).demo


def test_a_time_that_only_the_answer_tells_ends_the_code_too():
    silent = province(
        form=[
            {
                "begins": "https://x.example/",
                "pattern": r"https://x\.example/(?P<token>[a-z]{8})",
                "life_s": 60,
            }
        ],
        answer__made_at="/data/made",
    )
    asked = "https://x.example/abcdefgh"
    assert silent.answered(asked, 200, body(made=1795318200000), AT).verification is Verification.VERIFIED
    old = silent.answered(asked, 200, body(made=1795318200000), later(61))
    assert (old.reason, old.verification) == (Reason.EXPIRED, Verification.FAILED)


def test_the_reasons_name_places_and_nobody():
    judged = SOMEPLACE.judged(text(), 200, body(name="王\n小明", tests=["阴性"]), AT)
    assert judged.why
    assert "王" not in " ".join(judged.why)


def test_a_province_nobody_tried_says_so_wherever_its_name_is_shown():
    untried = province(unverified_against_live=True)
    assert untried.answered(text(), 200, body(), AT).issuer == "某省码（未经实网验证）"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150)
@given(said=st.binary(max_size=300), status=st.integers(100, 599))
def test_any_bytes_are_an_answer_of_some_kind(said: bytes, status: int) -> None:
    assert answered(said, status).verification is not Verification.VERIFIED


@settings(max_examples=300)
@given(
    data=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("level", "name", "id", "phone", "tests", "doses"), json_values),
    ),
    code=json_values,
)
def test_any_json_is_an_answer_of_some_kind(data: dict[str, Any], code: Any) -> None:
    said = json.dumps({"code": code, "data": {"level": "00", **data}}).encode()
    found = answered(said)
    assert isinstance(found, HealthCode)
    assert found.verification is not Verification.VERIFIED or isinstance(data.get("name"), str | int)


@settings(max_examples=100)
@given(scanned=st.text(max_size=200), tail=st.text(max_size=80))
def test_any_text_has_an_answer(scanned: str, tail: str) -> None:
    for name in SHIPPED:
        known = shipped(name)
        for asked in (scanned, known.form[0].begins + tail):
            assert known.offline(asked, AT).scheme == name
            assert known.answered(asked, 200, b"{}", AT).verification is not Verification.VERIFIED
