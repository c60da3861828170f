"""Events as rows of the file, and rows as events."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import uuid_utils
from sqlalchemy import Row

from kiosk import chain
from kiosk.errors import JournalError
from kiosk.journal.days import from_ms, to_ms
from kiosk.journal.values import Head
from kiosk.journal.vault import DayKey, open_up, seal_up
from kiosk.model import Clock, Draft, Event, iso

MAX_BYTES = 256 * 1024  # of one event's open and personal part; an ordinary passage has about 2 KB
MAX_KIND = 64

Columns = tuple[Any, ...]
EventRow = Row[Any]

_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 16
_object = msgspec.json.Decoder(dict[str, Any]).decode  # raises ValueError for what is no JSON object


@dataclass(frozen=True, slots=True)
class Life:
    """One journal within the file: its events have the numbers `first` to `last`; `last` < `first` while it has none.

    `through` and `acknowledged` are the last number and digest the office has acknowledged, `synced_at` says when
    (Unix ms). From `refused_from` on, if set, the office holds other events under these numbers.
    """

    journal: UUID
    first: int
    last: int
    through: int = 0
    acknowledged: bytes | None = None
    synced_at: int | None = None
    refused_from: int | None = None
    name: str = field(init=False)  # the UUID as text

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", str(self.journal))

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def number(self, seq: int) -> int:
        return self.first + seq - 1

    def seq(self, number: int) -> int:
        return number - self.first + 1


def compose(draft: Draft, after: Head, life: Life, clock: Clock, key: DayKey) -> tuple[Event, Columns]:
    """The event that `draft` becomes behind `after`, and its row. Raises JournalError when JSON cannot carry it.

    What is digested is what will be read back, so that an event that was written also verifies.
    """
    try:
        open_text, open_part = _settled(draft.open)
        personal_text, personal = _settled(draft.personal)
        _check_size(draft.kind, len(open_text) + len(personal_text))
        at = from_ms(to_ms(draft.at))
        salt = os.urandom(chain.SALT_BYTES)
        named: dict[str, Any] = {
            "journal": life.name,
            "seq": after.seq + 1,
            "id": str(uuid_utils.uuid7()),
            "kind": draft.kind,
            "clock": clock,
            "seal": chain.seal(salt, personal_text),
            "prev": after.digest,
        }
        digest = chain.digest(at=iso(at), open=open_text, **named)
    except (ValueError, TypeError) as error:
        raise JournalError(f"{draft.kind[:MAX_KIND]!r} cannot be recorded: {error}") from error
    event = Event(at=at, open=open_part, digest=digest, personal=personal, salt=salt.hex(), **named)
    return event, _columns(event, life, key, open_text, salt + personal_text)


def event_of(row: EventRow, life: Life, keys: Mapping[int, DayKey]) -> Event:
    """The event in `row`, with its personal part if that is still there and whole. Raises ValueError for a torn row."""
    salt, personal = _unsealed(row, life, keys.get(row.key))
    try:
        clock = _object(row.clock)
        return Event(
            journal=life.name,
            seq=life.seq(row.number),
            id=str(UUID(bytes=row.id)),
            kind=row.kind,
            at=from_ms(row.at),
            clock=Clock(clock["boot"], clock["monotonic_ms"], clock["offset_ms"]),
            open=_object(row.open),
            seal=row.seal.hex(),
            prev=row.prev.hex(),
            digest=row.digest.hex(),
            personal=personal,
            salt=salt,
        )
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"cannot be read: {error}") from error


def flaw_in_form(row: EventRow, event: Event, keys: Mapping[int, DayKey]) -> str | None:
    """What a row says otherwise than it was written, though its event may hold: spelling, key, sealed part."""
    if row.open.encode() != chain.canonical(dict(event.open)):
        return "the open part is not spelt as it was written"
    if row.clock != chain.clock_text(event.clock):
        return "the clock is not spelt as it was written"
    if (key := keys.get(row.key)) is None or not row.sealed:  # forgotten, or emptied: the journal says so
        return None
    if key.cipher is None:
        return "the key of its day does not open"
    if key.day != row.day:
        return "it names the key of another day"
    return "the sealed part does not open" if event.personal is None else None


def _settled(part: Mapping[str, Any]) -> tuple[chain.Canonical, dict[str, Any]]:
    """A part as it is written, and as it will be read back. Raises ValueError for what JSON cannot carry."""
    text = chain.canonical(dict(part))
    value = _object(text)
    if _LONG_NUMBER in text.translate(_DIGITS):
        chain.canonical(value)  # raises when a float of 16 digits comes back as an integer that is too large
    return text, value


def _columns(event: Event, life: Life, key: DayKey, open_text: bytes, plain: bytes) -> Columns:
    """The event's row, in the order of the table's columns."""
    return (
        life.number(event.seq),
        bytes.fromhex(event.id.replace("-", "")),
        event.kind,
        to_ms(event.at),
        chain.clock_text(event.clock),
        open_text.decode(),
        key.day,
        key.id,
        seal_up(key, life.journal, event.seq, plain),
        bytes.fromhex(event.seal),
        bytes.fromhex(event.prev),
        bytes.fromhex(event.digest),
    )


def _check_size(kind: str, size: int) -> None:
    if not 0 < len(kind) <= MAX_KIND:
        raise ValueError(f"a kind has 1 to {MAX_KIND} characters")
    if size > MAX_BYTES:
        raise ValueError(f"{size} bytes are more than the {MAX_BYTES} an event may have")


def _unsealed(row: EventRow, life: Life, key: DayKey | None) -> tuple[str | None, dict[str, Any] | None]:
    """Salt (hex) and personal part; nothing when the day was forgotten or the sealed part is damaged."""
    plain = key and row.sealed and open_up(key, life.journal, life.seq(row.number), row.sealed)
    if not plain:
        return None, None
    return plain[: chain.SALT_BYTES].hex(), _object(plain[chain.SALT_BYTES :])
