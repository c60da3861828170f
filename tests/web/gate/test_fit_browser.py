"""Nothing of the gate's screens is cut off: with the demonstration's band, with a warning in the bar, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kiosk.service import GateService
from tests.web import gating
from tests.web.entering import at_console
from tests.web.gating import served

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
WIDTHS = "() => [document.documentElement.scrollWidth, innerWidth]"


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[GateService]:
    """A demonstration on a disk that has less room than it was told to keep."""
    service = gating.build(tmp_path, demo=True, gate={"name": "南门", "var": tmp_path, "disk_warn_mb": 1_000_000})
    service.housekeeper.look()
    yield service
    service.stop()


@pytest.fixture
def console(gate: GateService, page: Page) -> Iterator[Page]:
    with served(gating.application(gate)) as address:
        yield at_console(page, address)


def test_the_last_button_ends_within_its_column_and_the_bar_within_the_window(console: Page) -> None:
    expect(console.locator(".demo-band")).to_be_visible()
    expect(console.locator(".status-row")).to_contain_text("磁盘空间不足")
    button, column = (console.locator(one).bounding_box() for one in ("[data-no-reading]", ".console-right"))
    assert button is not None
    assert column is not None
    assert button["y"] + button["height"] <= column["y"] + column["height"]
    needed, there = console.evaluate(WIDTHS)
    assert needed <= there


def test_a_phone_shows_console_and_health_in_its_width(console: Page) -> None:
    console.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for page in ("/", "/health"):
        console.goto(console.url.rstrip("/").removesuffix("/health") + page)
        needed, there = console.evaluate(WIDTHS)
        assert needed <= there, page
