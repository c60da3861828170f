"""A gate as the office meets it: a journal with a real chain, sent event by event."""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid_utils import uuid7

from kiosk import chain
from kiosk.model import ZERO_DIGEST, Clock, Event, iso
from sync import protocol
from sync.office.office import Office
from sync.office.values import EVERYTHING, Gate, Unit

REASON = {
    "rule": "pass",
    "verdict": "admit",
    "zh": "通行证有效",
    "en": "Valid pass",
    "source": "G15",
    "undecided": False,
}
PERSON = {
    "name": "张三丰",
    "id_last4": "4321",
    "phone": "13812348000",
    "household": "3-2-501",
    "id_number": "110101199003074321",
    "birth_date": "1990-03-07",
    "serial": "ab" * 16,
    "tokens": ["cd" * 32],
    "answers": {"symptoms": False},
    "tests": [],
    "facts": {"person": {"name": "张三丰", "identified": True}, "reading": {"celsius": 36.6}, "direction": "in"},
}


def passage(**changes: Any) -> dict[str, Any]:
    """The open part of a passage."""
    return {
        "gate": "东门",
        "lane": "1",
        "direction": "in",
        "method": "camera",
        "verdict": "admit",
        "reasons": [REASON],
        "actions": [],
        "visit": str(uuid.uuid4()),
        "celsius": 36.6,
        "device": "gy-mcu90614",
        "site": "forehead",
        "scheme": "office-pass",
        "level": "none",
        "verification": "verified",
        "code_reason": None,
        "colour": "black",
        "policy": "default@1",
        "footing": "fresh",
        "staff": "v1",
        "demo": False,
        "took_ms": 84,
    } | changes


@dataclass
class Journal:
    """An append-only chain, as a gate keeps it."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    events: list[Event] = field(default_factory=list)

    def append(
        self, kind: str, at: datetime, open_part: Mapping[str, Any], personal: Mapping[str, Any] | None = None
    ) -> Event:
        seq, prev = len(self.events) + 1, self.events[-1].digest if self.events else ZERO_DIGEST
        salt = os.urandom(chain.SALT_BYTES)
        seal = chain.seal(salt, personal or {})
        clock, event_id = Clock("boot", seq * 1000, 250), str(uuid7())
        digest = chain.digest(
            journal=self.id,
            seq=seq,
            id=event_id,
            kind=kind,
            at=iso(at),
            clock=clock,
            open=open_part,
            seal=seal,
            prev=prev,
        )
        event = Event(
            self.id, seq, event_id, kind, at, clock, open_part, seal, prev, digest, personal or {}, salt.hex()
        )
        self.events.append(event)
        return event

    def message(self, first: int = 1, last: int | None = None) -> protocol.Events:
        """Events `first` to `last` as they travel."""
        return protocol.Events(self.id, [protocol.to_wire(event) for event in self.events[first - 1 : last]])


class GateEnd:
    """One gate with its journal, sending to an office."""

    def __init__(
        self, office: Office, gate_id: str, now: Callable[[], datetime], journal: Journal | None = None
    ) -> None:
        self.office = office
        self.id = gate_id
        self.now = now
        self.journal = journal or Journal()

    def passes(self, count: int = 1, personal: Mapping[str, Any] = PERSON, **changes: Any) -> list[Event]:
        """Records `count` passages."""
        return [self.journal.append("passage", self.now(), passage(**changes), personal) for _ in range(count)]

    def send(self, first: int = 1, last: int | None = None) -> protocol.Receipt:
        return self.take(self.journal.message(first, last))

    def take(self, message: protocol.Events) -> protocol.Receipt:
        return self.office.intake.take(self.id, message, self.now())


def enrolled(office: Office, community: Unit, name: str) -> Gate:
    """A gate of `community` that has enrolled with a key of its own."""
    gate, token = office.enrolment.create_gate(community.id, name, who="test")
    public_key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    message = protocol.Enroll(token, base64.b64encode(public_key).decode(), name, "gatehouse/test")
    office.enrolment.enroll(message, office.now())
    return office.gates.get(gate.id, EVERYTHING)
