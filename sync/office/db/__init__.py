"""The office's database: SQLite by default, PostgreSQL by URL; the same tables on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from sync.office.errors import OfficeError

BUSY_TIMEOUT_S = 30


class Database:
    """Opens connections; `read` and `write` are the only ways to a transaction."""

    def __init__(self, url: str) -> None:
        """Raises OfficeError for a URL that names neither SQLite nor PostgreSQL."""
        self._url = _parse(url)
        self.engine = _postgres(self._url) if self.is_postgres else _sqlite(self._url)

    @property
    def is_postgres(self) -> bool:
        return self._url.get_backend_name() == "postgresql"

    @property
    def shown(self) -> str:
        """The URL without its password."""
        return self._url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed at the end and rolled back on any exception.

        On SQLite it takes the write lock at once, so that what it reads cannot change before it writes.
        """
        with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def _parse(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        raise OfficeError("the database URL cannot be read; give sqlite:///PATH or postgresql://…") from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database:
        return url
    raise OfficeError(f"a database of kind {url.drivername!r} is not supported; give sqlite:///PATH or postgresql://…")


def _postgres(url: URL) -> Engine:
    options = {"options": "-c timezone=UTC", "application_name": "gatehouse-office", "connect_timeout": 10}
    return create_engine(url, connect_args=options, pool_size=8, max_overflow=8, pool_pre_ping=True)


def _sqlite(url: URL) -> Engine:
    path = Path(url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)  # names and numbers of gates; SQLite's own files beside it follow this mode
    except OSError as error:
        raise OfficeError(f"{path}: cannot be written ({error.strerror}); choose another --var or --url") from error
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver's own guess
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writing") else "BEGIN")


def reachable(database: Database) -> None:
    """Raises OfficeError, without any password, when the database cannot be opened."""
    try:
        with database.read():
            pass
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        raise OfficeError(f"the database {database.shown} cannot be opened: {reason}") from None
