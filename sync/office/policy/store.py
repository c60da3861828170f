"""A community's policies: the one in force, the drafts, every version there was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from uuid_utils import uuid7

from kiosk.screening import policy
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.policies import PolicyRow
from sync.office.db.tables import UnitRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Refused
from sync.office.policy import rows, successor
from sync.office.policy.values import EDITABLE, OPEN, InForce, State, Version
from sync.office.publish import Publish
from sync.office.scope import within
from sync.office.units import Units
from sync.office.values import Scope

OWN_ID = "community"  # of a policy that began as the shipped one, whose own numbers grow with the software
MOST_OPEN = 50

Document = Mapping[str, Any]


class Policies:
    def __init__(
        self, database: Database, units: Units, publish: Publish, audit: Audit, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._units = units
        self._publish = publish
        self._audit = audit
        self._now = now

    def in_force(self, community_id: str, scope: Scope) -> InForce:
        """What the community's gates are handed. Raises NotFound."""
        self._units.community(community_id, scope)
        current, following, at = successor.split(self._publish.draft(community_id)["policy"])
        made = {version.name: version for version in self.list(community_id, scope) if version.state is State.PUBLISHED}
        return InForce(current, following, at, made)

    def list(self, community_id: str, scope: Scope) -> tuple[Version, ...]:
        """Every version of the community, newest first."""
        with self._database.read() as tx:
            return rows.where(tx, has_id(PolicyRow.community_id, community_id), within(PolicyRow.community_id, scope))

    def get(self, version_id: str, scope: Scope) -> Version:
        """Raises NotFound."""
        with self._database.read() as tx:
            found = rows.where(tx, has_id(PolicyRow.id, version_id), within(PolicyRow.community_id, scope))
        if not found:
            raise NotFound(f"no policy {version_id}")
        return found[0]

    def start(self, community_id: str, document: Document, based_on: str, scope: Scope, *, who: str) -> Version:
        """A new draft out of `document`, with the next number; it may still be wrong. Raises Refused, NotFound."""
        self._units.community(community_id, scope)
        with self._database.write() as tx:
            _alone(tx, community_id)
            if (
                sum(version.state in OPEN for version in rows.where(tx, PolicyRow.community_id == community_id))
                >= MOST_OPEN
            ):
                raise Refused(f"there are {MOST_OPEN} open drafts: discard some first")
            number = self.next_number(tx, community_id)
            version_id = str(uuid7())
            made = {
                "id": version_id,
                "community_id": community_id,
                "number": number,
                "state": State.DRAFT,
                "document": rows.text(numbered(document, number)),
                "based_on": based_on,
                **{f"{verb}_at": self._now() for verb in ("made", "changed")},
                **{f"{verb}_by": who for verb in ("made", "changed")},
            }
            tx.execute(insert(PolicyRow).values(**made))
            version = rows.locked(tx, version_id, scope)
            rows.note(self._audit, tx, who, "draft", version, f"from {based_on}")
        return version

    def change(
        self, version_id: str, change: Callable[[dict[str, Any]], Document], scope: Scope, *, who: str, what: str = ""
    ) -> Version:
        """The draft as `change` leaves its document, read and replaced under one lock; what stands there may be wrong.

        Raises Refused for a version that is no draft (any more), and whatever `change` raises.
        """
        with self._database.write() as tx:
            version = rows.locked(tx, version_id, scope)
            rows.expect(version, *EDITABLE)
            document = numbered(change(dict(version.document)), version.number)
            if document != version.document:
                state = {"state": State.DRAFT, "changed_at": self._now(), "changed_by": who}
                rows.write(tx, version, document=document, **state)
                rows.note(self._audit, tx, who, "edit", version, what)
            return rows.locked(tx, version_id, scope)

    def discard(self, version_id: str, scope: Scope, *, who: str) -> Version:
        """Ends work on a draft; it stays in the history as withdrawn."""
        with self._database.write() as tx:
            version = rows.locked(tx, version_id, scope)
            rows.expect(version, *EDITABLE)
            rows.write(tx, version, state=State.WITHDRAWN, decided_at=self._now(), decided_by=who, reason="")
            rows.note(self._audit, tx, who, "discard", version)
        return version

    def next_number(self, tx: Connection, community_id: str) -> int:
        """Beyond every version made here and every one handed down."""
        current, following, _ = successor.split(self._publish.written(tx, community_id)["policy"])
        numbers = [document.get("version", 0) for document in (current, following or {})]
        return max([rows.highest(tx, community_id), *(number for number in numbers if isinstance(number, int))]) + 1


def numbered(document: Document, number: int) -> dict[str, Any]:
    """The document under a number of the community's own, and not under the shipped policy's name."""
    name = document.get("id")
    own = OWN_ID if name in (None, "", policy.default().id) else name
    return {**document, "id": own, "version": number}


def named(versions: tuple[Version, ...], text: str) -> Version:
    """The version that `text` (id, number, `community@3`) means. Raises NotFound."""
    for version in versions:
        if text in (version.id, version.name, str(version.number), f"v{version.number}"):
            return version
    raise NotFound(f"no version {text!r}; see: python -m sync.office policy history")


def _alone(tx: Connection, community_id: str) -> None:
    """Keeps others waiting who want a number, too."""
    tx.execute(select(UnitRow.id).where(UnitRow.id == community_id).with_for_update(key_share=True))
