"""The office's countersignatures under days that were closed: kept beside the events, so that it cannot deny them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from kiosk.journal import schema
from kiosk.journal.days import from_day, to_day
from kiosk.journal.rows import Life
from kiosk.journal.schema import NOT_A_PASSAGE, countersigns, events

_KEEP = schema.sql(insert(countersigns).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Countersign:
    """`digest` is of the `day.close` with number `seq`; `signature` (base64) the office's, verified when it came."""

    day: date
    journal: str
    seq: int
    digest: str
    signature: str


def keep(connection: sqlite3.Connection, seal: Countersign) -> None:
    """Keeps one, the first that came, within the open transaction."""
    row = {"journal": UUID(seal.journal).bytes, "seq": seal.seq, "day": to_day(seal.day)}
    connection.execute(_KEEP, {**row, "digest": bytes.fromhex(seal.digest), "signature": seal.signature})


def kept(connection: Connection) -> list[Countersign]:
    """All of them, by day; none in a file that was last written before they were kept."""
    if not sa.inspect(connection).has_table(countersigns.name):
        return []
    rows = connection.execute(sa.select(countersigns).order_by(countersigns.c.day, countersigns.c.seq))
    return [
        Countersign(from_day(row.day), str(UUID(bytes=row.journal)), row.seq, row.digest.hex(), row.signature)
        for row in rows
    ]


def lacking(connection: Connection, life: Life, limit: int) -> list[int]:
    """The numbers of `day.close` events of a journal that the office has and no signature of it is kept under."""
    seq = events.c.number - life.first + 1
    signed = sa.select(countersigns.c.seq).where(countersigns.c.journal == life.journal.bytes)
    among = events.c.number.between(life.first, life.number(life.through))
    wanted = sa.select(seq).where(events.c.kind == "day.close", NOT_A_PASSAGE, among, seq.not_in(signed))
    return list(connection.scalars(wanted.order_by(events.c.number.desc()).limit(limit)))
