"""The file: tables, triggers, connections. docs/journal.md describes every column for an outsider."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from sqlalchemy import (
    ClauseElement,
    Column,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.engine import Connection
from sqlalchemy.pool import QueuePool

from kiosk.durable import settle
from kiosk.errors import JournalError

FORMAT = 1  # PRAGMA user_version
APPLICATION = 0x47485245  # PRAGMA application_id: "GHRE"
BUSY_S = 3.0

TALLIED = (
    "passages",
    "in",
    "out",
    "admit",
    "check",
    "refuse",
    "isolate",
    "abandoned",
    "alerts",
    "corrections",
    "demo",
)
OVERRIDES, KEPT = "overrides", "kept"  # what people decided otherwise; companions kept by the gate's own rule
COUNTS = (*TALLIED, OVERRIDES, KEPT)  # what every day's report names, zero included

metadata = MetaData()

lives = Table(
    "lives",
    metadata,
    Column("life", Integer, primary_key=True),
    Column("journal", LargeBinary, nullable=False, unique=True),
    Column("first", Integer, nullable=False),  # events.number of its seq 1
    Column("through", Integer, nullable=False, server_default="0"),  # what the office acknowledged last…
    Column("acknowledged", LargeBinary),  # …with which digest
    Column("synced_at", Integer),
    Column("refused_from", Integer),  # from this seq on the office holds other events: recorded again in the next life
    sqlite_strict=True,
)

events = Table(
    "events",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Integer, nullable=False),  # Unix milliseconds
    Column("clock", Text, nullable=False),
    Column("open", Text, nullable=False),
    Column("day", Integer, nullable=False),  # of `at` in the gate's time zone, days since 1970-01-01
    Column("key", Integer, nullable=False),  # day_keys.id, gone once the day is forgotten
    Column("sealed", LargeBinary, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    sqlite_strict=True,
)

NOT_A_PASSAGE = text("kind <> 'passage'")  # queries must say it word for word to use the index
Index("rare", events.c.kind, events.c.number, sqlite_where=NOT_A_PASSAGE)

day_keys = Table(
    "day_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # the number of a destroyed key is never given again
    sqlite_strict=True,
)

vault = Table(
    "vault",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("proof", LargeBinary, nullable=False),  # opens with the right gate key only
    sqlite_strict=True,
)

tallies = Table(
    "tallies",
    metadata,
    Column("day", Integer, primary_key=True),
    *(Column(name, Integer, nullable=False, server_default="0") for name in TALLIED),
    Column("closed", Integer),  # events.number of its day.close
    sqlite_strict=True,
)

changes = Table(
    "changes",
    metadata,
    Column("day", Integer, primary_key=True),
    Column("name", Text, primary_key=True),  # overrides, kept, or override:<from>:<to>
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

last_seen = Table(
    "last_seen",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("day", Integer, nullable=False),
    Column("at", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("direction", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

outs = Table(
    "outs",
    metadata,
    Column("household", LargeBinary, primary_key=True),  # its token
    Column("number", Integer, primary_key=True),
    Column("day", Integer, nullable=False),
    Column("at", Integer, nullable=False),
    Column("who", LargeBinary, nullable=False),  # a person token, empty where none is known
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

used = Table(
    "used",
    metadata,
    Column("declaration", Text, primary_key=True),
    Column("day", Integer, nullable=False),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

countersigns = Table(
    "countersigns",
    metadata,
    Column("journal", LargeBinary, primary_key=True),
    Column("seq", Integer, primary_key=True),  # of the `day.close`
    Column("day", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("signature", Text, nullable=False),  # the office's, base64
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

state = Table(
    "state",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

_OLDER_OVERRIDES = """
INSERT INTO changes (day, name, count)
WITH said AS (
    SELECT day, json_extract(open, '$.from') AS was, json_extract(open, '$.to') AS became,
        json_extract(open, '$.why') IS 'party' AS kept
    FROM events
    WHERE kind = 'override' AND kind <> 'passage'
        AND json_extract(open, '$.demo') IS NOT 1 AND json_extract(open, '$.again') IS NULL
)
SELECT day, iif(kept, 'kept', 'overrides'), count(*) FROM said GROUP BY day, kept
UNION ALL
SELECT day, 'override:' || was || ':' || became, count(*) FROM said
    WHERE NOT kept AND was IS NOT NULL AND became IS NOT NULL GROUP BY day, was, became"""

# What retention may do to an event: empty its sealed part, right behind the event that says so (erasing.py).
_SAME = " AND ".join(f'NEW."{column.name}" IS OLD."{column.name}"' for column in events.c if column.name != "sealed")
_NEWEST = "(SELECT kind FROM events ORDER BY number DESC LIMIT 1)"
_EMPTIED = f"NEW.sealed = x'' AND {_SAME} AND {_NEWEST} = 'journal.erase'"

_TRIGGERS = tuple(
    f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {act} BEGIN SELECT RAISE(ABORT, '{why}'); END"
    for name, act, why in (
        (
            "events_no_replace",
            "INSERT ON events WHEN EXISTS (SELECT 1 FROM events WHERE number = NEW.number)",
            "a number is never given twice",
        ),
        (
            "lives_no_replace",
            "INSERT ON lives WHEN EXISTS (SELECT 1 FROM lives WHERE life = NEW.life OR journal = NEW.journal)",
            "a journal is begun once",
        ),
        (
            "events_only_emptied",
            f"UPDATE ON events WHEN NOT ({_EMPTIED})",
            "an event is never changed: append a correction",
        ),
        ("events_no_delete", "DELETE ON events", "an event is never deleted"),
        ("lives_no_update", "UPDATE OF life, journal, first ON lives", "a journal keeps its name and place"),
        ("lives_no_delete", "DELETE ON lives", "a journal is never deleted"),
    )
)
_REPLACED = "DROP TRIGGER IF EXISTS events_no_update"  # of files made before sealed parts could be emptied


def sql(statement: ClauseElement, paramstyle: Literal["named", "qmark"] = "named") -> str:
    """A Core statement as SQLite text, for the one connection that writes."""
    compiled = statement.compile(dialect=dialect(paramstyle=paramstyle))
    assert not any(compiled.params.values()), "a value would be left out: write it as a literal column"
    return str(compiled)


def connect(path: Path, *, writer: bool) -> sqlite3.Connection:
    """A connection in autocommit mode; transactions are begun by name. Nothing is created: see `create`."""
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode={'rw' if writer else 'ro'}",
        uri=True,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )
    if writer:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
    return connection


def reading(path: Path) -> Engine:
    """An engine whose every transaction sees one unmoving state of the file and can write nothing."""
    return _engine(path, "BEGIN", writer=False)


def create(path: Path) -> None:
    """Make the file (mode 0600) where there is none, and whatever of the schema it lacks.

    Raises JournalError for a file of a newer format or of another program.
    """
    _touch(path)
    engine = _engine(path, "BEGIN IMMEDIATE", writer=True)
    try:
        with engine.begin() as connection:
            if _is_new(path, connection):
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")
                connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")
            counted = inspect(connection).has_table(changes.name)
            metadata.create_all(connection)
            if not counted:  # a file from before overrides were counted
                connection.exec_driver_sql(_OLDER_OVERRIDES)
            for trigger in (*_TRIGGERS, _REPLACED):
                connection.exec_driver_sql(trigger)
    finally:
        engine.dispose()


def _engine(path: Path, begin: str, *, writer: bool) -> Engine:
    engine = create_engine(
        "sqlite://",
        creator=lambda: connect(path, writer=writer),
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=60,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _touch(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    settle(path.parent)  # or a power cut could take the whole file away


def _is_new(path: Path, connection: Connection) -> bool:
    """Whether the file has yet to become a journal. Raises JournalError when it is something else."""
    application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if application not in (0, APPLICATION):
        raise JournalError(f"{path}: this is another program's file; name another folder in [gate] var")
    if version > FORMAT:
        raise JournalError(f"{path}: written by a newer Gatehouse (format {version}); update this one")
    return bool(version == 0)
