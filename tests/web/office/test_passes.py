"""出入证: issuing for the printer, the list, revoking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kiosk.codes import office_pass
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, links, words
from tests.web.office.world import World

FORM = {"name": "张三丰", "id_last4": "432x", "household": "3-2-501", "kind": "resident", "days": "14", "paper": "a6"}


def issue(desk: Desk, world: World, **changes: Any) -> TestResponse:
    page = desk.get("/passes/new").get_data(as_text=True)
    ticket = re.search(r'name="ticket"[^>]*value="(\w+)"', page)
    assert ticket is not None
    return desk.send("/passes/new", {"community": world.happiness.id, "ticket": ticket[1], **FORM, **changes})


def test_a_pass_is_shown_for_printing_with_name_and_four_digits(clerk: Desk, world: World) -> None:
    page = issue(clerk, world)
    assert page.status_code == 200
    text = words(page)
    for part in ("张三丰", "432X", "3-2-501", "居民", "2026-11-22 12:00", "2026-12-06 12:00", "幸福社区"):
        assert part in text, part
    body = page.get_data(as_text=True)
    [issued] = world.office.passes.list(worlds.EVERYTHING).rows
    assert office_pass.number(bytes.fromhex(issued.serial)) in text
    assert 'class="qr"' in body
    assert "office-a6.css" in body


def test_the_list_masks_whom_a_pass_names(clerk: Desk, world: World) -> None:
    issue(clerk, world)
    body = clerk.get("/passes").get_data(as_text=True)
    assert "张*丰" in body
    [issued] = world.office.passes.list(worlds.EVERYTHING).rows
    assert office_pass.number(bytes.fromhex(issued.serial)) in body
    assert "张三丰" not in body
    assert "432X" not in body


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "此项必填"),
        ({"name": "长" * 61}, "最多 60 个字"),
        ({"id_last4": "12"}, "应为证件号码的最后四位"),
        ({"days": "0"}, "应为 1 至 366 天"),
        ({"days": "400"}, "应为 1 至 366 天"),
    ],
)
def test_a_pass_that_cannot_be_issued_says_why_and_keeps_what_was_typed(
    clerk: Desk, world: World, changes: Mapping[str, str], said: str
) -> None:
    page = issue(clerk, world, **changes)
    assert page.status_code == 422
    assert said in words(page)
    assert 'value="3-2-501"' in page.get_data(as_text=True)
    assert world.office.passes.list(worlds.EVERYTHING).total == 0


def test_days_that_are_no_number_are_refused(clerk: Desk, world: World) -> None:
    assert issue(clerk, world, days="many").status_code == 422


def test_a_child_without_a_card_gets_a_pass(clerk: Desk, world: World) -> None:
    assert issue(clerk, world, id_last4="").status_code == 200


def test_loading_the_printed_page_again_issues_no_second_pass(clerk: Desk, world: World) -> None:
    form = {"community": world.happiness.id, "ticket": "0123456789abcdef", **FORM}
    assert clerk.send("/passes/new", form).status_code == 200
    again = clerk.send("/passes/new", form)
    assert again.status_code == 422
    assert "已经签发过了" in words(again)
    assert world.office.passes.list(worlds.EVERYTHING).total == 1


def test_revoking_asks_once_more_and_is_handed_down(clerk: Desk, world: World) -> None:
    issue(clerk, world)
    address = links(clerk.get("/passes"), r"/passes/\w+/revoke")[0]
    asked = clerk.get(address)
    assert "作废后不能恢复" in words(asked)
    assert world.office.passes.list(worlds.EVERYTHING).rows[0].revoked_at is None
    before = world.office.publish.version(world.happiness.id)
    assert clerk.send(address).location == "/passes"
    listed = words(clerk.get("/passes"))
    assert "张*丰 的出入证已作废" in listed
    assert "已作废" in listed
    assert links(clerk.get("/passes"), r"/passes/\w+/revoke") == []
    assert world.office.publish.version(world.happiness.id) == before + 1


def test_a_pass_of_another_community_is_not_there(clerk: Desk, heping: Desk, world: World) -> None:
    issue(clerk, world)
    address = links(clerk.get("/passes"), r"/passes/\w+/revoke")[0]
    assert heping.get(address).status_code == 404
    assert heping.send(address, page="/notices").status_code == 404
    assert world.office.passes.list(worlds.EVERYTHING).rows[0].revoked_at is None


def test_an_expired_pass_says_so(clerk: Desk, world: World) -> None:
    issue(clerk, world, days="1")
    assert "有效" in words(clerk.get("/passes"))
    world.clock.go(days=2)
    again = Desk(clerk.client).enter("clerk", "a password of the clerk")
    assert "已过期" in words(again.get("/passes"))
