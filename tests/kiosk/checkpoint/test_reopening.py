"""A family or a vehicle that was at the gate when the gate was killed is there again after its start."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.checkpoint import reopening
from kiosk.errors import JournalError
from kiosk.known import Vehicle
from kiosk.model import Reading, Verdict
from tests.kiosk.checkpoint.desk import RED, YELLOW, Gate
from tests.kiosk.checkpoint.test_gathering import NAMES, admit, family, join, members, passages


def restarted(gate: Gate) -> None:
    """The gate was killed: nothing is left of it but the journal."""
    gate.checkpoint = gate.started()
    gate.checkpoint.resume()


def test_who_is_through_and_who_waits_are_found_again_and_the_family_goes_on(gate: Gate) -> None:
    family(gate, *NAMES)
    admit(gate)
    gate.measure(36.7)
    before = gate.checkpoint.view("1").party
    restarted(gate)
    assert members(gate) == [(one.role, one.name, "done" if one.outcome else "queued") for one in before.members]
    first, second = gate.checkpoint.view("1").party.members[:2]
    assert (first.outcome.verdict, first.outcome.was) == (Verdict.ADMIT, Verdict.CHECK)
    assert (second.outcome.celsius, second.outcome.reasons[0].rule) == (36.7, before.members[1].outcome.reasons[0].rule)
    gate.wait(1)
    assert [one[2] for one in members(gate)] == ["done", "done", "now", "queued", "queued"]
    for celsius in (36.3, 36.4, 36.5):
        gate.measure(celsius)
    assert gate.checkpoint.view("1").party.complete
    assert [event.open["visit"] for event in passages(gate)] == [one.visit for one in before.members]
    assert len({event.open["party"] for event in passages(gate)}) == 1


def test_a_car_keeps_its_plate_and_its_people_and_a_second_reading_still_keeps_all_of_them(gate: Gate) -> None:
    gate.checkpoint.gathering.open("1", Vehicle("闽A12345", purpose="visit"))
    for name in NAMES[:3]:
        join(gate, name)
    rests = gate.checkpoint.view("1").visit.id
    gate.measure(37.9)
    companion = admit(gate)
    restarted(gate)
    party = gate.checkpoint.view("1").party
    assert (party.vehicle.plate, party.vehicle.purpose) == ("闽A·***45", "visit")
    assert [one.role for one in party.members] == ["driver", "passenger", "passenger"]
    assert party.members[0].outcome.rest_until is not None
    gate.wait(300)
    gate.checkpoint.confirming.second(rests, Reading(38.4, gate.now, "ear", "ear", "clinical"))
    driver, kept, _last = gate.checkpoint.view("1").party.members
    assert (driver.outcome.verdict, kept.outcome.verdict, kept.outcome.kept) == (Verdict.ISOLATE, Verdict.CHECK, True)
    assert gate.ledger.recent(1, ("override",))[0].open["visit"] == companion
    restarted(gate)
    assert gate.checkpoint.view("1").party.members[1].outcome.kept
    assert "12345" not in str([event.open for event in gate.ledger.events])


def test_who_comes_to_the_lane_before_anything_else_joins_behind_those_who_wait(gate: Gate) -> None:
    family(gate, "王五")
    gate.scan(RED)
    restarted(gate)
    gate.scan(YELLOW)
    assert [one[2] for one in members(gate)] == ["now", "queued", "queued"]
    gate.scan(RED)
    assert len(members(gate)) == 3


def test_who_walked_off_while_the_gate_was_down_is_recorded(gate: Gate) -> None:
    family(gate, "王五", "赵六")
    gate.now += timedelta(hours=1)
    restarted(gate)
    for _ in range(4):
        gate.wait(200)
    assert [event.personal["name"] for event in gate.ledger.recent(9, ("visit.abandoned",))] == ["赵六", "王五"]
    gate.wait(601)
    assert gate.checkpoint.view("1").party is None


def test_a_family_that_was_finished_does_not_come_back(gate: Gate) -> None:
    family(gate, "王五")
    gate.measure(36.5)
    gate.checkpoint.gathering.finish("1")
    restarted(gate)
    assert gate.checkpoint.view("1").party is None


def test_what_retention_has_emptied_or_is_a_day_old_opens_nothing(gate: Gate) -> None:
    family(gate, "王五")
    kept = gate.ledger.events
    gate.ledger.events = [replace(event, personal=None) for event in kept]
    restarted(gate)
    assert gate.checkpoint.view("1").party is None
    assert reopening.unfinished(lambda limit, kinds: [], gate.now) == []
    gate.ledger.events = kept
    gate.now += reopening.WITHIN * 1.01
    restarted(gate)
    assert gate.checkpoint.view("1").party is None


def test_a_party_that_cannot_be_written_down_is_not_opened(gate: Gate) -> None:
    gate.ledger.broken = True
    with pytest.raises(JournalError):
        gate.checkpoint.gathering.open("1")
    assert gate.checkpoint.view("1").party is None
