"""Journals that came in before their days were counted."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, exists, select

from kiosk.model import iso
from sync import protocol
from sync.office.days import successions
from sync.office.days.book import DayBook, Tallies, add_up
from sync.office.days.lateness import Lateness, happened, judge
from sync.office.db import Database
from sync.office.db.days import GateDayRow
from sync.office.db.log import EventRow, JournalRow
from sync.office.reading import Sender

log = structlog.get_logger(__name__)

CHUNK = 500


def count_older(database: Database, book: DayBook) -> int:
    """Counts every journal that no day knows, each in a transaction of its own; how many there were."""
    counted = ~exists().where(GateDayRow.journal_id == JournalRow.id)
    with database.read() as tx:
        journals = tx.scalars(select(JournalRow.id).where(JournalRow.seq > 0, counted)).all()
    for journal in journals:
        with database.write() as tx:
            _count(tx, journal, book)
    if journals:
        log.info("days", counted=len(journals))
    return len(journals)


def _count(tx: Connection, journal: str, book: DayBook) -> None:
    head = tx.execute(select(JournalRow).where(JournalRow.id == journal).with_for_update()).one()
    if tx.scalar(select(GateDayRow.day).where(GateDayRow.journal_id == journal).limit(1)):
        return  # another process was first
    sender = Sender(head.gate_id, head.community_id, journal, head.received_at)
    tallies = Tallies(book.zone)
    wanted = select(EventRow).where(EventRow.community_id == head.community_id, EventRow.journal_id == journal)
    for row in tx.execute(wanted.order_by(EventRow.seq)).yield_per(CHUNK):
        wire = wire_of(row)
        day = tallies.add(wire, row.at, _lateness(wire, row))
        successions.repeated(tx, journal, [wire])
        book.follow(tx, Sender(head.gate_id, head.community_id, journal, row.received_at), wire, day)
    add_up(tx, sender, tallies)


def _lateness(wire: protocol.WireEvent, row: Any) -> Lateness:
    """As far as it can be told without a record of contacts: nothing came on time that was not received on time."""
    return judge(happened(row.at, wire.clock.offset_ms), row.received_at, row.received_at, ())


def wire_of(row: Any) -> protocol.WireEvent:
    """A stored event as it travelled, without its personal part."""
    return protocol.WireEvent(
        seq=row.seq,
        id=row.id,
        kind=row.kind,
        at=iso(row.at),
        clock=msgspec.json.decode(row.clock, type=protocol.WireClock),
        open=msgspec.json.decode(row.open),
        seal=row.seal,
        prev=row.prev,
        digest=row.digest,
    )
