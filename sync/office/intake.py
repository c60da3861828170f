"""Takes what gates recorded: once, in order, whole.

A journal grows under the lock of its head row; events, their projections and the head move in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs
from sqlalchemy import Connection, Table, select, update

from kiosk import signet
from kiosk.model import ZERO_DIGEST, iso
from sync import protocol
from sync.office import forks, repeats
from sync.office.alerts import Alerts, Opening
from sync.office.days import closed, contacts
from sync.office.days.book import DayBook
from sync.office.db import Database, bulk
from sync.office.db.log import EventRow, JournalRow, PassageRow
from sync.office.db.once import insert_once
from sync.office.db.partitions import Partitions
from sync.office.db.types import is_id
from sync.office.errors import BrokenChain, Fork, Gap, IntakeError
from sync.office.gates import Gates
from sync.office.lists.copies import Copies
from sync.office.reading import Ready, Sender, prepare
from sync.office.seal import Sealer

log = structlog.get_logger(__name__)

EVENTS = cast(Table, EventRow.__table__)
PASSAGES = cast(Table, PassageRow.__table__)


@dataclass(frozen=True, slots=True)
class Head:
    """The last number held without a gap, and that event's digest."""

    seq: int = 0
    digest: str = ZERO_DIGEST


class Intake:
    def __init__(
        self,
        database: Database,
        gates: Gates,
        alerts: Alerts,
        sealer: Sealer,
        sign_key: Ed25519PrivateKey,
        book: DayBook,
        copies: Copies,
        bundle_of: Callable[[str], int],
    ) -> None:
        """`bundle_of(community_id)` answers the version now published."""
        self._database = database
        self._gates = gates
        self._alerts = alerts
        self._sealer = sealer
        self._sign_key = sign_key
        self._book = book
        self._copies = copies
        self._bundle_of = bundle_of
        self._partitions = Partitions(database)

    def take(
        self, gate_id: str, message: protocol.Events, received_at: datetime, *, carried: bool = False
    ) -> protocol.Receipt:
        """Stores what is new in `message` and says how far the journal is held; sending again is harmless.
        What was `carried` here by somebody says nothing of the gate's line.

        Raises Gap when numbers are missing before it, Fork when a known number has another digest (the other event
        is kept and the staff alerted), BrokenChain when an event does not continue the chain or its seal or digest
        does not fit (what came before it is taken), UnknownGate.
        """
        sender = Sender(gate_id, self._gates.community(gate_id), message.journal, received_at, carried)
        _check_numbers(message)
        ready = prepare(message.events, sender, self._sealer)
        self._partitions.ensure([item.at for item in ready if item.at], received_at)
        with self._database.write() as tx:
            head, fault = self._grow(tx, sender, ready)
        if fault is not None:
            log.warning("intake", gate=gate_id, through=head.seq, fault=str(fault))
            raise fault
        self._copies.look(sender, ready)
        log.info("intake", gate=gate_id, events=len(ready), through=head.seq)
        days = self._book.seals(sender, message.events, head.seq)
        if message.unsigned:
            with self._database.read() as tx:
                days += closed.sealed(tx, sender.gate, sender.journal, message.unsigned)
        return self._receipt(sender, head, days)

    def _grow(self, tx: Connection, sender: Sender, ready: Sequence[Ready]) -> tuple[Head, IntakeError | None]:
        """Moves the journal's head as far as `ready` allows; the fault, if any, is for raising after the commit."""
        owner, head = _lock_head(tx, sender)
        if not sender.carried:
            contacts.heard(tx, sender.gate, sender.received_at)
        if owner != sender.gate:
            return head, self._fork(tx, sender, ready[:1])
        if ready and ready[0].seq > head.seq + 1:
            return head, Gap(head.seq + 1)
        if other := forks.differing(tx, sender, [item.wire for item in ready if item.seq <= head.seq]):
            return head, self._fork(tx, sender, [item for item in ready if item.seq == other])
        new = [item for item in ready if item.seq > head.seq]
        good, broken = _as_far_as_sound(new, head)
        self._store(tx, sender, good)
        if good:
            head = Head(good[-1].seq, good[-1].wire.digest)
            _move_head(tx, sender, head)
        return head, self._broken(tx, sender, broken) if broken else None

    def _store(self, tx: Connection, sender: Sender, good: Sequence[Ready]) -> None:
        good = repeats.counted_once(tx, sender, good)
        self._book.enter(tx, sender, good)
        bulk.append(tx, EVENTS, [item.event for item in good if item.event])
        bulk.append(tx, PASSAGES, [item.passage for item in good if item.passage])
        self._copies.note(tx, sender, good)
        self._alerts.open(tx, openings(sender, good), sender.received_at)

    def _fork(self, tx: Connection, sender: Sender, items: Sequence[Ready]) -> Fork:
        """Keeps the event of the other branch as evidence and alerts the staff."""
        for item in items:
            forks.keep(tx, sender, item.wire, self._sealer)
        seq = items[0].seq if items else 1
        self._alerts.open(tx, [forks.alert(sender, seq)], sender.received_at)
        return Fork(seq)

    def _broken(self, tx: Connection, sender: Sender, item: Ready) -> BrokenChain:
        self._alerts.open(tx, [_chain_alert(sender, item)], sender.received_at)
        return BrokenChain(item.seq, item.flaw or "")

    def _receipt(self, sender: Sender, head: Head, days: list[protocol.DaySeal]) -> protocol.Receipt:
        receipt = protocol.Receipt(
            through=head.seq,
            digest=head.digest,
            time=iso(sender.received_at),
            bundle=self._bundle_of(sender.community),
            days=days,
        )
        statement = protocol.receipt_statement(sender.gate, sender.journal, receipt)
        return structs.replace(receipt, signature=signet.sign(self._sign_key, statement))


def _check_numbers(message: protocol.Events) -> None:
    """Raises Gap when the events are not consecutive, BrokenChain when the journal cannot be one."""
    numbers = [event.seq for event in message.events]
    if not is_id(message.journal):
        raise BrokenChain(numbers[0] if numbers else 1, "the journal's id is not a UUID")
    if numbers and numbers[0] < 1:
        raise BrokenChain(numbers[0], "numbers begin with 1")
    for expected, number in enumerate(numbers, start=numbers[0] if numbers else 1):
        if number != expected:
            raise Gap(expected)


def _lock_head(tx: Connection, sender: Sender) -> tuple[str, Head]:
    """The journal's owner and head, locked until the transaction ends; a new journal belongs to its first sender."""
    wanted = select(JournalRow.gate_id, JournalRow.seq, JournalRow.digest).where(JournalRow.id == sender.journal)
    row = tx.execute(wanted.with_for_update()).one_or_none()
    if row is None:
        tx.execute(insert_once(tx, JournalRow), _new_journal(sender))
        row = tx.execute(wanted.with_for_update()).one()
    return row.gate_id, Head(row.seq, row.digest)


def _new_journal(sender: Sender) -> dict[str, Any]:
    return {
        "id": sender.journal,
        "community_id": sender.community,
        "gate_id": sender.gate,
        "seq": 0,
        "digest": ZERO_DIGEST,
        "begun_at": sender.received_at,
        "received_at": sender.received_at,
    }


def _move_head(tx: Connection, sender: Sender, head: Head) -> None:
    moved = update(JournalRow).where(JournalRow.id == sender.journal)
    tx.execute(moved.values(seq=head.seq, digest=head.digest, received_at=sender.received_at))


def _as_far_as_sound(new: Sequence[Ready], head: Head) -> tuple[Sequence[Ready], Ready | None]:
    """The events that hold, and the first one that does not."""
    if new and new[0].wire.prev != head.digest:
        return (), replace(new[0], flaw="prev does not continue the chain")
    for count, item in enumerate(new):
        if item.flaw is not None:
            return new[:count], item
    return new, None


def openings(sender: Sender, good: Sequence[Ready]) -> Iterable[Opening]:
    """What the staff must act on: the gate's own alerts, and that something could not be read."""
    for item in good:
        if item.alert is not None:
            yield Opening(community=sender.community, gate=sender.gate, **item.alert)
        if item.event and item.event["parked"]:
            yield Opening(
                kind="parked",
                subject=f"{sender.journal}:{sender.received_at.date()}",  # one a day says enough
                community=sender.community,
                gate=sender.gate,
                at=sender.received_at,
                zh="有记录无法读取，已原样保存",
                en="Some records could not be read; they are kept as they came",
            )


def _chain_alert(sender: Sender, item: Ready) -> Opening:
    return Opening(
        kind="chain",
        subject=f"{sender.journal}:{item.seq}",
        community=sender.community,
        gate=sender.gate,
        at=sender.received_at,
        zh=f"台账第 {item.seq} 条与前一条不衔接或已被改动，未予接收",
        en=f"Record {item.seq} of the journal does not continue the chain or was altered; it was not taken",
    )
