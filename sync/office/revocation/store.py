"""The office's list of revoked hashes, the same for every community."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from kiosk.codes.revocation import ENTRIES_AT, HASH_BYTES, TAIL_BYTES
from sync import protocol
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.alone import alone
from sync.office.db.issuers import HashChunkRow, HashListRow
from sync.office.db.once import insert_once
from sync.office.db.tables import SectionRow
from sync.office.errors import Refused
from sync.office.publish import Publish
from sync.office.revocation.cards import Cards
from sync.office.revocation.reading import Given

SCHEME = "eu-dcc"
MODES = ("add", "remove", "replace")
MOST = (protocol.MAX_SECTION_BYTES - ENTRIES_AT) // TAIL_BYTES  # what a gate takes: some 11 million

_LISTED = select(HashListRow.count, HashListRow.sha256, HashListRow.changed_at, HashListRow.changed_by)

Progress = Callable[[int], None]
"""Called with each chunk done, 1 to 256."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The list in force: how many hashes, and the section's SHA-256."""

    count: int
    sha256: str
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would change: worked out before it is applied, from the list whose section is `base`."""

    mode: str
    added: int
    removed: int
    duplicates: int  # in the import
    count: int  # hashes afterwards
    base: str | None
    chunks: dict[int, bytes] = field(repr=False)  # those that change
    section: bytes = field(repr=False)

    @property
    def nothing(self) -> bool:
        return not (self.added or self.removed)


class Revocation:
    """Hashes by the million; `cards` are the few that are revoked one by one."""

    def __init__(self, database: Database, publish: Publish, audit: Audit, now: Callable[[], datetime]) -> None:
        self.cards = Cards(database, publish, audit)
        self._database = database
        self._publish = publish
        self._audit = audit
        self._now = now

    def listed(self) -> Listed | None:
        """The list in force; None before the first import."""
        with self._database.read() as tx:
            row = tx.execute(_LISTED.where(HashListRow.scheme == SCHEME)).one_or_none()
        return None if row is None else Listed(*row)

    def plan(self, given: Given, mode: str, progress: Progress = lambda _: None) -> Plan:
        """What adding, removing or replacing by the hashes would change. Raises Refused for more than a gate takes."""
        from sync.office.revocation.lists import Compactor, merge  # brings NumPy along, for this alone

        compactor, chunks = Compactor(SCHEME), dict[int, bytes]()
        added = removed = unique = count = 0
        with self._database.read() as tx:
            base = tx.scalar(select(HashListRow.sha256).where(HashListRow.scheme == SCHEME))
            for leading, held in enumerate(_chunks(tx)):
                merged = merge(held, bytes(given.chunks[leading]), mode)
                if merged.hashes != held:
                    chunks[leading] = merged.hashes
                added, removed = added + merged.added, removed + merged.removed
                unique, count = unique + merged.given, count + len(merged.hashes) // HASH_BYTES
                compactor.add(merged.hashes)
                progress(leading + 1)
        if len(compactor) > MOST:
            raise Refused(f"{len(compactor):,} hashes: a gate takes at most {MOST:,}; nothing was changed")
        return Plan(mode, added, removed, len(given) - unique, count, base, chunks, compactor.finish())

    def apply(self, plan: Plan, source: str, *, who: str) -> None:
        """Keeps the list and hands it down. Raises Refused when the list was changed after the plan was made."""
        sha256 = hashlib.sha256(plan.section).hexdigest()
        with self._database.write() as tx:
            alone(tx, HashListRow)
            before = tx.scalar(select(HashListRow.sha256).where(HashListRow.scheme == SCHEME))
            if before != plan.base:
                raise Refused("somebody else changed the list meanwhile: nothing was changed, import again")
            _replace_chunks(tx, plan.chunks)
            tx.execute(insert_once(tx, SectionRow), {"sha256": sha256, "content": plan.section})
            _forget_older(tx, {sha256, before})
            row = {"scheme": SCHEME, "count": plan.count, "sha256": sha256, "before": before}
            tx.execute(delete(HashListRow).where(HashListRow.scheme == SCHEME))
            tx.execute(insert(HashListRow).values(**row, changed_at=self._now(), changed_by=who))
            detail = f"{plan.mode}: added {plan.added}, removed {plan.removed}, now {plan.count}; {source}"
            self._audit.note(tx, who, "revocation.import", SCHEME, detail)
        self._publish.everywhere(who=who)


def _chunks(tx: Connection) -> Iterator[bytes]:
    """The 256 chunks in order, empty ones too, each read when it is its turn."""
    for leading in range(256):
        wanted = select(HashChunkRow.hashes).where(HashChunkRow.scheme == SCHEME, HashChunkRow.leading == leading)
        yield tx.scalar(wanted) or b""


def _replace_chunks(tx: Connection, chunks: dict[int, bytes]) -> None:
    for leading, hashes in chunks.items():
        tx.execute(delete(HashChunkRow).where(HashChunkRow.scheme == SCHEME, HashChunkRow.leading == leading))
        if hashes:
            tx.execute(insert(HashChunkRow).values(scheme=SCHEME, leading=leading, hashes=hashes))


def _forget_older(tx: Connection, kept: set[str | None]) -> None:
    """Drops the section before the one until now: nobody fetches it any more, and each has megabytes."""
    older = tx.scalar(select(HashListRow.before).where(HashListRow.scheme == SCHEME))
    if older is not None and older not in kept:
        tx.execute(delete(SectionRow).where(SectionRow.sha256 == older))
