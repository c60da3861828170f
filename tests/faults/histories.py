"""Runs random histories, the same ones for the same seed."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.model import History, machine
from tests.faults.tally import Tally
from tests.faults.world import World

STEPS = 14  # of a history, before everything heals


@dataclass(frozen=True, slots=True)
class Outcome:
    """`failure` says which history broke the promise, step by step, and how to have it once more; "" when none did."""

    tally: Tally
    failure: str = ""


def run(world: World, count: int, number: int, kind: type[History] = History, *, shrink: bool = False) -> Outcome:
    """`count` histories of seed `number`, or fewer when one fails; to `shrink` that one takes up to five minutes."""
    world.tally, world.broken = Tally(), False
    machines = seed(number)(machine(world, kind))
    chosen = settings(
        max_examples=count,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        print_blob=True,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(machines, settings=chosen)
    except Exception:  # whatever it was, it is told
        return Outcome(world.tally, f"seed {number}, {count} histories\n{traceback.format_exc()}")
    return Outcome(world.tally)
