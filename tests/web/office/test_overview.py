"""今日: figures that open their rows, alerts with deadlines, gates with their last contact."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from sync.office.values import EntryFilter, Figure
from tests.sync.office.conftest import ManualClock
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, links, words
from tests.web.office.world import World
from web.office.overview import shares

FIGURE = re.compile(r'href="([^"]+)" data-figure="(\w+)">.*?<b[^>]*>(\d+)</b>', re.DOTALL)


def figures(desk: Desk, path: str = "/") -> dict[str, tuple[str, int]]:
    body = desk.get(path).get_data(as_text=True)
    return {name: (href.replace("&amp;", "&"), int(count)) for href, name, count in FIGURE.findall(body)}


def test_every_figure_opens_exactly_as_many_rows(clerk: Desk) -> None:
    found = figures(clerk)
    assert set(found) == {"all", "admit", "check", "refuse", "isolate", "in", "out", "abandoned", "demo"}
    for name, (href, count) in found.items():
        assert count > 0, name
        total = re.search(r"共 (\d+) 条", words(clerk.get(href)))
        assert total is not None
        assert int(total[1]) == count, name


def test_the_verdicts_add_up_to_all_passages(clerk: Desk) -> None:
    found = {name: count for name, (_, count) in figures(clerk).items()}
    assert found["admit"] + found["check"] + found["refuse"] + found["isolate"] == found["all"]
    assert found["in"] + found["out"] == found["all"]


def test_another_day_is_one_step_away_and_tomorrow_is_not(clerk: Desk) -> None:
    page = clerk.get("/")
    assert "/?day=2026-11-21" in links(page, r"/\?day=.*")
    assert "/?day=2026-11-23" not in links(page, r"/\?day=.*")
    yesterday = clerk.get("/?day=2026-11-21")
    assert "2026-11-21" in words(yesterday)
    assert figures(clerk, "/?day=2026-11-21")["all"][1] == 0


def test_a_day_that_is_none_is_said_to_be_none(clerk: Desk) -> None:
    assert clerk.get("/?day=2026-02-30").status_code == 422


def test_an_overdue_alert_stands_out_with_how_long(log_in: Callable[[str], Desk], clock: ManualClock) -> None:
    assert "剩 " in words(log_in("clerk").get("/"))
    clock.go(hours=3)
    clerk = log_in("clerk")
    body = clerk.get("/").get_data(as_text=True)
    assert "alert-overdue" in body
    assert re.search(r"逾期 \d+ 小时", words(clerk.get("/")))
    assert "badge-bad" in body


def test_a_silent_gate_looks_different_from_one_that_called(clerk: Desk) -> None:
    body = clerk.get("/").get_data(as_text=True)
    rows = {name: row for row in body.split("<tr>") for name in ("东门", "西门", "南门") if f">{name}</a>" in row}
    assert "state-good" in rows["东门"]
    assert "state-warn" in rows["西门"]
    assert "state-bad" in rows["南门"]
    assert "clock-bad" in rows["南门"], "its clock is a minute and a half off"
    assert ">14<" in rows["西门"], "fourteen wait there"


def test_a_gate_never_enrolled_says_so(clerk: Desk, world: World) -> None:
    worlds.waiting_gate(world)
    assert "北门" in words(clerk.get("/"))
    assert "尚未接入" in words(clerk.get("/"))


def test_demonstration_data_marks_the_whole_page(clerk: Desk) -> None:
    assert "demo-band" in clerk.get("/").get_data(as_text=True)
    assert "demo-band" in clerk.get("/entries?demo=yes").get_data(as_text=True)
    assert "demo-band" not in clerk.get("/entries?demo=no").get_data(as_text=True)


def test_without_demonstration_data_nothing_is_marked(world: World, clerk: Desk) -> None:
    assert "demo-band" not in clerk.get("/passes").get_data(as_text=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_speaks_either_language(clerk: Desk, lang: str) -> None:
    text = words(clerk.get(f"/?lang={lang}"))
    assert ("待处理预警" in text) == (lang == "zh")
    assert ("Open alerts" in text) == (lang == "en")
    assert "放行" in text
    assert "Admit" in text


def test_shares_of_nothing_draw_no_bar() -> None:
    assert shares([Figure("admit", 0, EntryFilter())]) == []
    parts = shares([Figure("admit", 3, EntryFilter()), Figure("check", 1, EntryFilter())])
    assert [(begins, length) for _, begins, length in parts] == [(0, 75), (75, 25)]
