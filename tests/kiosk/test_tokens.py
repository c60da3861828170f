"""Person tokens: the same person gives the same token, however the number is written, and only with the key."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from kiosk.tokens import KINDS, normalise, token

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("138 0013 8000", "13800138000"),
        ("+86-138-0013-8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("11010519491231002x", "11010519491231002X"),
        ("京A·12345", "京A12345"),
        ("浙ａd12345", "浙AD12345"),
        ("\u3000 . ", ""),
    ],
)
def test_a_number_is_the_same_however_it_is_written(written: str, normal: str) -> None:
    assert normalise(written) == normal
    assert normalise(normalise(written)) == normal


def test_a_token_is_a_keyed_hash_of_kind_and_number() -> None:
    expected = hmac.new(KEY, b"phone:13800138000", hashlib.sha256).hexdigest()
    assert token(KEY, "phone", "+86 138 0013 8000") == expected


def test_another_community_another_kind_or_another_number_give_another_token() -> None:
    tokens = {
        token(key, kind, number)
        for key in (KEY, bytes(32))
        for kind in KINDS
        for number in ("13800138000", "13800138001")
    }
    assert len(tokens) == 2 * len(KINDS) * 2


def test_an_unknown_kind_has_no_token() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        token(KEY, "shoe-size", "42")


@pytest.mark.parametrize("nobody", ["", "  ", "-·."])
def test_nobody_has_no_token(nobody: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        token(KEY, "id", nobody)
