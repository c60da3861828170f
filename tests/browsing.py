"""A real Chromium for every test that asks for one; one Playwright a process, which cannot be started twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, ViewportSize, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
)
FAKE_CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
SCREEN: ViewportSize = {"width": 1280, "height": 800}
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


class Window:
    """A page that tests have one after the other: a new one costs the processor a second, more than most tests."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(viewport=SCREEN, locale="zh-CN")
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda note: self._hear(note.text))
        self._line = self.context.new_cdp_session(self.page)

    def _hear(self, note: str) -> None:
        if "Content Security Policy" in note:
            self.complaints.append(note)

    def clean(self) -> None:
        """As new: without what the last test's pages stored, opened or set."""
        for other in self.context.pages[1:]:
            other.close()
        origin = self.page.evaluate("origin")
        self.page.goto("about:blank")
        if origin != "null":
            self._line.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self.context.clear_cookies()
        self.page.set_viewport_size(SCREEN)
        self.page.emulate_media(media="null")
        self.complaints.clear()

    def close(self) -> None:
        self.context.close()


class Windows:
    """The one window, or a new one where a test left it unusable."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: Window | None = None

    def take(self) -> Window:
        window, self._free = self._free, None
        return window or Window(self._browser)

    def give_back(self, window: Window) -> None:
        try:
            window.clean()
            self._free = window
        except Error:
            window.close()

    def close(self) -> None:
        if self._free:
            self._free.close()


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Iterator[Windows]:
    made = Windows(browser)
    yield made
    made.close()


@pytest.fixture
def window(windows: Windows) -> Iterator[Window]:
    """A window as new; whatever its page's scripts complain about fails the test."""
    taken = windows.take()
    yield taken
    complaints = [*taken.complaints]
    windows.give_back(taken)
    assert complaints == []


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Page:
    """A page in a window by itself; another one of its own where the test sets its clock (`page_clock`)."""
    name = "window_with_clock" if "page_clock" in request.fixturenames else "window"
    window: Window = request.getfixturevalue(name)
    return window.page


@pytest.fixture
def window_with_clock(browser: Browser) -> Iterator[Window]:
    """A window whose clock is in the test's hands; it stays so, hence it is closed afterwards."""
    window = Window(browser)
    window.page.clock.install()
    yield window
    window.close()
    assert window.complaints == []


@pytest.fixture
def page_clock(window_with_clock: Window) -> None:
    """The clock of the test's page may be set (`page.clock`); it goes on as usual until told otherwise."""
