"""The short code of a declaration: eight digits, the last of which tells a slip."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import identities
from kiosk.codes import ReadContext, Revoked, Trust, declaration, read
from kiosk.model import Holder, Method, Presentation, Reason, Verification
from kiosk.recognition import tokens_of
from kiosk.tokens import token
from web import forms

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
KEY = bytes(32)
CODE = declaration.number("1234567")


def test_a_code_is_found_and_proves_nothing() -> None:
    code = read(f"GD1:{CODE}", ReadContext(AT, Trust(), Revoked()))
    assert (code.scheme, code.serial) == ("declaration", CODE)
    assert (code.verification, code.reason) == (Verification.UNVERIFIED, Reason.UNVERIFIABLE)
    assert code.holder == Holder()


@pytest.mark.parametrize("text", ["GD1:", "GD1:1234567", "GD1:12345678x", "GD1: " + CODE, "GD1:１２３４５６７８"])
def test_anything_else_is_malformed(text: str) -> None:
    code = read(text, ReadContext(AT, Trust(), Revoked()))
    assert (code.verification, code.reason) == (Verification.FAILED, Reason.MALFORMED)


@given(st.text("0123456789", min_size=7, max_size=7), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(seven: str, at: int, by: int) -> None:
    code = declaration.number(seven)
    wrong = code[:at] + str((int(code[at]) + by) % 10) + code[at + 1 :]
    assert declaration.holds(code)
    assert not declaration.holds(wrong)


@pytest.mark.parametrize("seven", ["", "123456", "12345678", "12345x7", "１２３４５６７"])
def test_only_seven_digits_make_a_code(seven: str) -> None:
    with pytest.raises(ValueError, match="seven digits"):
        declaration.number(seven)


def test_scanned_and_typed_it_is_the_same_declaration() -> None:
    wanted = token(KEY, "declaration", CODE)
    code = read(f"GD1:{CODE}", ReadContext(AT, Trust(), Revoked()))
    scanned = Presentation(Method.CAMERA, AT, text=f"GD1:{CODE}")
    typed = Presentation(Method.TABLET, AT, person=forms.identity(declaration.grouped(CODE)))
    assert wanted in tokens_of(KEY, code, scanned)
    assert tokens_of(KEY, None, typed) == (wanted,)


def test_eight_digits_at_the_console_are_a_code_and_others_stay_what_they_are() -> None:
    assert forms.scanned(f" {declaration.grouped(CODE)}\n") == f"GD1:{CODE}"
    wrong = CODE[:-1] + str((int(CODE[-1]) + 1) % 10)
    assert forms.scanned(wrong) == wrong


def test_a_slip_is_told() -> None:
    wrong = CODE[:-1] + str((int(CODE[-1]) + 1) % 10)
    found = identities.guess(wrong)
    assert (found.kind, found.holds) == ("", False)
    with pytest.raises(forms.Refused):
        forms.identity(wrong)
