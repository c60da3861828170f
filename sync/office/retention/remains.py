"""That nothing destroyed lingers in the database's own files, as far as the database can see to it."""

from __future__ import annotations

import structlog
from sqlalchemy import text

from sync.office.db import Database

log = structlog.get_logger(__name__)

SMALL = ("day_key", "erasure", "listed", "declaration", "section", "recent_code")  # where keys and tokens stood


def clear(database: Database) -> bool:
    """Empties the write-ahead log into the file (SQLite, where deleted content is overwritten), or frees the rows'
    space (PostgreSQL, whose own log goes with its rotation). False when somebody still reads an older state."""
    if database.is_postgres:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in SMALL:
                connection.execute(text(f"VACUUM {table}"))
        return True
    raw = database.engine.raw_connection()  # outside any transaction
    try:
        busy = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        raw.close()
    if busy is None or busy[0]:
        log.info("retention", remains="the log could not be emptied yet")
        return False
    return True
