"""INSERT … ON CONFLICT DO NOTHING: makes repeats harmless, on both kinds of database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Insert
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(connection: Connection, table: Any) -> Insert:
    """An INSERT into `table` that leaves a row alone that is already there."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
