"""A photo uploaded on the console: one code begins a visit; none, several or no photo is explained."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
from werkzeug.test import TestResponse

from kiosk.model import Method
from kiosk.service import GateService
from tests.kiosk.devices import drawing
from tests.web.gating import GREEN, RED, Console
from web.gate.photos import MOST_BYTES


def png(*texts: str) -> bytes:
    """Codes side by side; without any, a wall."""
    symbols = [cv2.resize(drawing.symbol(text), (300, 300), interpolation=cv2.INTER_NEAREST) for text in texts]
    return cv2.imencode(".png", np.hstack(symbols) if symbols else drawing.scenery())[1].tobytes()


def upload(console: Console, photo: bytes | None, lane: str = "1", **form: Any) -> TestResponse:
    headers = {"X-CSRFToken": console.token("/"), "Accept": "application/json"}
    files = {"photo": (io.BytesIO(photo), "IMG_2042.jpg")} if photo is not None else {}
    return console.client.post(
        f"/lanes/{lane}/photo", data={**form, **files}, headers=headers, environ_base={"REMOTE_ADDR": console.remote}
    )


def test_a_code_in_a_photo_begins_a_visit_that_the_record_tells_from_others(
    console: Console, gate: GateService
) -> None:
    answer = upload(console, png(GREEN), ticket="one")
    assert answer.status_code == 200
    visit = gate.checkpoint.view("1").visit
    assert visit is not None
    assert (visit.method, visit.name) == (Method.UPLOAD, "张*丰")
    gate.checkpoint.without_reading("1", visit.id)
    [passage] = [event for event in gate.journal.after(0) if event.kind == "passage"]
    assert passage.open["method"] == "upload"


def test_a_poster_beside_the_code_is_left_alone(console: Console, gate: GateService) -> None:
    assert upload(console, png("https://example.org/masks", GREEN)).status_code == 200
    visit = gate.checkpoint.view("1").visit
    assert visit is not None
    assert visit.name == "张*丰"


def test_a_photo_sent_twice_begins_one_visit(console: Console, gate: GateService) -> None:
    for _ in range(2):
        upload(console, png(GREEN), ticket="same")
        if visit := gate.checkpoint.view("1").visit:
            gate.checkpoint.cancel("1", visit.id, "left")
    assert len([event for event in gate.journal.after(0) if event.kind == "visit.abandoned"]) == 1


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        (None, "请选择一张照片"),
        (b"", "请选择一张照片"),
        (b"MZ this is a program", "JPEG"),
        (png(), "没有读到码"),
        (png(GREEN, RED), "不止一个码"),
        (b"\xff\xd8" + b"\0" * MOST_BYTES, "10 MB"),
    ],
)
def test_a_photo_that_holds_no_one_code_is_explained_and_begins_nothing(
    console: Console, gate: GateService, photo: bytes | None, words: str
) -> None:
    answer = upload(console, photo)
    assert answer.status_code == 422
    assert answer.json is not None
    assert words in answer.json["problems"]["photo"]["zh"]
    assert answer.json["problems"]["photo"]["en"]
    assert gate.checkpoint.view("1").visit is None


def test_a_file_far_too_large_is_refused_unread(console: Console) -> None:
    assert upload(console, b"\0" * (MOST_BYTES + 100_000)).status_code == 413


def test_nobody_who_is_not_on_duty_may_send_a_photo(stranger: Console, gate: GateService) -> None:
    headers = {"X-CSRFToken": stranger.token(), "Accept": "application/json"}
    for photo, status in ((png(GREEN), 401), (b"\0" * 1_000_000, 413)):
        data = {"photo": (io.BytesIO(photo), "x.png")}
        assert stranger.client.post("/lanes/1/photo", data=data, headers=headers).status_code == status
    assert gate.checkpoint.view("1").visit is None


def test_other_calls_stay_small_for_somebody_on_duty(console: Console) -> None:
    assert console.send("/lanes/1/scan", {"text": "x" * 100_000}).status_code == 413
