"""What was sealed under the office's own key before days had keys, sealed again under the key of its day.

A chunk at a time, each in a transaction of its own: whoever is stopped in the middle loses nothing, and goes on by
beginning anew; what has its day's key already is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, func, select, tuple_, update

from kiosk.model import from_iso
from sync.office.db import Database
from sync.office.db.log import AlertRow, EventRow, ForkEventRow, JournalRow
from sync.office.reading import place
from sync.office.seal import DAY, Filed, Sealer

CHUNK = 200

Advance = Callable[[int, int], None]  # looked at, of how many


@dataclass(frozen=True, slots=True)
class _Kind:
    """A table with sealed parts of events: by which columns it is walked, where a part is sealed for, whose it is."""

    row: Any
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    place: Callable[[Any], str]
    filed: Callable[[Any], Filed]

    def column(self, name: str) -> Any:
        return getattr(self.row, name)


def _fork_filed(row: Any) -> Filed:
    try:
        at = from_iso(msgspec.json.decode(row.event)["at"])
    except (ValueError, KeyError, TypeError):
        at = row.received_at
    return Filed(row.community_id, at, row.received_at)


KINDS = (
    _Kind(
        EventRow,
        ("community_id", "journal_id", "seq", "at"),
        ("received_at",),
        lambda row: place(row.journal_id, row.seq),
        lambda row: Filed(row.community_id, row.at, row.received_at),
    ),
    _Kind(
        AlertRow,
        ("id",),
        ("community_id", "at", "opened_at"),
        lambda row: f"alert:{row.id}:sealed",
        lambda row: Filed(row.community_id, row.at, row.opened_at),
    ),
    _Kind(
        ForkEventRow,
        ("journal_id", "seq", "digest"),
        ("community_id", "received_at", "event"),
        lambda row: f"fork_event:{row.journal_id}:{row.seq}:{row.digest}",
        _fork_filed,
    ),
)


def reseal(database: Database, sealer: Sealer, advance: Advance = lambda _done, _all: None) -> int:
    """Seals everything again that lacks its day's key; how much it was."""
    with database.read() as tx:
        total = int(tx.scalar(select(func.coalesce(func.sum(JournalRow.seq), 0))) or 0)
    done = changed = 0
    for kind in KINDS:
        for looked, again in _walk(database, sealer, kind):
            done, changed = done + looked, changed + again
            advance(min(done, total), total)
    advance(total, total)
    return changed


def _walk(database: Database, sealer: Sealer, kind: _Kind) -> Iterator[tuple[int, int]]:
    """For each chunk how many rows it had, and how many of them were sealed again."""
    behind: tuple[Any, ...] | None = None
    while True:
        with database.write() as tx:
            rows = tx.execute(_chunk(kind, behind)).all()
            old = [row for row in rows if not row.sealed.startswith(DAY)]
            _again(tx, sealer, kind, old)
        yield len(rows), len(old)
        if len(rows) < CHUNK:
            return
        behind = tuple(getattr(rows[-1], name) for name in kind.keys)


def _chunk(kind: _Kind, behind: tuple[Any, ...] | None) -> Any:
    """The next rows in the order of their keys, locked: what is emptied meanwhile must not come back."""
    keys = [kind.column(name) for name in kind.keys]
    columns = [kind.column(name) for name in (*kind.keys, *kind.columns, "sealed")]
    wanted = select(*columns).where(kind.column("sealed").is_not(None))
    if behind is not None:
        bound = [bindparam(None, value, type_=key.type) for key, value in zip(keys, behind, strict=True)]
        wanted = wanted.where(tuple_(*keys) > tuple_(*bound))
    return wanted.order_by(*keys).limit(CHUNK).with_for_update()


def _again(tx: Connection, sealer: Sealer, kind: _Kind, rows: list[Any]) -> None:
    if not rows:
        return
    this = [kind.column(name) == bindparam(f"this_{name}") for name in kind.keys]
    change = update(kind.row.__table__).where(*this).values(sealed=bindparam("again"))
    values = []
    for row in rows:
        where = kind.place(row)
        again = sealer.seal_in_day(where, sealer.open(where, row.sealed), kind.filed(row), tx)
        values.append({**{f"this_{name}": getattr(row, name) for name in kind.keys}, "again": again})
    tx.execute(change, values)
