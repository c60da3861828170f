"""A push of 500 events from a gate's journal into an office on SQLite over HTTP, and what each step of it takes.

Gate and office share one process here, so the steps add up to the whole; each is measured alone on the same events.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import requests

from kiosk import logs, signet
from kiosk.config import Sync
from kiosk.model import Event
from sync import protocol, signing
from sync.office.days.book import DayBook
from sync.office.db import bulk
from sync.office.intake import EVENTS as EVENTS_TABLE
from sync.office.intake import PASSAGES
from sync.office.office import Office
from sync.office.reading import Ready, Sender, prepare
from sync.office.seal import Sealer
from tests.bench.figures import Figure, median, times_s
from tests.sync.live import GateBox, LiveOffice

EVENTS = 500
ROUNDS = 5
OF = "the whole push"
OTHER = "019301f0-0000-7000-8000-0000000000ff"  # a journal that nobody has
CHECK, INSERT, RECEIPT = "office: chain, seals, sealing", "office: days and rows", "office: sign the receipt"
_STORING = frozenset((CHECK, INSERT, RECEIPT))


def run() -> list[Figure]:
    """Takes a few seconds. Writes into /var/tmp: /tmp may lie in memory, where a commit costs nothing."""
    logs.configure(logging.WARNING)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        office = LiveOffice(f"sqlite:///{folder}/office.db", Path(folder) / "office")
        try:
            pushed, beside = _gate(office, folder, "东门"), _gate(office, folder, "西门")
            pushes, takes = _rounds(pushed, beside, office)
            steps = {name: median(times_s(step, ROUNDS)) for name, step in _steps(pushed, office).items()}
            stored = sum(step_s for name, step_s in steps.items() if name in _STORING)
            steps["office: head and commit"] = median(takes) - stored
            pushed.close()
            beside.close()
        finally:
            office.stop()
    return _figures(median(pushes), steps)


def _figures(whole_s: float, steps: dict[str, float]) -> list[Figure]:
    rest_s = whole_s - sum(steps.values())
    return [
        Figure(f"push of {EVENTS} events over HTTP", whole_s * 1e3, "ms", 1.0, OF),
        Figure("events pushed", EVENTS / whole_s, "/s"),
        *(Figure(name, step_s * 1e3, "ms", step_s / whole_s, OF) for name, step_s in steps.items()),
        Figure("HTTP and what lies between", rest_s * 1e3, "ms", rest_s / whole_s, OF),
    ]


def _gate(office: LiveOffice, folder: str, name: str) -> GateBox:
    var = Path(folder) / name
    var.mkdir()
    gate = GateBox(var, office, name)
    gate.uplink().push()  # what the journal says of itself
    return gate


def _rounds(pushed: GateBox, beside: GateBox, office: LiveOffice) -> tuple[list[float], list[float]]:
    """Whole pushes, and what the office alone needs for as many events, turn by turn."""
    uplink = pushed.uplink(settings=Sync(batch=EVENTS))
    pushes, takes = [], []
    for _ in range(ROUNDS):
        pushed.record(EVENTS)
        pushes += times_s(uplink.push, 1)
        message = _message(beside, beside.record(EVENTS))
        takes += times_s(lambda: office.office.intake.take(beside.identity.gate, message, datetime.now(UTC)), 1)  # noqa: B023
    return pushes, takes


def _message(gate: GateBox, events: list[Event]) -> protocol.Events:
    return protocol.Events(gate.journal.id, [protocol.to_wire(event) for event in events])


def _steps(gate: GateBox, office: LiveOffice) -> dict[str, Callable[[], Any]]:
    """Everything that can be measured by itself, on the last 500 events, in the order in which it happens."""
    events = gate.journal.after(gate.journal.head().seq - EVENTS, EVENTS)
    body = protocol.encode(_message(gate, events))
    packed = protocol.squeeze(body)
    return {**_at_the_gate(gate, office, events, body, packed), **_at_the_office(gate, office, body, packed)} | _after(
        gate, office, events
    )


def _at_the_gate(
    gate: GateBox, office: LiveOffice, events: list[Event], body: bytes, packed: bytes
) -> dict[str, Callable[[], Any]]:
    return {
        "gate: read from disk, seals opened": lambda: gate.journal.after(events[0].seq - 1, EVENTS),
        "gate: encode as JSON": lambda: protocol.encode(_message(gate, events)),
        f"gate: gzip, {len(body) / 1024:.0f} → {len(packed) / 1024:.0f} KB": lambda: protocol.squeeze(body),
        "gate: sign the request": lambda: _signed(gate, office, packed),
    }


def _at_the_office(gate: GateBox, office: LiveOffice, body: bytes, packed: bytes) -> dict[str, Callable[[], Any]]:
    stores, message, now = office.office, protocol.decode(protocol.Events, body), datetime.now(UTC)
    request, public_key = _signed(gate, office, packed), gate.keys.sign.public_key().public_bytes_raw()
    sender, sealer = Sender(gate.identity.gate, office.community.id, gate.journal.id, now), Sealer([b"k" * 32])
    ready, elsewhere = prepare(message.events, sender, sealer), replace(sender, journal=OTHER)
    moved = _of_another_journal(ready)
    url, nonces = office.url + protocol.EVENTS, (f"bench-{number:020d}" for number in count())
    return {
        "office: check the signature": lambda: signing.verify(
            "POST", url, request.headers, packed, lambda _: public_key, lambda *_: True, now
        ),
        "office: note the nonce": lambda: stores.nonces.use(gate.identity.gate, next(nonces), now),
        "office: gunzip": lambda: protocol.expand(packed),
        "office: decode": lambda: protocol.decode(protocol.Events, body),
        "office: look at every time": lambda: [protocol.from_wire(message.journal, event) for event in message.events],
        CHECK: lambda: prepare(message.events, sender, sealer),
        INSERT: lambda: _inserted(stores, elsewhere, moved),
        RECEIPT: lambda: signet.sign(stores.sign_key, _statement(gate)),
    }


def _after(gate: GateBox, office: LiveOffice, events: list[Event]) -> dict[str, Callable[[], Any]]:
    signature, last = signet.sign(office.office.sign_key, _statement(gate)), events[-1]
    return {
        "gate: verify the receipt": lambda: signet.fits(gate.identity.office_key, _statement(gate), signature),
        "gate: note what is acknowledged": lambda: gate.journal.acknowledge(last.seq, last.digest, gate.now()),
    }


def _signed(gate: GateBox, office: LiveOffice, packed: bytes) -> requests.PreparedRequest:
    request = requests.Request("POST", office.url + protocol.EVENTS, data=packed).prepare()
    signing.sign(request, gate.identity.gate, gate.keys.sign, datetime.now(UTC), "0123456789abcdef")
    return request


def _of_another_journal(ready: list[Ready]) -> list[Ready]:
    """The same rows, as nobody has them yet."""
    own = {"journal_id": OTHER}
    return [
        replace(item, event={**(item.event or {}), **own}, passage={**(item.passage or {}), **own}) for item in ready
    ]


def _inserted(stores: Office, sender: Sender, ready: list[Ready]) -> None:
    """What the days and the tables take, undone afterwards."""
    with stores.database.engine.connect().execution_options(writing=True) as connection, connection.begin() as tx:
        DayBook(stores.settings.zone, stores.sign_key).enter(connection, sender, ready)
        bulk.append(connection, EVENTS_TABLE, [item.event for item in ready if item.event])
        bulk.append(connection, PASSAGES, [item.passage for item in ready if item.passage])
        tx.rollback()


def _statement(gate: GateBox) -> dict[str, Any]:
    head = gate.journal.head()
    receipt = protocol.Receipt(head.seq, head.digest, "2026-11-22T04:00:00.000Z", 1)
    return protocol.receipt_statement(gate.identity.gate, gate.journal.id, receipt)
