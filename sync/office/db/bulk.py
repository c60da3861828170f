"""Many rows at once: binary COPY on PostgreSQL, executemany on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Table, insert

Rows = Sequence[Mapping[str, Any]]


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
    columns = list(table.columns)
    dialect = connection.dialect
    names = ", ".join(f'"{column.name}"' for column in columns)
    encoders = [(column.name, _encoder(column.type, dialect)) for column in columns]
    raw = cast(Any, connection.connection.dbapi_connection)
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)') as copy:
        copy.set_types([column.type.compile(dialect).lower() for column in columns])
        for row in rows:
            copy.write_row([encode(row[name]) for name, encode in encoders])


def _encoder(kind: Any, dialect: Any) -> Callable[[Any], Any]:
    processor = kind.dialect_impl(dialect).bind_processor(dialect)
    return processor or _as_is


def _as_is(value: Any) -> Any:
    return value
