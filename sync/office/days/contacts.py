"""When gates were in contact: spans from a first call to the last before a silence."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, Update, select, update

from sync.office.days.lateness import SILENCE, Span
from sync.office.db.days import ContactRow
from sync.office.db.once import insert_once
from sync.office.db.tables import GateStateRow

NOTED_EVERY = timedelta(seconds=20)  # a call so soon after the one before adds nothing


def heard(tx: Connection, gate_id: str, at: datetime) -> None:
    """Notes that the gate called, in the transaction of what it called for."""
    last = _last(tx, gate_id)
    if last is not None and at - last.until < NOTED_EVERY:
        return
    if last is None or at - last.until > SILENCE:
        tx.execute(insert_once(tx, ContactRow), {"gate_id": gate_id, "since": at, "until": at})
    else:
        tx.execute(_this(gate_id, last.since).values(until=at))
    tx.execute(update(GateStateRow).where(GateStateRow.gate_id == gate_id).values(last_contact_at=at))


def drained(tx: Connection, gate_id: str, at: datetime) -> datetime:
    """Notes that new events came from a gate that was heard; when the present run of them began."""
    last = _last(tx, gate_id)
    if last is None:
        return at
    goes_on = last.drained_at is not None and at - last.drained_at <= SILENCE
    since = last.drain_since if goes_on else at
    if not goes_on or at - last.drained_at >= NOTED_EVERY:
        tx.execute(_this(gate_id, last.since).values(drain_since=since, drained_at=at))
    return since or at


def between(tx: Connection, gate_id: str, first: datetime, last: datetime) -> tuple[Span, ...]:
    """The spans that reach into a time, in order."""
    wanted = select(ContactRow.since, ContactRow.until).where(
        ContactRow.gate_id == gate_id, ContactRow.until >= first, ContactRow.since <= last
    )
    return tuple(Span(row.since, row.until) for row in tx.execute(wanted.order_by(ContactRow.since)))


def _last(tx: Connection, gate_id: str) -> Row[datetime, datetime, datetime | None, datetime | None] | None:
    row = ContactRow
    wanted = (
        select(row.since, row.until, row.drain_since, row.drained_at)
        .where(ContactRow.gate_id == gate_id)
        .order_by(ContactRow.since.desc())
        .limit(1)
    )
    return tx.execute(wanted).one_or_none()


def _this(gate_id: str, since: datetime) -> Update:
    return update(ContactRow).where(ContactRow.gate_id == gate_id, ContactRow.since == since)
