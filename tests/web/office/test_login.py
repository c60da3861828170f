"""Logging in: password, first password, lock-out, second factor."""

from __future__ import annotations

import re

import pyotp
import pytest
from flask import Flask

from tests.sync.office.conftest import ManualClock
from tests.web.office import world as worlds
from tests.web.office.conftest import PASSWORDS
from tests.web.office.desk import Desk, words
from tests.web.office.world import World


def test_the_right_password_opens_the_overview(stranger: Desk) -> None:
    answer = stranger.send("/login", {"login": "clerk", "password": PASSWORDS["clerk"]})
    assert answer.location == "/"
    assert "今日" in words(stranger.get("/"))


def test_a_wrong_password_and_an_unknown_login_hear_the_same(stranger: Desk) -> None:
    wrong = stranger.send("/login", {"login": "clerk", "password": "no"})
    unknown = stranger.send("/login", {"login": "nobody", "password": "no"})
    assert wrong.status_code == unknown.status_code == 422
    assert "账号或密码不对" in words(wrong)
    assert words(wrong) == words(unknown)


def test_what_was_typed_as_login_stays_and_the_password_does_not(stranger: Desk) -> None:
    body = stranger.send("/login", {"login": "clerk", "password": "a secret"}).get_data(as_text=True)
    assert 'value="clerk"' in body
    assert "a secret" not in body


def test_five_wrong_passwords_lock_the_login_and_the_page_says_until_when(stranger: Desk, clock: ManualClock) -> None:
    for _ in range(5):
        answer = stranger.send("/login", {"login": "clerk", "password": "no"})
    assert "账号锁定至 12:15:00" in words(answer)
    assert stranger.send("/login", {"login": "clerk", "password": PASSWORDS["clerk"]}).status_code == 422
    clock.go(minutes=16)
    assert stranger.send("/login", {"login": "clerk", "password": PASSWORDS["clerk"]}).status_code == 302


def test_one_address_may_not_try_endlessly(stranger: Desk) -> None:
    shown = stranger.get("/login")
    form = {
        "login": "clerk",
        "password": "",
        "csrf_token": re.search(r'csrf_token" type="hidden" value="([^"]+)', shown.text)[1],
    }  # type: ignore[index]
    answers = [stranger.client.post("/login", data=form).status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


def test_a_first_password_has_to_be_changed_before_anything_else_opens(world: World, stranger: Desk) -> None:
    first = world.office.users.add("new", "新人", "clerk", worlds.EVERYTHING, who="test")
    stranger.enter("new", first)
    for path in ("/", "/entries", "/account", "/gates"):
        assert stranger.get(path).location == "/account/password", path
    assert "初始密码" in words(stranger.get("/account/password"))
    form = {"old": first, "new": "my own password", "again": "my own password"}
    assert stranger.send("/account/password", form).location == "/"
    assert stranger.get("/").status_code == 200


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"old": "wrong", "new": "another password", "again": "another password"}, "现在的密码不对"),
        ({"old": PASSWORDS["clerk"], "new": "short", "again": "short"}, "至少 10 个字符"),
        ({"old": PASSWORDS["clerk"], "new": "another password", "again": "yet another one"}, "两次输入的新密码不同"),
    ],
)
def test_a_password_that_will_not_do_is_said_so(clerk: Desk, form: dict[str, str], said: str) -> None:
    answer = clerk.send("/account/password", form)
    assert answer.status_code == 422
    assert said in words(answer)


def test_a_second_factor_once_turned_on_is_asked_for(clerk: Desk, app: Flask, clock: ManualClock) -> None:
    secret = turn_on_factor(clerk, clock)
    clock.go(minutes=5)
    other = Desk(app.test_client())
    answer = other.send("/login", {"login": "clerk", "password": PASSWORDS["clerk"]})
    assert answer.location == "/login/code"
    assert "/login" in other.get("/").location, "the password alone opens nothing"
    other.send("/login", {"login": "clerk", "password": PASSWORDS["clerk"]})
    wrong = other.send("/login/code", {"code": "000000"})
    assert wrong.status_code == 422
    assert "验证码不对" in words(wrong)
    assert other.send("/login/code", {"code": pyotp.TOTP(secret).at(clock())}).location == "/"
    assert other.get("/entries").status_code == 200


def test_the_second_factor_is_waited_for_five_minutes_only(clerk: Desk, app: Flask, clock: ManualClock) -> None:
    secret = turn_on_factor(clerk, clock)
    other = Desk(app.test_client())
    other.send("/login", {"login": "clerk", "password": PASSWORDS["clerk"]})
    clock.go(minutes=6)
    answer = other.send("/login/code", {"code": pyotp.TOTP(secret).at(clock())}, page="/login")
    assert answer.location == "/login"


def test_a_borrowed_session_cannot_change_the_second_factor(clerk: Desk) -> None:
    answer = clerk.send("/account/totp", {"password": "a guess"}, page="/account")
    assert answer.status_code == 422
    assert "密码不对" in words(answer)
    assert "otpauth" not in answer.get_data(as_text=True)


def test_a_wrong_first_code_leaves_the_second_factor_off(clerk: Desk, world: World) -> None:
    clerk.send("/account/totp", {"password": PASSWORDS["clerk"]}, page="/account")
    answer = clerk.send("/account/totp/confirm", {"code": "000000"}, page="/account")
    assert answer.status_code == 422
    assert not next(user for user in world.office.users.list() if user.login == "clerk").totp


def turn_on_factor(desk: Desk, clock: ManualClock) -> str:
    """Turns the second factor on through the pages; answers its secret."""
    page = desk.send("/account/totp", {"password": PASSWORDS["clerk"]}, page="/account")
    found = re.search(r'<code class="secret">(\w+)</code>', page.get_data(as_text=True))
    assert found is not None
    answer = desk.send("/account/totp/confirm", {"code": pyotp.TOTP(found[1]).at(clock())}, page="/account")
    assert answer.location == "/account"
    assert "已启用" in words(desk.get("/account"))
    return found[1]
