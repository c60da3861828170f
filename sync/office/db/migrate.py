"""Brings a database to the newest schema, step by step; never destroying what is there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from sync.office.db import Database
from sync.office.errors import OfficeError

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 0x6761746570  # one process migrates a PostgreSQL database at a time


def upgrade(database: Database) -> str:
    """Applies what is missing and answers the revision. Safe to call from several processes at once.

    Raises OfficeError when the database is newer than this software: then nothing is touched.
    """
    scripts = _scripts()
    head = scripts.get_current_head() or ""
    with database.write() as connection:
        if database.is_postgres:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        current = MigrationContext.configure(connection).get_current_revision()
        if current == head:
            return head
        if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
            raise OfficeError(f"the database is at revision {current!r}, newer than this software: update Gatehouse")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config


@cache
def _scripts() -> ScriptDirectory:
    """Read once: they do not change while a process runs."""
    return ScriptDirectory.from_config(_config())
