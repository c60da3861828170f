"""The countersignatures that are kept, for gates that lack them: of days that were closed before, and on sticks."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from sync import protocol
from sync.office.db.days import DayCloseRow
from sync.office.db.types import has_id


def sealed(
    tx: Connection, gate_id: str, journal: str, numbers: Collection[int] | None = None
) -> list[protocol.DaySeal]:
    """Those of a gate's journal under these numbers, or under the newest `protocol.MAX_DAYS` days it closed."""
    row = DayCloseRow
    wanted = select(row.day, row.journal_id, row.seq, row.digest, row.signature).where(
        row.gate_id == gate_id, has_id(row.journal_id, journal)
    )
    if numbers is not None:
        wanted = wanted.where(row.seq.in_(numbers))
    newest = wanted.order_by(row.seq.desc()).limit(protocol.MAX_DAYS)
    return [protocol.DaySeal(*found) for found in tx.execute(newest)]
