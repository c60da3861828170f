"""The issuer keys that the whole office's gates believe, beside the office's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select

from kiosk.codes import IssuerKey, Trust
from kiosk.model import from_iso
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.alone import alone
from sync.office.db.issuers import IssuerKeyRow
from sync.office.errors import NotFound, Refused
from sync.office.publish import Publish
from sync.office.trust import lacking
from sync.office.trust.changes import Changes, between
from sync.office.trust.drafts import Drafts
from sync.office.trust.found import SCHEMES, Found, identity
from sync.office.trust.values import Held, Lacking
from sync.office.values import Scope


class Issuers:
    def __init__(self, database: Database, publish: Publish, audit: Audit, now: Callable[[], datetime]) -> None:
        self.drafts = Drafts(database, now)
        self._database = database
        self._publish = publish
        self._audit = audit
        self._now = now

    def list(self, scheme: str = "") -> tuple[Held, ...]:
        """The keys, of one scheme or all, by scheme, issuer and kid."""
        wanted = select(IssuerKeyRow)
        with self._database.read() as tx:
            rows = tx.execute(wanted.where(IssuerKeyRow.scheme == scheme) if scheme else wanted).all()
        return tuple(sorted((_held(row) for row in rows), key=lambda held: (held.scheme, held.issuer, held.kid)))

    def compare(self, found: Found, scheme: str, *, replaces: bool) -> Changes:
        """What `take` would change."""
        with self._database.read() as tx:
            return between(_keys(tx, scheme), found.keys, replaces=replaces)

    def take(self, found: Found, scheme: str, source: str, *, replaces: bool, who: str) -> Changes:
        """Adds and updates the keys found, with `replaces` dropping the scheme's others, and hands them down.

        Raises Refused without a key, or for another scheme than imports are for.
        """
        if scheme not in SCHEMES or not found.keys or any(key.scheme != scheme for key in found.keys):
            raise Refused(f"keys to import are of {', '.join(SCHEMES)}, and at least one")
        with self._database.write() as tx:
            alone(tx, IssuerKeyRow)
            changes = between(_keys(tx, scheme), found.keys, replaces=replaces)
            _drop(tx, [identity(key) for key in (*changes.changed, *changes.gone)])
            if kept := [self._row(key, source, who) for key in (*changes.new, *changes.changed)]:
                tx.execute(insert(IssuerKeyRow), kept)
            if not changes.nothing:
                self._audit.note(tx, who, "trust.import", scheme, f"{changes}; {source}")
        if not changes.nothing:
            self._publish.everywhere(who=who)
        return changes

    def find(self, named: str, scheme: str = "") -> tuple[Held, ...]:
        """The keys whose kid is `named`, in hex or as text, or whose id is."""
        wish = named.strip()
        return tuple(held for held in self.list(scheme) if wish in (held.id, held.kid_text) or wish.lower() == held.kid)

    def get(self, key_id: str) -> Held:
        """Raises NotFound."""
        found = next((held for held in self.list() if held.id == key_id), None)
        if found is None:
            raise NotFound(f"no issuer key {key_id}")
        return found

    def remove(self, keys: Iterable[Held], *, who: str) -> int:
        """Believes these keys no longer, hands that down, and says how many there were. Again changes nothing."""
        wanted = {held.id: held for held in keys}
        with self._database.write() as tx:
            alone(tx, IssuerKeyRow)
            there = [name for name in tx.scalars(select(IssuerKeyRow.id)) if name in wanted]
            _drop(tx, there)
            for held in (wanted[name] for name in there):
                self._audit.note(tx, who, "trust.remove", held.kid_text, f"{held.scheme} {held.issuer}".strip())
        if there:
            self._publish.everywhere(who=who)
        return len(there)

    def confirm(self, draft_id: str, *, who: str) -> Changes:
        """Takes what `who` uploaded. Raises NotFound."""
        draft = self.drafts.get(draft_id, who=who)
        changes = self.take(draft.found, draft.scheme, draft.source, replaces=draft.replaces, who=who)
        self.drafts.discard(draft_id, who=who)
        return changes

    def lacking(self, scope: Scope) -> tuple[Lacking, ...]:
        """The keys that codes at the branch's gates asked for in the last 30 days and no gate knew, most asked first.

        Demonstrations do not count.
        """
        with self._database.read() as tx:
            return lacking.of(tx, scope, self._now())

    def _row(self, key: IssuerKey, source: str, who: str) -> dict[str, Any]:
        (entry,) = Trust.of([key]).to_section()["keys"]
        return {
            "id": identity(key),
            "scheme": key.scheme,
            "kid": key.kid.hex(),
            "entry": _text(entry),
            "source": source,
            "added_at": self._now(),
            "added_by": who,
        }


def _keys(tx: Connection, scheme: str) -> dict[str, IssuerKey]:
    """The keys held of one scheme, by identity."""
    entries = tx.scalars(select(IssuerKeyRow.entry).where(IssuerKeyRow.scheme == scheme))
    return {identity(key): key for key in _parsed([msgspec.json.decode(entry) for entry in entries])}


def _parsed(entries: Sequence[dict[str, Any]]) -> tuple[IssuerKey, ...]:
    return tuple(Trust.from_section({"keys": entries}))


def _drop(tx: Connection, ids: Sequence[str]) -> None:
    if ids:
        tx.execute(delete(IssuerKeyRow).where(IssuerKeyRow.id.in_(ids)))


def _text(document: Any) -> str:
    return msgspec.json.encode(document, order="sorted").decode()


def _held(row: Any) -> Held:
    said = msgspec.json.decode(row.entry)
    begins, ends = (from_iso(said[name]) if said[name] else None for name in ("valid_from", "valid_until"))
    return Held(
        id=row.id,
        scheme=row.scheme,
        kid=row.kid,
        issuer=said["issuer"],
        alg=said["alg"],
        valid_from=begins,
        valid_until=ends,
        usage=tuple(said["usage"]),
        source=row.source,
        added_at=row.added_at,
        added_by=row.added_by,
    )
