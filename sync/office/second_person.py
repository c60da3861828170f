"""Acts that take two people: one asks, another approves."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from sync.office.db.tables import UserRow
from sync.office.errors import Refused


class SamePerson(Refused):
    """Whoever asked for something wants to approve it."""


def check_sole(tx: Connection, what: str, page: str, *, sole: bool) -> None:
    """Lets one person approve `what` alone who says so (`sole`) and is the office's only user. Raises SamePerson."""
    if not sole:
        raise SamePerson(f"{what} is approved by somebody else than whoever asked for it")
    if (count := tx.scalar(select(func.count()).select_from(UserRow)) or 0) > 1:
        raise SamePerson(
            f"the office has {count} users: one of them approves on the page {page}, --sole is for one alone"
        )
