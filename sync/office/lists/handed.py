"""What follows from the lists' rows in a community's bundle: sections as kiosk/lists reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, or_, select

from kiosk.model import iso
from sync.office.db.lists import DeclarationRow, ListedRow

ROSTER, DECLARATIONS = "roster", "declarations"
STILL_TOLD = timedelta(days=1)  # that a declaration has expired


def hand_written(watch: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a `watch` section that were written into it by hand: they have one token and no row."""
    return {"entries": [entry for entry in watch["entries"] if "token" in entry]}


def watch(tx: Connection, community_id: str, written: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The hand-written entries and those of the register that are not over."""
    entries = [
        _without_none(
            {**msgspec.json.decode(row.shown), "id": row.id, "why": row.why,
             "from": row.begins and iso(row.begins), "until": row.ends and iso(row.ends)}
        )
        for row in _current(tx, "watch", community_id, now)
    ]  # fmt: skip
    return {"entries": [*written["entries"], *entries]}


def roster(tx: Connection, community_id: str, now: datetime) -> dict[str, Any]:
    people = _current(tx, "roster", community_id, now)
    return {"people": [{**msgspec.json.decode(row.shown), "kind": row.why} for row in people]}


def declarations(tx: Connection, community_id: str, now: datetime) -> dict[str, Any]:
    """Those that may still be used, and, for a day, those that ended: a gate says so."""
    wanted = select(DeclarationRow).where(
        DeclarationRow.community_id == community_id, DeclarationRow.ends > now - STILL_TOLD
    )
    return {"entries": [_declaration(row) for row in tx.execute(wanted.order_by(DeclarationRow.id))]}


def _declaration(row: Any) -> dict[str, Any]:
    return {
        **msgspec.json.decode(row.shown),
        "id": row.id,
        "kind": row.kind,
        "from": iso(row.begins),
        "until": iso(row.ends),
        "used": row.used_at is not None,
        "cancelled": row.cancelled_at is not None,
    }


def _current(tx: Connection, register: str, community_id: str, now: datetime) -> Any:
    columns = (ListedRow.id, ListedRow.why, ListedRow.begins, ListedRow.ends, ListedRow.shown)
    wanted = select(*columns).where(
        ListedRow.community_id == community_id,
        ListedRow.register == register,
        ListedRow.ended_at.is_(None),
        or_(ListedRow.ends.is_(None), ListedRow.ends > now),
    )
    return tx.execute(wanted.order_by(ListedRow.id))


def _without_none(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
