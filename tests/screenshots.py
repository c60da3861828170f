"""make screenshots: takes the pictures in docs/img again, from a real office, a real gate and a film of a few people.

python -m tests.screenshots         people with passes of this office, and others
python -m tests.screenshots --demo  the bundled film, every page marked as a demonstration
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Browser, Page, expect, sync_playwright

from kiosk.film import bundled, script
from kiosk.film.draw import draw_film
from sync.office import settings
from sync.office.office import Office
from sync.office.values import EVERYTHING
from tests.browsing import CHROMIUM, SCREEN, SWITCHES
from tests.journeys.house import TABLET_LANE, House, until
from tests.journeys.test_camera_to_office import log_in, sign_on

PICTURES = Path(__file__).parents[1] / "docs" / "img"
LARGEST_BYTES = 250_000
TABLET = {"width": 1024, "height": 768}
PATIENCE_MS = 90_000  # until the last of the film's people has come

LANES = """
[[lane]]
name = "1"
camera = "{camera}"
thermometer = "film"
thermometer_grade = "clinical"
show_s = 4
"""
PEOPLE = """
title = "东门"
fps = 10
lead_s = 6
gap_s = 1
noise = 0.6
[[person]]
show = "text"
text = "{residents[0]}"
name = "王小明"
seconds = 2.5
celsius = 36.5
[[person]]
show = "level"
level = "red"
name = "周志强"
seconds = 2.5
celsius = 36.8
[[person]]
show = "text"
text = "{residents[1]}"
name = "陈秀英"
on = "paper"
seconds = 2.5
celsius = 36.3
[[person]]
show = "level"
level = "yellow"
name = "林思远"
seconds = 2.5
celsius = 36.6
[[person]]
show = "text"
text = "{residents[2]}"
name = "吴雪梅"
on = "paper"
seconds = 25
celsius = 38.4
"""
RESIDENTS = (("王小明", "123X", "3-2-501"), ("陈秀英", "2046", "5-1-302"), ("吴雪梅", "5521", ""))
NOTICE = ("今日小区北门检修，请从东门出入", "The north gate is under repair today: please use the east gate")


def main(words: list[str]) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gatehouse-") as folder, _chromium() as browser:
        house = House(Path(folder), LANES.format(camera=Path(folder) / "film.mp4") + TABLET_LANE)
        try:
            _take_all(house, browser, demo="--demo" in words)
        finally:
            house.close()


def _take_all(house: House, browser: Browser, *, demo: bool) -> None:
    house.start_office()
    pin = house.enrol()
    _prepare(house, demo=demo)
    house.start_gate(*(["--demo"] if demo else []))
    _gate(house, _page(browser), pin)
    _tablet(house, _page(browser, **TABLET))
    until(lambda: len(house.entries()) >= len(RESIDENTS) + 2, "the office does not hear of everybody")
    _office(house, _page(browser))


def _prepare(house: House, *, demo: bool) -> None:
    """Put the film where the lane's camera looks for it, and hand down what its people are judged by."""
    film = house.folder / "film.mp4"
    if demo:
        house.run("sync.office", "demo")
        film.symlink_to(bundled())
        film.with_name("film.mp4.json").symlink_to(bundled().with_name("demo.mp4.json"))
    else:
        _post_notice(house)
        draw_film(script.parse(PEOPLE.format(residents=[_pass(house, *who) for who in RESIDENTS])), film)


def _post_notice(house: House) -> None:
    office = Office.open(settings.load({}, var=house.folder / "office"))
    (community,) = office.units.communities(EVERYTHING)
    office.notices.post(community.id, *NOTICE, EVERYTHING, who="screenshots")
    office.close()


def _pass(house: House, name: str, id_last4: str, home: str) -> str:
    issued = house.json(
        "sync.office", "passes", "issue", name, "--id-last4", id_last4, *(["--household", home] if home else [])
    )
    return str(issued["text"])


# --- the pictures ---------------------------------------------------------------------------------------------------


def _gate(house: House, page: Page, pin: str) -> None:
    page.goto(house.gate_url)
    expect(page.locator("[data-keypad=pin]")).to_be_visible()
    _take(page, "gate-sign-on")
    sign_on(page, house, pin)
    expect(page.locator(".card-isolate")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("[data-picture]").evaluate("picture => picture.decode()")
    _take(page, "gate-console")


def _tablet(house: House, page: Page) -> None:
    page.goto(f"{house.gate_url}/tablet/tablet")
    expect(page.locator("[data-step=start]")).to_be_visible()
    _take(page, "tablet")


def _office(house: House, page: Page) -> None:
    log_in(page, house)
    page.goto(house.office_url)
    _take(page, "office-overview")
    page.goto(f"{house.office_url}/entries")
    _take(page, "office-entries")
    isolated = next(entry for entry in house.entries() if entry["verdict"] == "isolate")
    page.goto(f"{house.office_url}/entries/{isolated['id']}")
    _take(page, "office-entry")


def _take(page: Page, name: str) -> None:
    """One picture, coarser in its colours where it would be too large otherwise."""
    page.evaluate("document.fonts.ready")
    image = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    for bits in (0, 1, 2, 3, 4):
        _, packed = cv2.imencode(".png", image >> bits << bits, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        if len(packed) <= LARGEST_BYTES:
            break
    (PICTURES / f"{name}.png").write_bytes(packed.tobytes())
    print(f"docs/img/{name}.png  {len(packed) // 1024} KB")


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*SWITCHES])
        yield browser
        browser.close()


def _page(browser: Browser, **size: int) -> Page:
    return browser.new_context(viewport=size or SCREEN, locale="zh-CN").new_page()  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1:])
