"""The console in a real browser: the keypad, the scanner, the verdict, and a gate that falls silent."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from kiosk.errors import JournalError
from kiosk.service import GateService
from tests.kiosk.devices import drawing
from tests.web.entering import alive, at_console
from tests.web.gating import PIN, VOLUNTEER, served
from tests.web.keys import PageTime
from web.gate.photos import MOST_BYTES

pytestmark = pytest.mark.browser
CLICK_MS = 200  # so long after a finger was lifted a click may still come


@pytest.fixture
def console(app: Flask, page: Page) -> Iterator[Page]:
    with served(app) as address:
        yield at_console(page, address)


def scan(page: Page, text: str) -> None:
    """A handheld scanner: a key every 10 ms by the keys' own times, however busy this machine is, then Enter."""
    keyboard = page.context.new_cdp_session(page)
    began = time.time()
    for number, key in enumerate([*text, "Enter"]):
        typed = {"text": "\r" if key == "Enter" else key, "timestamp": began + number / 100}
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": key, **typed})
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "timestamp": typed["timestamp"]})
    keyboard.detach()


def test_a_volunteer_signs_on_with_the_keypad_on_the_screen(app: Flask, page: Page, gate: GateService) -> None:
    with served(app) as address:
        page.goto(address)
        for digit in PIN:
            page.locator(f'[data-key="{digit}"]').click()
        page.get_by_role("button", name="上岗").click()
        expect(alive(page).get_by_text(VOLUNTEER)).to_be_visible()
    on_duty = gate.staff.on_duty()
    assert on_duty is not None
    assert on_duty.name == VOLUNTEER


def test_a_fever_typed_on_the_keypad_shows_the_isolation_and_what_to_do(console: Page, gate: GateService) -> None:
    scan(console, "GL1:green:LI-NA")
    expect(console.locator("[data-card=visit]")).to_be_visible()
    console.get_by_text("医用").click()
    for digit in "385":
        console.locator(f'.console-right [data-key="{digit}"]').click()
    expect(console.locator(".console-right [data-show]")).to_have_text("38.5")
    console.locator(".console-right [data-send]").click()
    card = console.locator("[data-card=outcome].card-isolate")
    expect(card).to_contain_text("留观")
    expect(card.locator(".steps")).to_contain_text("120")
    expect(console.locator("[data-region=recent]")).to_contain_text("38.5")
    card.locator("[data-acknowledge]").click()
    expect(card).to_have_count(0)


def test_a_scan_reaches_the_gate_whatever_has_the_focus(console: Page, gate: GateService) -> None:
    console.locator('[data-open="register"]').click()
    name = console.locator("[name=name]")
    name.press_sequentially("陈", delay=80)
    scan(console, "GL1:green:CHEN")
    expect(console.locator("[data-card=visit]")).to_have_count(1)
    expect(name).to_have_value("陈")


def test_the_keyboard_types_a_temperature_and_an_impossible_one_is_explained(console: Page) -> None:
    scan(console, "GL1:green:LI-NA")
    expect(console.locator("[data-card=visit]")).to_be_visible()
    for key in ("4", "5", "0", "Enter"):
        console.keyboard.press(key, delay=60)
    expect(console.locator(".console-right [data-error]")).to_contain_text("30–43")
    expect(console.locator("[data-card=visit]")).to_be_visible()


def test_a_mistyped_id_number_is_explained_at_its_field_and_can_be_recorded_all_the_same(
    console: Page, gate: GateService
) -> None:
    console.locator('[data-open="register"]').click()
    form = console.locator("[data-register]")
    form.locator("[name=name]").press_sequentially("王奶奶", delay=60)
    form.locator("[name=id_number]").press_sequentially("110105194912310021", delay=60)
    confirm = form.locator("[data-unreadable]")
    expect(confirm).to_be_hidden()
    form.get_by_role("button", name="登记").click()
    expect(form.locator(".field-error")).to_contain_text("第 18 位应为 X")
    expect(form.locator("[name=name]")).to_have_value("王奶奶")
    confirm.locator("input").check()
    form.locator("[name=id_number]").press("End")
    form.locator("[name=id_number]").press("Backspace")
    expect(confirm).to_be_hidden()  # another number is to be confirmed anew
    form.locator("[name=id_number]").press("1")
    form.get_by_role("button", name="登记").click()
    confirm.locator("input").check()
    form.get_by_role("button", name="登记").click()
    expect(console.locator("[data-card=visit]")).to_be_visible()
    begun = gate.checkpoint.view("1").visit
    assert begun is not None
    assert begun.name == "王*奶"


def test_when_nothing_can_be_recorded_the_whole_screen_forbids_admission(console: Page, gate: GateService) -> None:
    gate.housekeeper.trouble = str(JournalError("disk full"))
    gate.publish_status()
    alarm = console.locator(".alarm")
    expect(alarm).to_contain_text("不能记录，禁止放行")
    box = alarm.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (1280, 800)
    gate.housekeeper.trouble = None
    gate.publish_status()
    expect(alarm).to_have_count(0)


def test_a_screen_that_hears_nothing_covers_its_verdict(app: Flask, page: Page) -> None:
    with served(app) as address:
        expect(at_console(page, address).locator(".lost")).to_be_hidden()
    expect(page.locator(".lost")).to_be_visible()
    expect(page.locator("body")).to_have_class(re.compile("is-lost"))


def test_what_is_under_a_finger_is_drawn_anew_only_when_it_was_let_go(console: Page, gate: GateService) -> None:
    scan(console, "GL1:green:LI-NA")
    card = console.locator("[data-card=visit]")
    card.hover()
    time = PageTime(console)
    console.evaluate("window.pressed = document.querySelector('[data-card]')")
    console.mouse.down()
    gate.hub.publish("lane", {})
    gate.set_inside(37, "counted")  # tells that the stream has come so far
    expect(console.locator("[data-region=status]")).to_contain_text("在内 37")
    assert console.evaluate("pressed.isConnected")
    console.mouse.up()
    time.passes(CLICK_MS)
    assert not console.evaluate("pressed.isConnected")
    expect(card).to_be_visible()


def test_what_is_pressed_most_is_large_enough_for_gloves(console: Page) -> None:
    box = console.locator(".console-right [data-send]").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 88
    keys = [key.bounding_box() for key in console.locator(".console-right [data-key]").all()]
    assert all(key is not None and min(key["width"], key["height"]) >= 60 for key in keys)


def test_pairing_shows_a_code_for_the_tablet(console: Page) -> None:
    console.locator('[data-open="more"]').click()
    expect(console.locator("[data-pairing]")).to_have_text(re.compile(r"^\d{3} \d{3}"))


def test_a_photo_of_a_code_is_uploaded_and_one_without_is_explained(
    console: Page, gate: GateService, tmp_path: Path
) -> None:
    PageTime(console)  # no note passes before it was read
    photo = console.locator("[data-photo]")
    wall = cv2.imencode(".png", drawing.scenery())[1].tobytes()
    photo.set_input_files({"name": "wall.png", "mimeType": "image/png", "buffer": wall})
    expect(console.locator(".toast")).to_contain_text("没有读到码")
    big = tmp_path / "big.png"
    big.write_bytes(b"\0" * (MOST_BYTES + 1))
    photo.set_input_files(big)
    expect(console.locator(".toast").last).to_contain_text("10 MB")
    code = cv2.imencode(".png", drawing.symbol("GL1:green:LI-NA"))[1].tobytes()
    photo.set_input_files({"name": "code.png", "mimeType": "image/png", "buffer": code})
    expect(console.locator("[data-card=visit]")).to_contain_text("L***A")
