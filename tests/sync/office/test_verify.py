from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, update

from kiosk.model import ZERO_DIGEST
from sync.office.db.log import EventRow, JournalRow
from sync.office.office import Office
from sync.office.values import EVERYTHING, Unit
from tests.sync.office.gate_end import GateEnd, enrolled


def test_what_was_received_verifies_with_the_gates_own_number_and_digest(
    office: Office, community: Unit, gate_end: GateEnd
) -> None:
    other = GateEnd(office, enrolled(office, community, "西门").id, gate_end.now)
    for end in (gate_end, other):
        end.passes(5)
        end.send()

    checks = {check.gate: check for check in office.verify()}

    assert set(checks) == {gate_end.id, other.id}
    for end in (gate_end, other):
        check = checks[end.id]
        assert (check.ok, check.seq, check.digest) == (True, 5, end.journal.events[-1].digest)
    assert [check.gate for check in office.verify(other.id)] == [other.id]


def test_an_empty_office_has_nothing_to_verify(office: Office) -> None:
    assert office.verify() == ()
    assert office.verify("no gate") == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"open": "{}"}, "digest"),
        ({"kind": "visit.abandoned"}, "digest"),
        ({"clock": '{"boot":"boot","monotonic_ms":1,"offset_ms":0}'}, "digest"),
        ({"digest": "11" * 32}, "digest"),
        ({"prev": "11" * 32}, "prev"),
        ({"open": "{"}, "truncated"),
        ({"sealed": b"\x00" * 40}, "sealed with key 00000000"),
        ({"sealed": None, "seal": "11" * 32}, "digest"),
    ],
)
def test_an_event_altered_in_the_database_is_named(
    office: Office, gate_end: GateEnd, change: dict[str, Any], why: str
) -> None:
    gate_end.passes(6)
    gate_end.send()
    with office.database.write() as tx:
        tx.execute(update(EventRow).where(EventRow.seq == 4).values(**change))

    (check,) = office.verify()

    assert (check.ok, check.first_bad, check.seq) == (False, 4, 3)
    assert check.digest == gate_end.journal.events[2].digest
    assert why in check.why


def test_a_sealed_part_moved_to_another_event_is_named(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(3)
    gate_end.send()
    with office.database.write() as tx:
        from sqlalchemy import select

        second = tx.scalar(select(EventRow.sealed).where(EventRow.seq == 2))
        tx.execute(update(EventRow).where(EventRow.seq == 3).values(sealed=second))

    (check,) = office.verify()

    assert (check.ok, check.first_bad) == (False, 3)
    assert "altered or belongs elsewhere" in check.why


@pytest.mark.parametrize(("gone", "first_bad"), [(1, 1), (3, 3), (6, 6)])
def test_an_event_deleted_from_the_database_is_missed(
    office: Office, gate_end: GateEnd, gone: int, first_bad: int
) -> None:
    gate_end.passes(6)
    gate_end.send()
    with office.database.write() as tx:
        tx.execute(delete(EventRow).where(EventRow.seq == gone))

    (check,) = office.verify()

    assert (check.ok, check.first_bad) == (False, first_bad)


def test_a_head_that_was_set_back_is_noticed(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(2)
    gate_end.send()
    with office.database.write() as tx:
        tx.execute(update(JournalRow).values(seq=0, digest=ZERO_DIGEST))

    assert not office.verify()[0].ok
    assert office.gates.get(gate_end.id, EVERYTHING).through == 0
