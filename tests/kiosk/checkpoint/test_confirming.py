"""A high first reading is a suspicion: the person rests beside the lane and is measured again."""

from datetime import timedelta

import pytest

from kiosk.checkpoint import Refusal
from kiosk.checkpoint.confirming import unfinished
from kiosk.errors import JournalError
from kiosk.model import ImplausibleReading, Reading, Verdict
from kiosk.screening import policy
from kiosk.visit import LaneView
from tests.kiosk.checkpoint.desk import RED, START, YELLOW, Gate


def feverish(gate: Gate, celsius: float = 37.8) -> str:
    """Somebody whose first reading was high."""
    gate.scan(YELLOW)
    view = gate.measure(celsius)
    return view.resting[0].visit


def second(gate: Gate, visit: str, celsius: float, *, rested: bool = False) -> LaneView:
    reading = Reading(celsius, gate.now, "ear", "ear", "clinical")
    gate.checkpoint.confirming.second(visit, reading, rested=rested)
    return gate.checkpoint.view("1")


def test_a_high_first_reading_decides_nothing_and_frees_the_lane(gate):
    visit = feverish(gate)
    view = gate.checkpoint.view("1")
    assert gate.ledger.kinds() == ["visit.waiting"]
    assert (view.visit, view.last.verdict, view.last.rest_until) == (None, None, START + timedelta(minutes=5))
    assert [(one.name, one.celsius) for one in view.resting] == [("李*", 37.8)]
    gate.scan(RED)
    assert gate.measure(36.5).last.verdict is Verdict.REFUSE
    assert gate.checkpoint.view("1").resting[0].visit == visit


def test_the_first_reading_is_on_record_before_anybody_is_told(gate):
    gate.scan(YELLOW)
    gate.ledger.broken = True
    view = gate.measure(37.8)
    assert (view.resting, view.last, view.visit is None) == ((), None, False)
    assert view.trouble is not None
    gate.ledger.broken = False
    gate.wait(1)
    assert len(gate.checkpoint.view("1").resting) == 1


def test_what_is_waiting_says_the_reading_and_until_when_they_rest(gate):
    feverish(gate)
    event = gate.ledger.events[0]
    assert (event.open["celsius"], event.open["until"]) == (37.8, "2026-11-22T08:05:00.000Z")
    assert "李四" not in str(event.open)
    assert event.personal["name"] == "李四"


def test_a_normal_second_reading_clears_the_fever(gate):
    visit = feverish(gate)
    gate.wait(300)
    view = second(gate, visit, 36.7)
    outcome = view.resting[0].outcome
    assert (outcome.verdict, outcome.celsius, outcome.first) == (Verdict.CHECK, 36.7, 37.8)  # the yellow code is left
    assert "alert" not in gate.ledger.kinds()
    passage = gate.ledger.events[-1]
    assert [(one["celsius"], one["grade"]) for one in passage.open["readings"]] == [
        (37.8, "screening"),
        (36.7, "clinical"),
    ]
    assert (passage.open["celsius"], passage.open["rested_s"]) == (36.7, 300)
    assert passage.personal["facts"]["reading"]["confirmed"] is True


def test_a_high_second_reading_isolates_and_alerts(gate):
    visit = feverish(gate)
    gate.wait(300)
    view = second(gate, visit, 38.1)
    assert view.resting[0].outcome.verdict is Verdict.ISOLATE
    assert gate.ledger.kinds() == ["visit.waiting", "passage", "alert"]


def test_too_early_is_said_and_the_volunteer_may_vouch_for_the_rest(gate):
    visit = feverish(gate)
    gate.wait(200)
    with pytest.raises(Refusal, match="2 分钟"):
        second(gate, visit, 36.7)
    assert gate.ledger.kinds() == ["visit.waiting"]
    assert second(gate, visit, 36.7, rested=True).resting[0].outcome.verdict is Verdict.CHECK
    assert gate.ledger.events[-1].open["rested_s"] == 200


def test_an_impossible_second_reading_changes_nothing(gate):
    visit = feverish(gate)
    gate.wait(300)
    with pytest.raises(ImplausibleReading):
        second(gate, visit, 29.0)
    assert gate.ledger.kinds() == ["visit.waiting"]


def test_a_clinical_first_reading_needs_no_second(gate):
    gate.scan(YELLOW)
    view = gate.measure(38.4, grade="clinical")
    assert (view.last.verdict, view.resting) == (Verdict.ISOLATE, ())


def test_without_another_thermometer_a_fever_is_never_an_admission(gate):
    visit = feverish(gate)
    gate.checkpoint.confirming.unconfirmed(visit)
    assert gate.checkpoint.view("1").resting[0].outcome.verdict is Verdict.ISOLATE


def test_who_leaves_before_the_second_reading_is_recorded_and_reported(gate):
    visit = feverish(gate)
    gate.checkpoint.confirming.leave(visit, "left")
    assert gate.ledger.kinds() == ["visit.waiting", "visit.abandoned", "alert"]
    alert = gate.ledger.events[-1]
    assert (alert.open["alert"], alert.open["verdict"], alert.open["visit"]) == ("fever", None, visit)
    assert gate.checkpoint.view("1").resting == ()


def test_nobody_waits_for_more_than_four_hours(gate):
    feverish(gate)
    gate.wait(4 * 3600 - 1)
    assert gate.ledger.kinds() == ["visit.waiting"]
    gate.wait(1)
    assert gate.ledger.kinds() == ["visit.waiting", "visit.abandoned", "alert"]


def test_who_waits_does_not_begin_anew_by_showing_the_code_again(gate):
    feverish(gate)
    gate.wait(60)
    view = gate.scan(YELLOW, lane="t")
    assert (view.visit, view.last.rest_until) == (None, START + timedelta(minutes=5))
    assert gate.ledger.kinds() == ["visit.waiting"]


def test_a_second_verdict_that_cannot_be_recorded_is_not_shown(gate):
    visit = feverish(gate)
    gate.wait(300)
    gate.ledger.broken = True
    with pytest.raises(JournalError):
        second(gate, visit, 36.7)
    assert gate.checkpoint.view("1").resting[0].outcome is None
    gate.ledger.broken = False
    assert second(gate, visit, 36.8).resting[0].outcome.celsius == 36.8
    assert len(gate.ledger.events[-1].open["readings"]) == 2


def test_a_second_click_is_told_that_nobody_waits_any_more(gate):
    visit = feverish(gate)
    gate.wait(300)
    second(gate, visit, 36.7)
    with pytest.raises(Refusal):
        second(gate, visit, 36.7)
    gate.checkpoint.confirming.dismiss(visit)
    assert gate.checkpoint.view("1").resting == ()
    with pytest.raises(Refusal):
        gate.checkpoint.confirming.leave(visit, "left")


def test_who_waits_is_still_there_after_a_restart(gate):
    visit = feverish(gate)
    gate.scan(RED)
    gate.measure(38.5)
    gate.checkpoint.confirming.leave(gate.checkpoint.view("1").resting[1].visit, "left")
    gate.checkpoint = gate.started()
    gate.checkpoint.confirming.restore(unfinished(gate.ledger.recent, gate.now))
    resting = gate.checkpoint.view("1").resting
    assert [(one.visit, one.name, one.celsius) for one in resting] == [(visit, "李*", 37.8)]
    gate.wait(300)
    assert second(gate, visit, 36.7).resting[0].outcome.first == 37.8
    assert unfinished(gate.ledger.recent, gate.now) == []


def test_what_cannot_be_read_after_a_restart_stops_nobody(gate):
    feverish(gate)
    gate.ledger.events[0].personal["kept"]["readings"] = "?"
    gate.checkpoint = gate.started()
    gate.checkpoint.confirming.restore(unfinished(gate.ledger.recent, gate.now))
    assert gate.checkpoint.view("1").resting == ()


def test_how_long_they_rest_is_the_policys_own_limit(gate):
    document = policy.default().to_document()
    gate.policy = policy.parse({**document, "limits": {**document["limits"], "rest-min": 10}})
    feverish(gate)
    assert gate.checkpoint.view("1").resting[0].until == START + timedelta(minutes=10)
