"""Where an office's database lies: a file, or a database of a PostgreSQL server."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg
from sqlalchemy.engine import URL

from tests.faults.drive import Drive, Image, Loss
from tests.faults.vfs import Shim


class Store(Protocol):
    """Where an office's database lies. Nothing of it is open when it is called, but where that is said."""

    @property
    def url(self) -> str: ...
    @property
    def drive(self) -> Drive | None: ...
    def begin(self) -> None:
        """A database of an office that has a community and nothing else."""

    def left(self, loss: Loss, chance: random.Random) -> Image:
        """What would be there if the machine went down now. The only one that is asked while the office runs."""

    def write(self, image: Image) -> None:
        """Put that in the database's place."""

    def look(self) -> None:
        """Somebody else wrote it."""

    def keep(self) -> None:
        """Keep a copy."""

    def put_back(self) -> None:
        """Put the copy that was kept in the database's place."""


class SqliteStore:
    """A file in a folder of its own."""

    def __init__(self, folder: Path, shim: Shim, template: Path) -> None:
        self._shim = shim
        self._template = template
        self._copy = folder / "copy.db"
        self.path = folder / "database" / "office.db"
        self.path.parent.mkdir(exist_ok=True)
        self.drive: Drive | None = None

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def begin(self) -> None:
        self.write({self.path.name: self._template.read_bytes()})

    def look(self) -> None:
        self.drive = self._shim.watch(self.path.parent)

    def keep(self) -> None:
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(self._copy)) as copy:
            source.backup(copy)

    def put_back(self) -> None:
        self.write({self.path.name: self._copy.read_bytes()})

    def left(self, loss: Loss, chance: random.Random) -> Image:
        assert self.drive
        return self.drive.image(loss, chance)

    def write(self, image: Image) -> None:
        for file in self.path.parent.iterdir():
            file.unlink()
        for name, content in image.items():
            (self.path.parent / name).write_bytes(content)
        self.drive = self._shim.watch(self.path.parent)


class PostgresStore:
    """A database of a server that keeps its own promises: of crashes, only that every connection breaks."""

    drive = None

    def __init__(self, server: URL, template: str) -> None:
        self._server = server
        self._template = template
        self._name = "faults_live"

    @property
    def url(self) -> str:
        return self._server.set(database=self._name).render_as_string(hide_password=False)

    def begin(self) -> None:
        self._copy(self._template, self._name)

    def left(self, loss: Loss, chance: random.Random) -> Image:
        wanted = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        self.run([wanted], (self._name,))
        return {}

    def write(self, image: Image) -> None:
        pass

    def look(self) -> None:
        pass

    def keep(self) -> None:
        self._copy(self._name, "faults_copy")

    def put_back(self) -> None:
        self._copy("faults_copy", self._name)

    def _copy(self, source: str, target: str) -> None:
        self.run([f"DROP DATABASE IF EXISTS {target} WITH (FORCE)", f"CREATE DATABASE {target} TEMPLATE {source}"])

    def run(self, statements: Iterable[str], values: tuple[str, ...] | None = None) -> None:
        server, query = self._server, dict(self._server.query)
        with psycopg.connect(
            dbname=server.database,
            user=server.username,
            autocommit=True,
            **query,  # type: ignore[arg-type]
        ) as connection:
            for statement in statements:
                connection.execute(statement.encode(), values)


def memory() -> Path:
    """A folder to work in: in memory where the system offers files there."""
    place = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="gatehouse-faults-", dir=place if place.is_dir() else None))
