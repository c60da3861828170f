"""A resident checks in alone at the tablet, with the tablet's own camera, and the office sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kiosk.film import draw, script
from tests.browsing import Launch, camera_shows
from tests.journeys.house import TABLET_LANE, House, until
from tests.journeys.test_camera_to_office import sign_on

pytestmark = pytest.mark.browser
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


@pytest.fixture
def tablet(launch: Launch, tmp_path: Path) -> Iterator[Page]:
    """A tablet whose camera sees `tablet.mjpeg`, over and over."""
    browser = launch(*camera_shows(tmp_path / "tablet.mjpeg"))
    context = browser.new_context(viewport={"width": 1024, "height": 768}, locale="zh-CN", permissions=["camera"])
    yield context.new_page()
    browser.close()


def test_a_resident_checks_in_alone_and_the_office_sees_it(
    house: Callable[[str], House], tmp_path: Path, tablet: Page
) -> None:
    place = house(TABLET_LANE)
    issued = place.json("sync.office", "passes", "issue", "陈秀英", "--id-last4", "2046", "--household", "5-1-302")
    draw.draw_film(script.parse(FILM.format(text=issued["text"])), tmp_path / "tablet.mjpeg")
    place.start_office()
    pin = place.enrol()
    place.start_gate()

    tablet.goto(f"{place.gate_url}/tablet/tablet")
    tablet.locator("[data-mode-open=camera]").click()
    for _ in range(2):
        question = tablet.locator("[data-step=asking]")
        expect(question).to_be_visible(timeout=30_000)
        asked = question.locator("[data-answer=no]").get_attribute("data-question")
        question.locator("[data-answer=no]").click()
        expect(tablet.locator(f"[data-question='{asked}']")).to_have_count(0)
    expect(tablet.locator("[data-step=measuring]")).to_contain_text("志愿者")

    console = tablet.context.new_page()
    sign_on(console, place, pin)
    expect(console.locator("[data-card=visit]")).to_contain_text("陈*英")
    for key in "365":
        console.locator(f"[data-keypad=celsius] [data-key='{key}']").click()
    console.locator("[data-keypad=celsius] [data-send]").click()
    expect(tablet.locator("[data-step=verdict]")).to_contain_text("请通行")
    expect(tablet.locator("[data-step=start]")).to_be_visible(timeout=15_000)

    entry = until(lambda: next(iter(place.entries()), None), "nothing reached the office")
    assert (entry["verdict"], entry["method"], entry["name"]) == ("admit", "tablet", "陈*英")
