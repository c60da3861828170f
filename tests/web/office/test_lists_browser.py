"""Lists and announcements in a real browser: a watch list from the upload to the gates, a household's phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from kiosk.codes import declaration
from tests.sync.office.lists.rosters import ZHANG, xlsx
from tests.sync.office.lists.test_people import token, watch
from tests.web.entering import at_desk
from tests.web.gating import served
from tests.web.office.conftest import PASSWORDS
from tests.web.office.world import World

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
ROWS = [
    ["张三丰", ZHANG, "13812348000", "", "居家医学观察", "", "2026-12-06", "陈网格", "13900000001", "请联系网格员"],
    ["李四", "110105194912310021", "", "", "禁止进入"],
    ["张三丰", ZHANG, "", "闽A12345", "居家医学观察"],
]


@pytest.fixture
def desk(app: Flask, page: Page) -> Iterator[Page]:
    """A clerk at the watch list."""
    with served(app) as address:
        at_desk(page, address, "clerk", PASSWORDS["clerk"], "/lists/watch")
        expect(page.get_by_text("重点人员名单是空的")).to_be_visible()
        yield page


def test_a_watch_list_from_the_upload_to_the_release(desk: Page, world: World, tmp_path: Path) -> None:
    people = tmp_path / "重点人员.xlsx"
    people.write_bytes(xlsx(ROWS))
    desk.get_by_role("link", name="导入名单").click()
    desk.get_by_label("名单（.xlsx 或 .csv）").set_input_files(people)
    desk.get_by_role("button", name="上传并核对").click()
    expect(desk.locator(".row-bad")).to_contain_text("第 18 位应为")
    expect(desk.get_by_text("1 人在文件里出现多次，已合并")).to_be_visible()
    desk.get_by_role("button", name="只导入其余 1 人").click()
    expect(desk.get_by_text("已导入并下发：新增 1")).to_be_visible()
    for kind, identity in (("id", ZHANG), ("plate", "闽A12345")):
        person = [token(world.office, world.happiness, kind, identity)]
        assert [entry.why for entry in watch(world.office, world.happiness).find(person, world.clock())] == [
            "observation"
        ]
    desk.get_by_role("link", name="张*丰").click()
    desk.get_by_role("link", name="解除观察").click()
    desk.get_by_role("button", name="确认解除").click()
    expect(desk.get_by_text("张*丰 已解除")).to_be_visible()


def test_a_file_that_is_no_list_is_explained_beside_the_bar_and_can_be_sent_again(desk: Page, tmp_path: Path) -> None:
    wrong, right = tmp_path / "照片.xlsx", tmp_path / "名单.xlsx"
    wrong.write_bytes(b"PK no list")
    right.write_bytes(xlsx(ROWS))
    desk.get_by_role("link", name="导入名单").click()
    for file in (wrong, right):
        desk.get_by_label("名单（.xlsx 或 .csv）").set_input_files(file)
        desk.get_by_role("button", name="上传并核对").click()
        if file == wrong:
            expect(desk.get_by_text("文件已损坏")).to_be_visible()
    expect(desk.get_by_role("button", name="只导入其余 1 人")).to_be_visible()


def a_link(desk: Page) -> str:
    desk.get_by_role("link", name="来访报备").click()
    desk.get_by_role("link", name="住户链接").click()
    desk.get_by_label("住户", exact=True).fill("3-2-501")
    desk.get_by_role("button", name="生成链接").click()
    return desk.locator("[data-household-link]").inner_text()


def test_a_household_announces_a_visitor_on_its_phone(desk: Page, browser: Browser) -> None:
    address = a_link(desk)
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="zh-CN")  # type: ignore[arg-type]
    phone = context.new_page()
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(address)
    expect(phone.get_by_text("还没有报备过")).to_be_visible()
    assert not any(address.partition("#")[2] in url for url in asked), "the secret stays behind the #"
    phone.get_by_role("link", name="报备来访或返回").click()
    phone.get_by_label("来人姓名").fill("张三丰")
    phone.get_by_role("button", name="提交报备").click()
    expect(phone.get_by_text("证件号码、电话、车牌至少填一项")).to_be_visible()
    phone.get_by_label("来人手机").fill("138 1234 8000")
    phone.get_by_role("button", name="提交报备").click()
    code = phone.locator(".home-digits")
    expect(code).to_have_text(re.compile(r"\d{4} \d{4}"))
    assert declaration.holds(code.inner_text().replace(" ", ""))
    expect(phone.locator(".home-symbol svg")).to_be_visible()
    phone.locator("summary").click()
    phone.get_by_role("button", name="确认取消").click()
    expect(phone.locator(".home-state")).to_have_text("已取消")
    phone.get_by_role("link", name="全部报备").click()
    expect(phone.locator(".home-list li")).to_have_count(1)
    context.close()


def test_a_phone_with_a_wrong_link_is_told(desk: Page, browser: Browser) -> None:
    address = a_link(desk)
    context = browser.new_context(viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
    phone = context.new_page()
    phone.goto(address.partition("#")[0] + "#nonsense")
    expect(phone.get_by_text("链接已失效")).to_be_visible()
    context.close()
