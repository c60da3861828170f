"""A push of 500 events from a gate's journal into an office on SQLite over HTTP, and what each step of it takes.

Gate and office share one process here, so the steps add up to the whole; each is measured alone on the same events.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from kiosk.config import Sync
from kiosk.model import Event
from sync import protocol, signing
from tests.bench.figures import Figure, median, times_s
from tests.sync.live import GateBox, LiveOffice

EVENTS = 500
ROUNDS = 5
OF = "the whole push"


def run() -> list[Figure]:
    """Takes a few seconds. Writes into /var/tmp: /tmp may lie in memory, where a commit costs nothing."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        office = LiveOffice(f"sqlite:///{folder}/office.db", Path(folder) / "office")
        try:
            pushed, beside = _gate(office, folder, "东门"), _gate(office, folder, "西门")
            pushes, takes = _rounds(pushed, beside, office)
            steps = {name: median(times_s(step, ROUNDS)) for name, step in _steps(pushed, office).items()}
            steps["office: check and store"] = median(takes)
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
        Figure("HTTP, nonce, receipt, acknowledgement", rest_s * 1e3, "ms", rest_s / whole_s, OF),
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
    """Everything that can be measured by itself, on the last 500 events."""
    head = gate.journal.head().seq
    events = gate.journal.after(head - EVENTS, EVENTS)
    body = protocol.encode(_message(gate, events))
    packed = protocol.squeeze(body)
    message = protocol.decode(protocol.Events, body)
    now = datetime.now(UTC)
    public_key = gate.keys.sign.public_key().public_bytes_raw()

    def signed() -> requests.PreparedRequest:
        request = requests.Request("POST", office.url + protocol.EVENTS, data=packed).prepare()
        signing.sign(request, gate.identity.gate, gate.keys.sign, now, "0123456789abcdef")
        return request

    request = signed()
    return {
        "gate: read and unseal": lambda: gate.journal.after(head - EVENTS, EVENTS),
        "gate: encode as JSON": lambda: protocol.encode(_message(gate, events)),
        f"gate: gzip, {len(body) / 1024:.0f} → {len(packed) / 1024:.0f} KB": lambda: protocol.squeeze(body),
        "gate: sign": signed,
        "office: check the signature": lambda: signing.verify(
            "POST",
            office.url + protocol.EVENTS,
            request.headers,
            packed,
            lambda _: public_key,
            lambda *_: True,
            now,
        ),
        "office: gunzip and parse": lambda: protocol.decode(protocol.Events, protocol.expand(packed)),
        "office: look at every time": lambda: [protocol.from_wire(message.journal, event) for event in message.events],
    }
