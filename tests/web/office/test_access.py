"""Who may open what: every route, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from sync.office.office import Office
from tests.sync.office.conftest import ManualClock
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, words
from tests.web.office.world import World
from web.app import create_office_app

OPEN = {"static", "site.health", "account.login", "account.code", "phone.page", "phone.shown"}
NOBODY = "00000000-0000-7000-8000-000000000000"


def addresses(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, path) of every route, with an id that nothing has."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", NOBODY, rule.rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule.endpoint, method, path


def test_nothing_but_the_log_in_opens_to_a_stranger(app: Flask) -> None:
    others = ("api.", "household.")  # gates sign; a household brings its link
    closed = [item for item in addresses(app) if item[0] not in OPEN and not item[0].startswith(others)]
    assert len(closed) > 25
    for endpoint, method, path in closed:
        answer = app.test_client().open(path, method=method)
        turned_away = answer.status_code == 401 or (answer.status_code == 302 and "/login" in answer.location)
        assert turned_away, f"{method} {path} ({endpoint}) answered {answer.status_code}"


def test_a_stranger_reads_nothing_of_the_office_on_a_closed_page(app: Flask) -> None:
    for _, method, path in addresses(app):
        body = app.test_client().open(path, method=method).get_data(as_text=True)
        assert "张*丰" not in body
        assert "幸福社区" not in body


def test_an_address_that_is_none_tells_a_stranger_nothing(stranger: Desk) -> None:
    assert "/login" in stranger.get("/no/such/page").location


def test_the_api_answers_gates_without_a_log_in(stranger: Desk) -> None:
    assert stranger.get("/api/v1/openapi.json").status_code == 200
    answer = stranger.client.post("/api/v1/events", data=b"{}")
    assert answer.status_code == 401
    assert answer.is_json


def test_the_watchdog_needs_no_log_in(stranger: Desk) -> None:
    answer = stranger.get("/healthz")
    assert answer.status_code == 200
    assert answer.get_json() == {"ok": True}


@pytest.mark.parametrize("path", ["/users", "/users/new", "/audit", "/gates/new"])
def test_a_clerk_does_not_open_what_is_for_administrators(clerk: Desk, admin: Desk, path: str) -> None:
    refused = clerk.get(path)
    assert refused.status_code == 403
    assert "没有权限" in words(refused)
    assert "Not permitted" in words(refused)
    assert admin.get(path).status_code == 200


def test_a_clerk_cannot_make_an_enrolment_code_by_sending_the_form(clerk: Desk, world: World) -> None:
    answer = clerk.send(f"/gates/{world.east.id}/code", page=f"/gates/{world.east.id}")
    assert answer.status_code == 403


def test_the_administrator_of_one_branch_does_not_manage_users(world: World, app: Flask) -> None:
    first = world.office.users.add("head", "社区主任", "admin", worlds.Scope(world.peace.id), who="test")
    worlds.settle(world, "head", first, "the branch's password")
    head = Desk(app.test_client()).enter("head", "the branch's password")
    assert head.get("/users").status_code == 403
    assert head.get("/audit").status_code == 200
    assert 'href="/users"' not in head.get("/").get_data(as_text=True)


def test_whoever_sees_one_community_finds_nothing_of_another(heping: Desk, world: World) -> None:
    south, east = world.south.journal.events[0].id, world.east.journal.events[0].id
    assert heping.get(f"/entries/{south}").status_code == 200
    assert heping.get(f"/entries/{east}").status_code == 404
    assert heping.get(f"/gates/{world.east.id}").status_code == 404
    assert heping.get(f"/bundle?community={world.happiness.id}").status_code == 404
    for path in ("/", "/entries", "/gates", "/alerts", "/notices", "/bundle", "/passes/new"):
        assert "幸福社区" not in heping.get(path).get_data(as_text=True), path


def test_a_form_cannot_reach_beyond_ones_community(heping: Desk, world: World) -> None:
    east = world.east.journal.events[0].id
    form = {"community": world.happiness.id, "zh": "停水", "en": "No water"}
    assert heping.send(f"/entries/{east}", {"reason": "查看"}, page="/notices").status_code == 404
    assert heping.send(f"/gates/{world.east.id}/wake", page="/notices").status_code == 404
    assert heping.send("/notices", form).status_code == 422
    assert world.office.notices.list(world.happiness.id, worlds.EVERYTHING) == ()


def test_every_page_of_an_office_where_nothing_happened_yet_opens(sqlite_office_url: str, clock: ManualClock) -> None:
    office = Office.open(worlds.OfficeSettings(url=sqlite_office_url, var=Path(sqlite_office_url[10:]).parent), clock)
    first = office.users.add("admin", "", "admin", worlds.EVERYTHING, who="test")
    user = office.users.check("admin", first, clock())
    assert user is not None
    office.users.change_password(user, first, "a first day's password", clock())
    desk = Desk(create_office_app(office).test_client()).enter("admin", "a first day's password")
    pages = ("/", "/entries", "/alerts", "/gates", "/passes", "/notices", "/bundle", "/trouble", "/users", "/audit")
    for path in (*pages, "/gates/new", "/passes/new", "/users/new", "/account", "/account/password"):
        assert desk.get(path).status_code == 200, path
    assert "还没有门岗" in words(desk.get("/"))
    assert "没有待处理的预警" in words(desk.get("/"))
    assert "没有符合条件的通行记录" in words(desk.get("/entries"))
    office.close()
