"""Which passes a filter means, as conditions on rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from kiosk import identities
from sync.office.db.tables import PassRow
from sync.office.db.types import has_id
from sync.office.passes.marks import Marker
from sync.office.values import PassFilter, Unit

SERIAL_LENGTH = 32


def matching(wanted: PassFilter, communities: Iterable[Unit], marker: Marker, now: datetime) -> ColumnElement[bool]:
    """The condition of `wanted`; names and households are looked for in these communities."""
    conditions = [
        _words(wanted.words.strip(), communities, marker),
        _state(wanted.state, now),
        PassRow.kind == wanted.kind if wanted.kind else true(),
        PassRow.medium == wanted.medium if wanted.medium else true(),
        has_id(PassRow.community_id, wanted.community) if wanted.community else true(),
        has_id(PassRow.batch_id, wanted.batch) if wanted.batch else true(),
    ]
    return and_(*conditions)


def _words(words: str, communities: Iterable[Unit], marker: Marker) -> ColumnElement[bool]:
    if not words:
        return true()
    condition: ColumnElement[bool]
    if (serial := _serial(words)) is not None:
        condition = PassRow.serial == serial
        return condition
    number = identities.check("pass", words)
    if number.holds:
        condition = PassRow.number == number.normalised.replace("-", "")
        return condition
    return or_(false(), *(_named(unit, words, marker) for unit in communities))


def _named(unit: Unit, words: str, marker: Marker) -> ColumnElement[bool]:
    """The name, or the household, as a whole: what is sealed cannot be searched by a part."""
    household = marker.household(unit.id, words)
    home: Any = PassRow.household_mark == household if household else false()
    return and_(PassRow.community_id == unit.id, or_(PassRow.name_mark == marker.name(unit.id, words), home))


def _serial(words: str) -> str | None:
    try:
        return bytes.fromhex(words).hex() if len(words) == SERIAL_LENGTH else None
    except ValueError:
        return None


def _state(state: str, now: datetime) -> ColumnElement[bool]:
    alive = PassRow.revoked_at.is_(None)
    match state:
        case "valid":
            return and_(alive, PassRow.valid_until > now)
        case "expired":
            return and_(alive, PassRow.valid_until <= now)
        case "revoked":
            return PassRow.revoked_at.is_not(None)
        case _:
            return true()
