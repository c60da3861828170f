"""SMART Health Cards that their issuers took back, each by its serial: the same for every community.

An issuer publishes one list for each of its keys, at `<iss>/.well-known/crl/<kid>.json`. Unlike the hashes of EU
certificates a serial names one card and no other; it goes down in the section `revoked`, beside the passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from kiosk.codes import shc
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.alone import alone
from sync.office.db.tables import RevokedRow, UnitRow
from sync.office.errors import Refused
from sync.office.publish import Publish
from sync.office.revocation.serials import kept, told
from sync.office.trust.files import File, json_object, refused

SCHEME = shc.NAME
MOST = 20_000  # serials: a gate holds them one by one, and each version of `revoked` names them all
STEP = 500  # serials in one statement

_OURS = (RevokedRow.scheme == SCHEME, ~RevokedRow.demo)


@dataclass(frozen=True, slots=True)
class CardLists:
    """What issuers' lists revoke: serials, some with the moment before which they count; `kids` are whose lists."""

    kids: tuple[str, ...]
    serials: frozenset[str]
    duplicates: int  # named again, in the same list or another


@dataclass(frozen=True, slots=True)
class CardChanges:
    """What an import changes, and how many serials are listed then."""

    added: frozenset[str]
    removed: frozenset[str]
    count: int

    @property
    def nothing(self) -> bool:
        return not (self.added or self.removed)

    def __str__(self) -> str:
        return f"added {len(self.added)}, removed {len(self.removed)}, now {self.count}"


def read(files: Sequence[File]) -> CardLists:
    """The serials in card revocation lists. Raises Refused, with each file that is none and why.

    One entry that cannot be read refuses all: passed over, it would let its card in.
    """
    kids, serials, faults = list[str](), list[str](), list[str]()
    for file in files:
        try:
            document = json_object(file.content)
            serials += shc.serials(document)
            kids.append(document["kid"])
        except ValueError as error:
            faults.append(f"{file.place or file.name}: {error}")
    if faults or not files:
        raise refused(faults or ["no list in that folder"])
    return CardLists(tuple(dict.fromkeys(kids)), frozenset(serials), len(serials) - len(set(serials)))


class Cards:
    def __init__(self, database: Database, publish: Publish, audit: Audit) -> None:
        self._database = database
        self._publish = publish
        self._audit = audit

    def count(self) -> int:
        """How many serials are listed."""
        with self._database.read() as tx:
            return tx.scalar(select(func.count()).select_from(RevokedRow).where(*_OURS)) or 0

    def compare(self, given: CardLists, mode: str) -> CardChanges:
        """What `take` would change. Raises Refused for more than a gate takes."""
        with self._database.read() as tx:
            return _changes(_held(tx), given.serials, mode)

    def take(self, given: CardLists, mode: str, source: str, *, who: str) -> CardChanges:
        """Adds the lists' serials, removes them, or has them `replace` all others, and hands that down.

        Raises Refused for more than a gate takes, and before the office has a unit.
        """
        with self._database.write() as tx:
            alone(tx, RevokedRow)
            changes = _changes(_held(tx), given.serials, mode)
            _drop(tx, changes.removed)
            if changes.added:
                row = {"community_id": _top(tx), "scheme": SCHEME, "demo": False}
                tx.execute(insert(RevokedRow), [row | {"serial": kept(entry)} for entry in sorted(changes.added)])
            if not changes.nothing:
                self._audit.note(tx, who, "revocation.cards", SCHEME, f"{mode}: {changes}; {source}")
        if not changes.nothing:
            self._publish.everywhere(who=who)
        return changes


def _held(tx: Connection) -> frozenset[str]:
    return frozenset(map(told, tx.scalars(select(RevokedRow.serial).where(*_OURS))))


def _changes(held: frozenset[str], given: frozenset[str], mode: str) -> CardChanges:
    wanted = {"add": held | given, "remove": held - given, "replace": given}[mode]
    if len(wanted) > MOST:
        raise Refused(f"{len(wanted):,} revoked cards: a gate takes at most {MOST:,}; nothing was changed")
    return CardChanges(wanted - held, held - wanted, len(wanted))


def _drop(tx: Connection, serials: Iterable[str]) -> None:
    gone = sorted(map(kept, serials))
    for at in range(0, len(gone), STEP):
        tx.execute(delete(RevokedRow).where(*_OURS, RevokedRow.serial.in_(gone[at : at + STEP])))


def _top(tx: Connection) -> str:
    """The unit that a row of the whole office stands at: the oldest."""
    top: str | None = tx.scalar(select(UnitRow.id).order_by(UnitRow.id).limit(1))
    if top is None:
        raise Refused("there is no community yet: python -m sync.office init")
    return top
