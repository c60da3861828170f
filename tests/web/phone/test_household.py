"""A household's pages: opened by its link alone, announcing, the code, calling off; and the office's side of it."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from sync.office.values import EVERYTHING
from tests.web.office.conftest import clerk, log_in
from tests.web.office.desk import Desk, token, words
from tests.web.office.world import World

__all__ = ["clerk", "log_in"]

FORM = {
    "kind": "visitor", "name": "张三丰", "phone": "13812348000", "id_number": "", "plate": "",
    "begins": "2026-11-22T12:00", "ends": "2026-11-23T22:00", "purpose": "探亲",
}  # fmt: skip


def enter(desk: Desk, secret: str) -> TestResponse:
    """What the page's script does with the secret behind the #."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', desk.get("/phone").get_data(as_text=True))
    assert found is not None
    return desk.client.post("/phone/open", headers={"X-Household-Link": secret, "X-CSRFToken": found[1]})


@pytest.fixture
def secret(world: World) -> str:
    return world.office.households.make(world.happiness.id, "3-2-501", EVERYTHING, who="clerk")[1]


@pytest.fixture
def home(stranger: Desk, secret: str) -> Desk:
    assert enter(stranger, secret).status_code == 204
    return stranger


def test_without_the_link_nothing_opens(stranger: Desk, secret: str) -> None:
    for path in ("/phone/home", "/phone/new", "/phone/01a20250-f443-701d-8626-cf5322aa9df9"):
        assert stranger.get(path).status_code == 403
    for wrong in ("", "x", secret[:-1]):
        assert enter(stranger, wrong).status_code == 404
    assert stranger.get("/phone/home").status_code == 403
    assert stranger.client.post("/phone/open", headers={"X-Household-Link": secret}).status_code == 400


def test_a_household_announces_and_gets_a_code(home: Desk, world: World) -> None:
    assert "还没有报备过" in words(home.get("/phone/home"))
    answer = home.send("/phone/new", FORM)
    shown = home.get(answer.location)
    (made,) = world.office.declarations.list(EVERYTHING).rows
    for part in (made.grouped, "张三丰", "有效", "2026-11-22 12:00 – 2026-11-23 22:00"):
        assert part in words(shown), part
    assert 'class="qr"' in shown.get_data(as_text=True)
    assert made.household == "3-2-501"
    assert "张三丰" in words(home.get("/phone/home"))
    assert (made.begins.hour, made.begins.minute) == (4, 0)


def test_what_cannot_be_announced_is_said_and_nothing_is_lost(home: Desk, world: World) -> None:
    answer = home.send("/phone/new", {**FORM, "phone": "", "ends": "2026-12-22T22:00"})
    assert answer.status_code == 422
    for part in ("至少填一项", "最多 7 天"):
        assert part in words(answer)
    assert 'value="张三丰"' in answer.get_data(as_text=True)
    assert world.office.declarations.list(EVERYTHING).total == 0


def test_it_can_be_called_off(home: Desk, world: World) -> None:
    path = home.send("/phone/new", FORM).location
    assert home.send(f"{path}/cancel", page=path).location == path
    page = home.get(path)
    assert "已取消" in words(page)
    assert 'class="qr"' not in page.get_data(as_text=True)


def test_the_household_sees_where_it_was_used(home: Desk, world: World) -> None:
    path = home.send("/phone/new", FORM).location
    world.east.passes(declaration=path.rpartition("/")[2])
    world.east.send(len(world.east.journal.events))
    assert "已使用" in words(home.get(path))
    assert "在东门进入" in words(home.get("/phone/home"))


def test_another_households_are_not_there(home: Desk, world: World, app: object) -> None:
    path = home.send("/phone/new", FORM).location
    _, other = world.office.households.make(world.happiness.id, "1-1-101", EVERYTHING, who="clerk")
    enter(home, other)
    assert home.get(path).status_code == 404
    assert home.send(f"{path}/cancel", page="/phone/new").status_code == 404


def test_a_link_that_was_taken_back_closes_open_pages(home: Desk, clerk: Desk, world: World) -> None:
    (link,) = world.office.households.list(EVERYTHING)
    clerk.send(f"/declarations/households/{link.id}/revoke", page="/declarations/households")
    answer = home.get("/phone/home")
    assert answer.status_code == 403
    assert "要一个新的" in words(answer)


def test_half_a_day_later_the_link_is_opened_again(home: Desk, world: World, clock: object) -> None:
    world.clock.go(hours=13)
    assert home.get("/phone/home").status_code == 403


def test_a_households_page_opens_none_of_the_offices(home: Desk) -> None:
    for path in ("/", "/declarations", "/lists/watch"):
        assert home.get(path).status_code == 302


def test_guessing_is_slowed_down(stranger: Desk) -> None:
    assert [enter(stranger, f"guess {number}").status_code for number in range(21)][-1] == 429


def test_the_office_hands_out_a_link_once(clerk: Desk, stranger: Desk, world: World) -> None:
    page = clerk.send("/declarations/households", {"community": world.happiness.id, "household": "3-2-501"})
    (address,) = re.findall(r"data-household-link>([^<]+)<", page.get_data(as_text=True))
    path, _, secret = address.partition("#")
    assert path.endswith("/phone")
    assert secret not in clerk.get("/declarations/households").get_data(as_text=True)
    assert "3-2-501" in words(clerk.get("/declarations/households"))
    assert enter(stranger, secret).status_code == 204


def test_the_office_announces_for_somebody_and_calls_it_off(clerk: Desk, world: World) -> None:
    form = {**FORM, "community": world.happiness.id, "household": "3-2-501"}
    assert "至少填一项" in words(clerk.send("/declarations/new", {**form, "phone": ""}))
    path = clerk.send("/declarations/new", form).location
    (made,) = world.office.declarations.list(EVERYTHING).rows
    for part in (made.grouped, "张*丰", "探亲", "3-2-501"):
        assert part in words(clerk.get(path)), part
    assert "张*丰" in words(clerk.get("/declarations"))
    clerk.send(f"{path}/cancel", page=path)
    assert "没有报备" in words(clerk.get("/declarations"))
    assert "已取消" in words(clerk.get("/declarations?all=1"))


def test_whoever_sees_one_community_sees_nothing_of_another(
    clerk: Desk, log_in: object, world: World, app: object
) -> None:
    form = {**FORM, "community": world.happiness.id, "household": "3-2-501"}
    path = clerk.send("/declarations/new", form).location
    heping = log_in("heping")  # type: ignore[operator]
    assert heping.get(path).status_code == 404
    assert "没有报备" in words(heping.get("/declarations"))
    assert heping.send("/declarations/new", form).status_code == 422
    assert token(heping.get("/declarations/new"))
