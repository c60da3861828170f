"""Passes in a real browser: a list from upload to sheet, and the link that a phone opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from kiosk.devices.decoder import read_symbols
from kiosk.model import Verification
from tests.sync.office.passes.sheets import xlsx
from tests.sync.office.passes.test_register import at_a_gate
from tests.web.entering import at_desk
from tests.web.gating import served
from tests.web.office.conftest import PASSWORDS
from tests.web.office.world import World

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
ROWS = [["张三丰", "11010519491231002X", "3-2-501"], ["李小梅", "108X"], ["王芳", "110105194912310021"]]


@pytest.fixture
def desk(app: Flask, page: Page) -> Iterator[Page]:
    """A clerk at the page of passes."""
    with served(app) as address:
        yield at_desk(page, address, "clerk", PASSWORDS["clerk"], "/passes")


def test_a_list_from_the_upload_to_the_printed_sheet(desk: Page, world: World, tmp_path: Path) -> None:
    people, sheet = tmp_path / "名单.xlsx", tmp_path / "sheet.pdf"
    people.write_bytes(xlsx(ROWS))
    desk.get_by_role("link", name="批量签发").click()
    desk.get_by_label("名单（.xlsx）").set_input_files(people)
    desk.get_by_role("button", name="上传并核对").click()
    expect(desk.locator(".row-bad")).to_contain_text("第 18 位应为 X")
    desk.get_by_role("button", name="确认签发").click()
    expect(desk.get_by_text("已签发 2 张出入证")).to_be_visible()
    with desk.expect_download() as download:
        desk.get_by_role("button", name="A4").click()
    download.value.save_as(sheet)
    page = pypdfium2.PdfDocument(sheet)[0].render(scale=200 / 72).to_numpy()
    texts = [symbol.text for symbol in read_symbols(cv2.cvtColor(np.asarray(page), cv2.COLOR_RGB2BGR))]
    codes = [at_a_gate(world.office, world.happiness, text) for text in texts]
    assert {code.holder.name for code in codes} == {"张三丰", "李小梅"}
    assert {code.verification for code in codes} == {Verification.VERIFIED}
    desk.reload()
    expect(desk.get_by_text("已做成打印稿 2 / 2")).to_be_visible()


def a_link(desk: Page) -> str:
    desk.get_by_role("link", name="签发出入证").click()
    desk.get_by_label("姓名").fill("张三丰")
    desk.get_by_label("证件号码或后四位").fill("432X")
    desk.get_by_label("载体").select_option("phone")
    desk.get_by_role("button", name="签发").click()
    return desk.locator("[data-phone-link]").inner_text()


def test_the_holder_opens_the_link_shows_it_offline_and_keeps_a_picture(
    desk: Page, world: World, browser: Browser
) -> None:
    address = a_link(desk)
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="zh-CN")  # type: ignore[arg-type]
    phone = context.new_page()
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(address)
    expect(phone.locator(".phone-name")).to_contain_text("张三丰 432X")
    assert not any(address.partition("#")[2] in url for url in asked), "the secret stays on the phone"
    context.set_offline(True)
    seen = cv2.imdecode(np.frombuffer(phone.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    [shown] = read_symbols(seen)
    code = at_a_gate(world.office, world.happiness, shown.text)
    assert (code.holder.name, code.medium) == ("张三丰", "phone")
    with phone.expect_download() as download:
        phone.locator("[data-save]").click()
    [kept] = read_symbols(cv2.imread(str(download.value.path())))
    assert kept.text == shown.text
    context.close()


def test_a_link_that_is_no_longer_good_says_so_and_shows_nobody(desk: Page, world: World, browser: Browser) -> None:
    address = a_link(desk)
    world.clock.go(hours=25)
    context = browser.new_context(viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
    phone = context.new_page()
    for wrong in (address, address.partition("#")[0], f"{address}x"):
        phone.goto("about:blank")
        phone.goto(wrong)
        expect(phone.locator("[data-gone]")).to_be_visible()
        expect(phone.locator(".phone-name")).to_have_count(0)
    context.close()
