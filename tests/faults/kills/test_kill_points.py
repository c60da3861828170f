"""kill -9 at some steps of everything: whatever was begun can be finished, and what was announced is there once.

`make fault-steps` takes every step.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.kills.days import GateDay, Intake
from tests.faults.kills.errand import Errand, killed
from tests.faults.kills.everything import ERRANDS
from tests.faults.world import World, world

SOME = 6  # steps of a gate's day and of an office that takes in, from the first to the last
FEWEST = 60  # steps that either has
DAYS: tuple[type[Errand], ...] = (GateDay, Intake)


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.mark.parametrize("kind", DAYS)
def test_killed_at_some_step_of_its_work_neither_end_loses_anything(here: World, kind: type[Errand]) -> None:
    last, finding = killed(here, kind, 0)
    assert finding.ok, finding
    assert last > FEWEST
    for number in range(SOME):
        at = 1 + number * (last - 1) // (SOME - 1)
        _, finding = killed(here, kind, at)
        assert finding.ok, f"killed at step {at}: {finding}"


@pytest.mark.parametrize("kind", [kind for kind in ERRANDS if kind not in DAYS])
def test_whatever_a_kill_breaks_off_can_be_finished_and_leaves_no_key_about(here: World, kind: type[Errand]) -> None:
    for at in kind.telling:
        steps, finding = killed(here, kind, at)
        assert steps == 0, f"it has {steps} steps and was not killed"
        assert finding.ok, f"killed at step {at}: {finding}"
