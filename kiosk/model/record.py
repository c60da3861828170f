"""What the journal holds: events, and drafts of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Clock:
    """What the gate's clocks said at an event. `offset_ms` is office minus gate, None before the first contact."""

    boot: str
    monotonic_ms: int
    offset_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the journal as it travels: the open part, and the personal part with its salt while both live.

    `seal` = SHA-256(salt ‖ JCS(personal)); `digest` = SHA-256(JCS({journal, seq, id, kind, at, clock, open, seal,
    prev})), both lower-case hex; `prev` is the digest before it, 64 zeros at seq 1.
    """

    journal: str
    seq: int
    id: str
    kind: str
    at: datetime
    clock: Clock
    open: Mapping[str, Any]
    seal: str
    prev: str
    digest: str
    personal: Mapping[str, Any] | None = None
    salt: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact on its way into the journal."""

    kind: str
    at: datetime
    open: Mapping[str, Any]
    personal: Mapping[str, Any] = field(default_factory=dict)


ZERO_DIGEST = "0" * 64
