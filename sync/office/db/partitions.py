"""Daily partitions of the big tables on PostgreSQL, made when the first event of a day arrives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from sync.office.db import Database

log = structlog.get_logger(__name__)

TABLES = ("event", "passage")
PAST = timedelta(days=60)
AHEAD = timedelta(days=2)
LOCK = 0x6761746568  # one maker of partitions at a time: CREATE TABLE IF NOT EXISTS alone races


class Partitions:
    """Knows which days have their partitions. A day far from now stays in the default partition: a gate whose clock
    is years off must not make tables by the thousand."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._settled: set[date] = set()

    def ensure(self, times: Iterable[datetime], now: datetime) -> None:
        """Makes what is missing, in a transaction of its own, before the rows' transaction holds any lock."""
        if not self._database.is_postgres:
            return
        days = {at.astimezone(UTC).date() for at in times} - self._settled
        nearby = {day for day in days if (now - PAST).date() <= day <= (now + AHEAD).date()}
        for day in sorted(nearby):
            self._make(day)
        self._settled |= nearby

    def _make(self, day: date) -> None:
        try:
            with self._database.write() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                for table in TABLES:
                    connection.execute(text(statement(table, day)))
        except IntegrityError:
            # The default partition already holds rows of that day: they, and those that follow, stay there.
            log.warning("partition stays default", day=day.isoformat())


def statement(table: str, day: date) -> str:
    """The DDL for one day (UTC) of one table; only our own names and dates enter it."""
    until = day + timedelta(days=1)
    return (
        f"CREATE TABLE IF NOT EXISTS {table}_{day:%Y%m%d} PARTITION OF {table}"
        f" FOR VALUES FROM ('{day.isoformat()} 00:00:00+00') TO ('{until.isoformat()} 00:00:00+00')"
    )
