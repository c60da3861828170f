"""A resident checks in alone, over a real gate: what the tablet is told, and what it may not do."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.model import Method, Reading, Verdict
from kiosk.service import GateService
from tests.web.gating import GREEN, RED, Console, events
from web.serving import utc_now
from web.tablet.pairing import COOKIE

LANE = "/tablet/hall"


@pytest.fixture
def tablet(stranger: Console) -> Console:
    """The gate's own screen."""
    stranger.remote = "127.0.0.1"
    return stranger


def send(tablet: Console, path: str, body: dict[str, Any]) -> Any:
    return tablet.send(LANE + path, body, page=LANE)


def visit_id(gate: GateService) -> str:
    visit = gate.checkpoint.view("hall").visit
    assert visit is not None
    return visit.id


def answer_all(tablet: Console, gate: GateService, *, yes: str = "") -> None:
    while (visit := gate.checkpoint.view("hall").visit) and visit.questions:
        question = visit.questions[0].id
        send(tablet, f"/visits/{visit.id}/answers", {"answers": {question: question == yes}})


def measure(gate: GateService, celsius: float) -> None:
    gate.checkpoint.measure("hall", Reading(celsius, utc_now(), "test"))


def test_a_tablet_that_nobody_paired_is_asked_for_a_code(stranger: Console) -> None:
    assert stranger.get(LANE).location == "/tablet/"
    assert "配对码" in stranger.get("/tablet/").text
    assert stranger.send(LANE + "/scan", {"text": GREEN}, page="/tablet/").status_code == 403


def test_a_volunteer_s_code_pairs_a_tablet_for_good(console: Console) -> None:
    code = console.send("/pairing").json["code"]  # type: ignore[index]
    other = Console(console.client.application.test_client(), remote="192.0.2.30")
    form = {"code": f"{code[:3]} {code[3:]}", "csrf_token": other.token("/tablet/")}
    answer = other.client.post("/tablet/pair", data=form, environ_base={"REMOTE_ADDR": other.remote})
    assert answer.status_code == 302
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(COOKIE)
    assert "HttpOnly" in cookie
    assert other.get(LANE).status_code == 200


def test_a_wrong_code_pairs_nothing(stranger: Console) -> None:
    form = {"code": "000000", "csrf_token": stranger.token("/tablet/")}
    answer = stranger.client.post("/tablet/pair", data=form)
    assert answer.status_code == 422
    assert stranger.get(LANE).status_code == 302


def test_only_a_signed_on_volunteer_makes_codes(tablet: Console) -> None:
    assert tablet.send("/pairing", page="/tablet/hall").status_code == 401


def test_the_page_may_use_the_camera_and_the_console_may_not(tablet: Console) -> None:
    assert "camera=(self)" in tablet.get(LANE).headers["Permissions-Policy"]
    assert "'wasm-unsafe-eval'" in tablet.get(LANE).headers["Content-Security-Policy"]
    assert "camera=()" in tablet.get("/sign-on").headers["Permissions-Policy"]


def test_a_lane_that_is_no_tablet_s_is_not_found(tablet: Console) -> None:
    assert tablet.get("/tablet/1").status_code == 404


def test_one_tablet_lane_is_opened_at_once(tablet: Console) -> None:
    assert tablet.get("/tablet/").location == LANE


def test_a_scan_asks_the_questions_one_by_one(tablet: Console, gate: GateService) -> None:
    step = send(tablet, "/scan", {"text": GREEN}).json["regions"]["step"]
    visit = gate.checkpoint.view("hall").visit
    assert visit is not None
    assert visit.method is Method.TABLET
    assert step.count('data-answer="yes"') == 1
    assert visit.questions[0].say.zh in step


def test_after_the_answers_the_volunteer_is_asked_to_measure(tablet: Console, gate: GateService) -> None:
    send(tablet, "/scan", {"text": GREEN})
    answer_all(tablet, gate)
    step = send(tablet, "/help", {"why": "measure"}).json["regions"]["step"]
    assert "已通知志愿者" in step
    assert [(call["lane"], call["why"]) for call in gate.summons.open()] == [("hall", "measure")]


def test_a_feverish_person_calls_the_volunteer(tablet: Console, gate: GateService) -> None:
    send(tablet, "/scan", {"text": GREEN})
    answer_all(tablet, gate)
    measure(gate, 38.6)
    assert [call["why"] for call in gate.summons.open()] == ["rest"]
    assert "请到等候区休息" in tablet.get("/tablet/hall").text


def test_a_refused_person_calls_the_volunteer(tablet: Console, gate: GateService) -> None:
    send(tablet, "/scan", {"text": RED})
    answer_all(tablet, gate)
    measure(gate, 36.4)
    last = gate.checkpoint.view("hall").last
    assert last is not None
    assert last.verdict is Verdict.REFUSE
    assert [call["why"] for call in gate.summons.open()] == ["refuse"]


def test_a_phone_number_identifies_without_a_code(tablet: Console, gate: GateService) -> None:
    send(tablet, "/identify", {"number": "138 1234 8000"})
    visit = gate.checkpoint.view("hall").visit
    assert visit is not None
    assert visit.name == "138****8000"


def test_a_number_that_is_neither_phone_nor_id_begins_nothing(tablet: Console, gate: GateService) -> None:
    answer = send(tablet, "/identify", {"number": "123"})
    assert answer.status_code == 422
    assert answer.json["problems"]["number"]["zh"]
    assert gate.checkpoint.view("hall").visit is None


@pytest.mark.parametrize("why", ["left", "timeout"])
def test_whoever_walks_away_leaves_a_record(tablet: Console, gate: GateService, why: str) -> None:
    send(tablet, "/scan", {"text": GREEN})
    send(tablet, f"/visits/{visit_id(gate)}/cancel", {"why": why})
    assert gate.checkpoint.view("hall").visit is None
    assert [event.open["why"] for event in gate.journal.after(0) if event.kind == "visit.abandoned"] == [why]


def test_a_call_to_measure_ends_when_the_person_leaves(tablet: Console, gate: GateService) -> None:
    send(tablet, "/scan", {"text": GREEN})
    answer_all(tablet, gate)
    send(tablet, "/help", {"why": "measure"})
    send(tablet, f"/visits/{visit_id(gate)}/cancel", {"why": "left"})
    assert gate.summons.open() == []


def test_the_stream_of_a_tablet_follows_its_lane(tablet: Console, gate: GateService) -> None:
    answer = tablet.get(LANE + "/events")
    stream = answer.iter_encoded()
    [(_, first)] = events(stream, 1)
    assert 'data-step="start"' in first["regions"]["step"]
    send(tablet, "/scan", {"text": GREEN})
    [(_, second)] = events(stream, 1)
    answer.close()
    assert 'data-step="asking"' in second["regions"]["step"]


def test_a_scan_sent_twice_begins_one_visit(tablet: Console, gate: GateService) -> None:
    for _ in range(2):
        send(tablet, "/scan", {"text": GREEN, "ticket": "same"})
        if gate.checkpoint.view("hall").visit:
            send(tablet, f"/visits/{visit_id(gate)}/cancel", {"why": "left"})
    assert len([event for event in gate.journal.after(0) if event.kind == "visit.abandoned"]) == 1
