"""What a gate wrote and the office never gets is counted to the number, whatever a clone of its disk brings."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import update

from kiosk.model import Event
from sync.office.db.days import SuccessionRow
from sync.office.errors import Fork
from sync.office.office import Office
from tests.sync.office.days.test_days import stands
from tests.sync.office.gate_end import PERSON, GateEnd, Journal

WRITTEN = 10


@pytest.fixture
def writer(gate_end: GateEnd) -> GateEnd:
    """A gate that wrote ten events, of which the office has three."""
    gate_end.passes(WRITTEN)
    gate_end.send(1, 3)
    return gate_end


def successor(gate: GateEnd, why: str, again: list[int], **more: Any) -> GateEnd:
    """The gate's next journal: it follows the first one to its end and records some of its events once more."""
    after = GateEnd(gate.office, gate.id, gate.now)
    last = gate.journal.events[-1]
    follows = {"journal": last.journal, "seq": last.seq, "digest": last.digest}
    after.journal.append("journal.begin", gate.now(), {"gate": gate.id, "why": why, "follows": follows, **more})
    repeat(after, [gate.journal.events[seq - 1] for seq in again])
    return after


def damaged(gate: GateEnd, lost: list[int], acknowledged: int = 3) -> GateEnd:
    """Its file is damaged: what was not acknowledged and holds is recorded once more."""
    again = [seq for seq in range(acknowledged + 1, WRITTEN + 1) if seq not in lost]
    said = {"lost": len(lost), "acknowledged": {gate.journal.id: acknowledged} if acknowledged else {}}
    return successor(gate, "damaged", again, **said)


def repeat(end: GateEnd, events: list[Event]) -> None:
    for event in events:
        named: dict[str, Any] = {"journal": event.journal, "seq": event.seq, "digest": event.digest}
        if earlier := event.open.get("again"):
            named["again"] = earlier
        end.journal.append(event.kind, event.at, {**event.open, "again": named}, PERSON)


def clone(gate: GateEnd, common: int, more: int = 0) -> GateEnd:
    """A machine with a copy of the disk as it was after `common` events, which wrote `more`."""
    other = GateEnd(gate.office, gate.id, gate.now, Journal(gate.journal.id, gate.journal.events[:common]))
    other.passes(more)
    return other


def lacking(gate: GateEnd) -> int:
    day = stands(gate.office, gate)
    assert (day.state == "gap") == (day.figures.missing > 0) or day.state == "fork"
    missing: int = day.figures.missing
    return missing


@pytest.mark.parametrize(
    ("lost", "common", "more", "missing"),
    [
        ([8, 9, 10], 6, 0, 3),  # what the clone brings was recorded again as well
        ([8, 9, 10], 6, 6, 3),  # and goes on under the numbers that are lost
        ([8, 9, 10], 3, 9, 3),
        ([8, 9, 10], 10, 0, 0),  # it has all of them
        ([8, 9, 10], 10, 5, 0),
        ([5, 6], 8, 4, 0),  # 8 is known, and stands for all before it
        ([5, 6, 10], 8, 4, 1),
        ([5, 6], 4, 6, 2),  # its own 5 and 6 are not those that are lost
        ([4, 5, 6, 7, 8, 9, 10], 3, 7, 7),
        ([4, 5, 6, 7, 8, 9, 10], 10, 0, 0),
        ([], 4, 6, 0),
    ],
)
@pytest.mark.parametrize("first", ["clone", "gate"])
def test_behind_a_damaged_file_a_clone_of_it_replaces_only_what_is_the_very_same(
    writer: GateEnd, lost: list[int], common: int, more: int, missing: int, first: str
) -> None:
    other, after = clone(writer, common, more), damaged(writer, lost)
    for end in (other, after) if first == "clone" else (after, other):
        end.send()
    assert lacking(writer) == missing


def test_what_came_and_was_not_acknowledged_to_a_gate_before_its_damage_is_not_missing(writer: GateEnd) -> None:
    writer.send(4, 8)  # the answer was lost
    damaged(writer, [4, 5, 10]).send()
    assert lacking(writer) == 1


def test_a_lost_event_that_somebody_found_in_a_copy_and_had_recorded_is_not_missing(writer: GateEnd) -> None:
    after = damaged(writer, [5, 6])
    after.passes(2)
    after.send()
    assert lacking(writer) == 2
    repeat(after, [writer.journal.events[5]])
    after.send(9)
    assert lacking(writer) == 1


def test_what_the_office_had_acknowledged_and_lost_itself_is_missing_until_a_clone_brings_it(writer: GateEnd) -> None:
    damaged(writer, [9], acknowledged=6).send()
    assert lacking(writer) == 3 + 1
    other = clone(writer, 8)
    other.send(4, 6)
    assert lacking(writer) == 3 + 1  # nothing says yet whose they are
    other.send(7)
    assert lacking(writer) == 1


def test_what_was_recorded_again_by_a_journal_that_was_given_up_counts_for_the_one_before(writer: GateEnd) -> None:
    """The clone was made after the damage: of the two that wrote on, the second begins a journal of its own."""
    after = damaged(writer, [9, 10])
    other = GateEnd(writer.office, writer.id, writer.now, Journal(after.journal.id, after.journal.events[:2]))
    other.passes(1)
    other.send()
    with suppress(Fork):
        after.send()
    last = after.journal.events[-1]
    third = GateEnd(writer.office, writer.id, writer.now)
    follows = {"journal": last.journal, "seq": last.seq, "digest": last.digest}
    third.journal.append("journal.begin", writer.now(), {"gate": writer.id, "why": "fork", "follows": follows})
    repeat(third, after.journal.events[2:])
    third.send()
    assert lacking(writer) == 2


def test_of_a_copy_that_was_put_back_what_was_set_aside_and_recorded_again_is_not_missing(writer: GateEnd) -> None:
    after = successor(writer, "restored", [])
    after.send()
    assert lacking(writer) == 7
    repeat(after, writer.journal.events[3:8])
    after.send(2)
    assert lacking(writer) == 2


@pytest.mark.parametrize("common", [3, 5, 7])
@pytest.mark.parametrize("more", [1, 2, 12])
def test_what_a_clone_writes_under_the_numbers_behind_a_copy_that_was_put_back_replaces_nothing(
    writer: GateEnd, common: int, more: int
) -> None:
    """The copy has five events, the office three of them."""
    kept = {"seq": 5, "digest": writer.journal.events[4].digest}
    successor(writer, "restored", [], kept=kept).send()
    assert lacking(writer) == 7
    clone(writer, common, more).send()
    with suppress(Fork):
        writer.send(4, 5)
    assert lacking(writer) == (5 if common >= 5 else 5 + 2)


def test_a_clone_that_was_made_later_than_the_copy_brings_what_was_lost(writer: GateEnd) -> None:
    successor(writer, "restored", [], kept={"seq": 5, "digest": writer.journal.events[4].digest}).send()
    clone(writer, 10, 2).send()
    assert lacking(writer) == 0


def test_a_gate_of_before_that_does_not_say_how_far_its_copy_goes_is_believed_what_the_office_had(
    writer: GateEnd,
) -> None:
    successor(writer, "lost", []).send()
    clone(writer, 3, 12).send()
    assert lacking(writer) == 7


def test_a_journal_that_never_came_but_for_its_repetitions_lacks_nothing_for_its_first_event(gate_end: GateEnd) -> None:
    gate_end.journal.append("journal.begin", gate_end.now(), {"gate": gate_end.id, "why": "new", "follows": None})
    gate_end.passes(3)
    successor(gate_end, "restored", [2, 3, 4]).send()
    assert lacking(gate_end) == 0


@pytest.mark.parametrize(("why", "seq", "missing"), [("damaged", 6, 3), ("lost", 10, 7)])
def test_what_older_software_noted_counts_as_it_did(
    office: Office, writer: GateEnd, why: str, seq: int, missing: int
) -> None:
    damaged(writer, [8, 9, 10]).send() if why == "damaged" else successor(writer, why, []).send()
    with office.database.write() as tx:
        tx.execute(update(SuccessionRow).values(told=None, seq=seq))
    assert lacking(writer) == missing
    writer.send(4)
    assert lacking(writer) == 0
