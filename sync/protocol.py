"""The messages both ends speak, version 1. Pure: shapes, their JSON and its compression, nothing else.

docs/protocol.md describes them for somebody writing a second client. Fields that are not listed here are ignored,
so that a newer end may say more than an older one knows.
"""

from __future__ import annotations

import gzip
import re
import zlib
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from kiosk.model import Clock, Event, from_iso, iso

VERSION, MINOR = 1, 1
OLDEST = 1  # the oldest version of a gate that an office still understands
SPOKEN_HEADER = "Gatehouse-Protocol"
SPOKEN = f"{VERSION}.{MINOR}"
MAX_EVENTS = 500
MAX_DAYS = 62  # countersignatures asked for or sent at once, beside those of the events in a request
MAX_BODY_BYTES = 8 * 1024 * 1024  # of a request, as it travels and after gunzip
MAX_SECTION_BYTES = 32 * 1024 * 1024  # of one hand-down section, after gunzip
PIECE_BYTES = 4 * 1024 * 1024  # a section larger than this may be fetched in pieces of it

ENROLL = "/api/v1/gates/enroll"
KEY = "/api/v1/gates/key"
EVENTS = "/api/v1/events"
BUNDLE = "/api/v1/bundle"
SECTION = "/api/v1/bundle/sections/"  # + sha256, lower-case hex
HEARTBEAT = "/api/v1/heartbeat"
OPENAPI = "/api/v1/openapi.json"

SECTIONS = ("policy", "trust", "revoked", "watch", "notices")

Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]  # what JSON carries without loss
Signed = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]
Seq = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Hash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
Salt = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", max_length=36)]
Time = Annotated[str, Meta(min_length=20, max_length=32, description="RFC 3339, milliseconds, Z")]
Key = Annotated[str, Meta(pattern="^[A-Za-z0-9+/]{43}=$", max_length=44, description="32 bytes, base64")]
Word = Annotated[str, Meta(min_length=1, max_length=64)]
Phrase = Annotated[str, Meta(max_length=200)]

Message = TypeVar("Message")

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")  # as `model.iso` spells it


class WrongVersion(ValueError):
    """What the other end speaks cannot be understood; `older` says whether it is older than what can be."""

    def __init__(self, spoken: str, *, older: bool) -> None:
        self.older = older
        super().__init__(f"protocol {spoken[:20]} is too {'old' if older else 'new'}; here {SPOKEN} is spoken")


class TooLarge(ValueError):
    """A body that is larger than its kind may be."""


class Enroll(msgspec.Struct, frozen=True):
    """A gate asks to be let in, once, with the token the office gave out for it."""

    token: Phrase
    public_key: Key  # Ed25519; every later request is signed with its other half
    name: Phrase
    software: Phrase


class Enrolled(msgspec.Struct, frozen=True):
    """The gate's id and the community it guards, with the keys it needs to know the office and to make tokens."""

    gate: str
    community: str
    community_name: str
    office_key: Key  # Ed25519 public key that signs bundles and acknowledgements
    token_key: Key  # the community's key for person tokens; a secret
    time: Time
    signature: str = ""  # of the office, under `enrolled_statement`, base64


class KeyChange(msgspec.Struct, frozen=True):
    """A gate that is enrolled wants another key from now on."""

    public_key: Key  # Ed25519; every later request is signed with its other half
    replaces: Key  # the one in force
    proof: Annotated[str, Meta(max_length=88)]  # of the new key, under `key_statement`, base64


class KeyChanged(msgspec.Struct, frozen=True):
    """The key is in force; the one before is refused."""

    public_key: Key
    time: Time
    signature: str  # of the office, under `changed_statement`, base64


class WireClock(msgspec.Struct, frozen=True):
    """What the gate's clocks said at an event; see `kiosk.model.Clock`."""

    boot: Word
    monotonic_ms: Signed
    offset_ms: Signed | None = None


class WireEvent(msgspec.Struct, frozen=True):
    """One journal entry; see `kiosk.model.Event`. `personal` and `salt` are absent once the gate has forgotten them."""

    seq: Seq
    id: Uuid
    kind: Word
    at: Time
    clock: WireClock
    open: dict[str, Any]
    seal: Hash
    prev: Hash
    digest: Hash
    personal: dict[str, Any] | None = None
    salt: Salt | None = None


class Events(msgspec.Struct, frozen=True, omit_defaults=True):
    """A contiguous run of one journal, at most MAX_EVENTS. An empty run asks how far the office has come.

    `unsigned` are the numbers of `day.close` events, acknowledged before, whose countersignature the gate lacks.
    """

    journal: Uuid
    events: list[WireEvent]
    unsigned: Annotated[list[Seq], Meta(max_length=MAX_DAYS)] = []


class DaySeal(msgspec.Struct, frozen=True):
    """The office's countersignature under a day that a gate closed: `seq` and `digest` are of its `day.close`."""

    day: Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", max_length=10)]
    journal: Uuid
    seq: Seq
    digest: Hash
    signature: str  # of the office, under `day_statement`, base64


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """`through` is the last number the office holds without a gap, `digest` that event's; 0 and zeros for none."""

    through: Number
    digest: Hash
    time: Time
    bundle: Number  # the version now published, 0 for none
    signature: str = ""  # of the office, under `receipt_statement`, base64
    days: list[DaySeal] = []  # one for each `day.close` among the events, and those that were asked for


class Heartbeat(msgspec.Struct, frozen=True):
    """How the gate is."""

    journal: Uuid
    seq: Number
    waiting: Number
    software: Phrase
    time: Time
    bundle: Number = 0
    disk_free_mb: Number | None = None
    camera: Word = "none"  # ok, frozen, stalled, missing, ended, none
    thermometer: Word = "none"  # ok, silent, missing, none
    queue_oldest_s: Number | None = None
    again_s: Number | None = None  # the next regular call comes within so long; until then silence is as agreed


class Beat(msgspec.Struct, frozen=True, omit_defaults=True):
    """`bundle` is the version now published; `wake` asks the gate to push and pull at once.

    `suspended` says why nothing is handed down; `wipe` is the office's signature under `wipe_statement`, `renew_key`
    that under `renew_statement`.
    """

    time: Time
    bundle: Number
    wake: bool = False
    suspended: str = ""
    wipe: str = ""
    renew_key: str = ""


class Manifest(msgspec.Struct, frozen=True):
    """What the office hands down. `signature` is the office's under all other fields, base64 (`kiosk.signet`)."""

    version: Seq
    community: str
    issued_at: Time
    valid_until: Time
    sections: dict[str, Hash]  # name → SHA-256 of its bytes
    signature: str = ""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every answer that is not 2xx or 304."""

    error: str  # one of the words in docs/protocol.md: gap, fork, chain, clock, signature…
    detail: str = ""  # for people
    expected: int | None = None  # gap: the number to send from
    seq: int | None = None  # fork, chain: the number it is about
    why: str | None = None  # token: unknown, used or expired
    time: str | None = None  # clock: the office's time


def encode(message: msgspec.Struct) -> bytes:
    """`message` as JSON."""
    return msgspec.json.encode(message)


def decode(kind: type[Message], body: bytes) -> Message:
    """The message in `body`. Raises ValueError that says what is wrong and where."""
    try:
        return msgspec.json.decode(body, type=kind)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def check_spoken(spoken: str | None) -> None:
    """Raises WrongVersion for what a gate says in SPOKEN_HEADER; gates from before there was one say nothing.

    Minor versions only add: any of them is understood. Raises ValueError for what is no version.
    """
    if spoken is None:
        return
    major, _, minor = spoken.strip().partition(".")
    if not (major.isascii() and major.isdigit() and (minor or "0").isascii() and (minor or "0").isdigit()):
        raise ValueError(f"{SPOKEN_HEADER}: {spoken[:20]!r} is no version; one looks like {SPOKEN}")
    if not OLDEST <= int(major[:9]) <= VERSION:
        raise WrongVersion(spoken, older=int(major[:9]) < OLDEST)


def squeeze(body: bytes) -> bytes:
    """`body` as one gzip member, the same bytes each time."""
    return gzip.compress(body, compresslevel=5, mtime=0)


def expand(body: bytes, limit: int = MAX_BODY_BYTES) -> bytes:
    """What one gzip member holds. Raises TooLarge above `limit` bytes, ValueError for anything but one whole member."""
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise ValueError("not gzip") from error
    if len(plain) > limit:
        raise TooLarge(f"more than {limit} bytes once decompressed")
    if not stream.eof or stream.unused_data:
        raise ValueError("gzip that is cut short or followed by something else")
    return plain


def receipt_statement(gate: str, journal: str, receipt: Receipt) -> dict[str, Any]:
    """What the office signs in a receipt: who it is for, and how far it holds the journal."""
    return {
        "gate": gate,
        "journal": journal,
        "through": receipt.through,
        "digest": receipt.digest,
        "time": receipt.time,
    }


def day_statement(gate: str, day: DaySeal) -> dict[str, Any]:
    """What the office signs of a day that is closed: its head, and with it everything before."""
    return {"gate": gate, "day": day.day, "journal": day.journal, "seq": day.seq, "digest": day.digest}


def wipe_statement(gate: str, journal: str, seq: int, time: str) -> dict[str, Any]:
    """What the office signs to have a gate wipe itself: good only while the gate's last event is this one."""
    return {"wipe": gate, "journal": journal, "seq": seq, "time": time}


def enrolled_statement(public_key: str, enrolled: Enrolled) -> dict[str, Any]:
    """What the office signs when it lets a gate in: for just this key of the gate, whoever carried the messages."""
    return {
        "enrolled": enrolled.gate,
        "community": enrolled.community,
        "office_key": enrolled.office_key,
        "public_key": public_key,
        "time": enrolled.time,
        "token_key": enrolled.token_key,
    }


def key_statement(gate: str, change: KeyChange) -> dict[str, Any]:
    """What the gate's new key signs: that whoever announces it has it."""
    return {"gate": gate, "public_key": change.public_key, "replaces": change.replaces}


def changed_statement(gate: str, changed: KeyChanged) -> dict[str, Any]:
    """What the office signs once a new key is in force."""
    return {"gate": gate, "public_key": changed.public_key, "time": changed.time}


def renew_statement(gate: str, public_key: str, time: str) -> dict[str, Any]:
    """What the office signs to have a gate make itself a new key: good only while this one is in force."""
    return {"renew": gate, "public_key": public_key, "time": time}


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
    """`event` as the journal knows it. Raises ValueError for a time that is not spelt as `model.iso` spells it."""
    at = from_iso(event.at)
    if not _TIME.fullmatch(event.at):
        raise ValueError(f"event {event.seq}: time {event.at!r} is not of the form {iso(at)}")
    return Event(
        journal=journal,
        seq=event.seq,
        id=event.id,
        kind=event.kind,
        at=at,
        clock=Clock(event.clock.boot, event.clock.monotonic_ms, event.clock.offset_ms),
        open=event.open,
        seal=event.seal,
        prev=event.prev,
        digest=event.digest,
        personal=event.personal,
        salt=event.salt,
    )
