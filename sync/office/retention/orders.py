"""What gates are told of people who asked to be forgotten: tokens, until every gate of the community has done it."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, select

from kiosk.model import iso
from sync.office.db.retention import ErasureRow


def orders(tx: Connection, community_id: str) -> dict[str, Any]:
    """The section `erasures`: whom the gates of a community are to forget, by token, and up to when: who comes again
    later is recorded like anybody."""
    wanted = select(ErasureRow.id, ErasureRow.tokens, ErasureRow.done_at).where(
        ErasureRow.community_id == community_id, ErasureRow.tokens.is_not(None)
    )
    rows = tx.execute(wanted.order_by(ErasureRow.done_at, ErasureRow.id))
    return {
        "erasures": [
            {"id": row.id, "tokens": msgspec.json.decode(row.tokens), "until": iso(row.done_at)} for row in rows
        ]
    }
