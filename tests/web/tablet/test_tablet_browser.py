"""The tablet in a real browser, with a camera that shows a code: from the start to the verdict and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
import segno
from flask import Flask
from playwright.sync_api import Page, expect

from kiosk.model import Reading
from kiosk.service import GateService
from tests.kiosk.devices.waiting import until
from tests.web.gating import served
from tests.web.keys import answers_held
from web.serving import utc_now

pytestmark = pytest.mark.browser

SHOWN = "GL1:green:ZHANG"


def code(text: str) -> np.ndarray:
    """A code in front of a 640×480 camera."""
    frame = np.full((480, 640), 200, np.uint8)
    modules = np.array([[0 if dark else 255 for dark in row] for row in segno.make(text, error="m").matrix], np.uint8)
    modules = np.pad(modules, 4, constant_values=255)
    side = 320 // len(modules) * len(modules)
    symbol = cv2.resize(modules, (side, side), interpolation=cv2.INTER_NEAREST)
    frame[80 : 80 + side, 160 : 160 + side] = symbol
    return cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR)


@pytest.fixture
def tablet(app: Flask, page: Page, shows: Callable[[np.ndarray], None]) -> Iterator[Page]:
    """The tablet's page on the gate's own screen; its camera shows SHOWN."""
    shows(code(SHOWN))
    with served(app) as address:
        page.goto(f"{address}/tablet/")
        expect(page.locator("[data-step=start]")).to_be_visible()
        yield page


def answer_no(tablet: Page, gate: GateService) -> None:
    while (visit := gate.checkpoint.view("hall").visit) and visit.questions:
        question = tablet.locator(f'[data-answer="no"][data-question="{visit.questions[0].id}"]')
        question.click()
        expect(question).to_have_count(0)


def test_a_resident_shows_a_code_answers_and_is_told_to_come_in_or_wait(tablet: Page, gate: GateService) -> None:
    tablet.locator(".start-scan").click()
    expect(tablet.locator("[data-step=asking]")).to_be_visible()
    answer_no(tablet, gate)
    expect(tablet.locator("[data-step=measuring]")).to_contain_text("已通知志愿者")
    gate.checkpoint.measure("hall", Reading(36.4, utc_now(), "test"))
    verdict = tablet.locator("[data-step=verdict]")
    expect(verdict).to_be_visible()
    assert gate.checkpoint.view("hall").last is not None
    presented = [event for event in gate.journal.after(0) if event.kind == "passage"]
    assert [event.personal["name"] for event in presented if event.personal] == ["ZHANG"]


def test_a_feverish_resident_reads_where_to_wait(tablet: Page, gate: GateService) -> None:
    tablet.locator('.starts [data-mode-open="typing"]').click()
    for digit in "13812348000":
        tablet.locator(f'[data-keypad] [data-key="{digit}"]').click()
    expect(tablet.locator("[data-show]")).to_have_text("138 1234 8000")
    tablet.locator("[data-keypad] [data-send]").click()
    expect(tablet.locator("[data-step=asking]")).to_be_visible()
    answer_no(tablet, gate)
    expect(tablet.locator("[data-step=measuring]")).to_be_visible()
    gate.checkpoint.measure("hall", Reading(38.4, utc_now(), "test", grade="clinical"))
    expect(tablet.locator(".step-isolate")).to_contain_text("请到留观区等候")
    assert [call["why"] for call in gate.summons.open()] == ["isolate"]


def test_a_mistyped_number_is_explained_and_stays_and_a_passport_can_be_typed(tablet: Page, gate: GateService) -> None:
    tablet.locator('.starts [data-mode-open="typing"]').click()
    for digit in "110105194912310021":
        tablet.locator(f'[data-board=digits] [data-key="{digit}"]').click()
    tablet.locator("[data-keypad] [data-send]").click()
    expect(tablet.locator("[data-keypad] [data-error]")).to_contain_text("第 18 位应为 X")
    expect(tablet.locator("[data-show]")).to_have_text("110105 19491231 0021")
    expect(tablet.locator("[data-keypad] [data-send]")).to_be_in_viewport(ratio=1)
    tablet.locator("[data-typing-help]").click()
    until(lambda: [call["why"] for call in gate.summons.open()] == ["help"])
    for _ in range(18):
        tablet.locator("[data-board=digits] [data-key=back]").click()
    tablet.locator("[data-to-board=letters]").click()
    tablet.locator('[data-board=letters] [data-key="E"]').click()
    tablet.locator("[data-to-board=digits]").click()
    for digit in "12345678":
        tablet.locator(f'[data-board=digits] [data-key="{digit}"]').click()
    tablet.locator("[data-keypad] [data-send]").click()
    expect(tablet.locator("[data-step=asking]")).to_be_visible()


def test_who_begins_anew_is_not_disturbed_by_a_late_answer(tablet: Page, gate: GateService) -> None:
    typing = tablet.locator("[data-mode=typing]")
    tablet.locator('.starts [data-mode-open="typing"]').click()
    with answers_held(tablet):
        for digit in "13812348000":
            typing.locator(f'[data-key="{digit}"]').first.click()
        typing.locator("[data-send]").click()
        expect(tablet.locator("[data-step=asking]")).to_be_visible()  # the stream tells it
        visit = gate.checkpoint.view("hall").visit
        assert visit is not None
        gate.checkpoint.cancel("hall", visit.id, "left")
        tablet.locator('.starts [data-mode-open="typing"]').click()
    expect(typing).to_be_visible()


def test_the_language_switch_puts_english_first(tablet: Page) -> None:
    tablet.get_by_role("link", name="English").click()
    expect(tablet.locator("[data-step=start] .say-first").first).to_have_text("Check in here")
