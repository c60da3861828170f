"""保存期限, 查找本人, 申请删除: what the staff see and do, and that no number travels in an address."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sync.office.lists.wanted import Wanted
from sync.office.values import EVERYTHING, EntryFilter
from tests.sync.office.gate_end import PERSON
from tests.web.office.desk import Desk, links, words
from tests.web.office.world import World

LI, PHONE = "110101199003070775", "13900001111"


@pytest.fixture
def month_later(world: World) -> World:
    """The world's day is past its time, its gates call, and retention has run."""
    world.clock.go(days=32)
    for end in (world.east, world.south):
        first = len(end.journal.events) + 1
        end.passes(1)
        end.send(first)
    world.office.retention.run(who="office")
    return world


def test_pages_say_that_somebody_was_destroyed_in_time(month_later: World, clerk: Desk) -> None:
    shown = words(clerk.get("/entries?day=2026-11-22"))
    assert "已按期销毁" in shown
    assert "张*丰" not in shown
    entry = next(row for row in month_later.office.entries.page(EntryFilter(), EVERYTHING).rows if row.destroyed)
    assert "任何人不能再读" in words(clerk.get(f"/entries/{entry.id}"))
    english = words(clerk.get(f"/entries/{entry.id}?lang=en"))
    assert "nobody can read it any more" in english
    clerk.get("/?lang=zh")
    assert clerk.get(f"/days/{month_later.east.id}/2026-11-22").status_code == 200


def test_certificates_are_listed_printed_and_given_out(month_later: World, clerk: Desk, admin: Desk) -> None:
    page = clerk.get("/retention")
    assert "保存期 30 天" in words(page)
    (first, *_) = links(page, "/retention/certificates/.*")
    assert "其密钥已销毁，任何人不能再读" in words(clerk.get(first))
    assert clerk.get("/retention/certificates.jsonl").status_code == 403
    given = admin.get("/retention/certificates.jsonl").get_data(as_text=True)
    assert {json.loads(line)["said"]["kind"] for line in given.splitlines()} == {"day"}


def test_days_are_held_with_a_reason_and_released_by_administrators(world: World, admin: Desk, clerk: Desk) -> None:
    form = {"community": world.happiness.id, "first": "2026-11-20", "last": "2026-11-22", "why": "溯源未结"}
    assert clerk.send("/retention/holds", form, "/gates").status_code in (400, 403)
    admin.send("/retention/holds", form, "/retention")
    assert "溯源未结" in words(admin.get("/retention"))
    (hold,) = world.office.retention.holds.list(EVERYTHING)
    admin.send(f"/retention/holds/{hold.id}/release", page="/retention")
    assert world.office.retention.holds.list(EVERYTHING) == ()


def test_somebody_is_found_and_forgotten_by_two_administrators(
    world: World, admin: Desk, clerk: Desk, log_in: Callable[[str], Desk]
) -> None:
    listed = Wanted(name="李小红", id_number=LI, phone=PHONE, household="3-2-501", why="resident")
    world.office.people.add("roster", world.happiness.id, listed, who="test")
    world.east.passes(1, {**PERSON, "name": "李小红", "id_number": LI, "phone": PHONE})
    world.east.send(len(world.east.journal.events))
    assert clerk.get("/retention/person").status_code == 403
    wrong = admin.send("/retention/person", {"number": "12345", "why": "本人查询"})
    assert (wrong.status_code, "12345" in wrong.get_data(as_text=True)) == (422, False)

    found = admin.send("/retention/person", {"number": LI, "why": "本人查询"})

    assert "李*红" in words(found)
    assert LI not in found.get_data(as_text=True)
    asked = {"community": world.happiness.id, "number": LI, "reason": "own-request"}
    answer = admin.send("/retention/person/ask", asked, "/retention/person")
    assert LI not in answer.location
    page = answer.location
    assert "请另一位管理员核对并执行" in words(admin.get(page))
    admin.send(f"{page}/approve", {"sure": "y"}, page)
    assert "提交人不能自己执行" in words(admin.get(page))
    world.office.users.set_role("clerk", "admin", who="test")
    other = log_in("clerk")
    assert other.send(f"{page}/approve", {}, page).status_code == 422
    other.send(f"{page}/approve", {"sure": "y"}, page)
    shown = words(other.get(page))
    assert "等它下次联络" in shown
    assert "没有查到可读的记录" in words(other.send("/retention/person", {"number": LI, "why": "再查"}))
