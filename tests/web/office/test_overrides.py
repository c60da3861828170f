"""The share of overrides by gate and person, as the office sees it."""

from __future__ import annotations

from datetime import date

from sync.office.values import EVERYTHING
from tests.web.office.desk import Desk
from tests.web.office.world import World

DAY = date(2026, 11, 22)


def overridden(world: World) -> None:
    """At the east gate one check becomes an admission; the gate itself keeps a companion; a demonstration."""
    [passage] = world.east.passes(1, verdict="check", staff="v-7")
    said = {"visit": "x", "passage": passage.id, "from": "check", "to": "admit", "why": "document", "staff": "v-7"}
    for more in ({}, {"why": "party", "staff": ""}, {"demo": True}):
        world.east.journal.append("override", world.clock(), said | more)
    world.east.send()


def test_shares_count_what_people_decided_and_not_what_the_gate_did(world: World) -> None:
    overridden(world)
    store = world.office.overrides
    share = store.shares(DAY, DAY, EVERYTHING)[0]
    assert (share.staff, share.passages, share.overrides, share.admitted, share.percent) == ("v-7", 1, 1, 1, 100.0)
    assert [one.to for one in store.changed(DAY, DAY, EVERYTHING)] == ["admit"]
    assert store.changed(date(2026, 11, 21), date(2026, 11, 21), EVERYTHING) == ()


def test_the_page_opens_the_passage_behind_each_override(world: World, admin: Desk) -> None:
    overridden(world)
    page = admin.get("/overrides").text
    assert page.count("data-changed") == 1
    assert "已核对证件" in page
    assert "v-7" in page
    passage = world.office.overrides.changed(DAY, DAY, EVERYTHING)[0].passage
    assert f"/entries/{passage}" in page
    assert admin.get("/overrides?days=nonsense").status_code == 200


def test_volunteers_and_supervisors_are_named_as_masked_as_everybody(world: World, admin: Desk) -> None:
    overridden(world)
    east = world.east
    east.journal.append("shift.on", world.clock(), {"gate": east.id, "staff": "v-7"}, {"name": "王小明"})
    said = {"passage": "p", "from": "refuse", "to": "admit", "why": "office", "staff": "v-7", "supervisor": "v-1"}
    east.journal.append("override", world.clock(), said, {"name": "张三", "supervisor_name": "赵建国"})
    east.send()
    assert world.office.overrides.names(DAY, EVERYTHING) == {"v-7": "王*明", "v-1": "赵*国"}
    page = admin.get("/overrides").text
    assert "王*明" in page
    assert "赵*国" in page
    assert "王小明" not in page
    assert "张三" not in page
