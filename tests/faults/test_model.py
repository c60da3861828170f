"""Sixty random histories of gate, line and office; `make faults` runs a thousand. And: the model can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from kiosk.journal import schema
from sync import protocol
from sync.office.intake import Intake
from sync.office.office import Office
from tests.faults.histories import Outcome, run
from tests.faults.world import World, world

HISTORIES, ON_POSTGRES = 27, 6
ENOUGH = 40  # histories in which a defect must have shown

Wrapped = Callable[[Office], Office]


def check(outcome: Outcome, count: int) -> None:
    assert not outcome.failure, outcome.failure
    assert outcome.tally.histories >= count
    assert outcome.tally.bad == 0
    assert outcome.tally.passages > count
    assert len(outcome.tally.faults) > 10


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def spoiling(here: World) -> Iterator[World]:
    """A world whose office is spoilt for one test."""
    yield here
    here.office.spoil = lambda office: office


@pytest.mark.parametrize("number", [1122, 1123])
def test_whatever_befalls_gate_line_and_office_everything_announced_is_there_once(here: World, number: int) -> None:
    check(run(here, HISTORIES, number), HISTORIES)


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_the_same_holds_for_an_office_on_postgresql(postgres_server: URL) -> None:
    with world(postgres_server) as here:
        check(run(here, ON_POSTGRES, 1124), ON_POSTGRES)


class Spoilt:
    """The real intake; behind its back a statement is run once it has answered for number five."""

    def __init__(self, office: Office, *statements: str) -> None:
        self._intake = office.intake
        self._database = office.database
        self._statements = statements

    def take(self, gate: str, message: protocol.Events, at: datetime, *, carried: bool = False) -> protocol.Receipt:
        receipt = self._intake.take(gate, message, at, carried=carried)
        if any(event.seq == 5 for event in message.events):
            with self._database.write() as tx:
                for statement in self._statements:
                    tx.execute(text(statement))
        return receipt


def spoilt(*statements: str) -> Wrapped:
    return lambda office: replace(office, intake=cast(Intake, Spoilt(office, *statements)))


COLUMNS = (
    "community_id, journal_id, at, id, gate_id, kind, received_at, visit, lane, direction, method, verdict, scheme, "
    "level, verification, colour, footing, policy, staff"
)
DEFECTS = {
    "lost": ("DELETE FROM passage WHERE seq = 5", "DELETE FROM event WHERE seq = 5"),
    "duplicated": (
        f"INSERT OR IGNORE INTO passage (seq, {COLUMNS}) SELECT 1005, {COLUMNS} FROM passage WHERE seq = 5",
    ),
    "altered": ("UPDATE event SET open = replace(open, '36.6', '36.5') WHERE seq = 5",),
}

# A hole is a broken chain as well. In a history where a gate's damage makes some events count as missing anyway, the
# chain alone tells which one was not meant.
ALSO = {"lost": ("altered",)}


@pytest.mark.parametrize("word", DEFECTS)
def test_an_office_that_loses_doubles_or_alters_one_event_is_found(spoiling: World, word: str) -> None:
    spoiling.office.spoil = spoilt(*DEFECTS[word])
    outcome = run(spoiling, ENOUGH, 3)
    assert any(f"{found}: " in outcome.failure for found in (word, *ALSO.get(word, ())))
    assert outcome.tally.bad


def test_a_gate_that_announces_before_the_disk_has_it_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    connect: Any = schema.connect

    def hasty(*words: Any, **more: Any) -> Any:
        connection = connect(*words, **more)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    monkeypatch.setattr(schema, "connect", hasty)
    outcome = run(here, ENOUGH, 4)
    assert "lost: " in outcome.failure
