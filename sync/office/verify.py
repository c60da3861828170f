"""Checks stored journals again, from their first event: the proof that nothing is missing and nothing was altered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from kiosk import chain
from kiosk.model import ZERO_DIGEST, Clock, Event
from sync import protocol
from sync.office.db import Database
from sync.office.db.log import EventRow, JournalRow
from sync.office.db.tables import GateRow
from sync.office.db.types import has_id
from sync.office.errors import OfficeError
from sync.office.reading import place
from sync.office.retention.certificates import certified
from sync.office.seal import Destroyed, Sealer
from sync.office.values import JournalCheck

CHUNK = 500


class Verifier:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._certified: dict[bytes, bool] = {}  # day keys that are gone: whether a certificate says so

    def check(self, gate_id: str | None = None) -> tuple[JournalCheck, ...]:
        """One result per journal, of one gate or of all: number and digest of the last event that holds."""
        wanted = select(*JournalRow.__table__.columns, GateRow.name).join(GateRow, GateRow.id == JournalRow.gate_id)
        if gate_id is not None:
            wanted = wanted.where(has_id(JournalRow.gate_id, gate_id))
        with self._database.read() as tx:
            heads = tx.execute(wanted.order_by(GateRow.name, JournalRow.begun_at)).all()
            return tuple(self._check(tx, head) for head in heads)

    def _check(self, tx: Connection, head: Any) -> JournalCheck:
        seq, digest = 0, ZERO_DIGEST
        why = ""
        for row in _events(tx, head):
            why = self.flaw(row, seq, digest)
            if why:
                break
            seq, digest = row.seq, row.digest
        else:
            why = "" if (seq, digest) == (head.seq, head.digest) else "the events do not reach the journal's head"
        return JournalCheck(
            journal=head.id,
            gate=head.gate_id,
            gate_name=head.name,
            seq=seq,
            digest=digest,
            ok=not why,
            first_bad=seq + 1 if why else None,
            why=why,
        )

    def flaw(self, row: Any, seq: int, digest: str) -> str:
        """What is wrong with a stored event behind number `seq` with `digest`; "" when nothing is."""
        if row.seq != seq + 1:
            return f"event {seq + 1} is missing"
        try:
            return chain.flaw(self.event(row), digest) or self._unaccounted(row)
        except (OfficeError, ValueError, RecursionError) as error:
            return str(error)

    def event(self, row: Any) -> Event:
        """The event as it came, its personal part opened unless it was destroyed in time. Raises OfficeError when that
        is not possible."""
        sealed: dict[str, Any] = {}
        if row.sealed is not None:
            with suppress(Destroyed):
                sealed = self._sealer.open_json(place(row.journal_id, row.seq), row.sealed)
        clock = msgspec.json.decode(row.clock, type=protocol.WireClock)
        return Event(
            journal=row.journal_id,
            seq=row.seq,
            id=row.id,
            kind=row.kind,
            at=row.at,
            clock=Clock(clock.boot, clock.monotonic_ms, clock.offset_ms),
            open=msgspec.json.decode(row.open),
            seal=row.seal,
            prev=row.prev,
            digest=row.digest,
            personal=sealed.get("personal"),
            salt=sealed.get("salt"),
        )

    def _unaccounted(self, row: Any) -> str:
        """What is wrong with a personal part whose day's key is gone: nothing when a certificate says so."""
        key = self._sealer.day_key(row.sealed)
        if key is None or not self._sealer.gone(row.sealed):
            return ""
        if key not in self._certified:
            with self._database.read() as tx:
                self._certified[key] = certified(tx, key)
        if self._certified[key]:
            return ""
        return "the key of its day is gone, but no certificate says that it was destroyed"


def _events(tx: Connection, head: Any) -> Iterator[Any]:
    """Every event of the journal in order, a few hundred in memory at a time."""
    wanted = select(*EventRow.__table__.columns).where(
        EventRow.community_id == head.community_id, EventRow.journal_id == head.id
    )
    result = tx.execution_options(yield_per=CHUNK).execute(wanted.order_by(EventRow.seq))
    yield from result
