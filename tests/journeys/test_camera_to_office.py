"""From a code in front of the camera to the entry on the office's page, with the cable in and with the cable out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kiosk.film import draw, script
from tests.journeys.house import CAMERA_LANE, House, until

pytestmark = pytest.mark.browser

SMALL = "size = [640, 360]\nfps = 8\nlead_s = 4\ngap_s = 1\nnoise = 0\nblur = 0\n"
PERSON = '[[person]]\nshow = "text"\ntext = "{text}"\nseconds = {seconds}\n'


def film(path: Path, *texts: str, seconds: float = 3) -> Path:
    """A small film of people who hold up `texts`, one after the other."""
    people = "".join(PERSON.format(text=text, seconds=seconds) for text in texts)
    draw.draw_film(script.parse(SMALL + people), path)
    return path


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


def test_a_feverish_resident_is_isolated_and_the_office_sees_why(
    house: Callable[[str], House], tmp_path: Path, page: Page
):
    film_path = tmp_path / "film.avi"
    place = house(CAMERA_LANE.format(camera=film_path))
    issued = place.json("sync.office", "passes", "issue", "王小明", "--id-last4", "123X", "--household", "3-2-501")
    film(film_path, issued["text"], seconds=20)
    place.start_office()
    pin = place.enrol()
    place.start_gate()

    sign_on(page, place, pin)
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


def test_with_the_office_gone_the_gate_goes_on_and_all_arrives_once(
    house: Callable[[str], House], tmp_path: Path, page: Page
):
    film_path = film(tmp_path / "film.avi", "GL1:red:张三丰", "GL1:yellow:李四", "no code at all", seconds=4)
    place = house(CAMERA_LANE.format(camera=film_path))
    place.start_office()
    pin = place.enrol()
    place.stop("office")
    place.start_gate()

    sign_on(page, place, pin)
    for name, verdict in (("张*丰", "劝返"), ("李*", "复核"), ("", "复核")):
        expect(page.locator("[data-card=visit]")).to_contain_text(name)
        type_temperature(page, "365")
        expect(page.locator("[data-card=outcome]")).to_contain_text(verdict)
    expect(page.locator("[data-region=status]")).to_contain_text("条待上传")
    assert place.entries() == []

    place.start_office()
    entries = until(lambda: found if len(found := place.entries()) >= 3 else None, "not all entries arrived")
    assert sorted(entry["verdict"] for entry in entries) == ["check", "check", "refuse"]
    place.stop("gate")
    assert ": whole;" in place.kiosk("journal", "verify")
    assert len(place.entries()) == 3
