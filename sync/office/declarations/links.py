"""A household's way to the page on which it announces visitors: a secret nobody can guess, kept as its hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from uuid_utils import uuid7

from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.lists import HouseholdLinkRow
from sync.office.db.tables import UnitRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Refused
from sync.office.lists.wanted import keyed
from sync.office.passes.marks import place
from sync.office.scope import within
from sync.office.seal import Sealer
from sync.office.units import Units
from sync.office.values import Scope

LIFE = timedelta(days=365)
SECRET_BYTES = 20
LONGEST_SECRET = 64
LONGEST = 60


@dataclass(frozen=True, slots=True)
class HouseholdLink:
    """Whose page a link opens, in which community."""

    id: str
    community: str
    community_name: str
    household: str
    made_at: datetime
    made_by: str
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def good(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at


class HouseholdLinks:
    def __init__(
        self, database: Database, sealer: Sealer, units: Units, audit: Audit, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._units = units
        self._audit = audit
        self._now = now

    def make(self, community_id: str, household: str, scope: Scope, *, who: str) -> tuple[HouseholdLink, str]:
        """A new link and its secret, which is shown once; it voids an older one of that household.

        Raises Refused for no household, NotFound.
        """
        community = self._units.get(community_id, scope)
        key, plain = self._units.token_key(community.id), " ".join(household.split())
        if not place(plain) or len(plain) > LONGEST:
            raise Refused(f"a household has 1 to {LONGEST} characters")
        secret, row_id, at = secrets.token_urlsafe(SECRET_BYTES), str(uuid7()), self._now()
        own = keyed(key, "household", place(plain))
        row = {"id": row_id, "hash": _hash(secret), "community_id": community.id, "household_mark": own, "made_at": at,
               "made_by": who, "expires_at": at + LIFE,
               "sealed": self._sealer.seal_json(_place(row_id), {"household": plain})}  # fmt: skip
        older = (HouseholdLinkRow.community_id == community.id, HouseholdLinkRow.household_mark == own)
        with self._database.write() as tx:
            voided = update(HouseholdLinkRow).where(*older, HouseholdLinkRow.revoked_at.is_(None))
            tx.execute(voided.values(revoked_at=at, revoked_by=who))
            tx.execute(insert(HouseholdLinkRow).values(**row))
            self._audit.note(tx, who, "household.link", row_id, "", community.id)
        return self.get(row_id, scope), secret

    def list(self, scope: Scope, most: int = 200) -> tuple[HouseholdLink, ...]:
        """Those that still open something, newest first."""
        alive = (HouseholdLinkRow.revoked_at.is_(None), HouseholdLinkRow.expires_at > self._now())
        wanted = _links().where(*alive, within(HouseholdLinkRow.community_id, scope))
        with self._database.read() as tx:
            rows = tx.execute(wanted.order_by(HouseholdLinkRow.made_at.desc()).limit(most)).all()
        return tuple(self._link(row) for row in rows)

    def get(self, link_id: str, scope: Scope) -> HouseholdLink:
        """Raises NotFound, outside the scope too."""
        wanted = _links().where(has_id(HouseholdLinkRow.id, link_id), within(HouseholdLinkRow.community_id, scope))
        with self._database.read() as tx:
            row = tx.execute(wanted).one_or_none()
        if row is None:
            raise NotFound(f"no link {link_id}")
        return self._link(row)

    def revoke(self, link_id: str, scope: Scope, *, who: str) -> None:
        """Closes the page for whoever holds the link, at once. Again changes nothing. Raises NotFound."""
        found = self.get(link_id, scope)
        closing = update(HouseholdLinkRow).where(HouseholdLinkRow.id == found.id, HouseholdLinkRow.revoked_at.is_(None))
        with self._database.write() as tx:
            if tx.execute(closing.values(revoked_at=self._now(), revoked_by=who)).rowcount:
                self._audit.note(tx, who, "household.revoke", found.id, "", found.community)

    def open(self, secret: str) -> HouseholdLink:
        """The link with this secret. Raises NotFound for one that is none, or no longer."""
        wanted = _links().where(HouseholdLinkRow.hash == _hash(secret[:LONGEST_SECRET]))
        with self._database.read() as tx:
            row = tx.execute(wanted).one_or_none()
        found = None if row is None else self._link(row)
        if found is None or not found.good(self._now()):
            raise NotFound("this link is not good any more")
        with self._database.write() as tx:
            tx.execute(update(HouseholdLinkRow).where(HouseholdLinkRow.id == found.id).values(used_at=self._now()))
        return found

    def _link(self, row: Any) -> HouseholdLink:
        names = ("id", "community_name", "made_at", "made_by", "expires_at", "used_at", "revoked_at")
        copied = {name: getattr(row, name) for name in names}
        household = self._sealer.open_json(_place(row.id), row.sealed)["household"]
        return HouseholdLink(community=row.community_id, household=household, **copied)


def _links() -> Any:
    columns = HouseholdLinkRow.__table__.columns
    return select(*columns, UnitRow.name.label("community_name")).join(
        UnitRow, UnitRow.id == HouseholdLinkRow.community_id
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _place(link_id: str) -> str:
    return f"household_link:{link_id}:sealed"
