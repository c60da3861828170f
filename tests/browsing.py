"""A real Chromium for every test that asks for one; one Playwright a process, which cannot be started twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
)
FAKE_CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
SCREEN = {"width": 1280, "height": 800}
PATIENCE_MS = 30_000  # a machine that does other work too answers late, and that is no failure

expect.set_options(timeout=PATIENCE_MS)

Launch = Callable[..., Browser]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Launch:
    """Starts a Chromium of its own with further switches; the caller closes it."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: scripts/setup dev installs it")

    def start(*switches: str) -> Browser:
        return playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*SWITCHES, *switches])

    return start


def camera_shows(film: Path) -> tuple[str, ...]:
    """The switches that give a Chromium a camera which shows `film` (.mjpeg or .y4m), over and over."""
    return (*FAKE_CAMERA, f"--use-file-for-fake-video-capture={film}")


@pytest.fixture(scope="session")
def browser(launch: Launch) -> Iterator[Browser]:
    started = launch()
    yield started
    started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a window of its own; whatever its scripts complain about fails the test."""
    context = browser.new_context(viewport=SCREEN, locale="zh-CN")  # type: ignore[arg-type]
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda note: complaints.append(note.text) if "Content Security Policy" in note.text else None)
    yield page
    context.close()
    assert complaints == []
