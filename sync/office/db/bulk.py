"""Many rows at once: binary COPY on PostgreSQL, executemany on SQLite.

COPY's own format is written here (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"): a value the
way the driver would send it costs five times as much, and most columns of a batch hold the same value in every row.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, cast

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import postgresql

from sync.office.db.types import MILLISECOND, Hex, Words

Row = Mapping[str, Any]
Rows = Sequence[Row]
Field = Callable[[Any], bytes]  # a value as it stands in a tuple: its length in 4 bytes, then its bytes

CHUNK = 100  # rows handed over at once: the server takes them in while the next ones are written

_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)  # no flags, no extension
_TRAILER = struct.pack(">h", -1)
_NULL = struct.pack(">i", -1)
_THEIR_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_size = struct.Struct(">i").pack
_whole_number = struct.Struct(">iq").pack
_fraction = struct.Struct(">id").pack
_truth = struct.Struct(">i?").pack


def append(connection: Connection, table: Table, rows: Rows) -> None:
    """Inserts `rows`, each a value for every column of `table`, in the connection's transaction.

    The caller holds the journal's lock and inserts only numbers beyond its head, so that a plain COPY meets no
    conflict; if one arises all the same, the transaction fails whole.
    """
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    else:
        connection.execute(insert(table), rows)


def _copy(connection: Connection, table: Table, rows: Rows) -> None:
    statement, fields = _plan(table)
    raw = cast(Any, connection.connection.dbapi_connection)
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_HEADER)
        waiting = iter(rows)
        while some := b"".join(_tuples(islice(waiting, CHUNK), fields)):
            copy.write(some)
        copy.write(_TRAILER)


def _tuples(rows: Iterable[Row], fields: Sequence[tuple[str, Field]]) -> Iterator[bytes]:
    count = struct.pack(">h", len(fields))
    for row in rows:
        yield count
        for name, field in fields:
            value = row[name]
            yield _NULL if value is None else field(value)


@lru_cache(maxsize=16)
def _plan(table: Table) -> tuple[str, list[tuple[str, Field]]]:
    """The statement, and how each column's values are written."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    fields = [(column.name, _field(column.type)) for column in table.columns]
    return f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)', fields


def _field(kind: Any) -> Field:
    if isinstance(kind, Hex):
        return _hex
    if isinstance(kind, Words):
        return _words
    return _FIELDS[kind.compile(postgresql.dialect()).lower()]  # type: ignore[no-untyped-call]


def _bytes(value: bytes) -> bytes:
    return _size(len(value)) + value


def _hex(value: str) -> bytes:
    return _bytes(bytes.fromhex(value))


def _text(value: str) -> bytes:
    return _bytes(value.encode())


def _words(value: str) -> bytes:
    """Without NUL, as `Words` has it."""
    return _bytes(value.encode().replace(b"\0", b""))


@lru_cache(maxsize=8192)
def _uuid(value: str) -> bytes:
    """A batch names the same journal, gate and community in every row."""
    return _bytes(uuid.UUID(value).bytes)


@lru_cache(maxsize=1024)
def _time(value: datetime) -> bytes:
    """To the millisecond, as `Time` has it."""
    return _whole_number(8, (value - _THEIR_EPOCH) // MILLISECOND * 1000)


_FIELDS: Mapping[str, Field] = {
    "uuid": _uuid,
    "timestamp with time zone": _time,
    "bigint": lambda value: _whole_number(8, value),
    "double precision": lambda value: _fraction(8, value),
    "boolean": lambda value: _truth(1, value),
    "bytea": _bytes,
    "text": _text,
}
