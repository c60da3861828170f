"""What the address of a pass on a phone gives away: nothing without the secret, and no cache keeps it."""

from __future__ import annotations

from tests.web.office import world as worlds
from tests.web.office.desk import Desk
from tests.web.office.world import World


def shown(desk: Desk, secret: str) -> tuple[int, str, str | None]:
    answer = desk.get("/my-pass/shown", headers={"X-Pass-Link": secret})
    return answer.status_code, answer.get_data(as_text=True), answer.headers.get("Cache-Control")


def test_the_pass_is_shown_to_whoever_holds_the_link_and_to_nobody_else(stranger: Desk, world: World) -> None:
    issued = world.office.passes.issue(world.happiness.id, "张三丰", "432X", "3-2-501", medium="phone", who="clerk")
    link = world.office.links.make(issued.serial, worlds.EVERYTHING, who="clerk")
    status, body, cache = shown(stranger, link.secret)
    assert (status, cache) == (200, "no-store")
    for part in ("张三丰", "432X", "3-2-501", issued.number, 'class="qr"'):
        assert part in body, part
    for wrong in ("", "x", link.secret[:-1], link.secret + "x"):
        assert shown(stranger, wrong)[0] == 404
    world.office.passes.revoke(issued.serial, worlds.EVERYTHING, who="clerk")
    assert shown(stranger, link.secret) == (404, "", "no-store")


def test_the_page_itself_is_the_same_for_everybody_and_tells_no_referrer(stranger: Desk) -> None:
    answer = stranger.get("/my-pass")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'content="no-referrer"' in answer.get_data(as_text=True)
