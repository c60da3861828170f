"""Events that were kept although they could not be read: read again, by hand or once the software is another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy import Connection, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from kiosk.model import Event
from sync.office import repeats
from sync.office.alerts import Alerts
from sync.office.audit import Audit
from sync.office.days.book import DayBook, day_of
from sync.office.days.older import wire_of
from sync.office.db import Database, bulk
from sync.office.db.days import NoteRow
from sync.office.db.log import EventRow, PassageRow
from sync.office.errors import OfficeError
from sync.office.intake import openings
from sync.office.reading import Ready, Sender, stored
from sync.office.seal import Sealer
from sync.office.verify import Verifier

log = structlog.get_logger(__name__)

CHUNK = 200
SOFTWARE = "software"
PASSAGES = cast(Table, PassageRow.__table__)


@dataclass(frozen=True, slots=True)
class Retried:
    """How many parked events could be read now, and how many still cannot."""

    read: int
    still: int


class Parking:
    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        verifier: Verifier,
        alerts: Alerts,
        book: DayBook,
        audit: Audit,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._verifier = verifier
        self._alerts = alerts
        self._book = book
        self._audit = audit
        self._now = now

    def retry(self, *, who: str) -> Retried:
        """Reads every parked event again; what can be read now enters the log, the days and the alerts."""
        read, still, behind = 0, 0, ""
        while True:
            with self._database.write() as tx:
                rows = tx.execute(_parked(behind)).all()
                done = [self._retry(tx, row) for row in rows]
            read, still = read + sum(done), still + len(done) - sum(done)
            if len(rows) < CHUNK:
                break
            behind = rows[-1].id
        if read:
            self._audit.write(who, "parked.retry", detail=f"{read} read, {still} still parked")
        return Retried(read, still)

    def after_upgrade(self, software: str) -> Retried | None:
        """Retries once for each version of the software that opens the office; None when it is the same as before."""
        with self._database.read() as tx:
            if tx.scalar(select(NoteRow.value).where(NoteRow.name == SOFTWARE)) == software:
                return None
        retried = self.retry(who=f"software {software}")
        with self._database.write() as tx:
            new: Any = (postgresql.insert if self._database.is_postgres else sqlite.insert)(NoteRow)
            changed = new.on_conflict_do_update(index_elements=["name"], set_={"value": new.excluded.value})
            tx.execute(changed, {"name": SOFTWARE, "value": software})
        if retried != Retried(0, 0):
            log.info("parked", software=software, read=retried.read, still=retried.still)
        return retried

    def _retry(self, tx: Connection, row: Any) -> bool:
        """Whether the event can be read now; then all of it is where it would have been."""
        try:
            event = self._verifier.event(row)
        except (OfficeError, ValueError, RecursionError):
            return False
        sender = Sender(row.gate_id, row.community_id, row.journal_id, row.received_at)
        ready = stored(wire_of(row), event, sender, self._sealer)
        assert ready.event is not None
        this = (EventRow.community_id == row.community_id, EventRow.journal_id == row.journal_id)
        moved = update(EventRow).where(*this, EventRow.seq == row.seq, EventRow.at == row.at)
        tx.execute(moved.values(parked=ready.event["parked"]))
        if ready.event["parked"]:
            return False
        self._enter(tx, sender, repeats.counted_once(tx, sender, [ready]), event)
        return True

    def _enter(self, tx: Connection, sender: Sender, ready: Sequence[Ready], event: Event) -> None:
        """Its day counted it when it came, as an event and by its kind."""
        bulk.append(tx, PASSAGES, [item.passage for item in ready if item.passage])
        self._alerts.open(tx, openings(sender, ready), sender.received_at)
        for item in ready:
            self._book.follow(tx, sender, item.wire, day_of(event.at, self._book.zone))


def _parked(behind: str) -> Any:
    """The next chunk, in the order of their ids, locked until the transaction ends."""
    wanted = select(EventRow).where(EventRow.parked.is_not(None))
    if behind:
        wanted = wanted.where(EventRow.id > behind)
    return wanted.order_by(EventRow.id).limit(CHUNK).with_for_update()
