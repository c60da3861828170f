"""Visits that take more than one step, in a real browser: a second reading, a car, a family, an override."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from kiosk.service import GateService
from kiosk.staff import SUPERVISOR
from tests.web.entering import at_console
from tests.web.gate.test_console_browser import scan
from tests.web.gating import PIN, served
from tests.web.keys import answers_held

pytestmark = pytest.mark.browser


@pytest.fixture
def console(app: Flask, page: Page) -> Iterator[Page]:
    with served(app) as address:
        yield at_console(page, address)


def measure(page: Page, celsius: str) -> None:
    """A temperature on the console's own keypad, from the forehead gun."""
    keypad = page.locator(".console-right [data-keypad]")
    for digit in celsius:
        keypad.locator(f'[data-key="{digit}"]').click()
    keypad.locator("[data-send]").click()


def step_up(page: Page, text: str) -> None:
    """Scanned, and on the screen: before that there is nobody whose temperature could be typed."""
    scan(page, text)
    expect(page.locator("[data-card=visit]")).to_be_visible()


def test_a_second_reading_clears_somebody_whose_first_was_high(console: Page, gate: GateService) -> None:
    step_up(console, "GL1:green:LI-NA")
    measure(console, "378")
    expect(console.locator(".card-rest")).to_contain_text("等候复测")
    row = console.locator("[data-resting]")
    expect(row).to_contain_text("37.8")
    step_up(console, "GL1:green:CHEN")  # the lane is free
    measure(console, "365")
    expect(console.locator(".card-check")).to_be_visible()
    row.locator("[data-second]").click()
    dialog = console.locator("[data-dialog=second]")
    dialog.get_by_text("腋下电子").click()
    for key in "367":
        console.keyboard.press(key, delay=60)
    dialog.locator("[data-send]").click()
    expect(dialog.locator("[data-error]")).to_contain_text("还需休息")
    dialog.locator("[name=rested]").check()
    dialog.locator("[data-send]").click()
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("37.8 → 36.7")
    row.locator("[data-seen]").click()
    expect(row).to_have_count(0)
    passage = gate.journal.recent(1)[0]
    assert [one["device"] for one in passage.open["readings"]] == ["keypad", "armpit"]


def decide(page: Page, text: str) -> None:
    step_up(page, text)
    measure(page, "365")


def test_a_check_is_overridden_without_a_pin(console: Page, gate: GateService) -> None:
    decide(console, "GL1:yellow:LI-NA")
    card = console.locator("[data-card=outcome]")
    card.locator("[data-override]").click()
    dialog = console.locator("[data-dialog=override]")
    expect(dialog.locator("[name=pin]")).to_be_hidden()
    dialog.get_by_role("button", name="改判").click()
    expect(dialog.locator(".field-error")).to_contain_text("请选择原因")
    dialog.locator("[name=why]").select_option("document")
    dialog.get_by_role("button", name="改判").click()
    expect(console.locator(".card-admit")).to_contain_text("原判")
    expect(console.locator("[data-region=recent]")).to_contain_text("改判，原判")
    assert gate.journal.inside() == 1


def test_a_refusal_is_overridden_with_a_supervisors_pin(console: Page, gate: GateService) -> None:
    gate.staff.add("赵主任", "902716", SUPERVISOR)
    decide(console, "GL1:red:LI-NA")
    console.locator("[data-region=recent] .row").first.click()  # the list opens the same dialog
    dialog = console.locator("[data-dialog=override]")
    dialog.locator("[data-to=admit]").click()
    dialog.locator("[name=why]").select_option("office")
    dialog.locator("[name=pin]").fill(PIN)
    dialog.get_by_role("button", name="改判").click()
    expect(dialog.locator(".field-error")).to_contain_text("PIN")
    dialog.locator("[name=pin]").fill("902716")
    dialog.get_by_role("button", name="改判").click()
    expect(console.locator(".card-admit")).to_contain_text("原判")


def register(page: Page, name: str, phone: str = "", age: str = "") -> None:
    page.locator('[data-open="register"]').click()
    form = page.locator("[data-register]")
    form.locator("[name=name]").fill(name)
    form.locator("[name=phone]").fill(phone)
    if age:
        form.locator("[name=age]").fill(age)
    form.get_by_role("button", name="登记").click()
    expect(form).to_be_hidden()


def test_a_car_with_three_people_one_of_them_feverish(console: Page, gate: GateService) -> None:
    console.locator('[data-open="vehicle"]').click()
    dialog = console.locator("[data-dialog=vehicle]")
    for key in "闽A12345":
        dialog.locator(f'[data-plate-key="{key}"]').click()
    dialog.locator("[name=purpose]").select_option("visit")
    dialog.get_by_role("button", name="登记车上人员").click()
    party = console.locator("[data-party]")
    expect(party).to_contain_text("闽A·***45")
    for place, name in enumerate(("周志强", "林思远", "吴雪梅")):
        register(console, name, phone=f"1381234800{place}")
    expect(party.locator("[data-member]")).to_have_count(3)
    measure(console, "365")
    expect(party.locator(".member-done")).to_have_count(1)
    console.get_by_text("医用").click()
    measure(console, "386")
    expect(party).to_have_class(re.compile("party-isolate"))
    measure(console, "366")
    expect(party.locator(".member-done")).to_have_count(3)
    assert [event.open["role"] for event in reversed(gate.journal.recent(3))] == ["driver", "passenger", "passenger"]
    party.locator("[data-party-finish]").click()
    expect(console.locator("[data-card=idle]")).to_be_visible()


def test_what_is_typed_for_the_next_one_stays_when_the_answer_about_the_last_one_is_late(console: Page) -> None:
    console.locator("[data-family]").click()
    party = console.locator("[data-party]")
    for place, name in enumerate(("王五", "赵六")):
        register(console, name, phone=f"1381234800{place}")
    expect(party.locator("[data-member]")).to_have_count(2)
    with answers_held(console):
        measure(console, "365")
        expect(party.locator(".member-done")).to_have_count(1)  # the stream tells it
        for digit in "37":
            console.locator(f'.console-right [data-keypad] [data-key="{digit}"]').click()
    expect(console.locator(".console-right [data-show]")).to_have_text("37")


def test_a_family_of_five_on_one_screen(console: Page, gate: GateService) -> None:
    console.locator("[data-family]").click()
    party = console.locator("[data-party]")
    expect(party).to_be_visible()
    scan(console, "GL1:green:LI-NA")
    expect(party.locator("[data-member]")).to_have_count(1)
    for place, name in enumerate(("王五", "赵六", "孙七")):
        register(console, name, phone=f"1381234800{place}")
    register(console, "王小宝", age="6")
    expect(party.locator("[data-member]")).to_have_count(5)
    for done in range(1, 6):
        measure(console, "365")
        expect(party.locator(".member-done")).to_have_count(done)
    assert len({event.open["party"] for event in gate.journal.recent(5)}) == 1
    party.locator("[data-party-finish]").click()
    expect(party).to_have_count(0)
