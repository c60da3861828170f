"""A signed request is good once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from sync.office.db import Database
from sync.office.db.once import insert_once
from sync.office.db.tables import NonceRow

KEPT = timedelta(minutes=10)  # twice what a request's clock may differ
PRUNED_EVERY = timedelta(minutes=1)


class Nonces:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._pruned_at: datetime | None = None

    def use(self, gate_id: str, nonce: str, at: datetime) -> bool:
        """True the first time this gate uses this nonce, whichever worker it comes to."""
        with self._database.write() as tx:
            new = insert_once(tx, NonceRow).values(gate_id=gate_id, nonce=nonce, at=at).returning(NonceRow.nonce)
            added = tx.execute(new).first()
            if self._pruned_at is None or at - self._pruned_at > PRUNED_EVERY:
                tx.execute(delete(NonceRow).where(NonceRow.at < at - KEPT))
                self._pruned_at = at
        return added is not None
