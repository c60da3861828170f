"""What people read when something cannot be done, in both languages, and that nothing they typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import passage
from tests.web.office import world as worlds
from tests.web.office.conftest import PASSWORDS
from tests.web.office.desk import Desk, token, words
from tests.web.office.world import World

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    ("path", "status", "zh", "en"),
    [
        ("/no/such/page", 404, "没有这个页面", "No such page"),
        ("/users", 403, "没有权限", "Not permitted"),
        ("/entries?day=never", 422, "内容不符合要求", "This cannot be taken"),
        ("/logout", 405, "不支持这种操作", "not supported"),
    ],
)
def test_a_fault_is_said_in_both_languages(clerk: Desk, path: str, status: int, zh: str, en: str) -> None:
    answer = clerk.get(path)
    assert answer.status_code == status
    assert zh in words(answer)
    assert en in words(answer)


def test_a_script_gets_a_fault_as_json(clerk: Desk) -> None:
    answer = clerk.get("/no/such/page", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.get_json()["error"] == 404


def test_a_fault_inside_is_logged_and_tells_nothing(
    clerk: Desk, app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> str:
        raise RuntimeError("the secret of the house")

    monkeypatch.setitem(app.view_functions, "trouble.page", broken)  # the routes are shared by all tests
    answer = clerk.get("/trouble")
    assert answer.status_code == 500
    assert "系统出错，已记入日志" in words(answer)
    assert "Something went wrong" in words(answer)
    assert "the secret of the house" not in answer.get_data(as_text=True)
    assert "the secret of the house" in caplog.text


def test_a_database_that_is_gone_is_said_so_and_the_page_still_stands(clerk: Desk, world: World) -> None:
    path = Path(world.office.settings.url.removeprefix("sqlite:///"))
    world.office.database.close()
    path.rename(path.with_suffix(".away"))
    path.mkdir()
    answer = clerk.get("/entries")
    assert answer.status_code == 503
    assert "服务暂不可用" in words(answer)
    assert answer.headers["Retry-After"]
    assert clerk.get("/healthz").status_code == 503


@pytest.mark.parametrize("path", ["/notices", "/passes/new", "/account/password", "/users/new", "/gates/new"])
def test_a_form_without_its_token_changes_nothing(admin: Desk, world: World, path: str) -> None:
    before = world.office.audit.page(worlds.EVERYTHING).total
    answer = admin.client.post(path, data={"name": "x"}, headers=OURS)
    assert answer.status_code == 400
    assert world.office.audit.page(worlds.EVERYTHING).total == before


def test_every_route_that_changes_something_asks_for_a_token(admin: Desk, app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or set()) or rule.endpoint.startswith("api."):
            continue
        path = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)  # a choice: its first
        path = re.sub(r"<[^>]+>", "00000000-0000-7000-8000-000000000000", path)
        assert admin.client.post(path, headers=OURS).status_code in (400, 302), rule.endpoint
        assert admin.get("/").status_code == 200


def test_an_expired_page_keeps_what_was_typed_and_takes_it_the_second_time(clerk: Desk, world: World) -> None:
    typed = {
        "community": world.happiness.id,
        "zh": "停水通知：周三上午\n请提前储水",
        "en": "No water on Wednesday",
        "csrf_token": "old",
    }
    answer = clerk.client.post("/notices", data=typed, headers=OURS)
    assert answer.status_code == 400
    assert "页面已过期，内容尚未提交" in words(answer)
    assert "nothing was sent yet" in words(answer)
    body = answer.get_data(as_text=True)
    assert "停水通知：周三上午\n请提前储水" in body
    again = clerk.client.post("/notices", data={**typed, "csrf_token": token(answer)}, headers=OURS)
    assert again.location == "/notices"
    assert "停水通知" in words(clerk.get("/notices"))


def test_a_log_in_that_ran_out_keeps_what_was_typed(
    log_in: Callable[[str], Desk], world: World, clock: ManualClock
) -> None:
    worlds.step_up(world.east, 7)
    worlds.send_all(world.east)
    alert = world.office.alerts.list(worlds.EVERYTHING)[0]
    clerk = log_in("clerk")
    form = clerk.get(f"/alerts/{alert.id}")
    clock.go(minutes=45)
    late = clerk.client.post(f"/alerts/{alert.id}", data={"done": "已转运", "csrf_token": token(form)}, headers=OURS)
    assert late.status_code == 401
    assert "登录已超时" in words(late)
    assert "已转运" in words(late)
    clerk.enter("clerk", PASSWORDS["clerk"])
    kept = {"done": "已转运", "csrf_token": token(late)}
    second = clerk.client.post(f"/alerts/{alert.id}", data=kept, headers=OURS)
    assert second.status_code == 400, "the token was that of the session before"
    third = clerk.client.post(f"/alerts/{alert.id}", data={"done": "已转运", "csrf_token": token(second)}, headers=OURS)
    assert third.location == "/alerts"


def test_another_site_cannot_put_words_into_our_form(clerk: Desk, world: World) -> None:
    typed = {"community": world.happiness.id, "zh": "假通知", "en": "A forged notice"}
    answer = clerk.client.post("/notices", data=typed, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400
    assert "假通知" not in answer.get_data(as_text=True)


def test_a_password_is_never_written_back_into_a_page(clerk: Desk) -> None:
    typed = {"old": "my old secret", "new": "my new secret", "again": "my new secret", "csrf_token": "old"}
    body = clerk.client.post("/account/password", data=typed, headers=OURS).get_data(as_text=True)
    assert "secret" not in body


def test_a_log_in_page_left_open_too_long_is_loaded_again(stranger: Desk) -> None:
    answer = stranger.client.post("/login", data={"login": "clerk", "password": "x", "csrf_token": "old"})
    assert answer.status_code == 302
    assert answer.location == "/login?ended=1"


def test_a_time_at_the_end_of_the_calendar_is_shown_and_breaks_no_page(world: World, admin: Desk) -> None:
    for at in (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)):
        world.east.journal.append("passage", at, passage(), {})
        world.east.journal.append("alert", at, {"visit": "v", "lane": "1", "demo": False, **worlds.FEVER}, {})
    worlds.send_all(world.east)
    for path in ("/", "/entries", "/alerts", "/trouble", "/days", "/entries?day=9999-12-31", "/entries?day=0001-01-01"):
        assert admin.get(path).status_code == 200, path
    assert "9999-12-31 23:59" in words(admin.get("/trouble"))
    assert admin.get(f"/days/{world.east.id}/9999-12-31").status_code == 404
