"""The messages both ends speak, version 1. Pure: shapes and their JSON, nothing else.

docs/protocol.md describes them for somebody writing a second client.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk.model import Clock, Event, from_iso, iso

VERSION = 1
MAX_EVENTS = 500
MAX_BODY_BYTES = 8 * 1024 * 1024  # after gunzip

ENROLL = "/api/v1/gates/enroll"
EVENTS = "/api/v1/events"
BUNDLE = "/api/v1/bundle"
SECTION = "/api/v1/bundle/sections/"  # + sha256, lower-case hex
HEARTBEAT = "/api/v1/heartbeat"
OPENAPI = "/api/v1/openapi.json"

SECTIONS = ("policy", "trust", "revoked", "watch", "notices")


class Enroll(msgspec.Struct, frozen=True):
    token: str
    public_key: str  # Ed25519, 32 bytes, base64
    name: str
    software: str


class Enrolled(msgspec.Struct, frozen=True):
    gate: str
    community: str
    community_name: str
    office_key: str  # Ed25519 public key that signs bundles and acknowledgements, base64
    token_key: str  # the community's key for person tokens, 32 bytes, base64
    time: str


class WireClock(msgspec.Struct, frozen=True):
    boot: str
    monotonic_ms: int
    offset_ms: int | None = None


class WireEvent(msgspec.Struct, frozen=True):
    seq: int
    id: str
    kind: str
    at: str
    clock: WireClock
    open: dict[str, Any]
    seal: str
    prev: str
    digest: str
    personal: dict[str, Any] | None = None
    salt: str | None = None  # hex


class Events(msgspec.Struct, frozen=True):
    journal: str
    events: list[WireEvent]


class Receipt(msgspec.Struct, frozen=True):
    """`through` is the last number the office holds without a gap; `digest` is that event's digest."""

    through: int
    digest: str
    time: str
    bundle: int  # the version now published, 0 for none
    signature: str = ""  # Ed25519 of the office over JCS({gate, journal, through, digest, time}), base64


class Heartbeat(msgspec.Struct, frozen=True):
    journal: str
    seq: int
    waiting: int
    software: str
    time: str
    bundle: int = 0
    disk_free_mb: int | None = None
    camera: str = "none"  # ok, stalled, missing, none
    thermometer: str = "none"
    queue_oldest_s: int | None = None


class Beat(msgspec.Struct, frozen=True):
    time: str
    bundle: int
    wake: bool = False


class Manifest(msgspec.Struct, frozen=True):
    """What the office hands down. `signature` is Ed25519 over JCS of all other fields, base64."""

    version: int
    community: str
    issued_at: str
    valid_until: str
    sections: dict[str, str]  # name → SHA-256 of its bytes, hex
    signature: str = ""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every answer that is not 2xx."""

    error: str  # gap, fork, chain, signature, unknown-gate, token, too-large, malformed…
    detail: str = ""
    expected: int | None = None
    seq: int | None = None


def to_wire(event: Event) -> WireEvent:
    """`event` as it travels."""
    return WireEvent(
        seq=event.seq,
        id=event.id,
        kind=event.kind,
        at=iso(event.at),
        clock=WireClock(event.clock.boot, event.clock.monotonic_ms, event.clock.offset_ms),
        open=dict(event.open),
        seal=event.seal,
        prev=event.prev,
        digest=event.digest,
        personal=None if event.personal is None else dict(event.personal),
        salt=event.salt,
    )


def from_wire(journal: str, event: WireEvent) -> Event:
    """`event` as the journal knows it. Raises ValueError for a time that is none."""
    return Event(
        journal=journal,
        seq=event.seq,
        id=event.id,
        kind=event.kind,
        at=from_iso(event.at),
        clock=Clock(event.clock.boot, event.clock.monotonic_ms, event.clock.offset_ms),
        open=event.open,
        seal=event.seal,
        prev=event.prev,
        digest=event.digest,
        personal=event.personal,
        salt=event.salt,
    )
