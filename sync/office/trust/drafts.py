"""Uploaded keys that wait for somebody's second look. Kept in the database, since any worker may answer next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, insert, select
from uuid_utils import uuid7

from kiosk.codes import Trust
from sync.office.db import Database
from sync.office.db.issuers import TrustDraftRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound
from sync.office.trust.found import Found
from sync.office.trust.values import Draft

LIFE = timedelta(hours=1)


class Drafts:
    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def keep(self, found: Found, scheme: str, source: str, *, replaces: bool, who: str) -> Draft:
        """Keeps what `who` uploaded, for an hour."""
        draft = Draft(str(uuid7()), scheme, replaces, source, found)
        row = {
            "id": draft.id,
            "scheme": scheme,
            "replaces": replaces,
            "source": source,
            "entries": msgspec.json.encode(Trust.of(found.keys).to_section()["keys"]).decode(),
            "problems": msgspec.json.encode(found.problems).decode(),
            "made_at": self._now(),
            "made_by": who,
        }
        with self._database.write() as tx:
            tx.execute(delete(TrustDraftRow).where(TrustDraftRow.made_at < self._now() - LIFE))
            tx.execute(insert(TrustDraftRow).values(**row))
        return draft

    def get(self, draft_id: str, *, who: str) -> Draft:
        """What `who` uploaded. Raises NotFound: confirmed already, too old, or somebody else's."""
        wanted = select(TrustDraftRow).where(has_id(TrustDraftRow.id, draft_id), TrustDraftRow.made_by == who)
        with self._database.read() as tx:
            row = tx.execute(wanted.where(TrustDraftRow.made_at >= self._now() - LIFE)).one_or_none()
        if row is None:
            raise NotFound(f"no upload {draft_id}")
        keys = tuple(Trust.from_section({"keys": msgspec.json.decode(row.entries)}))
        found = Found(keys, tuple(msgspec.json.decode(row.problems)))
        return Draft(row.id, row.scheme, row.replaces, row.source, found)

    def discard(self, draft_id: str, *, who: str) -> None:
        mine = delete(TrustDraftRow).where(has_id(TrustDraftRow.id, draft_id), TrustDraftRow.made_by == who)
        with self._database.write() as tx:
            tx.execute(mine)
