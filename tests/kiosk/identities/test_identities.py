"""Typed numbers: what holds, and which digit of what does not. The numbers are made up by the published rules."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from kiosk import identities
from kiosk.identities import foreigner

TODAY = date(2026, 11, 22)
CITIZEN = "11010519491231002X"  # the example of GB 11643
HONG_KONG = "810000199408230021"  # the specimen of the residence permit
TAIWAN = "830000199201300022"
FOREIGNER = "911124198108030024"  # the specimen of the card of 2023
OLD_FOREIGNER = "KAZ110090123105"


@pytest.mark.parametrize(
    ("typed", "kind", "birth_date", "sex"),
    [
        (CITIZEN, "resident-id", "1949-12-31", "female"),
        (HONG_KONG, "residence-permit", "1994-08-23", "female"),
        (TAIWAN, "residence-permit", "1992-01-30", "female"),
        (FOREIGNER, "foreigner-id", "1981-08-03", "female"),
        (OLD_FOREIGNER, "foreigner-id", "1990-12-31", "female"),
        ("E12345678", "passport", "", ""),
        ("EA1234567", "passport", "", ""),
        ("C01X00T47", "passport", "", ""),
        ("H12345678", "travel-permit", "", ""),
        ("M1234567801", "travel-permit", "", ""),
        ("12345678", "travel-permit", "", ""),
        ("H1234567(8)", "other-document", "", ""),
    ],
)
def test_a_document_is_known_by_its_form_and_tells_birth_and_sex(
    typed: str, kind: str, birth_date: str, sex: str
) -> None:
    found = identities.check("id", typed, TODAY)
    assert (found.kind, found.birth_date, found.sex, found.problem) == (kind, birth_date, sex, None)


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        "110105 19491231 002X",
        "110105-19491231-002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "11010519491231002×",
        "11010519491231002Х",  # the Cyrillic letter
    ],
)
def test_the_same_number_however_it_was_written(typed: str) -> None:
    assert identities.check("id", typed).normalised == CITIZEN


@pytest.mark.parametrize(
    ("typed", "at", "words"),
    [
        ("110105194912310021", 17, "should be X, not 1"),
        ("11010519491231002", 17, "1 missing"),
        ("11010519491231002X5", 18, "1 too many"),
        ("1101051949123100OX", 16, "is it 0?"),
        ("11010519491231X021", 14, "must be a digit"),
        ("99010519491231002X", 0, "foreigner"),
        ("01010519491231002X", 0, "no province"),
        ("11010518491231002X", 6, "year of birth: 1849"),
        ("11010519491331002X", 10, "no month 13"),
        ("11010519490231002X", 12, "no day 31"),
        ("11010520270101002X", 6, "future"),
        ("810001199408230021", 5, "character 6 must be 0"),
        ("999124198108030024", 1, "no province"),
        ("110105491231002", 15, "first generation"),
        ("KAZ110090123106", 14, "character 15 should be 5"),
        ("KAZ990090123105", 3, "no province"),
        ("KAZ110090133105", 9, "the month of birth"),
        ("KAZ110090123205", 11, "the day of birth"),
        ("K1Z110090123105", 1, "must be a letter"),
        ("EO1234567", 1, "digit 0"),
        ("证件", 0, "no number of an identity document"),
        ("", 0, "no number of an identity document"),
    ],
)
def test_what_does_not_hold_is_named_with_its_place(typed: str, at: int, words: str) -> None:
    found = identities.check("id", typed, TODAY)
    if words == "foreigner":  # 9 begins a foreigner's number: its province comes second
        assert (found.kind, found.at) == ("foreigner-id", 1)
        return
    assert found.problem is not None
    assert words in found.problem.en
    assert found.at == at
    assert found.birth_date == ""


def test_two_digits_in_the_wrong_order_are_pointed_out() -> None:
    found = identities.check("id", "11010519491231020X", TODAY)
    assert found.problem is not None
    assert "第 16、17 位" in found.problem.zh
    assert "16 and 17 are swapped" in found.problem.en


@given(st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_single_wrong_character_is_found(at: int, char: str) -> None:
    assume(CITIZEN[at] != char)
    assert not identities.check("id", CITIZEN[:at] + char + CITIZEN[at + 1 :], TODAY).holds


@given(st.integers(0, 16))
def test_every_swap_of_neighbours_is_found(at: int) -> None:
    swapped = CITIZEN[:at] + CITIZEN[at + 1] + CITIZEN[at] + CITIZEN[at + 2 :]
    assume(swapped != CITIZEN)
    assert not identities.check("id", swapped, TODAY).holds


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.sampled_from(["350102", "820000", "931840"]))
def test_every_number_made_by_the_rule_holds(birth: date, sequence: int, place: str) -> None:
    body = f"{place}{birth:%Y%m%d}{sequence:03}"
    found = identities.check("id", body + mod_11_2.calc_check_digit(body), TODAY)
    assert (found.problem, found.birth_date) == (None, birth.isoformat())
    assert found.sex == ("male" if sequence % 2 else "female")


def test_a_birth_today_is_no_future() -> None:
    body = f"350102{TODAY:%Y%m%d}001"
    assert identities.check("id", body + mod_11_2.calc_check_digit(body), TODAY).holds


def test_the_old_foreigners_form_takes_the_latest_year_that_is_past() -> None:
    body = "USA1100050101" + "1"
    number = body + foreigner.check_digit(body)
    assert identities.check("id", number, TODAY).birth_date == "2005-01-01"
    assert identities.check("id", number, date(2004, 1, 1)).birth_date == "1905-01-01"


@pytest.mark.parametrize(
    ("typed", "normalised"),
    [
        ("138 1234 8000", "13812348000"),
        ("+86 138-1234-8000", "13812348000"),
        ("0086 13812348000", "13812348000"),
        ("8613812348000", "13812348000"),
        ("19912348000", "19912348000"),
        ("(010) 6278 1234", "01062781234"),
        ("0591-87654321", "059187654321"),
        ("+852 9123 4567", "+85291234567"),
        ("+1 (212) 555-2368", "+12125552368"),
    ],
)
def test_a_phone_number_is_taken_in_its_plain_form(typed: str, normalised: str) -> None:
    found = identities.check("phone", typed)
    assert (found.problem, found.normalised) == (None, normalised)


@pytest.mark.parametrize(
    ("typed", "at", "words"),
    [
        ("1381234800", 10, "1 missing"),
        ("138123480000", 11, "1 too many"),
        ("12812348000", 1, "digit 2"),
        ("1381234800O", 10, "is it 0?"),
        ("62781234", 0, "area code"),
        ("abc", 0, "area code"),
        ("+852 91", 6, "too short"),
        ("+8529123456789012", 17, "too long"),
        ("+999123456", 0, "no phone number"),
        ("٠١٠٦٢٧٨١٢٣٤", 0, "no phone number"),
    ],
)
def test_a_wrong_phone_number_is_explained(typed: str, at: int, words: str) -> None:
    found = identities.check("phone", typed)
    assert found.problem is not None
    assert words in found.problem.en
    assert found.at == at


def test_a_pass_number_tells_its_wrong_digit() -> None:
    assert identities.check("pass", "9573 1361 2953").normalised == "9573-1361-2953"
    wrong = identities.check("pass", "957313612954")
    assert wrong.problem is not None
    assert wrong.at == 11
    assert "should be 3" in wrong.problem.en


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("13812348000", "phone"),
        ("1381234800", "phone"),
        ("+85291234567", "phone"),
        (CITIZEN, "resident-id"),
        (CITIZEN[:-1], "resident-id"),
        (OLD_FOREIGNER, "foreigner-id"),
        ("957313612953", "pass"),
        ("E12345678", "passport"),
        ("H12345678", "travel-permit"),
        ("12345", ""),
        ("12345678", ""),  # perhaps a permit, more often a phone cut short
        ("23812348000", ""),
        ("张三丰", ""),
        ("", ""),
    ],
)
def test_one_field_for_all_numbers_tells_them_apart(typed: str, kind: str) -> None:
    assert identities.guess(typed, TODAY).kind == kind


def test_a_birth_date_comes_only_from_a_number_that_holds() -> None:
    assert identities.birth_date(CITIZEN) == "1949-12-31"
    assert identities.birth_date("110105194912310021") == ""
    assert identities.birth_date("E12345678") == ""
    assert identities.birth_date("") == ""


def test_a_kind_that_nobody_knows_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="one of id"):
        identities.check("shoe-size", "京A12345")


@given(st.sampled_from(identities.KINDS), st.text(max_size=40))
def test_any_text_at_all_has_an_answer(kind: str, text: str) -> None:
    found = identities.check(kind, text, TODAY)
    assert found.holds == (found.at is None)
    assert found.at is None or 0 <= found.at <= len(found.normalised)
    identities.guess(text, TODAY)


@given(st.text(alphabet="0123456789X", min_size=12, max_size=20))
def test_digits_in_any_number_have_an_answer_that_is_normal_text(text: str) -> None:
    found = identities.check("id", text, TODAY)
    assert found.normalised == unicodedata.normalize("NFKC", text)
