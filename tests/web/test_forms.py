"""What people type at a gate: taken as they mean it, or refused with words that help."""

from __future__ import annotations

import pytest

from kiosk.model import Holder
from web import forms

GOOD_ID = "11010519491231002X"  # the example of GB 11643


@pytest.mark.parametrize(
    ("typed", "celsius"), [("36.5", 36.5), ("36", 36.0), (" 37.3 ", 37.3), ("３６．５", 36.5), ("36,5", 36.5)]
)
def test_a_temperature_is_taken_however_its_digits_were_typed(typed: str, celsius: float) -> None:
    assert forms.celsius(typed) == celsius


@pytest.mark.parametrize("typed", ["", "36.55", "abc", "3 6", "-3", "366", "1e1", "nan", "36.5℃℃"])
def test_what_is_no_temperature_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(forms.Refused) as refused:
        forms.celsius(typed)
    assert "36.5" in refused.value.problems["celsius"].zh


def test_a_person_needs_a_name_and_one_more_thing() -> None:
    with pytest.raises(forms.Refused) as refused:
        forms.registration({"name": "", "phone": "13812348000"})
    assert set(refused.value.problems) == {"name"}
    with pytest.raises(forms.Refused) as refused:
        forms.registration({"name": "张三丰"})
    assert set(refused.value.problems) == {"household"}


def test_all_problems_of_a_registration_are_named_at_once() -> None:
    with pytest.raises(forms.Refused) as refused:
        forms.registration({"id_number": "110105194912310021", "phone": "138"})
    assert set(refused.value.problems) == {"name", "id_number", "phone"}


def test_a_registration_is_taken_without_the_blanks_and_dashes_of_handwriting() -> None:
    form = {
        "name": " 张三丰 ",
        "id_number": "110105 19491231 002x",
        "phone": "+86 138-1234-8000",
        "household": "3-2-501",
    }
    person = forms.registration(form)
    assert (person.name, person.id_number, person.phone) == ("张三丰", GOOD_ID, "13812348000")


@pytest.mark.parametrize("number", ["E12345678", "H1234567(8)", ""])
def test_other_papers_than_the_resident_card_are_taken_as_they_are(number: str) -> None:
    assert forms.registration({"name": "李四", "id_number": number, "phone": "13812348000"}).id_number == number


def test_a_tablet_tells_a_phone_from_an_id_and_a_pass_number() -> None:
    assert forms.identity("138 1234 8000").phone == "13812348000"
    assert forms.identity(GOOD_ID.lower()).id_number == GOOD_ID
    assert forms.identity("9573 1361 2953") == Holder(pass_number="9573-1361-2953")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "mobile number"),
        ("12345", "mobile number"),
        ("23812348000", "mobile number"),
        ("957313612954", "compare it with the pass"),
        ("110105194912310021", "character 18 should be X"),
        ("EO1234567", "digit 0"),
    ],
)
def test_a_tablet_refuses_what_is_none_of_them_and_says_what_may_be_wrong(typed: str, words: str) -> None:
    with pytest.raises(forms.Refused, match=words):
        forms.identity(typed)


def test_a_pass_number_is_enough_beside_a_name_and_a_wrong_one_is_told() -> None:
    assert forms.registration({"name": "张三丰", "pass_number": "957313612953"}).pass_number == "9573-1361-2953"
    with pytest.raises(forms.Refused) as refused:
        forms.registration({"name": "张三丰", "pass_number": "957313612954"})
    assert set(refused.value.problems) == {"pass_number"}


@pytest.mark.parametrize("number", ["810000199408230021", "KAZ110090123105", "E12345678"])
def test_a_tablet_takes_residence_permits_and_passports(number: str) -> None:
    assert forms.identity(number.lower()) == Holder(id_number=number)


def test_a_number_that_the_document_shows_is_recorded_when_the_volunteer_confirms_it() -> None:
    form = {"name": "王奶奶", "id_number": "110105 19491231 0021"}
    with pytest.raises(forms.Refused, match="character 18 should be X"):
        forms.registration(form)
    person = forms.registration({**form, "unreadable": "yes"})
    assert (person.id_number, forms.unreadable(person)) == ("110105194912310021", True)


def test_confirming_changes_nothing_about_a_number_that_holds_or_about_other_fields() -> None:
    form = {"name": "王奶奶", "id_number": GOOD_ID, "unreadable": "yes"}
    assert not forms.unreadable(forms.registration(form))
    with pytest.raises(forms.Refused) as refused:
        forms.registration({**form, "phone": "138", "id_number": "1" * 25})
    assert set(refused.value.problems) == {"phone", "id_number"}


@pytest.mark.parametrize("text", ["", "  \r\n", "x" * 8193])
def test_a_scan_without_text_or_with_far_too_much_is_refused(text: str) -> None:
    with pytest.raises(forms.Refused, match="scan again"):
        forms.scanned(text)


def test_the_text_of_a_scan_is_kept_but_for_the_line_end_the_scanner_adds() -> None:
    assert forms.scanned("HC1:AB C$%*+-./:\r\n") == "HC1:AB C$%*+-./:"
