"""Fixtures for the screens of a gate: service → app → console; a browser where a test asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from kiosk.service import GateService
from tests.web import gating

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[GateService]:
    service = gating.build(tmp_path / "var")
    yield service
    service.stop()


@pytest.fixture
def app(gate: GateService) -> Flask:
    return gating.application(gate)


@pytest.fixture
def stranger(app: Flask) -> gating.Console:
    """Somebody on the network who has not signed on."""
    return gating.Console(app.test_client())


@pytest.fixture
def console(stranger: gating.Console) -> gating.Console:
    """The console of a volunteer on duty."""
    assert stranger.sign_on().status_code == 302
    return stranger


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a window of its own; whatever its scripts complain about fails the test."""
    context = browser.new_context(viewport=gating.SCREEN_SIZE, locale="zh-CN")  # type: ignore[arg-type]
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda note: complaints.append(note.text) if "Content Security Policy" in note.text else None)
    yield page
    context.close()
    assert complaints == []
