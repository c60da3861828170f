"""Links by which a resident opens a pass on a phone: a secret nobody can guess, good for a day, kept as its hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.tables import PassLinkRow
from sync.office.errors import NotFound, Refused
from sync.office.passes.register import Passes
from sync.office.values import EVERYTHING, IssuedPass, PassFilter, Scope

LIFE = timedelta(hours=24)
SECRET_BYTES = 20
LONGEST_SECRET = 64
ON_PHONE = "phone-link"  # who looks, in the audit


@dataclass(frozen=True, slots=True)
class Link:
    """`secret` is shown once; it belongs behind the # of an address, where no server writes it into a log."""

    secret: str
    expires_at: datetime


class Links:
    def __init__(self, database: Database, passes: Passes, audit: Audit, now: Callable[[], datetime]) -> None:
        self._database = database
        self._passes = passes
        self._audit = audit
        self._now = now

    def make(self, serial: str, scope: Scope, *, who: str) -> Link:
        """A new link for a valid pass that was issued for a phone; it voids an older one. Raises NotFound, Refused."""
        found = self._passes.get(serial, scope)
        if found.state(self._now()) != "valid":
            raise Refused("this pass is no longer valid")
        if found.medium != "phone":
            raise Refused("this pass was issued for paper: issue it anew for a phone")
        link = Link(secrets.token_urlsafe(SECRET_BYTES), self._now() + LIFE)
        with self._database.write() as tx:
            tx.execute(delete(PassLinkRow).where(PassLinkRow.serial == found.serial))
            tx.execute(
                insert(PassLinkRow).values(
                    hash=_hash(link.secret), serial=found.serial, expires_at=link.expires_at, made_by=who
                )
            )
            self._audit.note(tx, who, "pass.link", found.serial, found.kind, found.community)
        return link

    def open(self, secret: str) -> IssuedPass:
        """The pass that a link leads to, in clear. Raises NotFound for a link that is none, or no longer, and for a
        pass that is not valid any more: who holds a link learns nothing else."""
        wanted = select(PassLinkRow.serial).where(
            PassLinkRow.hash == _hash(secret[:LONGEST_SECRET]), PassLinkRow.expires_at > self._now()
        )
        with self._database.read() as tx:
            serial = tx.scalar(wanted)
        if serial is None:
            raise NotFound("this link is not good any more")
        found = self._passes.in_clear(PassFilter(words=serial), EVERYTHING, who=ON_PHONE, medium="phone")
        if not found:
            raise NotFound("this pass is not valid any more")
        return found[0]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
