"""What outlives a history: one office's listener, the faulty wire before it, the file system beneath both ends."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from unittest.mock import patch

from sqlalchemy.engine import URL

import sync.office.db
import sync.office.office
from kiosk.journal import schema
from sync.office.db import Database
from tests.faults.gate_side import GateSide
from tests.faults.office_side import OfficeSide, postgres_side, sqlite_side
from tests.faults.proxy import FaultyProxy
from tests.faults.stores import memory
from tests.faults.tally import Tally
from tests.faults.vfs import Shim

# Only to be quick: how long a locked file is waited for, and that one Database per URL keeps what it has compiled.
GATE_BUSY_S, OFFICE_BUSY_S = 0.05, 0.3  # how long a locked file is waited for; only to be quick


@dataclass
class World:
    """`folder` is emptied between histories."""

    folder: Path
    shim: Shim
    office: OfficeSide
    proxy: FaultyProxy
    tally: Tally = field(default_factory=Tally)
    broken: bool = False  # a history failed; those that are only tried to make it shorter do not count

    def begin(self) -> GateSide:
        """A fresh office, and a gate that is enrolled at it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.proxy.heal()
        self.proxy.after = 0
        self.office.begin()
        return GateSide.enrolled(self.folder / "gate", self.shim, self.office, self.proxy.url, "东门")


@contextmanager
def world(postgres: URL | None = None) -> Iterator[World]:
    """Everything that histories need, its files in memory: what was synced is told by the drive, not by a disk."""
    place = memory()
    try:
        with (
            patch.object(schema, "BUSY_S", GATE_BUSY_S),
            patch.object(sync.office.db, "BUSY_TIMEOUT_S", OFFICE_BUSY_S),
            patch.object(sync.office.office, "Database", cache(Database)),
            Shim() as shim,
        ):
            office = postgres_side(place, postgres) if postgres else sqlite_side(place, shim)
            with FaultyProxy(office.port) as proxy:
                yield World(place / "history", shim, office, proxy)
            office.close()
    finally:
        shutil.rmtree(place, ignore_errors=True)
