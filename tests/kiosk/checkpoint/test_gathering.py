"""A family or a car: one after the other, each a visit of their own, on one screen."""

import pytest

from kiosk.checkpoint import Refusal
from kiosk.checkpoint.overriding import Override
from kiosk.known import Known, Vehicle
from kiosk.model import Direction, Holder, Method, Presentation, Reading, Verdict
from kiosk.visit import LaneView
from tests.kiosk.checkpoint.desk import RED, YELLOW, Gate

NAMES = ("王五", "赵六", "孙七", "周八", "吴九")


def join(gate: Gate, name: str) -> LaneView:
    person = Holder(name=name, phone=f"1381234800{NAMES.index(name)}")
    return gate.checkpoint.present("1", Presentation(Method.HAND, gate.now, person=person))


def family(gate: Gate, *names: str) -> None:
    gate.checkpoint.gathering.open("1")
    for name in names:
        join(gate, name)


def members(gate: Gate) -> list[tuple[str, str, str]]:
    party = gate.checkpoint.view("1").party
    return [(one.role, one.name, one.stage) for one in party.members]


def passages(gate: Gate) -> list:
    return [event for event in gate.ledger.events if event.kind == "passage"]


def admit(gate: Gate, celsius: float = 36.5) -> str:
    """The member whose turn it is: measured, then admitted by the volunteer."""
    visit = gate.checkpoint.view("1").visit.id
    gate.measure(celsius)
    gate.checkpoint.overriding.override(visit, Override(Verdict.ADMIT, "document"))
    return visit


def test_a_family_registers_one_after_the_other_and_each_gets_a_reading_and_a_verdict(gate):
    family(gate, *NAMES)
    assert members(gate)[:2] == [("registrant", "王*", "now"), ("member", "赵*", "queued")]
    for celsius in (36.1, 36.2, 36.3, 36.4, 36.5):
        gate.measure(celsius)
    party = gate.checkpoint.view("1").party
    assert (party.complete, party.worst) == (True, Verdict.CHECK)
    assert [one.outcome.celsius for one in party.members] == [36.1, 36.2, 36.3, 36.4, 36.5]
    recorded = passages(gate)
    assert len({event.open["party"] for event in recorded}) == 1
    assert [event.open["role"] for event in recorded] == ["registrant", "member", "member", "member", "member"]
    assert recorded[0].personal["facts"]["party"]["size"] == 5
    gate.checkpoint.gathering.finish("1")
    assert gate.checkpoint.view("1").party is None


def test_the_same_person_shown_twice_joins_once(gate):
    family(gate, "王五", "王五")
    assert len(members(gate)) == 1


def test_a_code_shown_while_a_party_is_open_joins_it(gate):
    family(gate, "王五")
    gate.scan(RED)
    assert [one[2] for one in members(gate)] == ["now", "queued"]


def test_who_came_with_somebody_isolated_stays_for_a_check_before_and_after(gate):
    family(gate, "王五", "赵六", "孙七")
    first = admit(gate)
    gate.measure(38.6, grade="clinical")
    party = gate.checkpoint.view("1").party
    assert [one.outcome.verdict for one in party.members[:2]] == [Verdict.CHECK, Verdict.ISOLATE]
    assert party.members[0].outcome.kept
    own = [event for event in gate.ledger.events if event.kind == "override"][-1]
    said = ("visit", "from", "to", "why", "staff")
    assert [own.open[name] for name in said] == [first, "admit", "check", "party", ""]
    assert party.worst is Verdict.ISOLATE


def test_a_volunteer_may_let_a_companion_go_all_the_same(gate):
    family(gate, "王五", "赵六")
    first = admit(gate)
    gate.measure(38.6, grade="clinical")
    gate.checkpoint.overriding.override(first, Override(Verdict.ADMIT, "office"))
    assert gate.checkpoint.view("1").party.members[0].outcome.verdict is Verdict.ADMIT


def test_a_member_with_a_high_first_reading_rests_while_the_others_go_on(gate):
    family(gate, "王五", "赵六")
    first = gate.checkpoint.view("1").visit.id
    gate.measure(37.9)
    admit(gate)
    gate.checkpoint.gathering.finish("1")
    gate.wait(300)
    gate.checkpoint.confirming.second(first, Reading(38.4, gate.now, "ear", "ear", "clinical"))
    own = [event for event in gate.ledger.events if event.kind == "override"][-1]
    assert (own.open["why"], own.open["to"]) == ("party", "check")  # the companion, though the party was over


def test_somebody_who_does_not_belong_is_removed_and_recorded(gate):
    family(gate, "王五", "赵六")
    current, other = gate.checkpoint.view("1").party.members
    with pytest.raises(Refusal):
        gate.checkpoint.gathering.remove("1", current.visit)
    gate.checkpoint.gathering.remove("1", other.visit)
    assert len(members(gate)) == 1
    event = gate.ledger.events[-1]
    assert (event.kind, event.open["why"], event.personal["name"]) == ("visit.abandoned", "mistake", "赵六")


def test_a_party_is_not_finished_while_somebody_has_no_outcome(gate):
    family(gate, "王五")
    with pytest.raises(Refusal):
        gate.checkpoint.gathering.finish("1")


def test_a_member_who_walks_off_is_recorded_and_the_next_one_goes_on(gate):
    family(gate, "王五", "赵六")
    gate.wait(46)
    assert [kind for kind in gate.ledger.kinds() if kind.startswith("visit.")] == ["visit.abandoned"]
    assert [one[2] for one in members(gate)] == ["done", "now"]


def test_no_party_begins_during_a_visit(gate):
    gate.scan(YELLOW)
    with pytest.raises(Refusal):
        gate.checkpoint.gathering.open("1")


def test_a_stranger_who_comes_a_minute_later_is_not_of_the_family(gate):
    family(gate, "王五")
    gate.measure(36.5)
    gate.wait(61)
    view = gate.scan(YELLOW)
    assert (view.party, view.visit.name) == (None, "李*")


def test_a_party_that_nobody_joins_or_finishes_ends_by_itself(gate):
    gate.checkpoint.gathering.open("1")
    gate.wait(121)
    assert gate.checkpoint.view("1").party is None
    family(gate, "王五")
    gate.measure(36.5)
    gate.wait(601)
    assert gate.checkpoint.view("1").party is None


def test_the_people_of_a_car_are_linked_and_the_plate_stays_out_of_the_open_part(gate):
    gate.checkpoint.gathering.open("1", Vehicle("闽A12345", purpose="visit"))
    for name in NAMES[:3]:
        join(gate, name)
    gate.measure(36.5)
    gate.measure(38.5, grade="clinical")
    gate.measure(36.6)
    recorded = passages(gate)
    assert [event.open["role"] for event in recorded] == ["driver", "passenger", "passenger"]
    assert recorded[0].open["vehicle"] == {"kind": "ordinary", "purpose": "visit", "delivery": False}
    assert all(event.personal["plate"] == "闽A12345" for event in recorded)
    assert all("12345" not in str(event.open) for event in recorded)
    assert [event.personal["facts"]["vehicle"]["role"] for event in recorded] == ["driver", "passenger", "passenger"]
    assert gate.checkpoint.view("1").party.worst is Verdict.ISOLATE


def test_a_car_that_leaves_is_paired_with_its_coming_in(gate):
    gate.checkpoint.turn("1", Direction.OUT)
    gate.known = Known(vehicle=Vehicle("闽A12345", inside=True, stay_min=42.0))
    gate.checkpoint.gathering.open("1", Vehicle("闽A12345"))
    shown = gate.checkpoint.view("1").party.vehicle
    assert (shown.plate, shown.stay_min, shown.unseen) == ("闽A·***45", 42.0, False)


def test_a_car_that_leaves_without_having_come_in_is_said(gate):
    gate.checkpoint.turn("1", Direction.OUT)
    gate.checkpoint.gathering.open("1", Vehicle("闽A12345"))
    assert gate.checkpoint.view("1").party.vehicle.unseen
