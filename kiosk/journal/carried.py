"""What a new journal takes over from a damaged one beside its events: counts, closed days, how many are inside; and of
people what safety hangs on: which declarations were used, who of a household went out, who was seen when.

Counted anew, by the same rules, from the events that hold: the damaged file's own projections may be damaged too.
Counts name nobody and stand open; the rest is sealed.
"""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.schema import CreateTable

from kiosk.journal import projections, schema
from kiosk.journal.days import from_day
from kiosk.journal.projections import INSIDE, Recorded
from kiosk.journal.schema import TALLIED, changes, last_seen, outs, state, tallies, used

DAYS = 40  # more than are ever closed late, or a declaration is good
LOOK_BACK = 14  # days that anybody asks for who was seen and who went out
WHOLE = 2  # of these every exit: a quota counts those of a day; before, the last one of each person is enough
ROWS = 1000  # of people in one event, well below what an event may hold

_INSIDE = schema.sql(sa.select(state.c.value).where(state.c.name == sa.bindparam("name")))
_TALLIES = schema.sql(sa.select(tallies).order_by(tallies.c.day.desc()))
_CHANGES = schema.sql(sa.select(changes.c.name, changes.c.count).where(changes.c.day == sa.bindparam("day")))
_SINCE: sa.BindParameter[int] = sa.bindparam("since")
_SEEN = schema.sql(
    sa.select(*(last_seen.c[name] for name in ("token", "day", "at", "direction", "verdict"))).where(
        last_seen.c.day >= _SINCE
    )
)
_USED = schema.sql(sa.select(used.c.declaration, used.c.day).where(used.c.day >= _SINCE))
_OUTS = schema.sql(
    sa.union(
        sa.select(outs.c.household, outs.c.who, outs.c.day, outs.c.at).where(outs.c.day >= sa.bindparam("whole")),
        sa.select(outs.c.household, outs.c.who, sa.func.max(outs.c.day), sa.func.max(outs.c.at))
        .where(outs.c.day >= _SINCE, outs.c.day < sa.bindparam("whole"))
        .group_by(outs.c.household, outs.c.who),
    )
)


class Carried:
    """Projections in memory, moved on event by event."""

    def __init__(self) -> None:
        self._memory = sqlite3.connect(":memory:")
        self._memory.row_factory = sqlite3.Row
        self._numbers = count(1)  # several journals of the file have the same numbers
        for table in (tallies, changes, last_seen, outs, used, state):
            self._memory.execute(str(CreateTable(table).compile(dialect=dialect())))
        projections.clear(self._memory)

    def add(self, recorded: Recorded) -> None:
        projections.apply(self._memory, [replace(recorded, number=next(self._numbers))])

    def said(self) -> dict[str, Any]:
        """The open part of `journal.carried`: `inside`, `days` {day: counts}, `closed` days."""
        rows = self._memory.execute(_TALLIES).fetchmany(DAYS)
        days = {from_day(row["day"]).isoformat(): self._counts(row) for row in rows}
        return {
            "inside": self._inside(),
            "days": {day: counts for day, counts in sorted(days.items()) if counts},
            "closed": sorted(from_day(row["day"]).isoformat() for row in rows if row["closed"] is not None),
        }

    def parts(self, today: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Open and personal part of each `journal.carried`: the first one has all that is open; `today` as a number."""
        said = self.said()
        for personal in self._people(today):
            yield said, personal
            said = {"inside": self._inside(), "days": {}, "closed": []}

    def close(self) -> None:
        self._memory.close()

    def _counts(self, row: sqlite3.Row) -> dict[str, int]:
        changed = self._memory.execute(_CHANGES, {"day": row["day"]})
        return {name: row[name] for name in TALLIED if row[name]} | dict(changed.fetchall())

    def _inside(self) -> int:
        inside: int = self._memory.execute(_INSIDE, {"name": INSIDE}).fetchone()[0]
        return inside

    def _people(self, today: int) -> Iterator[dict[str, list[list[Any]]]]:
        """What safety hangs on, in portions that an event can hold; at least one, which may be empty."""
        since, portion, held = {"since": today - LOOK_BACK, "whole": today - WHOLE + 1}, dict[str, list[list[Any]]](), 0
        for name, query, named in (
            ("used", _USED, {"since": today - DAYS}),
            ("outs", _OUTS, since),
            ("seen", _SEEN, {"since": since["since"]}),
        ):
            for row in self._memory.execute(query, named):
                if held == ROWS:
                    yield portion
                    portion, held = {}, 0
                portion.setdefault(name, []).append([_spelt(value) for value in row])
                held += 1
        yield portion


def _spelt(value: Any) -> Any:
    return b64encode(value).decode("ascii") if isinstance(value, bytes) else value
