"""The enrolment code's text: small, whole, and nobody's health code."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from kiosk import codes as health
from kiosk.codes import ReadContext, Trust, enrolment
from kiosk.codes.context import Revoked
from kiosk.codes.enrolment import EnrolmentCode
from kiosk.model import Verification

PRINT = bytes(range(16))
CODE = EnrolmentCode("https://office.example:8700", "K7QM2-2XA9P-LEMQ4-T0000", PRINT)
CONTEXT = ReadContext(datetime(2026, 11, 22, tzinfo=UTC), Trust.of(()), Revoked())


def test_a_code_is_read_as_it_was_written_and_makes_a_small_symbol() -> None:
    text = enrolment.write(CODE)
    assert enrolment.parse(f" {text}\r\n") == CODE
    assert segno.make(text, error="m").mode == "alphanumeric"
    assert segno.make(text, error="m").version <= 7


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_is_not(text: str) -> None:
    for tried in (text, enrolment.PREFIX + text):
        try:
            enrolment.parse(tried)
        except ValueError:
            continue


@pytest.mark.parametrize("cut", [5, 20, -1])
def test_a_code_that_was_cut_short_is_none(cut: int) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  of whatever layer notices
        enrolment.parse(enrolment.write(CODE)[:cut])


def test_an_enrolment_code_is_known_by_its_name_and_says_nothing_of_anybody() -> None:
    read = health.read(enrolment.write(CODE), CONTEXT)
    assert (read.scheme, read.verification) == ("enrolment-code", Verification.FAILED)
    assert "K7QM" not in repr(read)
    assert "K7QM" not in repr(CODE)


def test_a_fingerprint_is_typed_as_people_type_it() -> None:
    shown = enrolment.grouped(PRINT)
    assert shown.startswith("0001 0203")
    assert enrolment.typed_fingerprint(shown.lower().replace(" ", "-")) == PRINT
    assert enrolment.typed_fingerprint(" ") == b""
    for wrong in ("0001", "zz" * 16):
        with pytest.raises(ValueError):  # noqa: PT011
            enrolment.typed_fingerprint(wrong)
