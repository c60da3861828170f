"""Alembic's entry: runs on the connection, and in the transaction, that db/migrate.py passes in."""

from __future__ import annotations

from alembic import context

from sync.office.db.days import GateDayRow  # noqa: F401 - registers the tables of the days
from sync.office.db.issuers import IssuerKeyRow  # noqa: F401 - registers the tables of the issuers
from sync.office.db.lists import ListedRow  # noqa: F401 - registers the tables of the lists
from sync.office.db.log import EventRow  # noqa: F401 - registers the tables of the log
from sync.office.db.retention import DayKeyRow  # noqa: F401 - registers the tables of retention
from sync.office.db.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=False)
context.run_migrations()
