"""Suspending, resuming, revoking and wiping a gate; both branches of a fork; reading parked events again."""

from __future__ import annotations

from sync.office.standing import GOOD
from sync.office.values import EVERYTHING
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, links, words
from tests.web.office.world import World


def test_a_gate_is_suspended_with_a_reason_and_resumed(world: World, admin: Desk) -> None:
    page = f"/gates/{world.east.id}"
    admin.send(f"{page}/suspend", {"why": " "}, page)
    assert "请写明原因" in words(admin.get(page))
    admin.send(f"{page}/suspend", {"why": "设备送修"}, page)
    text = words(admin.get(page))
    assert "设备送修" in text
    assert "由 admin 暂停" in text
    admin.send(f"{page}/resume", page=page)
    assert world.office.standings.of(world.east.id) == GOOD


def test_what_cannot_be_taken_back_needs_the_gates_name(world: World, admin: Desk) -> None:
    page = f"/gates/{world.east.id}"
    for action in ("revoke", "wipe"):
        answer = admin.send(f"{page}/{action}", {"name": "西门", "why": "撤岗"}, page)
        shown = admin.get(answer.location)
        assert "没有执行：请输入门岗名称“东门”以确认" in words(shown)
        assert 'id="standing" open' in shown.get_data(as_text=True)  # to be typed again where it was
    assert world.office.gates.public_key(world.east.id) is not None
    assert world.office.standings.of(world.east.id) == GOOD

    admin.send(f"{page}/wipe", {"name": "东门", "why": "撤岗"}, page)
    assert world.office.standings.of(world.east.id).wipe_at is not None
    assert "等台账收齐后擦除" in words(admin.get(page))
    admin.send(f"{page}/revoke", {"name": "东门"}, page)
    assert world.office.gates.public_key(world.east.id) is None


def test_a_clerk_sees_it_and_can_do_nothing_about_it(world: World, clerk: Desk) -> None:
    world.office.standings.suspend(world.east.id, EVERYTHING, "设备送修", who="li")
    page = f"/gates/{world.east.id}"
    assert "设备送修" in words(clerk.get(page))
    for action in ("suspend", "resume", "revoke", "wipe"):
        assert clerk.send(f"{page}/{action}", {"why": "x", "name": "东门"}, page).status_code == 403


def test_both_branches_of_a_fork_are_shown(world: World, clerk: Desk, heping: Desk) -> None:
    worlds.a_fork(world)
    page = clerk.get("/trouble")
    (href,) = links(page, "/trouble/forks/.*")
    text = words(clerk.get(href))
    assert world.east.journal.id in text
    assert "从第 3 条起有两个版本" in text
    assert "作为证据保存的另一版本" in text
    assert heping.get(href).status_code == 404


def test_parked_events_are_counted_and_read_again(world: World, admin: Desk, clerk: Desk) -> None:
    assert "收到但无法读取的事件 1" in words(admin.get("/trouble"))
    admin.send("/trouble/parked", page="/trouble")
    assert "读出 0 条，仍有 1 条无法读取" in words(admin.get("/trouble"))
    assert clerk.send("/trouble/parked", page="/gates/" + world.east.id).status_code == 403
