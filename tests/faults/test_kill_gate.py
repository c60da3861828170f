"""A gate that is killed at random moments: what it announced is in its journal, and once at the office."""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from kiosk.identity import Keys
from kiosk.journal import Journal
from kiosk.model import Event
from sync.office import settings
from sync.office.office import Office
from sync.office.values import EVERYTHING, EntryFilter
from tests.faults.gate_life import live
from tests.journeys.house import House

LIVES = 30
AT_WORK = 0.8  # the share of lives that are killed at work; the others at any moment of their start
LONGEST_LIFE_S = 0.5
LONGEST_START_S = 0.4
PATIENCE_S = 60.0
LANES = """
[[lane]]
name = "1"
kind = "scanner"
[[lane]]
name = "2"
kind = "scanner"
"""
LOG = ("passage", "visit.abandoned")

GATES = get_context("forkserver")  # each life is a process of its own that need not import everything anew
GATES.set_forkserver_preload(["tests.faults.gate_life"])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, LANES)
    yield built
    built.close()


def test_whatever_was_announced_before_a_kill_is_in_the_journal_and_once_at_the_office(house: House):
    seed = secrets.randbelow(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    house.start_office()
    house.enrol()

    announced = [visit for _ in range(LIVES) for visit in life_and_death(house.folder / "kiosk.toml", chance)]
    house.run("sync", "push", "--config", str(house.folder / "kiosk.toml"))

    assert len(announced) > LIVES // 2  # whoever is killed at work has announced somebody
    recorded = events(house.folder / "var")
    visits = Counter(event.open["visit"] for event in recorded if event.kind in LOG)
    assert [visit for visit in announced if visits[visit] != 1] == []
    assert Counter(event.id for event in recorded if event.kind in LOG) == office_entries(house)
    at_gate = json.loads(house.kiosk("journal", "verify", "--json"))
    (at_office,) = house.json("sync.office", "verify")
    assert at_gate["ok"]
    assert at_office["ok"]
    assert (at_gate["seq"], at_gate["digest"]) == (at_office["seq"], at_office["digest"])


def life_and_death(config: Path, chance: random.Random) -> list[str]:
    """Start a gate, kill it at a random moment; the visits it had announced."""
    told, telling = GATES.Pipe(duplex=False)
    gate = GATES.Process(target=live, args=(config, telling))
    gate.start()
    telling.close()
    at_work = chance.random() < AT_WORK
    if at_work:
        assert told.poll(PATIENCE_S), "the gate announces nothing"
    gate.join(chance.uniform(0, LONGEST_LIFE_S if at_work else LONGEST_START_S))
    assert gate.is_alive(), "the gate ended by itself"
    gate.kill()
    gate.join()
    heard = []
    with told:
        try:
            while True:
                heard.append(told.recv_bytes().decode())
        except EOFError:  # the end of what it could tell, at times in the middle of a word
            return heard


def events(var: Path) -> list[Event]:
    """Everything in the gate's journal, which is still the one it began with."""
    with Journal.open(var / "journal.db", Keys.load(var).gate, now=lambda: datetime.now(UTC), writer=False) as journal:
        assert journal.journals() == (journal.id,)
        assert journal.verify().ok
        found: list[Event] = []
        while more := journal.after(len(found)):
            found += more
        return found


def office_entries(house: House) -> Counter[str]:
    """The event ids in the office's entry log."""
    found: Counter[str] = Counter()
    office = Office.open(settings.load({}, var=house.folder / "office"))
    try:
        pages = office.entries.page(EntryFilter(), EVERYTHING, 1, 500).pages
        for page in range(1, pages + 1):
            found.update(row.id for row in office.entries.page(EntryFilter(), EVERYTHING, page, 500).rows)
    finally:
        office.close()
    return found
