"""预警: the list, one alert, closing it with what was done."""

from __future__ import annotations

import pytest

from sync.office.values import Alert
from tests.sync.office.conftest import ManualClock
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, links, words
from tests.web.office.world import World


@pytest.fixture
def fever(world: World) -> Alert:
    """周丽 comes with 38.4 °C; her alert."""
    worlds.step_up(world.east, 7)
    worlds.send_all(world.east)
    return max((a for a in world.office.alerts.list(worlds.EVERYTHING) if a.kind == "fever"), key=lambda a: a.at)


def test_the_most_pressing_alert_stands_first(clerk: Desk, world: World, clock: ManualClock) -> None:
    clock.go(minutes=29)
    listed = [link.rpartition("/")[2] for link in links(clerk.get("/alerts"), r"/alerts/[0-9a-f-]{36}")]
    assert listed == [alert.id for alert in world.office.alerts.list(worlds.EVERYTHING)]
    assert "逾期" in words(clerk.get("/alerts"))


def test_an_alert_leads_to_its_passage_and_its_gate(clerk: Desk, world: World, fever: Alert) -> None:
    page = clerk.get(f"/alerts/{fever.id}")
    assert "发热" in words(page)
    assert "处理期限 2026-11-22 14:00:00" in words(page)
    assert f"/entries/{fever.entry}" in links(page, r"/entries/.*")
    assert f"/gates/{world.east.id}" in links(page, r"/gates/.*")
    assert "周*" in words(page)
    assert "周丽" not in words(page)


def test_an_alert_is_closed_only_by_saying_what_was_done(clerk: Desk, world: World, fever: Alert) -> None:
    answer = clerk.send(f"/alerts/{fever.id}", {"done": " "})
    assert answer.status_code == 422
    assert "此项必填" in words(answer)
    assert world.office.alerts.get(fever.id, worlds.EVERYTHING).closed_at is None


def test_a_closed_alert_shows_who_did_what_and_leaves_the_open_ones(clerk: Desk, fever: Alert) -> None:
    done = "已由 120 转运至市第一医院，家属已告知"
    assert clerk.send(f"/alerts/{fever.id}", {"done": done}).location == "/alerts"
    assert fever.id not in clerk.get("/alerts").get_data(as_text=True)
    closed = words(clerk.get("/alerts?state=closed"))
    assert done in closed
    assert "clerk" in closed
    page = clerk.get(f"/alerts/{fever.id}")
    assert done in words(page)
    assert "<textarea" not in page.get_data(as_text=True)


def test_closing_an_alert_twice_keeps_the_first_words(clerk: Desk, world: World, fever: Alert) -> None:
    clerk.send(f"/alerts/{fever.id}", {"done": "第一次"})
    answer = clerk.send(f"/alerts/{fever.id}", {"done": "第二次"}, page="/account/password")
    assert answer.status_code == 422
    assert "已被他人关闭" in words(answer)
    assert world.office.alerts.get(fever.id, worlds.EVERYTHING).done == "第一次"


def test_too_long_a_story_is_kept_in_the_form(clerk: Desk, fever: Alert) -> None:
    answer = clerk.send(f"/alerts/{fever.id}", {"done": "长" * 1001})
    assert answer.status_code == 422
    assert "最多 1000 个字" in words(answer)
    assert "长" * 1001 in answer.get_data(as_text=True)


@pytest.mark.parametrize("state", ["open", "closed", "all", "nonsense"])
def test_every_list_of_alerts_opens(clerk: Desk, state: str) -> None:
    assert clerk.get(f"/alerts?state={state}").status_code == 200


def test_a_demonstrations_alert_is_marked(clerk: Desk, world: World) -> None:
    worlds.step_up(world.south, 7, demo=True)
    worlds.send_all(world.south)
    assert "tag-demo" in clerk.get("/alerts").get_data(as_text=True)
    assert "demo-band" in clerk.get("/alerts").get_data(as_text=True)


def test_an_alert_that_is_none_is_not_found(clerk: Desk) -> None:
    assert clerk.get("/alerts/none").status_code == 404


def test_a_fork_and_an_unreadable_event_are_shown_to_the_staff(clerk: Desk, world: World) -> None:
    worlds.a_fork(world)
    text = words(clerk.get("/trouble"))
    assert "台账分叉" in text
    assert "台账第 3 条出现两个版本" in text
    assert "sideways" in text, "what could not be read"
    assert "66 通行" in text, "its kind in words"


def test_an_office_without_trouble_says_so(heping: Desk) -> None:
    text = words(heping.get("/trouble"))
    assert "没有分叉，没有断链" in text
    assert "没有无法读取的事件" in text


def test_the_menu_counts_every_open_alert_though_the_overview_lists_a_few(clerk: Desk, world: World) -> None:
    for _ in range(12):
        worlds.step_up(world.east, 7)
    worlds.send_all(world.east)
    count, overdue = world.office.alerts.waiting(worlds.EVERYTHING, world.clock())
    assert count == len(world.office.alerts.list(worlds.EVERYTHING)) > 12
    assert overdue == sum(alert.overdue(world.clock()) for alert in world.office.alerts.list(worlds.EVERYTHING)) > 0
    body = clerk.get("/").get_data(as_text=True)
    assert f'<span class="badge badge-bad">{count}<' in body
    assert f"{count} 条，全部查看" in words(clerk.get("/"))
    assert body.count("alert-item") == 8
