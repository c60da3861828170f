"""Events that do not fit behind what the office holds: a gap, another writer, an altered event."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kiosk.model import Verdict
from sync import protocol
from sync.office.db.log import AlertRow, ForkEventRow
from sync.office.errors import BrokenChain, Fork, Gap
from sync.office.office import Office
from sync.office.values import EVERYTHING, EntryFilter, Unit
from tests.sync.office.gate_end import PERSON, GateEnd, Journal, enrolled, passage
from tests.sync.office.test_intake import altered, rows


def test_a_gap_names_the_number_the_office_waits_for(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(6)
    gate_end.send(1, 2)

    with pytest.raises(Gap) as caught:
        gate_end.send(5, 6)

    assert caught.value.expected == 3
    assert rows(office) == 2


def test_events_that_are_not_consecutive_are_a_gap(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(4)
    message = gate_end.journal.message()

    with pytest.raises(Gap) as caught:
        gate_end.take(protocol.Events(message.journal, [message.events[0], message.events[2]]))

    assert caught.value.expected == 2
    assert rows(office) == 0


def test_a_second_writer_is_found_as_a_fork_and_its_event_kept(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(3)
    clone = Journal(gate_end.journal.id, list(gate_end.journal.events))
    gate_end.passes(2)
    gate_end.send()
    for _ in range(2):
        clone.append("passage", gate_end.now(), passage(verdict="refuse"), PERSON)

    with pytest.raises(Fork) as caught:
        gate_end.take(clone.message(3))

    assert caught.value.seq == 4
    with office.database.read() as tx:
        kept = tx.execute(select(ForkEventRow)).one()
    assert (kept.seq, kept.digest) == (4, clone.events[3].digest)
    assert office.entries.page(EntryFilter(verdict=Verdict.REFUSE), EVERYTHING).total == 0
    assert [alert.kind for alert in office.alerts.list(EVERYTHING)] == ["fork"]


def test_a_fork_told_again_and_again_is_one_alert(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(1)
    gate_end.send()
    other = Journal(gate_end.journal.id)
    other.append("passage", gate_end.now(), passage(), PERSON)

    for _ in range(3):
        with pytest.raises(Fork):
            gate_end.take(other.message())

    assert rows(office, AlertRow) == 1
    assert rows(office, ForkEventRow) == 1


def test_a_journal_of_another_gate_is_a_fork(office: Office, community: Unit, gate_end: GateEnd) -> None:
    gate_end.passes(2)
    gate_end.send()
    twin = GateEnd(office, enrolled(office, community, "西门").id, gate_end.now, gate_end.journal)
    gate_end.passes(1)

    with pytest.raises(Fork):
        twin.send(3)

    assert rows(office) == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"open": passage(verdict="refuse")}, "digest"),
        ({"kind": "visit.abandoned"}, "digest"),
        ({"personal": PERSON | {"name": "李四"}}, "seal"),
        ({"salt": "00" * 16}, "seal"),
        ({"salt": "no salt"}, None),
        ({"prev": "11" * 32}, "prev"),
        ({"at": "2026-11-22T12:00:00+08:00"}, "time"),
        ({"at": "yesterday"}, "isoformat"),
        ({"at": "0001-01-01T00:00:00.000+08:00"}, "any time in UTC"),
        ({"id": "not-a-uuid"}, "UUID"),
        ({"kind": "a\x00b"}, "kind"),
        ({"open": {"number": 2**60}}, "canonical"),
        ({"personal": {"number": 2**60}}, None),
    ],
)
def test_an_altered_event_breaks_the_chain_and_what_came_before_it_is_kept(
    office: Office, gate_end: GateEnd, change: dict[str, object], why: str | None
) -> None:
    gate_end.passes(4)

    with pytest.raises(BrokenChain, match=why) as caught:
        gate_end.take(altered(gate_end.journal.message(), 3, **change))

    assert caught.value.seq == 3
    assert rows(office) == 2
    assert [alert.kind for alert in office.alerts.list(EVERYTHING)] == ["chain"]
    assert gate_end.send(3).through == 4, "the same events, unharmed, go on where it stopped"


def test_an_event_nested_beyond_reason_breaks_the_chain(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(1)
    deep: dict[str, object] = {}
    for _ in range(5000):
        deep = {"in": deep}

    with pytest.raises(BrokenChain, match="nested"):
        gate_end.take(altered(gate_end.journal.message(), 1, open=deep))

    assert rows(office) == 0


def test_events_that_do_not_continue_the_head_break_the_chain(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(2)
    gate_end.send()
    stranger = Journal(gate_end.journal.id)
    for _ in range(3):
        stranger.append("passage", gate_end.now(), passage(), PERSON)

    with pytest.raises(BrokenChain) as caught:
        gate_end.take(stranger.message(3))

    assert caught.value.seq == 3
    assert rows(office) == 2
