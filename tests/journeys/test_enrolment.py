"""From the code on the office's page to a gate that syncs: the kiosk's own camera reads it, nobody types, nobody starts
anything again."""

from __future__ import annotations

import re
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from kiosk.devices.picture import Pixels
from tests.journeys.house import CAMERA_LANE, House, until
from tests.journeys.test_camera_to_office import log_in
from tests.kiosk.devices.drawing import scenery, symbol
from tests.kiosk.devices.network import Scene, serving

pytestmark = pytest.mark.browser
WAIT_MS = 60_000
SIZE = (1280, 720)


def held_up(drawn: Pixels) -> Pixels:
    """What the camera sees of a code."""
    image = scenery(5, SIZE).copy()
    image[120 : 120 + drawn.shape[0], 400 : 400 + drawn.shape[1]] = drawn
    return np.ascontiguousarray(image)


def photographed(page: Page) -> Pixels:
    """The office's symbol as a camera sees it on the screen."""
    png = page.locator(".enrol-symbol").screenshot()
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)


def test_the_kiosks_camera_reads_the_offices_code_and_what_was_recorded_before_arrives(
    house: Callable[[str], House], page: Page
):
    scene = Scene(held_up(symbol("GL1:green:张三丰")))
    with serving(scene) as camera:
        place = house(CAMERA_LANE.format(camera=camera).replace("measure_timeout_s = 30", "measure_timeout_s = 1"))
        place.start_office()
        place.start_gate()
        kiosk = page.context.new_page()
        kiosk.goto(place.gate_url)
        expect(kiosk).to_have_url(re.compile("/setup$"))
        expect(kiosk.get_by_role("heading", name="接入街道办")).to_be_visible()
        expect(kiosk.locator("[data-picture]")).to_be_visible(timeout=WAIT_MS)
        until(lambda: "visit.abandoned" in place.kiosk("journal", "tail"), "the visit before was not recorded")

        log_in(page, place)
        page.goto(f"{place.office_url}/gates/new")
        page.get_by_label("名称").fill("东门")
        page.get_by_role("button", name="添加并取得注册码").click()
        expect(page.locator("[data-code=waiting]")).to_contain_text("23:")
        scene.image = held_up(photographed(page))

        expect(kiosk.get_by_role("heading", name="已接入街道办")).to_be_visible(timeout=WAIT_MS)
        expect(kiosk.locator("[data-enrolled=yes]")).to_contain_text("已同步", timeout=WAIT_MS)
        expect(page.locator("[data-code=used]")).to_contain_text("接入", timeout=WAIT_MS)
        expect(page.locator("[data-code=used]")).to_contain_text("东门")
        entries = until(place.entries, "what was recorded before did not arrive")
        assert {entry["kind"] for entry in entries} == {"visit.abandoned"}

        assert ": whole;" in place.kiosk("journal", "verify")
        assert "GE1:" not in place.log("gate") + place.log("office")
