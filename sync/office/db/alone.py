"""One change of a table at a time, where what is compared must not move before it is written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text


def alone(tx: Connection, table: Any) -> None:
    """Lets no other transaction write to `table` until this one ends; reading goes on. On SQLite a writing
    transaction has the database to itself anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"LOCK TABLE {table.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))
