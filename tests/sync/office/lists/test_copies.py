"""One code at two gates within minutes: an alert and an entry on the watch list, once."""

from __future__ import annotations

from typing import Any

import pytest

from sync.office.office import Office
from sync.office.values import EVERYTHING, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import PERSON, GateEnd, enrolled
from tests.sync.office.lists.test_people import watch

CODE = "ef" * 32
SHOWN = PERSON | {"tokens": [CODE], "code_token": CODE}


@pytest.fixture
def west(office: Office, community: Unit, clock: ManualClock) -> GateEnd:
    return GateEnd(office, enrolled(office, community, "西门").id, clock)


def seen(gate: GateEnd, personal: Any = SHOWN, **changes: Any) -> None:
    """The code is shown and told to the office at once."""
    gate.passes(personal=personal, **changes)
    gate.send(len(gate.journal.events))


def alerts(office: Office) -> list[str]:
    return [alert.kind for alert in office.alerts.list(EVERYTHING)]


def test_a_code_at_two_gates_within_minutes_is_told_and_listed_for_a_day(
    office: Office, community: Unit, gate_end: GateEnd, west: GateEnd, clock: ManualClock
) -> None:
    seen(gate_end)
    clock.go(minutes=4)
    seen(west)
    (alert,) = office.alerts.list(EVERYTHING)
    assert (alert.kind, alert.gate_name, alert.name) == ("copied-code", "西门", "张*丰")
    (entry,) = watch(office, community).find([CODE], clock())
    assert (entry.why, entry.name) == ("copied-code", "张*丰")
    (listed,) = office.people.list(EVERYTHING).rows
    assert listed.source == "copied-code"
    clock.go(hours=24, seconds=1)
    assert not watch(office, community).find([CODE], clock())


def test_it_is_told_once(office: Office, gate_end: GateEnd, west: GateEnd, clock: ManualClock) -> None:
    for _ in range(3):
        seen(gate_end)
        clock.go(minutes=1)
        seen(west)
        clock.go(minutes=1)
    assert alerts(office) == ["copied-code"]
    assert office.people.list(EVERYTHING).total == 1


def test_a_gate_that_was_offline_is_compared_by_when_it_happened(
    office: Office, gate_end: GateEnd, west: GateEnd, clock: ManualClock
) -> None:
    gate_end.passes(personal=SHOWN)
    clock.go(minutes=4)
    seen(west)
    assert alerts(office) == []
    clock.go(minutes=30)
    gate_end.send()
    assert alerts(office) == ["copied-code"]


@pytest.mark.parametrize(
    ("first", "second", "minutes"),
    [
        ({}, {}, 11),  # long enough to walk round
        ({}, {"direction": "out"}, 4),  # in here and out there
        ({"verdict": "refuse"}, {}, 4),  # turned away, then at the next gate
        ({"demo": True}, {"demo": True}, 4),
    ],
)
def test_what_one_holder_can_have_done_is_no_copy(
    office: Office, gate_end: GateEnd, west: GateEnd, clock: ManualClock, first: Any, second: Any, minutes: int
) -> None:
    seen(gate_end, **first)
    clock.go(minutes=minutes)
    seen(west, **second)
    assert alerts(office) == []


def test_in_and_out_and_in_elsewhere_is_no_copy(
    office: Office, gate_end: GateEnd, west: GateEnd, clock: ManualClock
) -> None:
    seen(gate_end)
    clock.go(minutes=3)
    seen(gate_end, direction="out")
    clock.go(minutes=3)
    seen(west)
    assert alerts(office) == []


def test_people_without_a_code_and_other_codes_are_let_alone(
    office: Office, gate_end: GateEnd, west: GateEnd, clock: ManualClock
) -> None:
    for personal in (PERSON, PERSON | {"code_token": "nonsense"}, PERSON | {"code_token": 7}):
        seen(gate_end, personal)
        seen(west, personal)
    seen(gate_end)
    seen(west, PERSON | {"code_token": "ab" * 32})
    assert alerts(office) == []


def test_codes_are_forgotten_after_an_hour(
    office: Office, gate_end: GateEnd, west: GateEnd, clock: ManualClock
) -> None:
    from sqlalchemy import func, select

    from sync.office.db.lists import RecentCodeRow

    seen(gate_end)
    clock.go(minutes=61)
    seen(west, PERSON)
    with office.database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(RecentCodeRow)) == 0


def test_two_communities_have_nothing_to_do_with_each_other(
    office: Office, street: Unit, gate_end: GateEnd, clock: ManualClock
) -> None:
    other = office.units.add("community", "和平社区", "110101001002", street.id, who="test")
    seen(gate_end)
    seen(GateEnd(office, enrolled(office, other, "南门").id, clock))
    assert alerts(office) == []
