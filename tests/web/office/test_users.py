"""用户 and 审计: adding people, first passwords, roles, and the log of who did what."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.web.office import world as worlds
from tests.web.office.desk import Desk, words
from tests.web.office.world import World

PASSWORD = re.compile(r"data-password>([\w-]+)<")


def shown_password(body: str) -> str:
    found = PASSWORD.search(body)
    assert found is not None
    return found[1]


def test_a_new_user_logs_in_with_the_first_password_shown_once(admin: Desk, app: Flask, world: World) -> None:
    form = {"login": "wang", "name": "王姐", "role": "clerk", "unit": world.peace.id}
    page = admin.send("/users/new", form)
    first = shown_password(page.get_data(as_text=True))
    assert first not in admin.get("/users").get_data(as_text=True)
    assert "和平社区" in words(admin.get("/users"))
    wang = Desk(app.test_client()).enter("wang", first)
    assert wang.get("/").location == "/account/password"


@pytest.mark.parametrize(
    ("login", "said"),
    [("clerk", "已有这个账号"), ("Wang Jie", "只用小写字母"), ("", "此项必填"), ("x" * 41, "最多 40 个字")],
)
def test_a_login_that_will_not_do_is_said_so(admin: Desk, login: str, said: str) -> None:
    answer = admin.send("/users/new", {"login": login, "name": "王姐", "role": "clerk", "unit": ""})
    assert answer.status_code == 422
    assert said in words(answer)
    assert "王姐" in answer.get_data(as_text=True)


def test_a_role_that_is_none_is_refused(admin: Desk, world: World) -> None:
    assert admin.send("/users/new", {"login": "x", "name": "x", "role": "root", "unit": ""}).status_code == 422
    assert admin.send("/users/clerk/role", {"role": "root"}, page="/users").status_code == 422
    assert next(user for user in world.office.users.list() if user.login == "clerk").role == "clerk"


def test_a_changed_role_counts_at_once(admin: Desk, clerk: Desk) -> None:
    assert clerk.get("/audit").status_code == 403
    assert admin.send("/users/clerk/role", {"role": "admin"}, page="/users").location == "/users"
    assert clerk.get("/audit").status_code == 200
    admin.send("/users/clerk/role", {"role": "clerk"}, page="/users")
    assert clerk.get("/audit").status_code == 403


def test_an_administrator_cannot_step_down_alone(admin: Desk, world: World) -> None:
    assert admin.send("/users/admin/role", {"role": "clerk"}, page="/users").status_code == 422
    assert next(user for user in world.office.users.list() if user.login == "admin").is_admin


def test_a_reset_password_closes_what_was_open(admin: Desk, clerk: Desk, app: Flask) -> None:
    page = admin.send("/users/clerk/password", page="/users")
    first = shown_password(page.get_data(as_text=True))
    assert clerk.get("/entries").location == "/account/password"
    Desk(app.test_client()).enter("clerk", first)


def test_resetting_the_password_of_nobody_is_not_found(admin: Desk) -> None:
    assert admin.send("/users/nobody/password", page="/users").status_code == 404


def test_the_audit_log_shows_who_did_what(admin: Desk, clerk: Desk, world: World) -> None:
    clerk.send(f"/gates/{world.east.id}/wake", page="/gates/" + world.east.id)
    text = words(admin.get("/audit"))
    assert "clerk 请门岗同步" in text
    assert "admin 登录" in text


def test_the_audit_log_of_a_branch_holds_no_others(world: World, app: Flask, clerk: Desk) -> None:
    first = world.office.users.add("head", "社区主任", "admin", worlds.Scope(world.peace.id), who="test")
    worlds.settle(world, "head", first, "the branch's password")
    clerk.send(f"/gates/{world.east.id}/wake", page="/gates/" + world.east.id)
    clerk.send(f"/gates/{world.south.id}/wake", page="/gates/" + world.south.id)
    text = words(Desk(app.test_client()).enter("head", "the branch's password").get("/audit"))
    assert text.count("请门岗同步") == 1
