"""kill -9 at each step of a gate's day and of an office that takes it in: what was announced is there once.

`make fault-steps` takes every step, the ordinary tests some of them, spread over all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import pytest

from kiosk.errors import JournalError
from tests.faults import killing
from tests.faults.gate_side import GateSide
from tests.faults.healing import compare, heal
from tests.faults.truth import Announced
from tests.faults.world import World, world

PATIENCE_S = 60.0
SOME = 8  # steps that the ordinary tests take
FEWEST = 80  # steps that either end has

PROCESSES = get_context("forkserver")  # each life is a process of its own that need not import everything anew
PROCESSES.set_forkserver_preload(["tests.faults.killing"])


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world() as made:
        yield made


def test_a_gate_that_is_killed_at_some_steps_loses_nothing(here: World) -> None:
    some(lambda at: gate_killed(here, at))


def test_an_office_that_is_killed_at_some_steps_loses_nothing(here: World) -> None:
    some(lambda at: office_killed(here, at))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("end", ["gate", "office"])
def test_killed_at_any_step_neither_end_loses_anything(here: World, end: str) -> None:
    kill = gate_killed if end == "gate" else office_killed
    last = kill(here, 0)
    print(f"{end}: {last} steps")
    for at in range(1, last + 1):
        kill(here, at)


def some(kill: Callable[[int], int]) -> None:
    """Kill at steps from the first to the last; the steps of a life that nobody ends come first."""
    last = kill(0)
    assert last > FEWEST
    for number in range(SOME):
        kill(1 + number * (last - 1) // (SOME - 1))


def gate_killed(here: World, at: int) -> int:
    """A gate that dies at its step `at` (0: never) and is started again; how many steps it came to, when it lived."""
    first = here.begin()
    first.record(4)
    first.stop()
    told = started(killing.gate, first.var, here.proxy.url, at)
    heard = until_the_end(told)
    announced = [item for said in heard if isinstance(said, list) for item in said]
    again = GateSide(first.var.parent, here.shim, here.proxy.url, first.var, [*first.announced, *announced])
    try:
        for aside in sorted(again.var.glob("journal.replaced-*.db")):
            saved(again, aside)
        whole(here, again, at)
    finally:
        again.stop()
    return heard[-1] if heard and isinstance(heard[-1], int) else 0


def office_killed(here: World, at: int) -> int:
    """An office that dies at its step `at` while a gate pushes, and is started again; its steps, when it lived."""
    gate = here.begin()
    path, steps = here.office.path, 0
    assert path
    try:
        gate.record(16, alert=True)
        with here.office.in_other_hands():
            told = started(killing.office, path, here.office.var, here.office.community, at)
            port = next(heard(told, 1), 0)
            if isinstance(port, int) and port:
                here.proxy.port = port
                gate.deliver()
                gate.record(3)
                gate.deliver()
                with suppress(BrokenPipeError):
                    told.send("enough")
                steps = sum(until_the_end(told))
        here.proxy.port = here.office.port
        whole(here, gate, at)
    finally:
        gate.stop()
    return steps


def whole(here: World, gate: GateSide, at: int) -> None:
    troubles = heal(here, [gate])
    finding = compare(here, [gate])
    assert finding.ok, f"killed at step {at}: {finding}; {troubles}"
    assert finding.known_missing == 0, f"killed at step {at}: {finding.known_missing} missing"
    assert gate.journal.verify().ok


def saved(gate: GateSide, aside: Any) -> None:
    try:
        gate.journal.salvage(aside)
    except JournalError as error:
        raise AssertionError(f"{aside.name} cannot be saved") from error


def started(life: Callable[..., None], *words: Any) -> Connection:
    told, telling = PROCESSES.Pipe()
    PROCESSES.Process(target=life, args=(*words, telling), daemon=True).start()
    telling.close()
    return told


def until_the_end(told: Connection) -> list[Any]:
    """All that a process says until it ends."""
    with told:
        return list(heard(told))


def heard(told: Connection, most: int = 1_000_000) -> Iterator[list[Announced] | int]:
    for _ in range(most):
        assert told.poll(PATIENCE_S), "it neither goes on nor ends"
        try:
            yield told.recv()
        except (EOFError, ConnectionResetError):
            return
