"""Who did what to what, when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, func, insert, select
from uuid_utils import uuid7

from sync.office.db import Database
from sync.office.db.tables import AuditRow as AuditTable
from sync.office.scope import within
from sync.office.values import AuditRow, Page, Scope


class Audit:
    """Rows are added, never changed. They name records by id; personal data does not belong in `detail`."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def note(
        self, tx: Connection, who: str, what: str, subject: str = "", detail: str = "", community: str | None = None
    ) -> None:
        """Adds a row in the transaction of the change itself."""
        row = {"id": str(uuid7()), "at": self._now(), "who": who, "what": what, "subject": subject}
        tx.execute(insert(AuditTable).values(**row, detail=detail, community_id=community))

    def write(self, who: str, what: str, subject: str = "", detail: str = "", community: str | None = None) -> None:
        """Adds a row in a transaction of its own, for what changes nothing else (a page was looked at)."""
        with self._database.write() as tx:
            self.note(tx, who, what, subject, detail, community)

    def page(self, scope: Scope, page: int = 1, size: int = 50) -> Page[AuditRow]:
        """Newest first. Rows that belong to no community are seen only by those who see everything."""
        seen = within(AuditTable.community_id, scope)
        wanted = select(AuditTable).where(seen).order_by(AuditTable.at.desc(), AuditTable.id.desc())
        with self._database.read() as tx:
            total = tx.scalar(select(func.count()).select_from(AuditTable).where(seen)) or 0
            rows = tx.execute(wanted.limit(size).offset((page - 1) * size)).all()
        return Page(
            tuple(AuditRow(r.at, r.who, r.what, r.subject, r.detail, r.community_id) for r in rows), total, page, size
        )
