"""A resident checks in alone at the tablet, with the tablet's own camera, and the office sees it: one house for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kiosk.film import draw, script
from tests.browsing import Launch, camera_shows
from tests.journeys.house import TABLET_LANE, House, until
from tests.journeys.test_camera_to_office import sign_on

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("house with a tablet")]
FILM = """
size = [640, 480]
fps = 10
lead_s = 0
gap_s = 0
noise = 0
blur = 0
[[person]]
show = "text"
on = "paper"
text = "{text}"
seconds = 2
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"), TABLET_LANE)
    try:
        house.start_office(workers=1)
        house.enrol()
        house.start_gate()
        house.wait_for_hand_down()
        yield house
    finally:
        house.close()


@pytest.fixture
def tablet(launch: Launch, tmp_path: Path) -> Iterator[Page]:
    """A tablet whose camera sees `tablet.mjpeg`, over and over."""
    browser = launch(*camera_shows(tmp_path / "tablet.mjpeg"))
    context = browser.new_context(viewport={"width": 1024, "height": 768}, locale="zh-CN", permissions=["camera"])
    yield context.new_page()
    browser.close()


def answer_no(tablet: Page) -> None:
    """No to both questions, as they come."""
    for _ in range(2):
        question = tablet.locator("[data-step=asking]")
        expect(question).to_be_visible(timeout=30_000)
        asked = question.locator("[data-answer=no]").get_attribute("data-question")
        question.locator("[data-answer=no]").click()
        expect(tablet.locator(f"[data-question='{asked}']")).to_have_count(0)
    expect(tablet.locator("[data-step=measuring]")).to_contain_text("志愿者")


def measured(console: Page, shown: str) -> None:
    """The volunteer sees who it is and types 36.5."""
    expect(console.locator("[data-card=visit]")).to_contain_text(shown)
    for key in "365":
        console.locator(f"[data-keypad=celsius] [data-key='{key}']").click()
    console.locator("[data-keypad=celsius] [data-send]").click()


def type_number(tablet: Page, digits: str) -> None:
    tablet.bring_to_front()  # a page behind another one draws once a second
    tablet.locator(".starts [data-mode-open=typing]").click()
    for digit in digits:
        tablet.locator(f"[data-keypad] [data-key='{digit}']").click()


def entries(place: House, *names: str) -> list[tuple[str, str, str]]:
    """Verdict, method and name of these people's entries at the office, newest first, once all are there."""

    def theirs() -> list[dict[str, Any]]:
        return [row for row in place.entries() if row["name"] in names]

    rows = until(lambda: found if len(found := theirs()) >= len(names) else None, "not all reached the office")
    return [(row["verdict"], row["method"], row["name"]) for row in rows]


def test_a_resident_checks_in_alone_and_the_office_sees_it(place: House, tmp_path: Path, tablet: Page) -> None:
    issued = place.json("sync.office", "passes", "issue", "陈秀英", "--id-last4", "2046", "--household", "5-1-302")
    draw.draw_film(script.parse(FILM.format(text=issued["text"])), tmp_path / "tablet.mjpeg")

    tablet.goto(f"{place.gate_url}/tablet/tablet")
    tablet.locator("[data-mode-open=camera]").click()
    answer_no(tablet)
    console = tablet.context.new_page()
    sign_on(console, place, place.pin)
    measured(console, "陈*英")
    tablet.bring_to_front()  # a page behind another one draws once a second, and the verdict stays for three
    expect(tablet.locator("[data-step=verdict]")).to_contain_text("请通行")
    expect(tablet.locator("[data-step=start]")).to_be_visible()

    assert entries(place, "陈*英") == [("admit", "tablet", "陈*英")]


def test_who_types_a_phone_or_a_pass_number_is_looked_at_by_a_person(place: House, page: Page) -> None:
    issued = place.json("sync.office", "passes", "issue", "陈秀英", "--household", "5-1-302")
    digits = issued["number"].replace("-", "")
    console = page.context.new_page()
    sign_on(console, place, place.pin)

    page.goto(f"{place.gate_url}/tablet/tablet")
    shown_numbers = {"13812348000": "138****8000", digits: f"{digits[:3]}*******{digits[-4:]}"}
    for typed, shown in shown_numbers.items():
        type_number(page, typed)
        page.locator("[data-keypad] [data-send]").click()
        answer_no(page)
        measured(console, shown)
        verdict = page.locator("[data-step=verdict]")
        expect(verdict).to_contain_text("请稍候，等待复核")
        expect(verdict).to_contain_text("未出示健康码或通行证")
        expect(page.locator("[data-step=start]")).to_be_visible()
    shown_names = shown_numbers.values()
    assert entries(place, *shown_names) == [("check", "tablet", shown) for shown in reversed(shown_names)]


def test_a_mistyped_pass_number_is_told_before_anything_begins(place: House, page: Page) -> None:
    number = place.json("sync.office", "passes", "issue", "陈秀英")["number"].replace("-", "")
    page.goto(f"{place.gate_url}/tablet/tablet")
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    type_number(page, wrong)
    expect(page.locator("[data-mode=typing] [data-show]")).to_have_text(f"{wrong[:4]} {wrong[4:8]} {wrong[8:]}")
    page.locator("[data-keypad] [data-send]").click()
    expect(page.locator("[data-mode=typing] [data-error]")).to_contain_text("证号校验不符")
