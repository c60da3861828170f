"""What the office's stores hand out: frozen values, never rows of the database. Times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from kiosk.model import Direction, Verdict

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Scope:
    """The branch of units somebody may see: `unit` and all below it; None is the whole tree."""

    unit: str | None


EVERYTHING = Scope(None)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of rows; `page` counts from 1, `total` counts all rows of the filter."""

    rows: tuple[Row, ...]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class Unit:
    """One node of the tree. `level` is city, district, street or community; `code` GB/T 2260 or longer."""

    id: str
    parent: str | None
    level: str
    code: str
    name: str
    demo: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate as the list shows it; what no heartbeat has said yet is None or empty."""

    id: str
    community: str
    community_name: str
    name: str
    demo: bool
    enrolled_at: datetime | None
    last_contact_at: datetime | None
    journal: str | None
    through: int  # last number held without a gap, 0 for none
    gate_seq: int | None  # the last number the gate itself told of
    waiting: int | None
    queue_oldest_s: int | None
    clock_error_ms: int | None  # gate minus office
    camera: str
    thermometer: str
    software: str
    disk_free_mb: int | None
    bundle: int  # the version the gate has in force, 0 for none
    key_at: datetime | None = None  # since when its key is in force
    renew_key_at: datetime | None = None  # asked to make itself another one
    due_at: datetime | None = None  # by when it said to call again

    def silent_s(self, now: datetime) -> float:
        """For how long it has not called although it should have; below 0 while it may still be silent. Only for a gate
        that did call."""
        assert self.last_contact_at is not None
        return (now - max(self.last_contact_at, self.due_at or self.last_contact_at)).total_seconds()


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries; None means any. `kind` is `passage` or `visit.abandoned`; `day` is the office's own day."""

    day: date | None = None
    gate: str | None = None
    community: str | None = None
    verdict: Verdict | None = None
    direction: Direction | None = None
    method: str | None = None
    kind: str | None = None
    level: str | None = None
    demo: bool | None = None
    kid: str | None = None  # hex: the key that the code asked for and no gate knew


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of the entry log, personal data masked."""

    id: str  # the event's id
    kind: str
    at: datetime  # the gate's time
    received_at: datetime  # the office's
    clock_error_ms: int | None  # gate minus office as the gate knew it at the event
    gate: str
    gate_name: str
    community: str
    community_name: str
    lane: str
    direction: Direction
    method: str
    verdict: Verdict | None  # None for an abandoned visit
    name: str
    celsius: float | None
    scheme: str
    level: str
    verification: str
    colour: str
    footing: str
    policy: str
    staff: str
    demo: bool
    reasons: tuple[Mapping[str, Any], ...]  # {rule, verdict, zh, en, source, undecided}, most severe first
    journal: str
    seq: int
    destroyed: bool = False  # the personal part, its time being over

    @property
    def late_s(self) -> float:
        """Seconds between the passage and the office's receiving it."""
        return (self.received_at - self.at).total_seconds()


@dataclass(frozen=True, slots=True)
class Entry:
    """One passage or abandoned visit, whole."""

    row: EntryRow
    digest: str
    prev: str
    seal: str
    actions: tuple[str, ...]
    open: Mapping[str, Any]
    personal: Mapping[str, Any]  # masked; empty when the gate had already forgotten it
    facts: Mapping[str, Any]  # what the rules read, personal values masked

    @property
    def reasons(self) -> tuple[Mapping[str, Any], ...]:
        return self.row.reasons

    @property
    def journal(self) -> str:
        return self.row.journal

    @property
    def seq(self) -> int:
        return self.row.seq


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of an overview and the filter that opens exactly the rows behind it."""

    name: str  # all, admit, check, refuse, isolate, in, out, abandoned
    count: int
    filter: EntryFilter


@dataclass(frozen=True, slots=True)
class Parked:
    """An event the office keeps but could not read, and why."""

    id: str
    journal: str
    seq: int
    kind: str
    at: datetime
    received_at: datetime
    gate: str
    gate_name: str
    why: str


@dataclass(frozen=True, slots=True)
class Alert:
    """预警: something a person must act on. `kind` is fever, fork, chain or parked."""

    id: str
    kind: str
    community: str
    community_name: str
    gate: str | None
    gate_name: str
    at: datetime
    deadline_at: datetime
    zh: str
    en: str
    name: str  # masked
    entry: str | None  # the event id of the passage behind it
    demo: bool
    closed_at: datetime | None
    closed_by: str
    done: str
    destroyed: bool = False  # whom it is about, the time for that being over

    def overdue(self, now: datetime) -> bool:
        return self.closed_at is None and now > self.deadline_at


@dataclass(frozen=True, slots=True)
class User:
    """Somebody of the street office. `role` is clerk or admin; `scope` the branch they belong to."""

    id: str
    login: str
    name: str
    role: str
    scope: Scope
    totp: bool  # a second factor is enrolled: after the password, ask `users.check_code`
    must_change: bool  # still has the first password
    last_login_at: datetime | None

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


@dataclass(frozen=True, slots=True)
class Pass:
    """An office pass as the list shows it, name masked. `serial` is its cti in hex."""

    serial: str
    community: str
    community_name: str
    name: str
    household: str
    kind: str
    issued_at: datetime
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None
    demo: bool
    number: str = ""  # as printed under the symbol
    medium: str = ""  # phone, paper, or "" for one issued before passes said so
    issued_by: str = ""
    revoked_by: str = ""
    revoked_why: str = ""
    replaces: str | None = None  # the serial of the pass it was issued for anew
    batch: str | None = None
    printed_at: datetime | None = None

    def state(self, now: datetime) -> str:
        """valid, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.valid_until <= now else "valid"


@dataclass(frozen=True, slots=True)
class PassFilter:
    """Which passes; "" or None means any. `words` is a whole name, a household, a pass number or a serial; `state` is
    valid, expired or revoked."""

    words: str = ""
    state: str = ""
    kind: str = ""
    medium: str = ""
    community: str | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedPass:
    """A pass in clear, to be handed over. `text` is what its symbol says: signed when asked for, not kept."""

    text: str
    serial: str
    community_name: str
    name: str
    id_last4: str
    household: str
    kind: str
    valid_from: datetime
    valid_until: datetime
    number: str = ""
    medium: str = ""
    issuer: str = ""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class JournalCheck:
    """What checking one stored journal from its first event found: `seq` and `digest` of the last good one."""

    journal: str
    gate: str
    gate_name: str
    seq: int
    digest: str
    ok: bool
    first_bad: int | None
    why: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to what, when. `who` is a login, `gate:<id>` or `cli`."""

    at: datetime
    who: str
    what: str
    subject: str
    detail: str
    community: str | None


@dataclass(frozen=True, slots=True)
class Published:
    """One published version of a community's bundle."""

    version: int
    issued_at: datetime
    valid_until: datetime
    by: str
    sections: Mapping[str, str]  # name → SHA-256
