"""Two writers of one journal: found by a known number with another digest, kept as evidence, told to the staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from kiosk.model import from_iso
from sync import protocol
from sync.office.alerts import Opening
from sync.office.db.log import EventRow, ForkEventRow
from sync.office.db.once import insert_once
from sync.office.reading import Sender
from sync.office.seal import Filed, Sealer


def differing(tx: Connection, sender: Sender, known: Sequence[protocol.WireEvent]) -> int | None:
    """The first number in `known` (all of them held already) under which the office holds another digest."""
    if not known:
        return None
    wanted = select(EventRow.seq, EventRow.digest).where(
        EventRow.community_id == sender.community,
        EventRow.journal_id == sender.journal,
        EventRow.seq.between(known[0].seq, known[-1].seq),
    )
    held = {row.seq: row.digest for row in tx.execute(wanted)}
    return next((event.seq for event in known if held.get(event.seq, event.digest) != event.digest), None)


def keep(tx: Connection, sender: Sender, event: protocol.WireEvent, sealer: Sealer) -> None:
    """Stores the event of the other branch; once, however often it comes."""
    sealed = None
    if event.personal is not None:
        where = f"fork_event:{sender.journal}:{event.seq}:{event.digest}"
        filed = Filed(sender.community, _at(event, sender), sender.received_at)
        sealed = sealer.seal_json_in_day(where, {"personal": event.personal, "salt": event.salt}, filed, tx)
    open_part = msgspec.structs.replace(event, personal=None, salt=None)
    row = {
        "journal_id": sender.journal,
        "seq": event.seq,
        "digest": event.digest,
        "community_id": sender.community,
        "gate_id": sender.gate,
        "received_at": sender.received_at,
        "event": msgspec.json.encode(open_part).decode(),
        "sealed": sealed,
    }
    tx.execute(insert_once(tx, ForkEventRow), row)


def _at(event: protocol.WireEvent, sender: Sender) -> datetime:
    try:
        return from_iso(event.at)
    except ValueError:
        return sender.received_at


def alert(sender: Sender, seq: int) -> Opening:
    return Opening(
        kind="fork",
        subject=f"{sender.journal}:{sender.gate}",
        community=sender.community,
        gate=sender.gate,
        at=sender.received_at,
        zh=f"台账第 {seq} 条出现两个版本：同一台账可能被恢复或复制后继续写入",
        en=f"Record {seq} exists in two versions: the journal was probably restored or copied and written on",
    )
