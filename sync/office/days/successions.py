"""What intake keeps of journals that follow one another: how far the one before went, what a damaged one could not
bring, and which of its events were recorded once more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

import msgspec
from sqlalchemy import Connection, select

from sync import protocol
from sync.office.db.days import RepeatedRow, SuccessionRow
from sync.office.db.log import JournalRow
from sync.office.db.once import insert_once
from sync.office.db.types import is_id
from sync.office.reading import Sender
from sync.office.repeats import DEEPEST

DAMAGED = "damaged"  # a journal begun for this reason repeats what was left of the one before it
MOST, LARGEST = 2**31, 2**53  # events; a number of one

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a `journal.begin` says, beside which journal it follows: that one's last `digest`, "" where it is not said.

    `kept` is how far the gate's own file goes in that journal, with that event's digest; None where it goes to the end,
    and where an older gate does not say. Of a damaged file `lost` is how many events the office had not `acknowledged`
    (journal → number) and the gate cannot bring any more; None for any other. `held` is how far the office itself held
    these journals at that moment.
    """

    digest: str = ""
    kept: tuple[int, str] | None = None
    lost: int | None = None
    acknowledged: dict[str, int] = {}
    held: dict[str, int] = {}


def begun(tx: Connection, sender: Sender, wire: protocol.WireEvent, day: str) -> None:
    """Keeps what a `journal.begin` says of the journal before; nothing when it follows none, or cannot be read."""
    follows = wire.open.get("follows")
    if not isinstance(follows, dict):
        return
    journal, seq = follows.get("journal"), follows.get("seq")
    if not isinstance(journal, str) or not is_id(journal) or type(seq) is not int or not 0 <= seq < LARGEST:
        return
    why = str(wire.open.get("why", ""))[:60]
    told = msgspec.json.encode(_told(tx, wire, journal, follows.get("digest"), why)).decode()
    named = {"journal_id": sender.journal, "gate_id": sender.gate, "follows": journal, "seq": seq}
    tx.execute(insert_once(tx, SuccessionRow), {**named, "why": why, "day": day, "told": told})


def repeated(tx: Connection, journal: str, wires: Iterable[protocol.WireEvent]) -> None:
    """Keeps what the events of a batch say that they repeat."""
    if rows := [row for wire in wires for row in _origins(journal, wire)]:
        tx.execute(insert_once(tx, RepeatedRow), rows)


def _told(tx: Connection, wire: protocol.WireEvent, journal: str, digest: Any, why: str) -> Told:
    lost, acknowledged = wire.open.get("lost"), _acknowledged(wire.open.get("acknowledged"))
    return Told(
        digest=digest if _is_digest(digest) else "",
        kept=_kept(wire.open.get("kept")),
        lost=lost if why == DAMAGED and type(lost) is int and 0 <= lost < MOST else None,
        acknowledged=acknowledged,
        held=_held(tx, {journal, *acknowledged}),
    )


def _kept(said: Any) -> tuple[int, str] | None:
    seq, digest = (said.get("seq"), said.get("digest")) if isinstance(said, dict) else (None, None)
    return (seq, digest) if type(seq) is int and 0 <= seq < LARGEST and _is_digest(digest) else None


def _acknowledged(said: Any) -> dict[str, int]:
    journals = said if isinstance(said, Mapping) else {}
    return {
        journal: through
        for journal, through in journals.items()
        if isinstance(journal, str) and is_id(journal) and type(through) is int and 0 < through < MOST
    }


def _held(tx: Connection, journals: Iterable[str]) -> dict[str, int]:
    wanted = select(JournalRow.id, JournalRow.seq).where(JournalRow.id.in_(journals))
    return {row.id: row.seq for row in tx.execute(wanted)}


def _origins(journal: str, wire: protocol.WireEvent) -> Iterator[dict[str, Any]]:
    """The event that this one repeats; where that was a repetition itself, what it repeated, and so on."""
    by = {"by_journal": journal, "by_seq": wire.seq}
    named = wire.open.get("again")
    for _ in range(DEEPEST):
        if not isinstance(named, dict) or not _is_origin(named):
            return
        yield {**by, **{"journal_id": named["journal"], "seq": named["seq"], "digest": named["digest"]}}
        by, named = {"by_journal": named["journal"], "by_seq": named["seq"]}, named.get("again")


def _is_origin(named: dict[str, Any]) -> bool:
    journal, seq, digest = named.get("journal"), named.get("seq"), named.get("digest")
    return (
        isinstance(journal, str) and is_id(journal) and type(seq) is int and 1 <= seq < LARGEST and _is_digest(digest)
    )


def _is_digest(said: Any) -> TypeGuard[str]:
    return isinstance(said, str) and _DIGEST.fullmatch(said) is not None
