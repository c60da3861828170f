"""通行记录: filters, pages, masks, marks, and what an open page learns of new rows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from kiosk.model import Direction, Verdict
from sync.office.values import EntryFilter
from tests.sync.office.conftest import ManualClock
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, links, words
from tests.web.office.world import PEOPLE, World

ROW = re.compile(r"<tr data-row>(.*?)</tr>", re.DOTALL)


def rows(desk: Desk, path: str) -> list[str]:
    answer = desk.get(path)
    assert answer.status_code == 200
    return ROW.findall(answer.get_data(as_text=True))


def expected(world: World, **wanted: object) -> int:
    return world.office.entries.page(EntryFilter(**wanted), worlds.EVERYTHING, size=1).total  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "wanted", "mark"),
    [
        ("verdict=isolate", {"verdict": Verdict.ISOLATE}, "verdict-isolate"),
        ("verdict=check", {"verdict": Verdict.CHECK}, "verdict-check"),
        ("direction=out", {"direction": Direction.OUT}, "way-out"),
        ("method=tablet", {"method": "tablet"}, "平板自助"),
        ("kind=visit.abandoned", {"kind": "visit.abandoned"}, "verdict-none"),
        ("demo=yes", {"demo": True}, "tag-demo"),
        ("level=red", {"level": "red"}, "dot-red"),
    ],
)
def test_a_filter_leaves_only_the_rows_it_names(
    clerk: Desk, world: World, query: str, wanted: dict[str, object], mark: str
) -> None:
    found = rows(clerk, f"/entries?{query}")
    assert len(found) == min(expected(world, **wanted), 50) > 0
    assert all(mark in row for row in found)


def test_filters_join(clerk: Desk, world: World) -> None:
    found = rows(clerk, f"/entries?gate={world.east.id}&verdict=admit&direction=out&day=2026-11-22")
    assert found
    assert all("东门" in row and "verdict-admit" in row and "way-out" in row for row in found)


def test_the_form_shows_the_filter_in_force(clerk: Desk, world: World) -> None:
    body = clerk.get(f"/entries?gate={world.west.id}&verdict=refuse&day=2026-11-22").get_data(as_text=True)
    assert f'value="{world.west.id}" selected' in body
    assert '<option value="refuse" selected>' in body
    assert 'name="day" value="2026-11-22"' in body


def test_the_day_is_the_offices_own(world: World, log_in: Callable[[str], Desk], clock: ManualClock) -> None:
    clock.at = clock.at.replace(hour=16, minute=30)  # 00:30 of the 23rd in Shanghai
    worlds.step_up(world.east, 0)
    worlds.send_all(world.east)
    assert len(rows(log_in("clerk"), "/entries?day=2026-11-23")) == 1


@pytest.mark.parametrize(
    "query", ["day=yesterday", "verdict=maybe", "direction=up", "demo=perhaps", f"gate={'x' * 99}"]
)
def test_a_filter_that_is_not_understood_is_named(clerk: Desk, query: str) -> None:
    answer = clerk.get(f"/entries?{query}")
    assert answer.status_code == 422
    assert query[:20] in words(answer)


def test_a_filter_for_a_gate_that_is_none_finds_nothing(clerk: Desk) -> None:
    assert rows(clerk, "/entries?gate=elsewhere") == []


def test_pages_hold_every_row_once_newest_first(clerk: Desk, world: World) -> None:
    total = expected(world)
    assert total > 100
    seen = [link for page in (1, 2, 3) for link in links(clerk.get(f"/entries?page={page}"), r"/entries/[0-9a-f-]{36}")]
    assert len(seen) == len(set(seen)) == total
    times = [row.row.at for row in (world.office.entries.get(link[9:], worlds.EVERYTHING) for link in seen[::10])]
    assert times == sorted(times, reverse=True)


def test_turning_the_page_keeps_the_filter(clerk: Desk) -> None:
    assert links(clerk.get("/entries?verdict=admit"), r"/entries\?.*page=2") == ["/entries?verdict=admit&page=2"]


@pytest.mark.parametrize("page", ["0", "-1", "two", "99999999999", "9999"])
def test_a_page_that_is_none_does_no_harm(clerk: Desk, page: str) -> None:
    assert clerk.get(f"/entries?page={page}").status_code == 200


def test_names_are_masked_in_the_log(clerk: Desk) -> None:
    for page in (1, 2, 3):
        body = clerk.get(f"/entries?page={page}").get_data(as_text=True)
        assert all(name not in body for name, *_ in PEOPLE)
    assert "张*丰" in body
    assert "欧**国" in body


def test_a_passage_that_came_late_is_marked_with_how_late(
    log_in: Callable[[str], Desk], world: World, clock: ManualClock
) -> None:
    worlds.step_up(world.west, 0)
    clock.go(hours=2, minutes=5)
    worlds.send_all(world.west)
    found = rows(log_in("clerk"), f"/entries?gate={world.west.id}")
    assert "迟到 2 小时 5 分" in found[0]


def test_a_passage_that_came_at_once_is_not_marked_late(clerk: Desk, world: World, clock: ManualClock) -> None:
    worlds.step_up(world.east, 0)
    clock.go(seconds=70)
    worlds.send_all(world.east)
    assert "迟到" not in rows(clerk, f"/entries?gate={world.east.id}")[0]


def test_an_open_page_learns_how_many_rows_are_new(clerk: Desk, world: World) -> None:
    page = clerk.get("/entries?verdict=admit").get_data(as_text=True)
    address = re.search(r'data-news="([^"]+)" data-total="(\d+)"', page)
    assert address is not None
    first = clerk.get(address[1])
    assert first.get_json() == {"total": int(address[2])}
    tag = {"If-None-Match": first.headers["ETag"]}
    assert clerk.get(address[1], headers=tag).status_code == 304
    worlds.step_up(world.east, 0)
    worlds.step_up(world.east, 4)  # a check: not among these rows
    worlds.send_all(world.east)
    assert clerk.get(address[1], headers=tag).get_json() == {"total": int(address[2]) + 1}


def test_the_living_part_of_the_overview_is_sent_only_when_it_changed(clerk: Desk, world: World) -> None:
    first = clerk.get("/live/overview")
    assert "<html" not in first.get_data(as_text=True)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert clerk.get("/live/overview", headers=tag).status_code == 304
    worlds.step_up(world.east, 7)
    worlds.send_all(world.east)
    fresh = clerk.get("/live/overview", headers=tag)
    assert fresh.status_code == 200
    assert "周*" in fresh.get_data(as_text=True)
