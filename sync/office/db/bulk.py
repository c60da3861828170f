"""Many rows at once: binary COPY on PostgreSQL, executemany on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Table, insert

Rows = Sequence[Mapping[str, Any]]
Encoder = Callable[[Any], Any]  # what SQLAlchemy calls a bind processor


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
    statement, kinds, encoders = _plan(table, connection.dialect)
    raw = cast(Any, connection.connection.dbapi_connection)
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(kinds)
        for row in rows:
            copy.write_row([row[name] if encode is None else encode(row[name]) for name, encode in encoders])


@lru_cache(maxsize=16)
def _plan(table: Table, dialect: Dialect) -> tuple[str, list[str], list[tuple[str, Encoder | None]]]:
    """The statement, the types psycopg is to write, and how each column's values become what it takes."""
    columns = list(table.columns)
    names = ", ".join(f'"{column.name}"' for column in columns)
    kinds = [column.type.compile(dialect).lower() for column in columns]
    encoders: list[tuple[str, Encoder | None]] = [
        (column.name, column.type.dialect_impl(dialect).bind_processor(dialect)) for column in columns
    ]
    return f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)', kinds, encoders
