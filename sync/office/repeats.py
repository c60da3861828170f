"""An event that a gate recorded once more in a later journal (`again`) and the one it repeats count once.

Either may come first: the first is what the entry log shows and what alerts the staff; the other is kept beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from sync.office.db.log import EventRow, JournalRow, PassageRow
from sync.office.reading import Ready, Sender

DEEPEST = 16  # an event may be recorded again of one that was recorded again

Origin = tuple[str, int, str]  # journal, number, digest


def counted_once(tx: Connection, sender: Sender, good: Sequence[Ready]) -> Sequence[Ready]:
    """`good`, where those that are held already under another number leave nothing but the event itself."""
    shown = [item for item in good if item.passage or item.alert]
    others = _other_journals(tx, sender) if shown else []
    if not others:
        return good
    known = {origin for row in _at_the_same_times(tx, sender, shown, others) for origin in _origins(*row)}
    return [
        replace(item, passage=None, alert=None, repeated=True)
        if not known.isdisjoint(_origins(sender.journal, item.seq, item.wire.digest, item.wire.open))
        else item
        for item in good
    ]


def _other_journals(tx: Connection, sender: Sender) -> list[str]:
    wanted = select(JournalRow.id).where(JournalRow.gate_id == sender.gate, JournalRow.id != sender.journal)
    return list(tx.scalars(wanted))


def _at_the_same_times(
    tx: Connection, sender: Sender, shown: Sequence[Ready], others: Sequence[str]
) -> Iterator[Row[str, int, str, str]]:
    """What other journals of the gate hold of the very same moments: a repetition keeps its time."""
    columns = select(EventRow.journal_id, EventRow.seq, EventRow.digest, EventRow.open)
    same = (EventRow.community_id == sender.community, EventRow.journal_id.in_(others))
    if times := {item.at for item in shown if item.passage}:
        joined = (
            PassageRow.gate_id == sender.gate,
            PassageRow.at.in_(times),
            PassageRow.journal_id == EventRow.journal_id,
            PassageRow.seq == EventRow.seq,
            PassageRow.at == EventRow.at,
        )
        yield from tx.execute(columns.where(*same, *joined))
    if times := {item.at for item in shown if item.alert}:
        yield from tx.execute(columns.where(*same, EventRow.kind == "alert", EventRow.at.in_(times)))


def _origins(journal: str, seq: int, digest: str, said: str | Mapping[str, Any]) -> Iterable[Origin]:
    """The event itself, and all that it says it repeats."""
    yield journal, seq, digest
    named = (msgspec.json.decode(said) if isinstance(said, str) else said).get("again")
    for _ in range(DEEPEST):
        if not isinstance(named, dict):
            return
        origin = (named.get("journal"), named.get("seq"), named.get("digest"))
        if all(isinstance(part, kind) for part, kind in zip(origin, (str, int, str), strict=True)):
            yield origin  # type: ignore[misc]  # looked at just now
        named = named.get("again")
