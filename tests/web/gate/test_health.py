"""The health page: a gate with two camera lanes on one film, and what a volunteer reads of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from kiosk import service
from kiosk.config import Settings
from kiosk.devices.care.controls import Controls
from kiosk.devices.care.selftest import SelfTest
from kiosk.devices.care.troubles import Trouble
from kiosk.devices.frame import Frame, Usual
from kiosk.devices.lookout import Condition
from kiosk.service import GateService
from tests.kiosk.devices.care.test_controls import Driver
from tests.kiosk.devices.drawing import held_up, save
from tests.kiosk.devices.waiting import until
from tests.web import gating
from tests.web.entering import at_console


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[GateService]:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(10):  # in view for twenty seconds, for a machine on which the reader starts late
        save(pictures / f"{number}.png", held_up("GP1:HEALTH"))
    lanes = (
        {"name": "east", "camera": str(pictures), "zone": (0.25, 0.1, 0.5, 0.8)},
        {"name": "hall", "kind": "tablet"},
    )
    made = service.build(Settings(gate={"name": "南门", "var": tmp_path / "var"}, lane=lanes))  # type: ignore[arg-type]
    made.staff.add(gating.VOLUNTEER, gating.PIN)
    yield made
    made.stop()


@pytest.fixture
def at_work(gate: GateService) -> GateService:
    """The gate with its camera running, self-test passed and a code read."""
    gate.start()
    until(lambda: gate.cameras["east"].lookout.tally.figures(0).presented)
    return gate


def test_a_stranger_sees_no_health_page(stranger: gating.Console) -> None:
    for path in ("/health", "/health/now"):
        assert stranger.get(path).headers["Location"] == "/sign-on"


def test_a_gate_that_does_not_run_yet_shows_its_lanes(console: gating.Console) -> None:
    page = console.get("/health").text
    assert "通道 east" in page
    assert "通道 hall" in page
    assert "正在进行" in page
    assert "这个通道没有接在门岗上的设备" in page


def test_a_lane_at_work_shows_its_rate_its_self_test_and_its_zone(
    at_work: GateService, console: gating.Console
) -> None:
    page = console.get("/health/now").text
    assert "绿、黄、琥珀、红四码均读出" in page
    assert "25 · 10 · 50 · 80 %" in page
    assert "此来源没有可调的控制" in page
    figures = at_work.health()["lanes"][0]["eye"]
    assert figures["presented"] == 1
    assert figures["ms_median"] > 0


def test_in_english_every_word_is_english(at_work: GateService, console: gating.Console) -> None:
    page = console.get("/health/now?lang=en").text
    assert "green, yellow, amber and red were read" in page
    assert "Nothing is connected to the gate on this lane" in page


def test_warnings_stand_on_the_page_and_on_the_consoles_bar(at_work: GateService, console: gating.Console) -> None:
    lane = at_work.cameras["east"]
    lane.stop()
    lane.feed.state = "ok"
    lane.lookout.condition = Condition(frozenset({Trouble.BLURRED, Trouble.DARK}), several=True)
    assert [warning["id"] for warning in at_work.status()["lanes"][0]["warnings"]] == ["dark", "blurred"]
    assert "画面模糊：请擦拭镜头或调焦" in console.get("/health/now").text
    bar = console.get("/?lane=east").text
    assert "画面太暗" in bar
    assert "请一次出示一个码" in bar


def test_a_reader_that_failed_its_self_test_is_named_with_the_way_out(
    gate: GateService, console: gating.Console
) -> None:
    gate.cameras["east"].selftest = SelfTest(("red: not read",), 20)
    page = console.get("/health/now").text
    assert "识读自检未通过，请用扫码枪或手工登记" in page
    assert "red: not read" in page
    assert gate.status()["lanes"][0]["warnings"][0]["id"] == "selftest"


def test_controls_that_a_camera_took_or_refused_are_told_apart(gate: GateService, console: gating.Console) -> None:
    class Steered:
        rest_s = 0.0
        controls: Controls | None = Controls(Driver(), Usual(exposure=8.0), lambda hz: False)

        def read(self) -> Frame | None:
            return Frame(np.zeros((90, 160, 3), np.uint8), 0, 0.0)

        def close(self) -> None:
            """Nothing is open."""

    camera = Steered()
    assert camera.controls
    camera.controls.settle()
    gate.cameras["east"].feed._opener = lambda *source, loop: camera
    gate.cameras["east"].feed.start()
    until(lambda: gate.cameras["east"].feed.controls)
    page = console.get("/health/now").text
    assert "曝光 8.0 ms" in page
    assert "防频闪 50 Hz （摄像头不支持）" in page


@pytest.mark.browser
def test_the_page_fits_the_console_and_renews_itself(at_work: GateService, app: Flask, page: Page) -> None:
    with gating.served(app) as address:
        at_console(page, address).get_by_role("link", name="设备状态").click()
        expect(page.locator("[data-lane-health=east]")).to_contain_text("绿、黄、琥珀、红四码均读出")
        at_work.cameras["east"].stop()
        at_work.cameras["east"].selftest = SelfTest(("red: not read",), 20)
        expect(page.locator("[data-lane-health=east]")).to_contain_text("识读自检未通过")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
