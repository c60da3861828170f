"""A volunteer decides otherwise than the policy: who may, what is recorded, what is shown."""

import pytest

from kiosk.checkpoint import Refusal
from kiosk.checkpoint.overriding import Override
from kiosk.model import Verdict
from tests.kiosk.checkpoint.desk import RED, YELLOW, Gate


def decided(gate: Gate, text: str = YELLOW) -> str:
    gate.scan(text)
    return gate.measure(36.5).last.visit


def test_a_volunteer_turns_a_check_into_an_admission_with_a_reason(gate):
    visit = decided(gate)
    gate.checkpoint.overriding.override(visit, Override(Verdict.ADMIT, "document"))
    event = gate.ledger.events[-1]
    assert event.kind == "override"
    said = ("visit", "seq", "from", "to", "why", "staff", "supervisor", "direction")
    assert [event.open[name] for name in said] == [visit, 1, "check", "admit", "document", "v-1", "", "in"]
    assert "李四" not in str(event.open)
    assert event.personal["tokens"] == ["token"]
    last = gate.checkpoint.view("1").last
    assert (last.verdict, last.was) == (Verdict.ADMIT, Verdict.CHECK)


def test_the_policys_own_verdict_stays_on_record(gate):
    visit = decided(gate)
    gate.checkpoint.overriding.override(visit, Override(Verdict.REFUSE, "no-proof"))
    assert gate.ledger.events[0].open["verdict"] == "check"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Override(Verdict.ISOLATE, "document"), "to"),
        (Override(Verdict.CHECK, "document"), "to"),
        (Override(Verdict.ADMIT, ""), "why"),
        (Override(Verdict.ADMIT, "party"), "why"),
        (Override(Verdict.ADMIT, "other", "  "), "note"),
    ],
)
def test_a_check_becomes_only_an_admission_or_a_refusal_and_for_a_reason(gate, wish, field):
    visit = decided(gate)
    with pytest.raises(Refusal) as refused:
        gate.checkpoint.overriding.override(visit, wish)
    assert refused.value.field == field
    assert gate.ledger.kinds() == ["passage"]


def test_what_the_policy_refused_needs_a_supervisor_and_is_reported(gate):
    visit = decided(gate, RED)
    recorded = len(gate.ledger.events)
    with pytest.raises(Refusal) as refused:
        gate.checkpoint.overriding.override(visit, Override(Verdict.ADMIT, "office"))
    assert refused.value.field == "pin"
    assert len(gate.ledger.events) == recorded
    gate.checkpoint.overriding.override(visit, Override(Verdict.ADMIT, "office", supervisor="v-9"))
    assert [event.kind for event in gate.ledger.events[recorded:]] == ["override", "alert"]
    assert gate.ledger.events[-2].open["supervisor"] == "v-9"
    assert gate.ledger.events[-1].open["alert"] == "override"


def test_nobody_takes_an_admission_back(gate):
    visit = decided(gate)
    gate.checkpoint.overriding.override(visit, Override(Verdict.ADMIT, "document"))
    for to in Verdict:
        with pytest.raises(Refusal):
            gate.checkpoint.overriding.override(visit, Override(to, "document", supervisor="v-9"))


def test_what_a_volunteer_refused_only_a_supervisor_changes(gate):
    visit = decided(gate)
    gate.checkpoint.overriding.override(visit, Override(Verdict.REFUSE, "no-proof"))
    with pytest.raises(Refusal):
        gate.checkpoint.overriding.override(visit, Override(Verdict.ADMIT, "document"))
    gate.checkpoint.overriding.override(visit, Override(Verdict.ADMIT, "document", supervisor="v-9"))
    assert gate.checkpoint.view("1").last.was is Verdict.CHECK


def test_a_passage_of_yesterday_is_not_changed_any_more(gate):
    visit = decided(gate)
    gate.wait(12 * 3600 + 1)
    with pytest.raises(Refusal):
        gate.checkpoint.overriding.override(visit, Override(Verdict.ADMIT, "document"))


def test_an_override_outlives_a_restart(gate):
    visit = decided(gate)
    gate.checkpoint = gate.started()
    gate.checkpoint.overriding.override(visit, Override(Verdict.ADMIT, "other", "邻居认识"))
    event = gate.ledger.events[-1]
    assert (event.open["to"], event.personal["note"]) == ("admit", "邻居认识")
    assert "邻居" not in str(event.open)


def test_a_second_verdict_in_the_waiting_area_can_be_changed(gate):
    gate.scan(YELLOW)
    visit = gate.measure(38.0).resting[0].visit
    gate.checkpoint.confirming.unconfirmed(visit)
    gate.checkpoint.overriding.override(visit, Override(Verdict.CHECK, "measured", supervisor="v-9"))
    outcome = gate.checkpoint.view("1").resting[0].outcome
    assert (outcome.verdict, outcome.was) == (Verdict.CHECK, Verdict.ISOLATE)
