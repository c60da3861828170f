"""What a tablet's camera has in view: which code is meant, what colour it is, and when the volunteer has to look."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import cv2
import numpy as np
import pytest

from kiosk.devices.swatch import BYTES, SIDE
from kiosk.service import GateService
from tests.kiosk.devices import drawing
from tests.web.gating import GREEN, RED, Console

LANE = "/tablet/hall"
POSTER, MENU = "https://example.org/masks", "WIFI:S:guest;;"


@pytest.fixture
def tablet(stranger: Console) -> Console:
    """The gate's own screen."""
    stranger.remote = "127.0.0.1"
    return stranger


def swatch(text: str, dark: tuple[int, int, int]) -> str:
    square = cv2.resize(drawing.symbol(text, dark=dark)[24:-24, 24:-24], (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    return b64encode(np.ascontiguousarray(square[..., ::-1]).tobytes()).decode()


def show(tablet: Console, *codes: Any) -> Any:
    return tablet.send(LANE + "/scan", {"codes": list(codes)}, page=LANE)


def on_show(gate: GateService) -> str:
    """Who the visit is of; then it is broken off."""
    visit = gate.checkpoint.view("hall").visit
    if visit is None:
        return ""
    gate.checkpoint.cancel("hall", visit.id, "left")
    return visit.name


def test_two_health_codes_at_once_begin_nothing_and_are_asked_about(tablet: Console, gate: GateService) -> None:
    answer = show(tablet, {"text": GREEN}, {"text": RED})
    assert answer.status_code == 422
    assert answer.json["problems"] == {
        "several": {"zh": "请一次出示一个码", "en": "One code at a time please"},
    }
    assert on_show(gate) == ""


def test_a_health_code_goes_before_posters_that_are_nearer(tablet: Console, gate: GateService) -> None:
    assert show(tablet, {"text": POSTER}, {"text": GREEN}, {"text": MENU}).status_code == 200
    assert on_show(gate) == "张*丰"


def test_of_posters_the_nearest_is_meant(tablet: Console, gate: GateService) -> None:
    show(tablet, {"text": POSTER}, {"text": MENU})
    visit = gate.checkpoint.view("hall").visit
    assert visit is not None
    assert visit.code is not None
    assert visit.code.scheme == "unknown"


def test_the_colour_of_what_the_tablet_read_is_in_the_record(tablet: Console, gate: GateService) -> None:
    show(tablet, {"text": GREEN, "swatch": swatch(GREEN, drawing.RED)})
    assert on_show(gate)
    [event] = [event for event in gate.journal.after(0) if event.kind == "visit.abandoned"]
    assert event.open["colour"] == "red"


def test_a_colour_that_contradicts_the_code_is_looked_at_by_the_volunteer(tablet: Console, gate: GateService) -> None:
    show(tablet, {"text": GREEN, "swatch": swatch(GREEN, drawing.RED)})
    while (visit := gate.checkpoint.view("hall").visit) and visit.questions:
        gate.checkpoint.answer("hall", visit.id, {visit.questions[0].id: False})
    assert visit is not None
    gate.checkpoint.without_reading("hall", visit.id)
    [passage] = [event for event in gate.journal.after(0) if event.kind == "passage"]
    assert "colour-contradicts" in [reason["rule"] for reason in passage.open["reasons"]]


@pytest.mark.parametrize(
    "codes",
    [
        [],
        ["GP1:A"],
        [{"text": GREEN}] * 9,
        [{"text": GREEN, "swatch": "not base64!"}],
        [{"text": GREEN, "swatch": b64encode(bytes(BYTES - 1)).decode()}],
        [{"text": GREEN, "swatch": 7}],
    ],
)
def test_what_no_page_of_ours_sends_is_a_bad_request(tablet: Console, gate: GateService, codes: list[Any]) -> None:
    assert show(tablet, *codes).status_code == 400
    assert on_show(gate) == ""


def test_an_enrolment_code_at_a_tablet_begins_nothing_and_enrols_nobody(tablet: Console, gate: GateService) -> None:
    answer = show(tablet, {"text": "GE1:ABC"})
    assert answer.status_code == 422
    assert answer.json["problems"]["text"]["zh"] == "这是门岗注册码，不是健康码"
    assert on_show(gate) == ""
    assert gate.enrolling.progress.trouble is None


def test_an_empty_text_is_refused_in_words(tablet: Console, gate: GateService) -> None:
    assert show(tablet, {"text": " "}).status_code == 422
    assert on_show(gate) == ""


def test_four_large_codes_with_their_colours_fit_into_one_call(tablet: Console) -> None:
    long = [f"GL1:green:{letter * 2900}" for letter in "ABCD"]
    codes = [{"text": text, "swatch": b64encode(bytes(BYTES)).decode()} for text in long]
    assert show(tablet, *codes).status_code == 422


def test_the_call_to_tell_codes_apart_reaches_the_console(tablet: Console, gate: GateService) -> None:
    tablet.send(LANE + "/help", {"why": "several"}, page=LANE)
    assert [call["why"] for call in gate.summons.open()] == ["several"]
    tablet.send(LANE + "/help", {"why": "nonsense"}, page=LANE)
    assert [call["why"] for call in gate.summons.open()] == ["help"]
