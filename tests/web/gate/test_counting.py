"""A volunteer who counted corrects how many are inside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from kiosk.service import GateService
from tests.web.entering import at_console
from tests.web.gating import served

pytestmark = pytest.mark.browser


@pytest.fixture
def console(app: Flask, page: Page) -> Iterator[Page]:
    with served(app) as address:
        expect(at_console(page, address).locator("[data-region=status]")).to_contain_text("在内 0")
        yield page


def test_a_correction_is_shown_at_once_and_stands_in_the_journal(console: Page, gate: GateService) -> None:
    console.locator("[data-open=count]").click()
    form = console.locator("[data-count]")
    form.locator("[name=inside]").fill("37")
    form.get_by_role("button", name="更正").click()
    expect(form.locator(".field-error")).to_contain_text("请写明原因")
    form.locator("[name=why]").fill("清点人数")
    form.get_by_role("button", name="更正").click()
    expect(console.locator("[data-region=status]")).to_contain_text("在内 37")
    [event] = gate.journal.recent(1, ("count.set",))
    assert (event.open["inside"], event.open["was"], event.open["why"]) == (37, 0, "清点人数")
    assert event.open["staff"]


@pytest.mark.parametrize("typed", ["", "viele", "-1", "1e3", "9999999"])
def test_what_is_no_number_of_people_is_explained(console: Page, gate: GateService, typed: str) -> None:
    console.locator("[data-open=count]").click()
    form = console.locator("[data-count]")
    form.locator("[name=inside]").evaluate("(field, typed) => (field.value = typed)", typed)
    form.locator("[name=why]").fill("清点人数")
    form.get_by_role("button", name="更正").click()
    expect(form.locator(".field-error")).to_contain_text("请输入在内人数")
    assert gate.journal.recent(1, ("count.set",)) == []
