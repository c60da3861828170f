"""What a volunteer does on the console, over a real gate: each act is one call, and repeating it harms nobody."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.model import Direction, Verdict
from kiosk.service import GateService
from kiosk.visit import LaneView, VisitView
from tests.web.gating import GREEN, RED, Console


def view(gate: GateService, lane: str = "1") -> LaneView:
    return gate.checkpoint.view(lane)


def visit(gate: GateService, lane: str = "1") -> VisitView:
    found = view(gate, lane).visit
    assert found is not None
    return found


def step_up(console: Console, gate: GateService, text: str = GREEN) -> str:
    answer = console.send("/lanes/1/scan", {"text": text})
    assert answer.status_code == 200
    return visit(gate).id


def passages(gate: GateService) -> list[Any]:
    return [event for event in gate.journal.after(0) if event.kind in ("passage", "visit.abandoned")]


def test_a_scan_begins_a_visit_and_a_reading_decides_it(console: Console, gate: GateService) -> None:
    begun = step_up(console, gate)
    answer = console.send(f"/lanes/1/visits/{begun}/reading", {"celsius": "36.5"})
    assert answer.json is not None
    assert "card-check" in answer.json["regions"]["card"]
    last = view(gate).last
    assert last is not None
    assert (last.verdict, last.celsius) == (Verdict.CHECK, 36.5)
    assert passages(gate)[-1].open["staff"] == gate.staff.on_duty().id  # type: ignore[union-attr]


def test_a_fever_shows_the_steps_of_an_isolation(console: Console, gate: GateService) -> None:
    begun = step_up(console, gate)
    card = console.send(f"/lanes/1/visits/{begun}/reading", {"celsius": "38.2", "grade": "clinical"}).json["regions"][
        "card"
    ]  # type: ignore[index]
    for words in ("留观", "Isolate", "留观区", "120", "发热门诊", "38.2"):
        assert words in card


@pytest.mark.parametrize(
    ("celsius", "words"), [("29.9", "30–43"), ("43.1", "30–43"), ("36.55", "36.5"), ("", "36.5"), ("366", "36.5")]
)
def test_an_impossible_temperature_is_refused_and_the_visit_waits_on(
    console: Console, gate: GateService, celsius: str, words: str
) -> None:
    begun = step_up(console, gate)
    answer = console.send(f"/lanes/1/visits/{begun}/reading", {"celsius": celsius})
    assert answer.status_code == 422
    assert answer.json is not None
    assert words in answer.json["problems"]["celsius"]["zh"]
    assert visit(gate).id == begun


def test_without_a_reading_nobody_is_admitted(console: Console, gate: GateService) -> None:
    begun = step_up(console, gate)
    console.send(f"/lanes/1/visits/{begun}/no-reading")
    last = view(gate).last
    assert last is not None
    assert last.verdict is not Verdict.ADMIT


def test_a_reading_for_a_visit_that_is_over_touches_nobody_else(console: Console, gate: GateService) -> None:
    first = step_up(console, gate)
    console.send(f"/lanes/1/visits/{first}/reading", {"celsius": "36.5"})
    second = step_up(console, gate, RED)
    console.send(f"/lanes/1/visits/{first}/reading", {"celsius": "39.5"})
    assert visit(gate).id == second
    assert len(passages(gate)) == 1


def test_the_second_click_of_a_double_click_changes_nothing(console: Console, gate: GateService) -> None:
    begun = step_up(console, gate)
    for _ in range(2):
        assert console.send(f"/lanes/1/visits/{begun}/reading", {"celsius": "36.5"}).status_code == 200
    assert len(passages(gate)) == 1


def test_a_registration_sent_twice_registers_once(console: Console, gate: GateService) -> None:
    form = {"name": "陈静", "phone": "13812348000", "ticket": "t-1"}
    console.send("/lanes/1/register", form)
    console.send(f"/lanes/1/visits/{visit(gate).id}/no-reading")
    console.send("/lanes/1/register", form)
    assert view(gate).visit is None
    assert len(passages(gate)) == 1


def test_a_person_without_a_phone_is_registered_by_hand(console: Console, gate: GateService) -> None:
    console.send("/lanes/1/register", {"name": "陈静", "household": "3-2-501"})
    begun = visit(gate)
    assert begun.name == "陈*"
    console.send(f"/lanes/1/visits/{begun.id}/reading", {"celsius": "36.4"})
    assert passages(gate)[-1].personal["household"] == "3-2-501"


def test_a_registration_with_mistakes_names_them_all_and_begins_nothing(console: Console, gate: GateService) -> None:
    answer = console.send("/lanes/1/register", {"name": "", "phone": "12", "id_number": "1"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert set(answer.json["problems"]) == {"name", "phone", "id_number"}
    assert view(gate).visit is None


def test_a_number_against_its_check_is_recorded_when_confirmed_and_somebody_must_look(
    console: Console, gate: GateService
) -> None:
    form = {"name": "王奶奶", "id_number": "110105194912310021"}
    refused = console.send("/lanes/1/register", form)
    assert "第 18 位应为 X" in refused.json["problems"]["id_number"]["zh"]  # type: ignore[index]
    assert view(gate).visit is None
    console.send("/lanes/1/register", {**form, "unreadable": "yes"})
    console.send(f"/lanes/1/visits/{visit(gate).id}/reading", {"celsius": "36.4"})
    recorded = passages(gate)[-1]
    assert recorded.open["verdict"] == "check"
    assert "document-unreadable" in [reason["rule"] for reason in recorded.open["reasons"]]
    assert recorded.personal["id_number"] == "110105194912310021"


def test_the_birth_date_of_somebody_registered_comes_from_the_number(console: Console, gate: GateService) -> None:
    console.send("/lanes/1/register", {"name": "王奶奶", "id_number": "11010519491231002x"})
    console.send(f"/lanes/1/visits/{visit(gate).id}/reading", {"celsius": "36.4"})
    assert passages(gate)[-1].personal["birth_date"] == "1949-12-31"


def test_a_broken_off_visit_is_recorded_with_its_reason(console: Console, gate: GateService) -> None:
    begun = step_up(console, gate)
    answer = console.send(f"/lanes/1/visits/{begun}/cancel", {"why": "left"})
    assert "本人离开" in answer.json["regions"]["card"]  # type: ignore[index]
    assert passages(gate)[-1].open["why"] == "left"


def test_breaking_off_needs_a_reason(console: Console, gate: GateService) -> None:
    begun = step_up(console, gate)
    assert console.send(f"/lanes/1/visits/{begun}/cancel", {"why": "because"}).status_code == 422
    assert visit(gate).id == begun


def test_the_direction_is_turned_and_shown(console: Console, gate: GateService) -> None:
    answer = console.send("/lanes/1/direction", {"direction": "out"})
    assert view(gate).direction is Direction.OUT
    assert 'data-direction="out" aria-pressed="true"' in answer.json["regions"]["direction"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/lanes/1/direction", {"direction": "up"}),
        ("/lanes/1/visits/x/answers", {"answers": {"symptoms": "yes"}}),
        ("/lanes/1/visits/x/answers", {}),
    ],
)
def test_what_no_screen_sends_is_a_bad_request(console: Console, path: str, body: dict[str, Any]) -> None:
    assert console.send(path, body).status_code == 400


def test_an_unknown_lane_is_not_found(console: Console) -> None:
    assert console.send("/lanes/9/scan", {"text": GREEN}).status_code == 404


def test_an_action_without_the_page_s_token_does_nothing(console: Console, gate: GateService) -> None:
    answer = console.client.post("/lanes/1/scan", json={"text": GREEN}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert view(gate).visit is None


def test_a_summons_is_shown_to_every_console_until_somebody_goes(console: Console, gate: GateService) -> None:
    gate.summon("hall", "help")
    assert 'data-dismiss="hall"' in console.get("/").text
    console.send("/lanes/hall/summons/dismiss")
    assert 'data-dismiss="hall"' not in console.get("/").text


def test_sync_now_is_harmless_for_a_gate_without_an_office(console: Console) -> None:
    assert console.send("/sync").status_code == 200


def test_a_lane_without_a_camera_has_no_picture(console: Console) -> None:
    assert console.get("/lanes/1/picture.jpg").status_code == 204


def test_answers_are_taken_as_they_are_given(console: Console, gate: GateService) -> None:
    console.send("/lanes/hall/scan", {"text": GREEN})
    begun = visit(gate, "hall")
    answer = console.send(f"/lanes/hall/visits/{begun.id}/answers", {"answers": {"symptoms": True, "unknown": True}})
    assert answer.status_code == 200
    for question in begun.questions:
        console.send(f"/lanes/hall/visits/{begun.id}/answers", {"answers": {question.id: False}})
    assert passages(gate) == []
