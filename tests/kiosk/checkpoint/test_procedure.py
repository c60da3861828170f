"""One visit from presentation to record, on one lane, with the time in the test's hands."""

from datetime import timedelta

import pytest

from kiosk.model import Direction, Holder, Method, Presentation, Verdict
from kiosk.visit import Stage
from tests.kiosk.checkpoint.desk import RED, YELLOW


def test_a_code_waits_for_its_temperature_and_is_then_decided_and_recorded(gate):
    view = gate.scan(RED)
    assert (view.visit.stage, view.last) == (Stage.MEASURING, None)
    view = gate.measure(36.6)
    assert (view.visit, view.last.verdict, view.last.celsius) == (None, Verdict.REFUSE, 36.6)
    passage = gate.ledger.events[0]
    assert passage.kind == "passage"
    assert passage.open["staff"] == "v-1"
    assert passage.personal["name"] == "张三丰"
    assert passage.personal["facts"]["reading"]["celsius"] == 36.6


def test_names_on_the_screen_are_masked_and_not_in_the_open_part(gate):
    gate.scan(RED)
    view = gate.measure(36.6)
    assert view.last.name == "张*丰"
    assert "张三丰" not in str(gate.ledger.events[0].open)


def test_a_fever_is_isolated_and_alerts_at_once_in_the_same_transaction(gate):
    gate.scan(YELLOW)
    view = gate.measure(38.4, grade="clinical")
    assert view.last.verdict is Verdict.ISOLATE
    assert gate.ledger.kinds()[:2] == ["passage", "alert"]
    alert = gate.ledger.events[1]
    assert (alert.open["alert"], alert.open["visit"]) == ("fever", view.last.visit)


def test_the_verdict_is_announced_only_after_the_journal_took_it(gate):
    gate.scan(RED)
    gate.ledger.broken = True
    view = gate.measure(36.6)
    assert view.last is None
    assert view.trouble is not None
    assert all(shown.last is None for shown in gate.announced)


def test_what_could_not_be_recorded_is_recorded_when_the_disk_has_room_again(gate):
    gate.scan(RED)
    gate.ledger.broken = True
    gate.measure(36.6)
    gate.ledger.broken = False
    gate.wait(1)
    view = gate.checkpoint.view("1")
    assert (view.trouble, view.last.verdict) == (None, Verdict.REFUSE)


def test_the_same_code_again_is_the_same_visit(gate):
    first = gate.scan(RED)
    gate.now += timedelta(seconds=3)
    assert gate.scan(RED).visit.id == first.visit.id


def test_somebody_who_steps_up_during_a_visit_is_next(gate):
    gate.scan(RED)
    gate.scan(YELLOW)
    view = gate.measure(36.6)
    assert view.last.verdict is Verdict.REFUSE
    assert view.visit.name == "李*"


def test_the_last_verdict_still_shows_while_the_next_person_is_measured(gate):
    gate.scan(RED)
    gate.measure(36.6)
    view = gate.scan(YELLOW)
    assert (view.last.verdict, view.visit.stage) == (Verdict.REFUSE, Stage.MEASURING)


def test_a_visit_has_to_hurry_once_somebody_waits_behind_it(gate):
    gate.scan(RED)
    gate.scan(YELLOW)
    gate.wait(10)
    assert gate.ledger.kinds() == ["visit.abandoned"]
    assert gate.checkpoint.view("1").visit.name == "李*"


def test_who_waited_too_long_must_show_the_code_again(gate):
    gate.scan(RED)
    gate.scan(YELLOW)
    gate.now += timedelta(seconds=16)
    assert gate.measure(36.6).visit is None


def test_a_visit_without_a_temperature_times_out_and_is_recorded_as_abandoned(gate):
    gate.scan(RED)
    gate.wait(44.9)
    assert gate.ledger.events == []
    gate.wait(0.1)
    event = gate.ledger.events[0]
    assert (event.kind, event.open["why"], event.personal["name"]) == ("visit.abandoned", "timeout", "张三丰")


def test_cancelling_hides_nothing(gate):
    visit = gate.scan(RED).visit
    view = gate.checkpoint.cancel("1", visit.id, "left")
    assert (view.visit, view.last.verdict, view.last.abandoned) == (None, None, "left")
    assert gate.ledger.kinds() == ["visit.abandoned"]


def test_a_second_click_reaches_no_other_person(gate):
    first = gate.scan(RED).visit
    gate.measure(36.6, first.id)
    second = gate.scan(YELLOW).visit
    gate.measure(39.0, first.id)
    gate.checkpoint.cancel("1", first.id, "left")
    assert gate.checkpoint.view("1").visit.id == second.id
    assert len(gate.ledger.events) == 1 + gate.ledger.kinds().count("alert")


@pytest.mark.parametrize("celsius", [29.9, 43.1, float("nan"), float("inf")])
def test_an_implausible_temperature_is_refused_and_changes_nothing(gate, celsius):
    gate.scan(RED)
    with pytest.raises(ValueError, match="重新测量"):
        gate.measure(celsius)
    assert gate.checkpoint.view("1").visit.stage is Stage.MEASURING


def test_without_any_thermometer_nobody_is_admitted(gate):
    visit = gate.by_hand().visit
    view = gate.checkpoint.without_reading("1", visit.id)
    assert view.last.verdict is Verdict.CHECK
    assert gate.ledger.events[0].open["celsius"] is None


def test_somebody_registered_by_hand_is_checked_for_one_clear_reason(gate):
    gate.by_hand()
    view = gate.measure(36.5)
    assert view.last.verdict is Verdict.CHECK
    assert len(view.last.reasons) == 1


def test_a_tablet_asks_before_it_measures(gate):
    view = gate.checkpoint.present("t", Presentation(Method.TABLET, gate.now, person=Holder(phone="13812348000")))
    assert (view.visit.stage, len(view.visit.questions)) == (Stage.ASKING, 2)
    answers = {question.id: False for question in view.visit.questions}
    view = gate.checkpoint.answer("t", view.visit.id, answers)
    assert view.visit.stage is Stage.MEASURING
    assert gate.measure(36.5, lane="t").last.verdict is Verdict.CHECK


def test_answers_to_questions_nobody_asked_are_ignored(gate):
    view = gate.checkpoint.present("t", Presentation(Method.TABLET, gate.now, person=Holder(phone="13812348000")))
    assert len(gate.checkpoint.answer("t", view.visit.id, {"made-up": True}).visit.questions) == 2


def test_a_lane_that_is_turned_lets_out_from_the_next_visit_on(gate):
    gate.scan(RED)
    gate.checkpoint.turn("1", Direction.OUT)
    assert gate.measure(36.6).last.direction is Direction.IN
    gate.scan(YELLOW)
    assert gate.measure(36.6).last.direction is Direction.OUT


def test_a_verdict_goes_off_the_screen_when_its_time_is_over(gate):
    gate.scan(RED)
    gate.measure(36.6)
    gate.wait(7.9)
    assert gate.checkpoint.view("1").last
    gate.wait(0.1)
    assert gate.checkpoint.view("1").last is None


def test_every_change_has_a_higher_number(gate):
    gate.scan(RED)
    gate.measure(36.6)
    gate.wait(20)
    numbers = [view.number for view in gate.announced]
    assert numbers == sorted(set(numbers))


def test_two_lanes_do_not_touch_each_other(gate):
    gate.scan(RED)
    gate.scan(YELLOW, lane="t")
    gate.measure(36.6)
    assert gate.checkpoint.view("t").visit is not None
