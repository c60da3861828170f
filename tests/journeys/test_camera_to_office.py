"""From a code in front of the camera to the entry on the office's page, with the cable in and with the cable out: one
house for both."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.house import CAMERA_LANE, House, until
from tests.kiosk.devices.drawing import scenery, symbol
from tests.kiosk.devices.network import Scene, serving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("house with a camera")]

NOBODY = scenery(5, (640, 360))


@pytest.fixture(scope="module")
def scene() -> Scene:
    """What the camera sees."""
    return Scene(NOBODY)


@pytest.fixture(scope="module")
def place(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with serving(scene) as camera:
        house = House(tmp_path_factory.mktemp("house"), CAMERA_LANE.format(camera=camera))
        try:
            house.start_office()
            house.enrol()
            house.start_gate()
            house.wait_for_hand_down()
            yield house
        finally:
            house.close()


def hold_up(scene: Scene, text: str) -> None:
    """Somebody steps before the camera with this code."""
    drawn, image = symbol(text, module=4), NOBODY.copy()
    image[20 : 20 + drawn.shape[0], 200 : 200 + drawn.shape[1]] = drawn
    scene.image = np.ascontiguousarray(image)


def sign_on(page: Page, house: House, pin: str) -> None:
    page.goto(f"{house.gate_url}/")
    page.get_by_label("PIN").fill(pin)
    page.get_by_role("button", name="上岗").click()
    expect(page.locator("[data-card]")).to_be_visible()
    expect(page.locator("body")).not_to_have_class(re.compile("is-lost"), timeout=30_000)  # the page's script runs


def type_temperature(page: Page, digits: str) -> None:
    keypad = page.locator("[data-keypad=celsius]")
    for digit in digits:
        keypad.locator(f"[data-key='{digit}']").click()
    keypad.locator("[data-send]").click()


def log_in(page: Page, house: House) -> None:
    """The administrator's first log-in, which asks for a password of their own."""
    page.goto(house.office_url)
    page.get_by_label("账号").fill(house.login)
    page.get_by_label("密码").fill(house.password)
    page.get_by_role("button", name="登录").click()
    page.get_by_label("现在的密码").fill(house.password)
    page.get_by_label("新密码", exact=True).fill("long-enough-to-keep")
    page.get_by_label("再输一次新密码").fill("long-enough-to-keep")
    page.get_by_role("button", name="保存新密码").click()
    expect(page.get_by_role("heading", name="今日", exact=True)).to_be_visible()


def test_a_feverish_resident_is_isolated_and_the_office_sees_why(place: House, scene: Scene, page: Page) -> None:
    issued = place.json("sync.office", "passes", "issue", "王小明", "--id-last4", "123X", "--household", "3-2-501")
    sign_on(page, place, place.pin)
    hold_up(scene, issued["text"])
    expect(page.locator("[data-card=visit]")).to_contain_text("王*明")
    page.get_by_text("医用").click()
    type_temperature(page, "384")
    card = page.locator("[data-card=outcome]")
    expect(card).to_contain_text("留观")
    expect(card).to_contain_text("120")

    entry = until(lambda: next(iter(place.entries()), None), "nothing reached the office")
    assert entry["verdict"] == "isolate"
    log_in(page, place)
    page.get_by_role("link", name="通行记录").click()
    expect(page.locator("tr[data-row]").first).to_contain_text("王*明")
    page.locator("tr[data-row] a").first.click()
    expect(page.locator(".outcome-isolate")).to_contain_text("38.4")
    expect(page.locator(".reason").first).to_contain_text("体温偏高")


def test_with_the_office_gone_the_gate_goes_on_and_all_arrives_once(place: House, scene: Scene, page: Page) -> None:
    scene.image = NOBODY
    before = len(place.entries())
    place.stop("office")
    place.kill("gate")
    place.start_gate()
    sign_on(page, place, place.pin)
    people = (("GL1:red:张三丰", "张*丰", "劝返"), ("GL1:yellow:李四", "李*", "复核"), ("no code at all", "", "复核"))
    for text, name, verdict in people:
        hold_up(scene, text)
        expect(page.locator("[data-card=visit]")).to_contain_text(name)
        type_temperature(page, "365")
        expect(page.locator("[data-card=outcome]")).to_contain_text(verdict)
    scene.image = NOBODY
    expect(page.locator("[data-region=status]")).to_contain_text("条待上传")
    assert len(place.entries()) == before

    place.start_office()
    through = before + len(people)
    entries = until(lambda: found if len(found := place.entries()) >= through else None, "not all entries arrived")
    assert sorted(entry["verdict"] for entry in entries[: len(people)]) == ["check", "check", "refuse"]
    place.stop("gate")
    assert ": whole;" in place.kiosk("journal", "verify")
    assert len(place.entries()) == through
