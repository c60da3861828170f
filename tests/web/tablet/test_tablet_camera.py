"""The tablet's own camera in a real browser: every presentation of a film is read, and troubles are told in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route, expect

from kiosk.film import draw, script
from kiosk.model import Method
from kiosk.service import GateService
from tests.browsing import FAKE_CAMERA, Launch, Window
from tests.kiosk.devices import drawing
from tests.kiosk.devices.waiting import until
from tests.web.gating import served
from tests.web.keys import Keys

pytestmark = pytest.mark.browser
Shows = Callable[[np.ndarray], None]

FPS, PLAYED_AT = 10, 30  # motion JPEG is always shown at 30 frames a second: each is written three times
PERSON = '[[person]]\nshow = "text"\ntext = "GL1:{level}:{name}"\non = "{on}"\ncolour = "{level}"\nseconds = 3\n'
HEAD = f"size = [640, 480]\nfps = {FPS}\nlead_s = 1\ngap_s = 1\n"
HIDE_CORNER = """() => {
  const read = ZXingWASM.readBarcodes;
  ZXingWASM.readBarcodes = async (...what) => (await read(...what)).filter(({ text }) => !text.endsWith("CORNER"));
}"""
HOLD_OPEN = "navigator.mediaDevices.getUserMedia({ video: true }).then((stream) => { window.held = stream; })"


def queue(path: Path, people: int) -> list[str]:
    """Draws a film of so many people, each with a code of their own on paper or on a phone; their names."""
    names = [f"P{number:02}" for number in range(people)]
    levels, things = ("green", "yellow", "red"), ("phone", "paper")
    persons = [
        PERSON.format(level=levels[number % 3], name=name, on=things[number % 2]) for number, name in enumerate(names)
    ]
    draw.draw_film(script.parse(HEAD + "".join(persons)), path)
    start = b"\xff\xd8\xff"
    frames = [start + frame for frame in path.read_bytes().split(start)[1:]]
    path.write_bytes(b"".join(frame * (PLAYED_AT // FPS) for frame in frames))
    return names


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield f"{address}/tablet/hall"


@contextmanager
def tablets(launch: Launch, *switches: str) -> Iterator[BrowserContext]:
    """A Chromium of its own with these switches, for other cameras than the one with a film."""
    chromium = launch(*switches)
    yield chromium.new_context(viewport={"width": 1024, "height": 768}, locale="zh-CN")
    chromium.close()


def shown(*codes: tuple[str, int, int], dark: tuple[int, int, int] = drawing.BLACK) -> np.ndarray:
    """A frame with codes, each with the place of its left top corner."""
    frame = np.full((480, 640, 3), 210, np.uint8)
    for text, left, top in codes:
        symbol = drawing.symbol(text, module=5, dark=dark)
        frame[top : top + len(symbol), left : left + len(symbol)] = symbol
    return frame


@pytest.fixture
def tablet(address: str, page: Page, shows: Shows) -> Page:
    """The tablet's page; its camera shows a health code in the middle and a poster in the corner."""
    shows(shown(("https://example.org/", 2, 2), ("GL1:green:MIDDLE", 240, 170)))
    page.goto(address)
    return page


def presented(gate: GateService) -> str:
    """The holder of the code that was presented; the visit is broken off, as by somebody who leaves."""
    until(lambda: gate.checkpoint.view("hall").visit, 60)
    visit = gate.checkpoint.view("hall").visit
    assert visit is not None
    gate.checkpoint.cancel("hall", visit.id, "left")
    [*_, event] = [event for event in gate.journal.after(0) if event.kind == "visit.abandoned"]
    assert event.personal is not None
    return str(event.personal["name"])


def open_camera(tablet: Page) -> None:
    tablet.locator('.starts [data-mode-open="camera"]').click()


def read_all(film: Path, window: Window, address: str, gate: GateService, people: int) -> None:
    """Every person of the film scans at the tablet, one after the other; none may be missed."""
    names = queue(film, people)
    tablet, keeper = window.page, window.context.new_page()
    keeper.goto(address)
    tablet.goto(address)
    tablet.bring_to_front()
    keeper.evaluate(HOLD_OPEN)  # else the film would begin anew each time the tablet opens the camera
    found: list[str] = []
    while len(found) < people:
        open_camera(tablet)
        if (name := presented(gate)) not in found[-1:]:  # else the same person, still there
            found.append(name)
        expect(tablet.locator("[data-step=start]")).to_be_visible()
    first = names.index(found[0])
    assert found == names[first:] + names[:first]


def test_every_presentation_of_a_film_is_read(film: Path, window: Window, address: str, gate: GateService) -> None:
    read_all(film, window, address, gate, 3)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_thirty_of_thirty_presentations_of_a_film_are_read(
    film: Path, window: Window, address: str, gate: GateService
) -> None:
    read_all(film, window, address, gate, 30)


def test_a_health_code_is_meant_and_not_the_poster_nearer_the_middle(
    tablet: Page, shows: Shows, gate: GateService
) -> None:
    shows(shown(("GL1:green:CORNER", 2, 2), ("https://example.org/", 240, 170)))
    open_camera(tablet)
    assert presented(gate) == "CORNER"


def test_two_health_codes_are_asked_for_one_at_a_time_and_then_the_one_that_stays_is_meant(
    tablet: Page, shows: Shows, gate: GateService
) -> None:
    shows(shown(("GL1:red:CORNER", 2, 2), ("GL1:green:MIDDLE", 240, 170)))
    open_camera(tablet)
    asked = tablet.locator("[data-camera-several]")
    expect(asked).to_be_visible()
    expect(asked).to_contain_text("请一次只出示一个码")
    expect(asked).to_contain_text("One code at a time please")
    asked.locator("[data-help=several]").click()
    expect(asked.locator("[data-called]")).to_contain_text("已通知志愿者")
    expect(asked.locator("[data-called]")).to_be_visible()
    assert [call["why"] for call in gate.summons.open()] == ["several"]
    assert gate.checkpoint.view("hall").visit is None
    tablet.evaluate(HIDE_CORNER)
    assert presented(gate) == "MIDDLE"
    assert gate.summons.open() == [], "a visit that ended answers the call"
    expect(tablet.locator("[data-step=start]")).to_be_visible()


def test_of_two_codes_the_one_that_a_frame_shows_alone_is_not_believed(tablet: Page, gate: GateService) -> None:
    tablet.evaluate(
        """() => {
          const at = { x: 1, y: 1 };
          const position = { topLeft: at, topRight: at, bottomRight: at, bottomLeft: at };
          const symbol = (text) => ({ isValid: true, bytes: new TextEncoder().encode(text), position });
          window.looks = 0;
          ZXingWASM.readBarcodes = async () => {
            const alone = window.looks % 3;
            window.looks += 1;
            return (alone ? ["GL1:green:ONE"] : ["GL1:green:ONE", "GL1:red:OTHER"]).map(symbol);
          };
        }"""
    )
    open_camera(tablet)
    expect(tablet.locator("[data-camera-several]")).to_be_visible()
    until(lambda: tablet.evaluate("window.looks") > 30, 60)
    assert gate.checkpoint.view("hall").visit is None


@pytest.mark.parametrize(
    ("dark", "colour"),
    [
        (drawing.GREEN, "green"),
        (drawing.YELLOW, "yellow"),
        (drawing.RED, "red"),
        (drawing.BLACK, "black"),
    ],
)
def test_the_colour_that_the_tablet_saw_is_in_the_record(
    tablet: Page, shows: Shows, gate: GateService, dark: tuple[int, int, int], colour: str
) -> None:
    shows(shown(("GL1:green:MIDDLE", 220, 150), dark=dark))
    open_camera(tablet)
    presented(gate)
    [event] = [event for event in gate.journal.after(0) if event.kind == "visit.abandoned"]
    assert (event.open["method"], event.open["colour"]) == ("tablet", colour)


def test_a_text_that_only_one_frame_says_is_not_believed(tablet: Page, gate: GateService) -> None:
    said = ["GL1:red:ONCE", "GL1:green:TWICE", "", "GL1:green:TWICE"]
    tablet.evaluate(
        """(said) => {
          const at = { x: 1, y: 1 };
          const position = { topLeft: at, topRight: at, bottomRight: at, bottomLeft: at };
          const symbol = (text) => ({ isValid: true, bytes: new TextEncoder().encode(text), position });
          ZXingWASM.readBarcodes = async () => [said.shift()].filter(Boolean).map(symbol);
        }""",
        said,
    )
    open_camera(tablet)
    assert presented(gate) == "TWICE"


def test_a_tablet_that_needs_seconds_for_a_look_reads_all_the_same(tablet: Page, gate: GateService) -> None:
    tablet.evaluate(
        """() => {
          const read = ZXingWASM.readBarcodes;
          let looks = 0;
          ZXingWASM.readBarcodes = (...what) => ((looks += 1), read(...what));
          performance.now = () => looks * 2_000;
        }"""
    )
    open_camera(tablet)
    assert presented(gate) == "MIDDLE"


def test_a_reader_that_does_not_load_says_so_and_is_tried_again(
    page: Page, address: str, shows: Shows, gate: GateService
) -> None:
    shows(shown(("GL1:green:MIDDLE", 240, 170)))
    tablet = page

    def lose(route: Route) -> None:
        route.abort()

    tablet.route("**/zxing_reader.wasm*", lose)
    tablet.goto(address)
    open_camera(tablet)
    expect(tablet.locator("[data-camera-error=reader]")).to_be_visible()
    expect(tablet.locator("[data-mode=camera] [data-mode-open=typing]")).to_be_visible()
    tablet.unroute("**/zxing_reader.wasm*", lose)
    tablet.locator("[data-camera-retry]").click()
    assert presented(gate) == "MIDDLE"


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("NotAllowedError", "denied"),
        ("NotFoundError", "missing"),
        ("NotReadableError", "busy"),
    ],
)
def test_a_camera_that_does_not_open_is_explained(tablet: Page, fault: str, trouble: str) -> None:
    tablet.evaluate(
        "(name) => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name); }; }", fault
    )
    open_camera(tablet)
    expect(tablet.locator("[data-camera-error]:visible")).to_have_attribute("data-camera-error", trouble)
    expect(tablet.locator("[data-camera-retry]")).to_be_visible()


def test_a_browser_that_forbids_the_camera_is_explained(launch: Launch, address: str) -> None:
    with tablets(launch, "--deny-permission-prompts") as context:
        tablet = context.new_page()
        tablet.goto(address)
        open_camera(tablet)
        expect(tablet.locator("[data-camera-error]:visible")).to_have_count(1)


def test_with_two_cameras_the_other_one_can_be_chosen_and_is_remembered(launch: Launch, address: str) -> None:
    two = "--use-fake-device-for-media-stream=device-count=2"
    with tablets(launch, FAKE_CAMERA[0], two) as context:
        tablet = context.new_page()
        tablet.goto(address)
        open_camera(tablet)
        used = "document.querySelector('[data-video]').srcObject?.getVideoTracks()[0].getSettings().deviceId"
        until(lambda: tablet.evaluate(used))
        first = tablet.evaluate(used)
        tablet.locator("[data-camera-next]").click()
        until(lambda: tablet.evaluate(used) not in (None, first))
        second = tablet.evaluate(used)
        tablet.reload()
        open_camera(tablet)
        until(lambda: tablet.evaluate(used))
        assert tablet.evaluate(used) == second
        expect(tablet.locator("[data-camera-light]")).to_be_hidden()


def test_a_scanner_that_types_on_the_tablet_is_told_apart_from_its_camera(tablet: Page, gate: GateService) -> None:
    expect(tablet.locator(".lost")).to_be_hidden()
    Keys(tablet).scan("GL1:green:LI-NA")
    until(lambda: gate.checkpoint.view("hall").visit)
    visit = gate.checkpoint.view("hall").visit
    assert visit is not None
    assert visit.method is Method.SCANNER
