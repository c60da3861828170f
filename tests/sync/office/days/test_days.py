"""Each gate's days: complete, waiting, late, a gap, a fork; on both databases."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from kiosk import signet
from kiosk.model import iso
from sync import protocol
from sync.office.db.days import DayCloseRow, GateDayRow, SuccessionRow
from sync.office.errors import Fork
from sync.office.office import Office
from sync.office.values import EVERYTHING, Gate, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import PERSON, GateEnd, Journal, enrolled, passage

DAY = date(2026, 11, 22)


def close(end: GateEnd, day: date = DAY, **counts: int) -> Any:
    """The gate's report of a day, zero included."""
    said = {"gate": end.id, "day": day.isoformat(), "counts": {"passages": 0, **counts}}
    return end.journal.append("day.close", end.now(), said)


def stands(office: Office, gate: Gate | GateEnd, day: date = DAY) -> Any:
    return office.days.one(office.gates.get(gate.id, EVERYTHING), day)


def beat(end: GateEnd, **changes: Any) -> protocol.Beat:
    said = {"journal": end.journal.id, "seq": len(end.journal.events), "waiting": 0, "software": "t"}
    return end.office.gates.beat(end.id, protocol.Heartbeat(**{**said, "time": iso(end.now()), **changes}), end.now())


@pytest.fixture
def midnight(clock: ManualClock) -> datetime:
    """A minute past midnight in Shanghai."""
    return clock.at + timedelta(hours=12, minutes=1)


def test_a_day_with_its_report_is_complete(
    office: Office, gate_end: GateEnd, clock: ManualClock, midnight: Any
) -> None:
    gate_end.passes(3)
    gate_end.send()
    assert stands(office, gate_end).state == "running"
    clock.at = midnight
    assert stands(office, gate_end).state == "waiting"
    close(gate_end, passages=3)
    gate_end.send(4)

    day = stands(office, gate_end)

    assert (day.state, day.figures.passages, day.close.passages, day.lacking) == ("complete", 3, 3, 0)
    assert day.figures.events == 3  # the report itself was written the day after
    assert stands(office, gate_end, DAY + timedelta(days=1)).state == "running"
    assert stands(office, gate_end, DAY - timedelta(days=1)).state == "none"
    assert stands(office, gate_end, DAY + timedelta(days=2)).state == "none"


def test_a_day_on_which_nothing_happened_is_reported_too(
    office: Office, gate_end: GateEnd, clock: ManualClock, midnight: Any
) -> None:
    clock.at = midnight
    close(gate_end)
    gate_end.send()
    day = stands(office, gate_end)
    assert (day.state, day.figures.events, day.close.counts) == ("complete", 0, {"passages": 0})


def test_fewer_passages_than_the_gate_counted_are_a_gap(
    office: Office, gate_end: GateEnd, clock: ManualClock, midnight: Any
) -> None:
    gate_end.passes(3)
    gate_end.passes(1, demo=True)
    clock.at = midnight
    close(gate_end, passages=5)
    gate_end.send()
    day = stands(office, gate_end)
    assert (day.state, day.figures.passages, day.lacking) == ("gap", 3, 2)


def test_a_day_that_was_passed_over_is_a_gap(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    gate_end.passes(1)
    clock.go(days=2)
    close(gate_end, DAY + timedelta(days=1))
    gate_end.send()
    assert stands(office, gate_end).state == "gap"
    assert stands(office, gate_end, DAY + timedelta(days=1)).state == "complete"


def test_what_an_earlier_journal_still_had_is_missing(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(5)
    gate_end.send(1, 3)
    after = Journal()
    follows = {"journal": gate_end.journal.id, "seq": 5, "digest": gate_end.journal.events[4].digest}
    after.append("journal.begin", gate_end.now(), {"gate": gate_end.id, "why": "lost", "follows": follows})
    GateEnd(office, gate_end.id, gate_end.now, after).send()

    day = stands(office, gate_end)
    assert (day.state, day.figures.missing) == ("gap", 2)

    gate_end.send(4)  # it was not lost after all
    assert stands(office, gate_end).figures.missing == 0


def test_a_journal_begun_after_a_fork_lacks_nothing(office: Office, gate_end: GateEnd) -> None:
    after = Journal()
    follows = {"journal": gate_end.journal.id, "seq": 5, "digest": "11" * 32}
    after.append("journal.begin", gate_end.now(), {"gate": gate_end.id, "why": "fork", "follows": follows})
    GateEnd(office, gate_end.id, gate_end.now, after).send()
    assert stands(office, gate_end).state == "running"


def test_two_writers_of_one_journal_are_a_fork(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(2)
    clone = GateEnd(office, gate_end.id, gate_end.now, Journal(gate_end.journal.id, gate_end.journal.events[:1]))
    gate_end.send()
    clone.passes(1)
    with suppress(Fork):
        clone.send(2)
    day = stands(office, gate_end)
    assert (day.state, day.figures.forks) == ("fork", 1)


def test_what_came_without_contact_and_what_was_kept_back_are_told_apart(
    office: Office, gate_end: GateEnd, clock: ManualClock
) -> None:
    beat(gate_end)
    clock.go(minutes=6)
    gate_end.passes(2)  # the line is down
    clock.go(hours=1)
    gate_end.send()
    gate_end.passes(1)
    for _ in range(10):  # the gate calls, and sends nothing
        clock.go(minutes=1)
        beat(gate_end)
    gate_end.send()

    day = stands(office, gate_end)

    assert (day.state, day.figures.away, day.figures.held) == ("late", 2, 1)
    assert day.figures.worst_s == 3600
    gate = office.gates.get(gate_end.id, EVERYTHING)
    assert [line.seq for line in office.days.events(gate, DAY, "away").rows] == [1, 2]
    assert [line.seq for line in office.days.events(gate, DAY, "held").rows] == [3]
    assert office.days.events(gate, DAY).total == 3
    assert len(office.days.contacts(gate, DAY)) == 2


def test_a_clock_that_is_slow_makes_nothing_late(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    slow = GateEnd(office, gate_end.id, lambda: clock.at - timedelta(hours=1))
    event = slow.passes(1)[0]
    wire = protocol.to_wire(event)
    assert wire.clock.offset_ms == 250  # the gate thinks it is right: it was never told
    gate_end.take(protocol.Events(slow.journal.id, [wire]))
    assert stands(office, gate_end).figures.away == 1  # nobody can know better


def test_today_waits_while_the_gate_says_that_it_has_more(
    office: Office, gate_end: GateEnd, clock: ManualClock
) -> None:
    beat(gate_end, waiting=3, queue_oldest_s=900)
    assert stands(office, gate_end).state == "waiting"
    beat(gate_end)
    assert stands(office, gate_end).state == "running"
    clock.go(minutes=31)
    assert stands(office, gate_end).state == "waiting"


def test_a_gate_that_said_when_it_calls_again_is_silent_only_after_that(
    office: Office, gate_end: GateEnd, clock: ManualClock
) -> None:
    beat(gate_end, again_s=3600)
    clock.go(minutes=60 + 29)
    assert stands(office, gate_end).state == "running"
    clock.go(minutes=2)
    assert stands(office, gate_end).state == "waiting"


@pytest.mark.parametrize("again_s", [2 * 86_400, 2**53 - 1])
def test_no_gate_is_excused_for_more_than_two_days(
    office: Office, gate_end: GateEnd, clock: ManualClock, again_s: int
) -> None:
    beat(gate_end, again_s=again_s)
    gate = office.gates.get(gate_end.id, EVERYTHING)
    assert gate.due_at == clock() + timedelta(days=2)
    assert gate.silent_s(clock() + timedelta(days=3)) == 86_400


def test_the_table_has_a_line_for_each_gate_and_a_cell_for_each_day(
    office: Office, community: Unit, gate_end: GateEnd, clock: ManualClock
) -> None:
    other = enrolled(office, community, "西门")
    gate_end.passes(1)
    gate_end.send()
    table = office.days.table(office.gates.list(EVERYTHING), DAY - timedelta(days=6), DAY)
    assert {gate: [day.state for day in days] for gate, days in table.items()} == {
        gate_end.id: ["none"] * 6 + ["running"],
        other.id: ["none"] * 6 + ["running"],
    }
    with pytest.raises(ValueError, match="62 days"):
        office.days.table((), DAY - timedelta(days=62), DAY)


def test_a_closed_day_is_countersigned_in_the_receipt_and_again_when_it_is_sent_again(
    office: Office, gate_end: GateEnd, clock: ManualClock, midnight: Any
) -> None:
    gate_end.passes(1)
    clock.at = midnight
    event = close(gate_end, passages=1)

    first, again = gate_end.send(), gate_end.send()

    (seal,) = first.days
    assert (seal.day, seal.journal, seal.seq, seal.digest) == ("2026-11-22", gate_end.journal.id, 2, event.digest)
    assert signet.fits(office.office_key, protocol.day_statement(gate_end.id, seal), seal.signature)
    assert again.days == first.days
    assert stands(office, gate_end).close.signature == seal.signature


def test_a_report_that_cannot_be_read_is_parked_and_signed_by_nobody(office: Office, gate_end: GateEnd) -> None:
    gate_end.journal.append("day.close", gate_end.now(), {"day": "yesterday", "counts": {}})
    assert gate_end.send().days == []
    assert office.entries.parked(EVERYTHING).total == 1
    assert stands(office, gate_end).figures.parked == 1


def test_journals_from_before_days_were_counted_are_counted_when_the_office_opens(
    office: Office, gate_end: GateEnd, clock: ManualClock, midnight: Any
) -> None:
    gate_end.passes(4)
    gate_end.journal.append("passage", gate_end.now(), passage(demo=True), PERSON)
    clock.at = midnight
    close(gate_end, passages=4)
    gate_end.send()
    known = stands(office, gate_end)
    with office.database.write() as tx:
        for table in (GateDayRow, DayCloseRow, SuccessionRow):
            tx.execute(delete(table))
    assert stands(office, gate_end).figures.events == 0

    assert office.days.count_older() == 1
    assert office.days.count_older() == 0
    found = stands(office, gate_end)
    assert (found.state, found.figures.events, found.close.signature) == ("late", 5, known.close.signature)
    assert (known.figures.away, found.figures.away) == (5, 5)
