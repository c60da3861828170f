"""What a new journal takes over from a damaged one beside its events: counts, closed days, how many are inside.

Counted anew, by the same rules, from the events that hold: the damaged file's own projections may be damaged too.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.schema import CreateTable

from kiosk.journal import projections, schema
from kiosk.journal.days import from_day
from kiosk.journal.projections import INSIDE, Recorded
from kiosk.journal.schema import COUNTS, last_seen, outs, state, tallies, used

DAYS = 40  # more than are ever closed late

_INSIDE = schema.sql(sa.select(state.c.value).where(state.c.name == sa.bindparam("name")))
_TALLIES = schema.sql(sa.select(tallies).order_by(tallies.c.day.desc()))


class Carried:
    """Projections in memory, moved on event by event."""

    def __init__(self) -> None:
        self._memory = sqlite3.connect(":memory:")
        self._memory.row_factory = sqlite3.Row
        for table in (tallies, last_seen, outs, used, state):
            self._memory.execute(str(CreateTable(table).compile(dialect=dialect())))
        projections.clear(self._memory)

    def add(self, recorded: Recorded) -> None:
        projections.apply(self._memory, [recorded])

    def said(self) -> dict[str, Any]:
        """The open part of `journal.carried`: `inside`, `days` {day: counts}, `closed` days."""
        rows = self._memory.execute(_TALLIES).fetchmany(DAYS)
        days = {from_day(row["day"]).isoformat(): {name: row[name] for name in COUNTS if row[name]} for row in rows}
        return {
            "inside": self._memory.execute(_INSIDE, {"name": INSIDE}).fetchone()[0],
            "days": {day: counts for day, counts in sorted(days.items()) if counts},
            "closed": sorted(from_day(row["day"]).isoformat() for row in rows if row["closed"] is not None),
        }

    def close(self) -> None:
        self._memory.close()
