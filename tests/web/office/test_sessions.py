"""How long a session lasts and how its cookie travels."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.sync.office.conftest import ManualClock
from tests.web.office.conftest import PASSWORDS
from tests.web.office.desk import Desk, token, words


def test_half_an_hour_without_a_request_ends_the_session(clerk: Desk, clock: ManualClock) -> None:
    clock.go(minutes=29)
    assert clerk.get("/entries").status_code == 200
    clock.go(minutes=29)
    assert clerk.get("/entries?verdict=check").status_code == 200
    clock.go(minutes=31)
    answer = clerk.get("/entries?verdict=check")
    assert answer.status_code == 302
    assert "登录已超时" in words(clerk.get(answer.location))


def test_the_log_in_leads_back_to_where_one_wanted_to_go(stranger: Desk) -> None:
    door = stranger.get("/entries?verdict=check").location
    answer = stranger.send(door, {"login": "clerk", "password": PASSWORDS["clerk"]})
    assert answer.location == "/entries?verdict=check"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "javascript:x"]
)
def test_the_log_in_leads_nowhere_else(stranger: Desk, elsewhere: str) -> None:
    form = {"login": "clerk", "password": PASSWORDS["clerk"], "csrf_token": token(stranger.get("/login"))}
    assert stranger.client.post("/login", query_string={"next": elsewhere}, data=form).location == "/"


def test_a_page_that_refreshes_itself_is_nobody_at_the_desk(clerk: Desk, clock: ManualClock) -> None:
    for _ in range(4):
        clock.go(minutes=10)
        answer = clerk.get("/live/overview")
    assert answer.status_code == 401
    assert clerk.get("/").status_code == 302


def test_twelve_hours_end_any_session(clerk: Desk, clock: ManualClock) -> None:
    for _ in range(36):
        clock.go(minutes=20)
        assert clerk.get("/alerts").status_code == 200
    clock.go(minutes=1)
    assert clerk.get("/alerts").status_code == 302


def test_logging_out_ends_the_session(clerk: Desk) -> None:
    assert clerk.send("/logout", page="/").location == "/login"
    assert clerk.get("/").status_code == 302


def test_logging_out_needs_the_button(clerk: Desk) -> None:
    assert clerk.get("/logout").status_code == 405
    assert clerk.get("/").status_code == 200


def test_the_session_cookie_is_kept_from_scripts_and_from_other_sites(app: Flask) -> None:
    plain = session_cookie(app, "http://office.example")
    assert "HttpOnly" in plain
    assert "SameSite=Strict" in plain
    assert "Secure" not in plain
    assert "Secure" in session_cookie(app, "https://office.example")


def test_a_log_in_begins_a_new_session(stranger: Desk) -> None:
    stranger.get("/login")
    with stranger.client.session_transaction() as before:
        before["planted"] = "by somebody else"
    stranger.enter("clerk", PASSWORDS["clerk"])
    with stranger.client.session_transaction() as after:
        assert "planted" not in after


def test_pages_are_not_kept_by_the_browser(clerk: Desk) -> None:
    for path in ("/", "/entries", "/audit", "/passes"):
        assert clerk.get(path).headers["Cache-Control"] == "no-store"


def session_cookie(app: Flask, origin: str) -> str:
    cookies = app.test_client().get("/login", base_url=origin).headers.getlist("Set-Cookie")
    return next(cookie for cookie in cookies if cookie.startswith("gatehouse_office="))
