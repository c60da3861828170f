"""A tablet is paired with a code that works once, for ten minutes, and not by guessing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from web.tablet.pairing import COOKIE, MOST_TRIES, Pairing, own_screen

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def pairing(watch: Watch) -> Pairing:
    return Pairing(b"k" * 32, watch)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def request_from(address: str, **headers: str) -> Request:
    environ = EnvironBuilder(headers=headers).get_environ()
    environ["REMOTE_ADDR"] = address
    return Request(environ)


def test_the_right_code_gives_a_cookie_that_admits_the_tablet(pairing: Pairing) -> None:
    cookie = pairing.redeem(pairing.new_code())
    assert cookie is not None
    assert pairing.admits(request_from("192.0.2.9", Cookie=f"{COOKIE}={cookie}"))


def test_a_code_works_once(pairing: Pairing) -> None:
    code = pairing.new_code()
    assert pairing.redeem(code)
    assert pairing.redeem(code) is None


def test_a_code_is_worthless_after_ten_minutes(pairing: Pairing, watch: Watch) -> None:
    code = pairing.new_code()
    watch.at = NOON + timedelta(minutes=10, seconds=1)
    assert pairing.redeem(code) is None


def test_five_wrong_tries_spend_a_code(pairing: Pairing) -> None:
    code = pairing.new_code()
    for _ in range(MOST_TRIES):
        assert pairing.redeem(wrong(code)) is None
    assert pairing.redeem(code) is None


def test_a_new_code_replaces_the_one_before(pairing: Pairing) -> None:
    old = pairing.new_code()
    new = pairing.new_code()
    assert old == new or pairing.redeem(old) is None
    assert old == new or pairing.redeem(new)


def test_before_a_volunteer_made_a_code_none_is_right(pairing: Pairing) -> None:
    assert pairing.redeem("") is None


def test_a_cookie_signed_with_another_key_admits_nobody(pairing: Pairing, watch: Watch) -> None:
    other = Pairing(b"x" * 32, watch)
    cookie = other.redeem(other.new_code())
    assert not pairing.admits(request_from("192.0.2.9", Cookie=f"{COOKIE}={cookie}"))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.0.0.53"])
def test_the_own_screen_of_the_gate_needs_no_pairing(pairing: Pairing, address: str) -> None:
    assert pairing.admits(request_from(address))


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-Ip"])
def test_what_a_proxy_passed_on_did_not_come_from_the_own_screen(header: str) -> None:
    request = request_from("127.0.0.1", **{header: "192.0.2.9"})
    assert not own_screen(request)


@pytest.mark.parametrize("address", ["192.0.2.9", "", "unix:"])
def test_anybody_else_does(pairing: Pairing, address: str) -> None:
    assert not pairing.admits(request_from(address))
