"""The office in a real browser: log-in → entries → passage, what is new, the keyboard, the phone, the printer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
import zxingcpp
from flask import Flask
from playwright.sync_api import Page, expect

from tests.web.entering import at_desk
from tests.web.gating import served
from tests.web.office import world as worlds
from tests.web.office.conftest import PASSWORDS
from tests.web.office.world import World

pytestmark = pytest.mark.browser
HALF_A_MINUTE_MS = 31_000
PIXELS_PER_MM = 96 / 25.4


@pytest.fixture
def desk(app: Flask, page: Page) -> Iterator[Page]:
    """A clerk who logged in."""
    with served(app) as address:
        yield at_desk(page, address, "clerk", PASSWORDS["clerk"])


def test_from_the_log_in_over_the_entries_to_the_person_of_a_passage(app: Flask, page: Page, world: World) -> None:
    with served(app) as address:
        page.goto(address)
        page.get_by_label("账号").fill("clerk")
        page.get_by_label("密码").fill(PASSWORDS["clerk"])
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", name="今日", exact=True)).to_be_visible()
        to_the_person(page, world)


def to_the_person(desk: Page, world: World) -> None:
    desk.locator("[data-figure=isolate]").click()
    expect(desk.locator("tr[data-row]")).not_to_have_count(0)
    desk.locator("tr[data-row]").first.click(position={"x": 400, "y": 15})
    expect(desk.locator(".outcome-isolate")).to_contain_text("留观")
    expect(desk.locator(".reason").first).to_contain_text("High temperature")
    expect(desk.locator("#person")).not_to_contain_text("周丽")
    desk.get_by_label("查看理由").fill("联系就诊")
    desk.get_by_role("button", name="显示原文").click()
    expect(desk.locator("#person")).to_contain_text("周丽")
    reveals = [row for row in world.office.audit.page(worlds.EVERYTHING).rows if row.what == "entry.reveal"]
    assert [row.detail for row in reveals] == ["联系就诊"]


@pytest.mark.usefixtures("page_clock")
def test_new_entries_are_counted_and_no_row_moves_until_asked(desk: Page, world: World) -> None:
    desk.get_by_role("link", name="通行记录").click()
    desk.wait_for_url(re.compile("/entries"))  # loaded whole: the page's script asks from then on
    newest = desk.locator("tr[data-row] a").first.get_attribute("href")
    for person in (0, 1, 2):
        worlds.step_up(world.east, person)
    worlds.send_all(world.east)
    desk.clock.run_for(HALF_A_MINUTE_MS)
    button = desk.get_by_role("button", name="新记录 3 条，点击显示")
    expect(button).to_be_visible()
    assert desk.locator("tr[data-row] a").first.get_attribute("href") == newest
    button.click()
    expect(desk.locator("tr[data-row] a").first).not_to_have_attribute("href", str(newest))


@pytest.mark.usefixtures("page_clock")
def test_the_overview_renews_itself(desk: Page, world: World) -> None:
    figure = desk.locator("[data-figure=isolate] .figure-count")
    before = int(figure.inner_text())
    worlds.step_up(world.east, 7)
    worlds.send_all(world.east)
    desk.clock.run_for(HALF_A_MINUTE_MS)
    expect(figure).to_have_text(str(before + 1))
    expect(desk.locator("[data-live-state]")).to_have_attribute("data-state", "fresh")


@pytest.mark.usefixtures("page_clock")
def test_an_open_page_says_when_its_session_has_ended(desk: Page, world: World) -> None:
    world.clock.go(minutes=40)
    desk.clock.run_for(HALF_A_MINUTE_MS)
    expect(desk.locator("[data-live-state]")).to_have_text("登录已超时，请重新登录")


def test_the_log_can_be_walked_through_by_keyboard(desk: Page) -> None:
    desk.goto(f"{desk.url}entries")
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    second = desk.locator("tr[data-row] a").nth(1)
    expect(second).to_be_focused()
    desk.keyboard.press("/")
    expect(desk.locator("[name=day]")).to_be_focused()
    second.focus()
    desk.keyboard.press("]")
    desk.wait_for_url(re.compile(r"page=2"))  # loaded whole: a key before the page's script listens is lost
    desk.keyboard.press("k")
    expect(desk.locator("tr[data-row] a:focus")).to_be_visible()
    desk.keyboard.press("Enter")
    expect(desk.locator(".outcome")).to_be_visible()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_is_wider_than_a_phone(desk: Page, world: World, lang: str) -> None:
    worlds.documents(world)
    worlds.a_fork(world)
    desk.set_viewport_size({"width": 390, "height": 844})
    home, entry = desk.url, world.east.journal.events[0].id
    alert = world.office.alerts.list(worlds.EVERYTHING)[0].id
    single = (f"entries/{entry}", f"alerts/{alert}", f"gates/{world.east.id}")
    passes = ("passes", "passes/new", "passes/bulk", "passes/household")
    pages = ("entries", "alerts", "gates", *passes, "notices", "bundle", "trouble", "account")
    for path in ("", *pages, *single):
        desk.goto(f"{home}{path}?lang={lang}")
        assert desk.evaluate("document.documentElement.scrollWidth") <= 390, path
    desk.get_by_text("菜单" if lang == "zh" else "Menu", exact=True).click()
    expect(desk.get_by_role("link", name="出入证" if lang == "zh" else "Passes")).to_be_visible()


def test_a_printed_pass_is_a6_with_a_symbol_of_forty_millimetres_that_reads(desk: Page, world: World) -> None:
    desk.goto(f"{desk.url}passes/new")
    desk.get_by_label("姓名").fill("张三丰")
    desk.get_by_label("证件号码或后四位").fill("4321")
    desk.get_by_label("住户").fill("3 栋 2 单元 501")
    desk.get_by_role("button", name="签发").click()
    symbol = desk.locator("[data-pass-symbol]")
    expect(symbol).to_be_visible()
    desk.emulate_media(media="print")
    box = symbol.bounding_box()
    assert box is not None
    modules = int(str(desk.locator(".pass .qr").get_attribute("viewBox")).split()[2])
    assert box["width"] / PIXELS_PER_MM * (modules - 8) / modules == pytest.approx(40, abs=1.5)
    expect(desk.locator(".side")).to_be_hidden()
    paper = desk.pdf(prefer_css_page_size=True)
    assert re.search(rb"/MediaBox ?\[0 0 (419|420)[.\d]* (297|298)[.\d]*\]", paper), "148 × 105 mm in points"
    assert re.search(rb"/Count 1\b", paper), "one sheet"
    picture = cv2.imdecode(np.frombuffer(symbol.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    texts = [found.text for found in zxingcpp.read_barcodes(picture)]
    assert [text[:4] for text in texts] == ["GP1:"]
