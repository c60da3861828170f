"""The screen beside a handheld scanner in a real browser: what the scanner types is presented, what hands type not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from kiosk.model import Method, Reading
from kiosk.service import GateService
from tests.kiosk.devices.waiting import until
from tests.web import gating
from tests.web.gating import served
from tests.web.keys import PAUSE_MS, SCANNER_MS, Keys, PageTime, calls
from web.serving import utc_now

pytestmark = pytest.mark.browser


@pytest.fixture
def scanner() -> dict[str, str]:
    """What kiosk.toml says of the scanner."""
    return {}


@pytest.fixture
def gate(tmp_path: Path, scanner: dict[str, str]) -> Iterator[GateService]:
    service = gating.build(tmp_path / "var", lane=({**gating.BOOTH, **scanner},))
    yield service
    service.stop()


@pytest.fixture
def screen(app: Flask, page: Page) -> Iterator[Page]:
    with served(app) as address:
        page.goto(f"{address}/tablet/")
        expect(page.locator("[data-step=start]")).to_contain_text("对准扫码枪")
        expect(page.locator(".lost")).to_be_hidden()
        yield page


@pytest.fixture
def keys(screen: Page) -> Keys:
    return Keys(screen)


def visit(gate: GateService) -> tuple[str, Method]:
    """Whose visit the scan began, and how."""
    until(lambda: gate.checkpoint.view("booth").visit)
    found = gate.checkpoint.view("booth").visit
    assert found is not None
    return found.name, found.method


def answer_no(screen: Page, gate: GateService) -> None:
    while (found := gate.checkpoint.view("booth").visit) and found.questions:
        question = screen.locator(f'[data-answer="no"][data-question="{found.questions[0].id}"]')
        question.click()
        expect(question).to_have_count(0)


def test_a_resident_scans_answers_is_measured_and_reads_the_verdict(
    screen: Page, keys: Keys, gate: GateService
) -> None:
    keys.scan("GL1:green:LI-NA")
    assert visit(gate) == ("L***A", Method.SCANNER)
    expect(screen.locator("[data-step=asking]")).to_be_visible()
    answer_no(screen, gate)
    expect(screen.locator("[data-step=measuring]")).to_contain_text("已通知志愿者")
    gate.checkpoint.measure("booth", Reading(36.4, utc_now(), "test"))
    expect(screen.locator("[data-step=verdict]")).to_be_visible()


@pytest.mark.parametrize("scanner", [{"scanner_prefix": "~", "scanner_suffix": "\t"}], ids=["~…Tab"])
def test_a_scanners_prefix_and_suffix_are_left_out(keys: Keys, gate: GateService) -> None:
    keys.scan("~GL1:green:LI-NA", end="Tab")
    assert visit(gate)[0] == "L***A"


@pytest.mark.parametrize("scanner", [{"scanner_suffix": ""}], ids=["a pause"])
def test_a_scanner_without_a_suffix_ends_with_a_pause(screen: Page, keys: Keys, gate: GateService) -> None:
    time = PageTime(screen)
    with calls(screen, "/scan") as sent:
        keys.strike(*"GL1:green:", gap_ms=SCANNER_MS)
        time.passes(PAUSE_MS - 1)
        keys.strike(*"LI-NA", gap_ms=SCANNER_MS)
        time.passes(PAUSE_MS - 1)
        assert sent == []
        time.passes(1)
        assert visit(gate)[0] == "L***A"


@pytest.mark.parametrize("scanner", [{"scanner_suffix": ""}], ids=["a pause"])
def test_a_page_that_stood_still_hears_the_keys_that_waited_before_it_ends_a_scan(
    screen: Page, keys: Keys, gate: GateService
) -> None:
    time = PageTime(screen)
    keys.strike(*"GL1:green:", gap_ms=SCANNER_MS)
    time.stands(10 * PAUSE_MS)
    keys.strike(*"LI-NA", gap_ms=SCANNER_MS)
    time.passes(PAUSE_MS)
    assert visit(gate)[0] == "L***A"


@pytest.mark.parametrize("scanner", [{"scanner_suffix": ""}], ids=["a pause"])
def test_a_page_that_is_always_late_hears_of_a_scan_all_the_same(screen: Page, keys: Keys, gate: GateService) -> None:
    time = PageTime(screen)
    keys.scan("GL1:green:LI-NA", end="")
    time.stands(10 * PAUSE_MS)
    time.stands(10 * PAUSE_MS)
    assert visit(gate)[0] == "L***A"


def test_a_chinese_input_method_may_stay_on(keys: Keys, gate: GateService) -> None:
    keys.scan_through_input_method("GL1:green:LI-NA")
    assert visit(gate)[0] == "L***A"


def test_what_hands_type_is_no_scan(screen: Page, keys: Keys, gate: GateService) -> None:
    keys.write("GL1:green:LI-NA")
    keys.strike("Enter", gap_ms=110)
    keys.scan("GL1:green:WANG")
    assert visit(gate)[0] == "W**G"
    assert [event.kind for event in gate.journal.after(0)] == ["journal.begin"]


def test_a_scan_while_the_number_is_being_typed_is_taken(screen: Page, keys: Keys, gate: GateService) -> None:
    screen.locator('.starts [data-mode-open="typing"]').click()
    screen.locator('[data-keypad] [data-key="1"]').first.click()
    keys.scan("GL1:green:LI-NA")
    assert visit(gate)[0] == "L***A"
    expect(screen.locator("[data-mode=typing]")).to_be_hidden()


def test_a_number_can_be_typed_instead(screen: Page, gate: GateService) -> None:
    screen.locator('.starts [data-mode-open="typing"]').click()
    for digit in "13812348000":
        screen.locator(f'[data-keypad] [data-key="{digit}"]').first.click()
    screen.locator("[data-keypad] [data-send]").click()
    assert visit(gate) == ("138****8000", Method.TABLET)
