"""What the office hands down: per community, as one signed, versioned whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs
from sqlalchemy import Connection, delete, func, insert, select

from kiosk import signet
from kiosk.model import from_iso, iso
from sync import protocol
from sync.office import sections
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.once import insert_once
from sync.office.db.tables import BundleRow, GateRow, GateStateRow, SectionRow, UnitRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound
from sync.office.lists import handed
from sync.office.policy import successor
from sync.office.retention import orders
from sync.office.values import Published, Unit

VALIDITY = timedelta(days=7)
OFFICE = "office"  # who renews
# They hold the community's own key or tokens: no other has the same.
OWN = ("trust", "watch", "roster", "declarations", "erasures")
SHARED = 256  # bytes; an empty section is every community's
SHA256 = re.compile(r"[0-9a-f]{64}")
TOKEN = re.compile(rb"[0-9a-f]{64}")


class Publish:
    def __init__(
        self,
        database: Database,
        audit: Audit,
        sign_key: Ed25519PrivateKey,
        pass_key: EllipticCurvePrivateKey,
        office_name: str,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._audit = audit
        self._sign_key = sign_key
        self._pass_key = pass_key
        self._office_name = office_name
        self._now = now

    def issuer(self, community: Unit) -> str:
        """Who stands as issuer in the community's passes."""
        return f"{self._office_name} {community.name}"[:60]

    def version(self, community_id: str) -> int:
        """The version now published, 0 for none."""
        with self._database.read() as tx:
            return _last_version(tx, community_id)

    def draft(self, community_id: str) -> dict[str, Any]:
        """The written sections in force, for editing: policy, watch, notices."""
        with self._database.read() as tx:
            return self._written(tx, community_id)

    def publish(self, community_id: str, given: Mapping[str, Any], *, who: str) -> Published:
        """A new version with the sections in `given`; the others stay. Trust and revoked are brought up to date.

        Raises Refused or PolicyError for a section no gate could use, NotFound for no community.
        """
        sections.check(given)
        with self._database.write() as tx:
            return self._issue(tx, _locked(tx, community_id), given, who)

    def revise(
        self, community_id: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any]], *, who: str
    ) -> Published:
        """Like `publish` with the sections that `change(written sections in force)` answers, read and replaced under
        one lock."""
        with self._database.write() as tx:
            community = _locked(tx, community_id)
            given = change(self._written(tx, community_id))
            sections.check(given)
            return self._issue(tx, community, given, who)

    def publish_in(self, tx: Connection, community_id: str, given: Mapping[str, Any], *, who: str) -> Published:
        """Like `publish`, within the caller's transaction."""
        sections.check(given)
        return self._issue(tx, _locked(tx, community_id), given, who)

    def written(self, tx: Connection, community_id: str) -> dict[str, Any]:
        """Like `draft`, within the caller's transaction, which then is the only one to publish for this community."""
        _locked(tx, community_id)
        return self._written(tx, community_id)

    def everywhere(self, *, who: str) -> int:
        """A new version for every community that has one, after a change to what all of them are handed; how many."""
        with self._database.read() as tx:
            communities = list(tx.scalars(select(BundleRow.community_id).distinct()))
        for community_id in communities:
            self.publish(community_id, {}, who=who)
        return len(communities)

    def drop_older(self, community_id: str) -> None:
        """Drops what people were named in, by their tokens, in versions before the one in force: somebody is to be
        forgotten. A gate that is fetching one of them begins with the newest."""
        wanted = select(BundleRow.manifest).where(has_id(BundleRow.community_id, community_id))
        with self._database.write() as tx:
            texts = tx.scalars(wanted.order_by(BundleRow.version.desc())).all()
            newest, *older = (msgspec.json.decode(text, type=protocol.Manifest).sections for text in texts)
            gone = {sections[name] for sections in older for name in OWN if name in sections} - set(newest.values())
            rows = tx.execute(select(SectionRow).where(SectionRow.sha256.in_(sorted(gone))))
            named = [row.sha256 for row in rows if TOKEN.search(row.content)]  # the others are every community's
            tx.execute(delete(SectionRow).where(SectionRow.sha256.in_(named)))

    def ensure(self, community_id: str) -> int:
        """The version now published; publishes the first one when there is none. Raises NotFound."""
        if version := self.version(community_id):
            return version
        with self._database.write() as tx:
            community = _locked(tx, community_id)
            return _last_version(tx, community_id) or self._issue(tx, community, {}, OFFICE).version

    def versions(self, community_id: str) -> tuple[Published, ...]:
        """Every version, newest first."""
        wanted = (
            select(BundleRow).where(has_id(BundleRow.community_id, community_id)).order_by(BundleRow.version.desc())
        )
        with self._database.read() as tx:
            return tuple(_published(row) for row in tx.execute(wanted))

    def manifest(self, community_id: str) -> protocol.Manifest | None:
        """The signed manifest in force, renewed by itself when past half its validity; None before the first one."""
        with self._database.read() as tx:
            found = _last(tx, community_id)
        if found is not None and self._worn(found):
            with self._database.write() as tx:
                community = _locked(tx, community_id)
                found = _last(tx, community_id)
                if found is not None and self._worn(found):
                    self._issue(tx, community, {}, OFFICE)
                    found = _last(tx, community_id)
        return found

    def section(self, sha256: str) -> bytes | None:
        """The bytes of a section that was ever published."""
        if not _is_hash(sha256):
            return None
        wanted = select(SectionRow.content).where(SectionRow.sha256 == sha256)
        with self._database.read() as tx:
            return tx.scalar(wanted)

    def piece(self, sha256: str, begin: int, length: int) -> tuple[bytes, int] | None:
        """`length` bytes of a published section from `begin` on (fewer at its end), and how many it has in all."""
        part = func.substr(SectionRow.content, begin + 1, length)
        wanted = select(part.label("part"), func.length(SectionRow.content).label("size"))
        if not _is_hash(sha256):
            return None
        with self._database.read() as tx:
            row = tx.execute(wanted.where(SectionRow.sha256 == sha256)).one_or_none()
        return None if row is None else (bytes(row.part), row.size)

    def document(self, sha256: str) -> dict[str, Any]:
        """A published section, read. Raises NotFound."""
        if (content := self.section(sha256)) is None:
            raise NotFound(f"no section {sha256}")
        return msgspec.json.decode(content, type=dict[str, Any])

    def _worn(self, manifest: protocol.Manifest) -> bool:
        issued_at, valid_until = from_iso(manifest.issued_at), from_iso(manifest.valid_until)
        return self._now() > issued_at + (valid_until - issued_at) / 2

    def _written(self, tx: Connection, community_id: str) -> dict[str, Any]:
        manifest = _last(tx, community_id)
        hashes = manifest.sections if manifest else {}
        found = {
            name: _content(tx, hashes[name]) if name in hashes else sections.default(name) for name in sections.WRITTEN
        }
        watch, policy = handed.hand_written(found["watch"]), successor.settled(found["policy"], self._now())
        return {**found, "watch": watch, "policy": policy}

    def _documents(
        self, tx: Connection, community: Unit, given: Mapping[str, Any], now: datetime
    ) -> Mapping[str, Mapping[str, Any]]:
        """Every section but the compact lists of hashes. Some are left out until there is something in them; from
        then on they are handed down empty too, since a gate keeps a section that it is not given."""
        last = _last(tx, community.id)
        written = {**self._written(tx, community.id), **given}
        documents = {
            **written,
            "watch": handed.watch(tx, community.id, written["watch"], now),
            "roster": handed.roster(tx, community.id, now),
            "declarations": handed.declarations(tx, community.id, now),
            "erasures": orders.orders(tx, community.id),
            "trust": sections.trust(tx, community, self.issuer(community), self._pass_key),
            "revoked": sections.revoked(tx, community.id, now),
        }
        before = last.sections if last else {}
        silent = [name for name in sections.ONCE_FILLED if name not in before and not any(documents[name].values())]
        return {name: document for name, document in documents.items() if name not in silent}

    def _issue(self, tx: Connection, community: Unit, given: Mapping[str, Any], who: str) -> Published:
        now = self._now()
        documents = self._documents(tx, community, given, now)
        manifest = protocol.Manifest(
            version=_next_version(tx, community.id),
            community=community.id,
            issued_at=iso(now),
            valid_until=iso(now + VALIDITY),
            sections={name: _store(tx, sections.encode(document)) for name, document in sorted(documents.items())}
            | sections.hash_lists(tx),
        )
        statement = {name: value for name, value in structs.asdict(manifest).items() if name != "signature"}
        manifest = structs.replace(manifest, signature=signet.sign(self._sign_key, statement))
        row = {
            "community_id": community.id,
            "version": manifest.version,
            "issued_at": now,
            "valid_until": now + VALIDITY,
            "who": who,
            "manifest": msgspec.json.encode(manifest).decode(),
        }
        tx.execute(insert(BundleRow).values(**row))
        _forget_old(tx, manifest)
        self._audit.note(tx, who, "bundle.publish", str(manifest.version), ",".join(sorted(given)), community.id)
        return Published(manifest.version, now, now + VALIDITY, who, manifest.sections)


def _is_hash(text: str) -> bool:
    return SHA256.fullmatch(text) is not None


def _locked(tx: Connection, community_id: str) -> Unit:
    """The community, locked so that versions follow one another. Raises NotFound."""
    wanted = select(UnitRow).where(has_id(UnitRow.id, community_id), UnitRow.level == "community")
    row = tx.execute(wanted.with_for_update(key_share=True)).one_or_none()
    if row is None:
        raise NotFound(f"no community {community_id}")
    return Unit(row.id, row.parent_id, row.level, row.code, row.name, row.demo)


def _last_version(tx: Connection, community_id: str) -> int:
    return tx.scalar(select(func.max(BundleRow.version)).where(has_id(BundleRow.community_id, community_id))) or 0


def _next_version(tx: Connection, community_id: str) -> int:
    """Beyond every version published and every one a gate has in force: a database restored from a backup must not
    hand down numbers that gates take for old."""
    in_force = select(func.max(GateStateRow.bundle)).join(GateRow, GateRow.id == GateStateRow.gate_id)
    known = tx.scalar(in_force.where(GateRow.community_id == community_id)) or 0
    return max(_last_version(tx, community_id), known) + 1


def _last(tx: Connection, community_id: str) -> protocol.Manifest | None:
    wanted = select(BundleRow.manifest).where(has_id(BundleRow.community_id, community_id))
    text = tx.scalar(wanted.order_by(BundleRow.version.desc()).limit(1))
    return None if text is None else msgspec.json.decode(text, type=protocol.Manifest)


def _content(tx: Connection, sha256: str) -> dict[str, Any]:
    content = tx.execute(select(SectionRow.content).where(SectionRow.sha256 == sha256)).scalar_one()
    return msgspec.json.decode(content, type=dict[str, Any])


def _store(tx: Connection, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    tx.execute(insert_once(tx, SectionRow), {"sha256": sha256, "content": content})
    return sha256


def _forget_old(tx: Connection, newest: protocol.Manifest) -> None:
    """Drops the large sections of two versions ago: with thousands of issuers or people each has a megabyte or more,
    and a gate never asks for one older than the one it may be fetching."""
    before = select(BundleRow.manifest).where(
        BundleRow.community_id == newest.community, BundleRow.version < newest.version
    )
    latest = tx.scalars(before.order_by(BundleRow.version.desc()).limit(2))
    hashes = [msgspec.json.decode(text, type=protocol.Manifest).sections for text in latest]
    for name in OWN if len(hashes) == 2 else ():
        last, old = (version.get(name) for version in hashes)
        if old is not None and old not in (last, newest.sections.get(name)):
            large = func.length(SectionRow.content) > SHARED
            tx.execute(delete(SectionRow).where(SectionRow.sha256 == old, large))


def _published(row: Any) -> Published:
    manifest = msgspec.json.decode(row.manifest, type=protocol.Manifest)
    return Published(row.version, row.issued_at, row.valid_until, row.who, manifest.sections)
