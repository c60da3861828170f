"""Handheld scanners that type: fast keys are a scan wherever they land, slow ones are somebody writing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from kiosk.service import GateService
from tests.kiosk.devices.waiting import until
from tests.web import gating
from tests.web.entering import at_console
from tests.web.gating import served
from tests.web.keys import HAND_MS, SCANNER_MS, Keys, PageTime

pytestmark = pytest.mark.browser


@pytest.fixture
def settings() -> dict[str, str]:
    """What kiosk.toml says of the scanner."""
    return {}


@pytest.fixture
def gate(tmp_path: Path, settings: dict[str, str]) -> Iterator[GateService]:
    service = gating.build(tmp_path / "var", lane=({"name": "1", "kind": "scanner", **settings},))
    yield service
    service.stop()


@pytest.fixture
def console(app: Flask, page: Page) -> Iterator[Page]:
    with served(app) as address:
        yield at_console(page, address)


def presented(gate: GateService) -> str:
    """The name on the visit that the scan began, which is then broken off."""
    until(lambda: gate.checkpoint.view("1").visit)
    visit = gate.checkpoint.view("1").visit
    assert visit is not None
    gate.checkpoint.cancel("1", visit.id, "left")
    return visit.name


@pytest.fixture
def keys(console: Page) -> Keys:
    return Keys(console)


def test_somebody_who_writes_a_name_is_not_taken_for_a_scanner(console: Page, keys: Keys, gate: GateService) -> None:
    console.locator('[data-open="register"]').click()
    name = console.locator("[name=name]")
    name.focus()
    keys.write("Chen Jing")
    keys.strike("Enter", gap_ms=HAND_MS)
    expect(console.locator(".field-error")).to_have_count(1)
    expect(name).to_have_value("Chen Jing")
    assert gate.checkpoint.view("1").visit is None


def test_a_scan_into_the_middle_of_a_name_leaves_the_name_as_it_was(
    console: Page, keys: Keys, gate: GateService
) -> None:
    console.locator('[data-open="register"]').click()
    name = console.locator("[name=name]")
    name.focus()
    keys.write("Chen")
    keys.scan("GL1:green:LI-NA")
    assert presented(gate) == "L***A"
    expect(name).to_have_value("Chen")
    expect(console.locator('[data-dialog="register"]')).to_be_visible()


def test_a_scan_with_a_blank_presses_no_button_that_has_the_focus(console: Page, keys: Keys, gate: GateService) -> None:
    console.locator('[data-open="register"]').focus()
    keys.scan("GL1:green:LI NA")
    assert presented(gate) == "L***A"
    expect(console.locator('[data-dialog="register"]')).to_be_hidden()


def test_a_key_that_is_held_down_is_no_scan(console: Page, keys: Keys, gate: GateService) -> None:
    console.locator('[data-open="register"]').click()
    console.locator("[name=name]").focus()
    keys.hold("a", 12)
    keys.strike("Enter", gap_ms=SCANNER_MS)
    expect(console.locator(".field-error")).to_have_count(1)
    expect(console.locator("[name=name]")).to_have_value("a" * 12)
    assert gate.checkpoint.view("1").visit is None


def test_with_a_chinese_input_method_on_a_scan_is_read_and_the_field_is_given_back(
    console: Page, keys: Keys, gate: GateService
) -> None:
    console.locator('[data-open="register"]').click()
    name = console.locator("[name=name]")
    name.fill("陈")
    PageTime(console)  # however late the input method writes
    keys.scan_through_input_method("GL1:green:LI-NA $*./")
    assert presented(gate) == "L" + "*" * 8 + "/"
    expect(name).to_have_value("陈")
    expect(console.locator('[data-dialog="register"]')).to_be_visible()


def test_full_width_characters_are_the_ordinary_ones(console: Page, gate: GateService) -> None:
    field = console.locator("[data-scanner] [name=text]")
    field.fill("ＧＬ１：ｇｒｅｅｎ：ＬＩ－ＮＡ")
    field.press("Enter")
    assert presented(gate) == "L***A"


def test_a_forgotten_caps_lock_spoils_no_scan(console: Page, keys: Keys, gate: GateService) -> None:
    console.evaluate("KeyboardEvent.prototype.getModifierState = (name) => name === 'CapsLock'")
    keys.scan("gl1:GREEN:li")
    assert presented(gate) == "L*"


@pytest.mark.parametrize(
    ("settings", "typed", "end"),
    [
        ({"scanner_prefix": "~", "scanner_suffix": "\t"}, "~GL1:red:LI", "Tab"),
        ({"scanner_prefix": "{", "scanner_suffix": "}"}, "{GL1:red:LI}", ""),
    ],
)
def test_a_scanner_with_a_prefix_and_a_suffix_of_its_own(
    console: Page, keys: Keys, gate: GateService, typed: str, end: str
) -> None:
    keys.scan(typed, end)
    assert presented(gate) == "L*"


@pytest.mark.parametrize("settings", [{"scanner_suffix": ""}])
def test_a_scan_without_a_suffix_is_over_with_a_key_that_comes_too_late_for_it(
    console: Page, keys: Keys, gate: GateService
) -> None:
    PageTime(console)  # the pause is not over
    keys.scan("GL1:red:LI", end="")
    keys.write("a")
    assert presented(gate) == "L*"


@pytest.mark.parametrize("settings", [{"scanner_prefix": "~"}, {"scanner_suffix": "\t"}])
def test_keys_without_the_prefix_or_the_suffix_are_no_scan(console: Page, keys: Keys, gate: GateService) -> None:
    field = console.locator("[data-scanner] [name=text]")
    field.focus()
    keys.scan("GL1:red:LI", end="")
    expect(field).to_have_value("GL1:red:LI")
    console.locator('[data-open="register"]').focus()
    keys.scan("GL1:red:LI")
    expect(console.locator('[data-dialog="register"]')).to_be_visible()
    assert gate.checkpoint.view("1").visit is None
