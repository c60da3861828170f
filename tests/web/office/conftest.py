"""Fixtures for the street office's screens: a world → its application → people at their desks.

The world with its day is made once and copied for each test, database and keys.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from sync.office.office import Office
from sync.office.policy.values import Version
from sync.office.values import EVERYTHING
from tests.sync.office.conftest import NOON, ManualClock
from tests.sync.office.gate_end import GateEnd
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, words
from tests.web.office.world import World

PASSWORDS = {"admin": "a password of the admin", "clerk": "a password of the clerk", "heping": "a password of heping"}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, World]:
    """A folder with an office after a day's work, and that world; only to be copied."""
    folder = tmp_path_factory.mktemp("world")
    shutil.copyfile(sqlite_template, folder / "office.db")
    clock = ManualClock(NOON)
    world = worlds.build(worlds.open_office(f"sqlite:///{folder / 'office.db'}", folder, clock), clock)
    worlds.a_day(world)
    for login, first in (
        ("admin", world.admin_password),
        ("clerk", world.clerk_password),
        ("heping", world.branch_password),
    ):
        worlds.settle(world, login, first, PASSWORDS[login])
    world.office.close()
    return folder, world


@pytest.fixture
def clock() -> ManualClock:
    """Noon in Shanghai, 22 November 2026; goes only when told to."""
    return ManualClock(NOON)


@pytest.fixture
def world(made: tuple[Path, World], tmp_path: Path, clock: ManualClock) -> Iterator[World]:
    folder, model = made
    shutil.copytree(folder, tmp_path / "office")
    office = worlds.open_office(f"sqlite:///{tmp_path / 'office' / 'office.db'}", tmp_path / "office", clock)
    east, west, south = (
        GateEnd(office, gate.id, clock, copy.deepcopy(gate.journal)) for gate in (model.east, model.west, model.south)
    )
    yield World(office, clock, model.happiness, model.peace, east, west, south, "", "", "")
    office.close()


@pytest.fixture
def app(world: World, office_app: Callable[[Office], Flask]) -> Flask:
    return office_app(world.office)


@pytest.fixture
def stranger(app: Flask) -> Desk:
    """Somebody who has not logged in."""
    return Desk(app.test_client())


@pytest.fixture
def log_in(app: Flask) -> Callable[[str], Desk]:
    """Logs somebody in at a desk of their own."""
    return lambda login: Desk(app.test_client()).enter(login, PASSWORDS[login])


@pytest.fixture
def clerk(log_in: Callable[[str], Desk]) -> Desk:
    return log_in("clerk")


@pytest.fixture
def admin(log_in: Callable[[str], Desk]) -> Desk:
    return log_in("admin")


@pytest.fixture
def heping(log_in: Callable[[str], Desk]) -> Desk:
    """A clerk who may see one community only."""
    return log_in("heping")


@pytest.fixture
def draft(clerk: Desk, world: World) -> Version:
    """A draft that the clerk began from what is in force."""
    answer = clerk.send("/policy/new", {"community": world.happiness.id, "source": "current"}, page="/policy")
    assert answer.status_code == 302, words(answer)
    return world.office.policies.list(world.happiness.id, EVERYTHING)[0]
