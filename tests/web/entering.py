"""Browsers at a gate's console or an office's desk: signed on without the page for it, which has tests of its own."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.web.gating import PIN, VOLUNTEER

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
LOST = re.compile("is-lost")


def at_console(page: Page, address: str) -> Page:
    """A console of the volunteer on duty, which hears of its gate: from then on its script runs."""
    _send(page, f"{address}/sign-on", {"pin": PIN})
    page.goto(address)
    return alive(page)


def alive(page: Page) -> Page:
    """The console that comes up or is there hears of its gate."""
    expect(page.get_by_text(VOLUNTEER)).to_be_visible()
    expect(page.locator("body")).not_to_have_class(LOST)
    return page


def at_desk(page: Page, address: str, login: str, password: str, path: str = "/") -> Page:
    """The office's page at `path`, loaded whole for who logs in."""
    _send(page, f"{address}/login", {"login": login, "password": password})
    page.goto(address + path)
    return page


def _send(page: Page, address: str, form: dict[str, str]) -> None:
    """A form with its page's token, in the browser's name."""
    found = TOKEN.search(page.request.get(address).text())
    assert found is not None, address
    answer = page.request.post(address, form={**form, "csrf_token": found[1]}, max_redirects=0)
    assert answer.status == 302, answer.text()
