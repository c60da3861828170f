"""Two misfortunes at once: what the one took and the other would have given back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.config import Sync
from tests.faults.gate_side import PAGE, GateSide
from tests.faults.healing import compare, heal
from tests.faults.truth import Announced, known_missing
from tests.faults.world import World, world


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def gate(here: World) -> Iterator[GateSide]:
    made = here.begin()
    yield made
    made.stop()


def lose_the_header(gate: GateSide) -> None:
    gate.may_lack = True
    gate.stop()
    with (gate.var / "journal.db").open("r+b") as file:
        file.write(bytes(4096))
    gate.start()


def lose(gate: GateSide, event: Announced) -> None:
    """The page in which an event stands is lost, and with it whatever else stands there."""
    gate.may_lack = True
    gate.stop()
    path = gate.var / "journal.db"
    content = bytearray(path.read_bytes())
    page = content.index(bytes.fromhex(event.digest)) // PAGE * PAGE
    content[page : page + PAGE] = bytes(PAGE)
    path.write_bytes(content)
    gate.start()


@pytest.mark.parametrize("before", [0, 3])
def test_an_office_put_back_from_a_copy_knows_what_a_damaged_gate_cannot_send_it_again(
    here: World, gate: GateSide, before: int
) -> None:
    if before:
        gate.record(before)
        gate.deliver()
    here.office.keep()
    gate.record(4)
    gate.deliver()
    gate.record(2)
    here.office.put_back()
    lose_the_header(gate)
    heal(here, [gate])
    finding = compare(here, [gate])
    assert finding.ok, finding
    assert finding.known_missing == 4


def test_an_office_put_back_from_a_copy_is_sent_what_it_lacks_of_older_journals_too(
    here: World, gate: GateSide
) -> None:
    gate.record(3)
    gate.deliver()
    here.office.keep()
    gate.record(3)
    gate.deliver()
    gate.keep()
    gate.put_back(by_hand=False)
    gate.record(2)
    assert gate.deliver() == ""
    assert len(gate.journal.journals()) == 2
    here.office.put_back()
    heal(here, [gate])
    finding = compare(here, [gate])
    assert finding.ok, finding
    assert finding.known_missing == 0


def test_of_two_clones_the_second_loses_nothing_though_its_batches_are_small(here: World, gate: GateSide) -> None:
    gate.record(3)
    other = gate.clone(here.folder / "clone")
    try:
        gate.record(2)
        other.record(6)
        assert other.deliver() == ""
        gate.line(Sync(timeout_s=10, batch=1)).push()  # what both have in common comes first
        heal(here, [gate, other])
        finding = compare(here, [gate, other])
        assert finding.ok, finding
        assert len(gate.journal.journals()) == 2
    finally:
        other.stop()


@pytest.mark.parametrize("taken", [2, 4, 6])
def test_of_two_clones_none_loses_what_an_office_put_back_from_a_copy_gave_to_the_other(
    here: World, gate: GateSide, taken: int
) -> None:
    gate.record(3)
    other = gate.clone(here.folder / f"clone that took {taken}")
    try:
        assert gate.deliver() == ""
        here.office.keep()
        gate.record(4)
        assert gate.deliver() == ""
        here.office.put_back()
        other.record(taken)
        assert other.deliver() == ""
        gate.record(2)
        heal(here, [gate, other])
        finding = compare(here, [gate, other])
        assert finding.ok, finding
        assert finding.known_missing == 0
    finally:
        other.stop()


@pytest.mark.parametrize(("common", "more"), [(3, 0), (3, 9), (6, 0), (6, 4)])
def test_what_a_damaged_gate_lost_is_missing_whatever_a_clone_of_it_brings(
    here: World, gate: GateSide, common: int, more: int
) -> None:
    gate.record(3)
    assert gate.deliver() == ""
    gate.record(common)
    other = gate.clone(here.folder / f"clone of {common}, {more}")
    try:
        gate.record(12 - common)
        other.record(more)
        lose(gate, gate.announced[-1])
        heal(here, [gate, other])
        finding = compare(here, [gate, other])
        assert finding.ok, finding
        assert finding.known_missing == known_missing(here.office.office, gate.identity.gate) > 0
    finally:
        other.stop()
