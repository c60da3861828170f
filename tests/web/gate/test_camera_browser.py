"""A camera lane on the console, in a real browser, over a real stream: who is asked, what is said of a camera."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from kiosk import service
from kiosk.config import Settings
from kiosk.devices.picture import Pixels
from kiosk.model import Method
from kiosk.service import GateService
from tests.kiosk.devices.drawing import GREEN, RED, scenery, symbol
from tests.kiosk.devices.network import Scene, serving
from tests.kiosk.devices.waiting import until
from tests.web import gating
from tests.web.entering import alive, at_console
from tests.web.gating import PIN, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SIZE = (960, 540)
WAIT_MS = 60_000
ONE, OTHER = ("GL1:green:LI-NA", 180, GREEN), ("GL1:red:WANG", 620, RED)


def before(*codes: tuple[str, int, tuple[int, int, int]]) -> Pixels:
    """What the camera sees: codes side by side."""
    image = scenery(5, SIZE).copy()
    for text, left, dark in codes:
        drawn = symbol(text, dark=dark)
        image[170 : 170 + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return np.ascontiguousarray(image)


@pytest.fixture
def scene() -> Scene:
    return Scene(before())


@pytest.fixture
def gate(tmp_path: Path, scene: Scene) -> Iterator[GateService]:
    with serving(scene) as address:
        lanes = ({"name": "east", "camera": address}, {"name": "west", "kind": "scanner"})
        camera = {"frozen_s": 2, "reopen_s": 0.2, "stall_s": 10}
        settings = Settings(gate={"name": "南门", "var": tmp_path / "var"}, lane=lanes, camera=camera)  # type: ignore[arg-type]
        made = service.build(settings)
        made.staff.add(gating.VOLUNTEER, PIN)
        made.start()
        until(lambda: made.cameras["east"].lookout.tally.figures(0).looks_a_s, 60)
        yield made
        made.stop()


@pytest.fixture
def console(app: Flask, page: Page) -> Iterator[Page]:
    with served(app) as address:
        yield at_console(page, address)


def test_two_health_codes_ask_the_volunteer_until_one_is_left(console: Page, gate: GateService, scene: Scene) -> None:
    scene.image = before(ONE, OTHER)
    hint = console.locator(".picture-hint")
    expect(hint).to_contain_text("请一次出示一个码", timeout=WAIT_MS)
    expect(hint).to_contain_text("One code at a time please")
    assert gate.checkpoint.view("east").visit is None
    scene.image = before(OTHER)
    expect(console.locator("[data-card=visit]")).to_be_visible(timeout=WAIT_MS)
    visit = gate.checkpoint.view("east").visit
    assert visit is not None
    assert (visit.method, visit.name) == (Method.CAMERA, "W**G")
    expect(hint).to_have_count(0, timeout=WAIT_MS)


def test_two_codes_on_a_lane_that_is_not_looked_at_mark_its_tab_and_sound(
    console: Page, gate: GateService, scene: Scene
) -> None:
    console.locator(".tab", has_text="west").click()
    expect(console.locator("body")).to_have_attribute("data-lane", "west")
    alive(console)
    with console.expect_request(re.compile("summons.wav"), timeout=WAIT_MS):
        scene.image = before(ONE, OTHER)
    expect(console.locator(".tab-ask", has_text="east")).to_be_visible(timeout=WAIT_MS)
    scene.image = before()
    expect(console.locator(".tab-ask")).to_have_count(0, timeout=WAIT_MS)
    assert [event.kind for event in gate.journal.after(0)] == ["journal.begin", "shift.on"]


def test_a_frozen_stream_is_said_and_opened_again_until_it_moves(
    console: Page, gate: GateService, scene: Scene
) -> None:
    expect(console.locator(".status-bar")).to_contain_text("画面正常")
    scene.hangs = True
    expect(console.locator(".picture-words")).to_contain_text("画面卡住不动，正在重连", timeout=WAIT_MS)
    expect(console.locator(".status-bar")).to_contain_text("画面卡住不动，正在重连")
    expect(console.locator("[data-picture]")).to_be_hidden()
    connections = scene.connections
    until(lambda: scene.connections > connections, 60)
    scene.hangs = False
    expect(console.locator(".picture-words")).to_have_count(0, timeout=WAIT_MS)
    expect(console.locator(".status-bar")).to_contain_text("画面正常")
    expect(console.locator("[data-picture]")).to_be_visible(timeout=WAIT_MS)


def test_a_code_in_a_frozen_picture_is_presented_once(console: Page, gate: GateService, scene: Scene) -> None:
    scene.image = before(ONE)
    until(lambda: gate.checkpoint.view("east").visit, 60)
    visit = gate.checkpoint.view("east").visit
    assert visit is not None
    scene.hangs = True
    until(lambda: gate.cameras["east"].feed.state == "frozen", 60)
    connections = scene.connections
    gate.checkpoint.cancel("east", visit.id, "left")
    until(lambda: scene.connections >= connections + 2, 60)
    assert gate.checkpoint.view("east").visit is None
    assert gate.cameras["east"].lookout.tally.figures(0).presented == 1
