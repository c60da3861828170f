"""出入证: issuing for printer and phone, the register, issuing anew, revoking."""

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

FORM = {
    **{"name": "张三丰", "document": "432x", "household": "3-2-501", "kind": "resident", "days": "14"},
    **{"medium": "paper", "paper": "a6"},
}


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
        ({"document": "12"}, "不像证件号码"),
        ({"document": "110105194912310021"}, "第 18 位应为 X"),
        ({"phone": "138"}, "少 8 位"),
        ({"name": "王" * 58}, "太长"),
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
    assert issue(clerk, world, document="").status_code == 200


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


def found(desk: Desk, typed: str) -> str:
    """What the list shows after a search."""
    answer = desk.send("/passes/find", {"words": typed}, page="/passes")
    assert answer.location == "/passes", "no name in an address"
    return words(desk.get(answer.location))


def test_passes_are_found_by_name_household_and_number_and_no_name_stands_in_an_address(
    clerk: Desk, world: World
) -> None:
    worlds.documents(world)
    [wang] = [row for row in world.office.passes.list(worlds.EVERYTHING).rows if row.name == "王*"]
    for typed in ("王芳", "2-1-301", "2栋1单元301", wang.number):
        assert "共 1 条" in found(clerk, typed), typed
        assert wang.number in found(clerk, typed)
    assert "没有符合条件的出入证" in found(clerk, "王")
    assert "共 6 条" in found(clerk, "")


def test_the_list_is_filtered_by_state_kind_and_medium(clerk: Desk, world: World) -> None:
    worlds.documents(world)
    assert "共 1 条" in words(clerk.get("/passes?state=revoked"))
    assert "共 5 条" in words(clerk.get("/passes?state=valid&kind=resident&medium=paper"))
    assert "没有符合条件" in words(clerk.get("/passes?medium=phone"))
    assert "共 6 条" in words(clerk.get("/passes?state=elsewhere&community=" + world.happiness.id))
    assert clerk.get("/passes?batch=nonsense&kind=x&community=y").status_code == 200


def one_pass(world: World, **more: Any) -> str:
    issued = world.office.passes.issue(world.happiness.id, "张三丰", "432X", "3-2-501", who="clerk", **more)
    return issued.serial


def test_one_pass_shows_what_was_done_with_it_masked(clerk: Desk, world: World) -> None:
    old = one_pass(world)
    new = world.office.passes.reissue(old, "证件遗失", worlds.EVERYTHING, who="clerk")
    page = words(clerk.get(f"/passes/{old}"))
    for part in ("张*丰", "已作废", "证件遗失", "已换发为", new.number):
        assert part in page, part
    assert "换发自" in words(clerk.get(f"/passes/{new.serial}"))
    assert "张三丰" not in page


def test_a_pass_is_issued_anew_with_a_reason(clerk: Desk, world: World) -> None:
    old = one_pass(world)
    address = f"/passes/{old}/reissue"
    refused = clerk.send(address, {"why": "", "medium": "paper"})
    assert (refused.status_code, "此项必填" in words(refused)) == (422, True)
    done = clerk.send(address, {"why": "破损", "medium": "phone"})
    [new] = [row for row in world.office.passes.list(worlds.EVERYTHING).rows if row.serial != old]
    assert (done.location, new.medium, new.replaces) == (f"/passes/{new.serial}", "phone", old)
    again = clerk.send(address, {"why": "破损", "medium": "phone"})
    assert "换发过" in words(again)


def test_a_household_is_revoked_whole(clerk: Desk, world: World) -> None:
    serials = [one_pass(world), one_pass(world)]
    form = {"community": world.happiness.id, "household": "3栋2单元501", "why": "搬走"}
    assert clerk.send("/passes/revoke-household", form).location == "/passes"
    assert {world.office.passes.get(serial, worlds.EVERYTHING).revoked_why for serial in serials} == {"搬走"}
    assert "没有有效的出入证" in words(clerk.send("/passes/revoke-household", form))


def test_a_sheet_of_one_pass_can_be_printed_again_and_that_is_noted(clerk: Desk, world: World) -> None:
    serial = one_pass(world)
    for size in ("a4", "a6"):
        answer = clerk.send(f"/passes/{serial}/sheet.pdf?paper={size}", page=f"/passes/{serial}")
        assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
        assert answer.headers["Cache-Control"] == "no-store"
    assert [row.what for row in world.office.audit.page(worlds.EVERYTHING).rows[:2]] == ["pass.print"] * 2
    assert clerk.send(f"/passes/{serial}/sheet.pdf?paper=a0", page=f"/passes/{serial}").status_code == 404
    world.office.passes.revoke(serial, worlds.EVERYTHING, who="clerk")
    gone = clerk.send(f"/passes/{serial}/sheet.pdf", page="/notices")
    assert gone.location == f"/passes/{serial}"
    assert "没有可以打印的证" in words(clerk.get(gone.location))


def test_a_pass_for_a_phone_is_shown_as_a_link_with_its_secret_behind_the_hash(clerk: Desk, world: World) -> None:
    page = issue(clerk, world, medium="phone")
    [row] = world.office.passes.list(worlds.EVERYTHING).rows
    address = re.search(r"http://localhost/my-pass#([\w-]{27})", page.get_data(as_text=True))
    assert address is not None
    assert "张三丰" not in page.get_data(as_text=True)
    assert world.office.links.open(address[1]).serial == row.serial
    again = clerk.send(f"/passes/{row.serial}/link", page=f"/passes/{row.serial}")
    assert "链接只显示这一次" in words(again)
    paper = one_pass(world)
    assert clerk.send(f"/passes/{paper}/link", page="/notices").location == f"/passes/{paper}"


def test_nothing_of_a_pass_is_open_to_another_branch(heping: Desk, world: World) -> None:
    serial = one_pass(world)
    assert heping.get(f"/passes/{serial}").status_code == 404
    for what in ("reissue", "revoke", "link", "sheet.pdf"):
        form = {"why": "x", "medium": "paper"}
        assert heping.send(f"/passes/{serial}/{what}", form, page="/notices").status_code == 404, what
