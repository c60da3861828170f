"""From a draft to the gates: submitted by one person, approved by another, then published now or announced.

An approval names the digest of what was read: a document that changed in between is not approved by accident.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from kiosk.errors import PolicyError
from kiosk.model import iso
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.policies import PolicyRow
from sync.office.errors import Refused
from sync.office.policy import checks, rows, successor
from sync.office.policy.store import Policies, numbered
from sync.office.policy.values import EDITABLE, State, Version, name_of
from sync.office.publish import Publish
from sync.office.second_person import check_sole
from sync.office.values import Scope

FURTHEST = timedelta(days=90)  # how long before its time a policy may be announced
BEYOND_DRAFT = (State.SUBMITTED, State.APPROVED, State.PUBLISHED)


class Approval:
    def __init__(
        self,
        database: Database,
        policies: Policies,
        publish: Publish,
        audit: Audit,
        now: Callable[[], datetime],
        *,
        two_people: bool,
    ) -> None:
        self.two_people = two_people
        self._database = database
        self._policies = policies
        self._publish = publish
        self._audit = audit
        self._now = now

    def submit(self, version_id: str, note: str, scope: Scope, *, who: str) -> Version:
        """Asks for approval. Raises PolicyError for a document with problems, Refused without a note."""
        note = rows.words(note, "say what the change is for")
        with self._database.write() as tx:
            version = rows.locked(tx, version_id, scope)
            rows.expect(version, *EDITABLE)
            number = self._number(tx, version)
            document = numbered(version.document, number)
            checks.check(document)
            moved = {"state": State.SUBMITTED, "submitted_at": self._now(), "submitted_by": who, "note": note}
            cleared = {"decided_at": None, "decided_by": "", "reason": ""}
            rows.write(tx, version, number=number, document=document, **moved, **cleared)
            submitted = rows.locked(tx, version_id, scope)
            rows.note(self._audit, tx, who, "submit", submitted, note)
        return submitted

    def withdraw(self, version_id: str, scope: Scope, *, who: str) -> Version:
        """Takes a submitted or approved version back: it is a draft again."""
        return self._step(
            version_id, scope, who, "withdraw", (State.SUBMITTED, State.APPROVED), state=State.DRAFT, decided_by=""
        )

    def reject(self, version_id: str, reason: str, scope: Scope, *, who: str) -> Version:
        """Sends a submitted version back with a reason. Raises Refused without one."""
        reason = rows.words(reason, "say why it is rejected")
        decided = {"decided_at": self._now(), "decided_by": who, "reason": reason}
        return self._step(version_id, scope, who, "reject", (State.SUBMITTED,), reason, state=State.REJECTED, **decided)

    def approve(self, version_id: str, digest: str, scope: Scope, *, who: str, sole: bool = False) -> Version:
        """Approves what has this digest.

        Raises SamePerson when `who` submitted it, unless the office does without a second person; with `sole` it may
        be the same as long as the office has no more than one user, and the audit says so.
        """
        with self._database.write() as tx:
            version = rows.locked(tx, version_id, scope)
            rows.expect(version, State.SUBMITTED)
            if version.digest != digest:
                raise Refused("the policy was changed meanwhile: read it again before approving it")
            alone = who == version.submitted_by
            if alone and self.two_people:
                check_sole(tx, "a policy", "防控策略", sole=sole)
            checks.check(version.document)
            rows.write(tx, version, state=State.APPROVED, decided_at=self._now(), decided_by=who)
            rows.note(self._audit, tx, who, "approve", version, "alone" if alone else "")
            return rows.locked(tx, version_id, scope)

    def publish(self, version_id: str, scope: Scope, *, who: str, at: datetime | None = None) -> Version:
        """Hands an approved version down: in force with the gates' next sync, or from `at` on.

        A successor announced before, and not in force yet, is withdrawn. Raises Refused for a time that is past or
        too far off, and when a newer version is in force.
        """
        now = self._now()
        if at is not None and not now < at <= now + FURTHEST:
            raise Refused(f"announce a policy for a time to come, at most {FURTHEST.days} days off")
        with self._database.write() as tx:
            version = rows.locked(tx, version_id, scope)
            rows.expect(version, State.APPROVED)
            section = self._publish.written(tx, version.community)["policy"]
            current, following, _ = successor.split(section)
            _check_newer(version, current)
            self._replace(tx, version, following, who)
            given = dict(version.document) if at is None else successor.announcing(current, version.document, at)
            self._publish.publish_in(tx, version.community, {"policy": given}, who=who)
            moved = {"published_at": now, "published_by": who, "effective_from": at or now}
            rows.write(tx, version, state=State.PUBLISHED, **moved)
            rows.note(self._audit, tx, who, "announce" if at else "publish", version, f"from {iso(at)}" if at else "")
            return rows.locked(tx, version_id, scope)

    def call_off(self, version_id: str, reason: str, scope: Scope, *, who: str) -> Version:
        """Takes back an announced version before its time. Raises Refused when it is not announced (any more)."""
        reason = rows.words(reason, "say why it is called off")
        with self._database.write() as tx:
            version = rows.locked(tx, version_id, scope)
            current, following, _ = successor.split(self._publish.written(tx, version.community)["policy"])
            if version.state is not State.PUBLISHED or name_of(following) != version.name:
                raise Refused(f"{version.name} is not announced: it is in force or was replaced")
            self._publish.publish_in(tx, version.community, {"policy": current}, who=who)
            self._end(tx, version, reason, who)
            return rows.locked(tx, version_id, scope)

    def _number(self, tx: Connection, version: Version) -> int:
        """The version's number, a new one when others have gone ahead of it."""
        ahead = rows.highest(tx, version.community, PolicyRow.state.in_(BEYOND_DRAFT), PolicyRow.id != version.id)
        current, following, _ = successor.split(self._publish.written(tx, version.community)["policy"])
        handed = [_number_of(current), _number_of(following)]
        behind = max(ahead, *handed) >= version.number
        return self._policies.next_number(tx, version.community) if behind else version.number

    def _replace(self, tx: Connection, version: Version, following: Mapping[str, Any] | None, who: str) -> None:
        """The successor that had been announced does not come any more."""
        announced = (PolicyRow.community_id == version.community, PolicyRow.state == State.PUBLISHED)
        for old in rows.where(tx, *announced) if following else ():
            if old.name == name_of(following):
                self._end(tx, old, f"replaced by {version.name}", who)

    def _end(self, tx: Connection, version: Version, reason: str, who: str) -> None:
        rows.write(tx, version, state=State.WITHDRAWN, reason=reason)
        rows.note(self._audit, tx, who, "call-off", version, reason)

    def _step(
        self,
        version_id: str,
        scope: Scope,
        who: str,
        what: str,
        states: tuple[State, ...],
        said: str = "",
        **values: Any,
    ) -> Version:
        with self._database.write() as tx:
            version = rows.locked(tx, version_id, scope)
            rows.expect(version, *states)
            rows.write(tx, version, **values)
            rows.note(self._audit, tx, who, what, version, said)
            return rows.locked(tx, version_id, scope)


def _check_newer(version: Version, current: Mapping[str, Any]) -> None:
    if current.get("id") == version.document.get("id") and _number_of(current) >= version.number:
        raise PolicyError([f"version: {name_of(current)} is in force already; make a new draft out of {version.name}"])


def _number_of(document: Mapping[str, Any] | None) -> int:
    number = (document or {}).get("version", 0)
    return number if isinstance(number, int) else 0
