"""改判 on the console: a volunteer's reason, a supervisor's PIN, and what the lists show afterwards."""

from __future__ import annotations

import pytest

from kiosk.model import Verdict
from kiosk.service import GateService
from kiosk.staff import FREE_TRIES, SUPERVISOR
from tests.web.gating import GREEN, PIN, RED, VOLUNTEER, Console

SUPERVISORS = "902716"


@pytest.fixture(autouse=True)
def _supervisor(gate: GateService) -> None:
    gate.staff.add("赵主任", SUPERVISORS, SUPERVISOR)


def decided(console: Console, gate: GateService, text: str = GREEN) -> str:
    console.send("/lanes/1/scan", {"text": text})
    begun = gate.checkpoint.view("1").visit
    assert begun is not None
    console.send(f"/lanes/1/visits/{begun.id}/reading", {"celsius": "36.5"})
    return begun.id


def problem(console: Console, visit: str, body: dict[str, str]) -> str:
    answer = console.send(f"/lanes/1/visits/{visit}/override", body)
    assert answer.status_code == 422
    assert answer.json is not None
    return str(next(iter(answer.json["problems"])))


def test_a_check_becomes_an_admission_counts_the_person_in_and_shows_what_it_was(
    console: Console, gate: GateService
) -> None:
    visit = decided(console, gate)
    assert gate.journal.inside() == 0
    answer = console.send(f"/lanes/1/visits/{visit}/override", {"to": "admit", "why": "document"})
    assert answer.json is not None
    assert "card-admit" in answer.json["regions"]["card"]
    assert "改判，原判" in answer.json["regions"]["recent"]
    assert gate.journal.inside() == 1
    [row] = gate.recent()
    assert (row["verdict"], row["was"]) == ("admit", "check")


def test_what_is_missing_in_an_override_is_said_at_its_field(console: Console, gate: GateService) -> None:
    visit = decided(console, gate)
    assert problem(console, visit, {"to": "free", "why": "document"}) == "to"
    assert problem(console, visit, {"to": "admit", "why": ""}) == "why"
    assert problem(console, visit, {"to": "admit", "why": "other"}) == "note"
    assert problem(console, visit, {"to": "admit", "why": "other", "note": "长" * 201}) == "note"
    assert problem(console, "nobody", {"to": "admit", "why": "document"}) == "visit"


def test_a_refusal_is_changed_only_with_a_supervisors_pin(console: Console, gate: GateService) -> None:
    visit = decided(console, gate, RED)
    wish = {"to": "admit", "why": "office"}
    assert problem(console, visit, wish) == "pin"
    assert problem(console, visit, wish | {"pin": PIN}) == "pin"  # a volunteer's own
    assert console.send(f"/lanes/1/visits/{visit}/override", wish | {"pin": SUPERVISORS}).status_code == 200
    [event] = gate.journal.recent(1, ("override",))
    supervisor = next(person.id for person in gate.staff.all() if person.role == SUPERVISOR)
    assert (event.open["from"], event.open["supervisor"]) == ("refuse", supervisor)
    last = gate.checkpoint.view("1").last
    assert last is not None
    assert (last.verdict, last.was) == (Verdict.ADMIT, Verdict.REFUSE)


def test_guessing_a_supervisors_pin_locks_the_keypad(console: Console, gate: GateService) -> None:
    visit = decided(console, gate, RED)
    wish = {"to": "admit", "why": "office"}
    for guess in range(FREE_TRIES):
        problem(console, visit, wish | {"pin": f"31415{guess}"})
    assert problem(console, visit, wish | {"pin": SUPERVISORS}) == "pin"
    assert gate.journal.recent(1, ("override",)) == []


def test_the_names_of_who_decided_lie_in_the_sealed_part_alone(console: Console, gate: GateService) -> None:
    visit = decided(console, gate, RED)
    console.send(f"/lanes/1/visits/{visit}/override", {"to": "admit", "why": "office", "pin": SUPERVISORS})
    [event] = gate.journal.recent(1, ("override",))
    assert event.personal is not None
    assert (event.personal["staff_name"], event.personal["supervisor_name"]) == (VOLUNTEER, "赵主任")
    assert not {VOLUNTEER, "赵主任"} & set(map(str, event.open.values()))
