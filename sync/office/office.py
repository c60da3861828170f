"""The street office: one object that holds its stores, opened by `Office.open(settings)`.

This file names what the screens and the API may call. Store methods that show rows take the caller's `Scope`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import protocol
from sync.office.settings import OfficeSettings
from sync.office.values import (
    Alert,
    AuditRow,
    Entry,
    EntryFilter,
    EntryRow,
    Figure,
    Gate,
    IssuedPass,
    JournalCheck,
    Page,
    Parked,
    Pass,
    Published,
    Scope,
    Unit,
    User,
)


class Units(Protocol):
    def tree(self, scope: Scope) -> tuple[Unit, ...]: ...
    def communities(self, scope: Scope) -> tuple[Unit, ...]: ...
    def add(self, level: str, name: str, code: str, parent: str | None, *, who: str, demo: bool = False) -> Unit: ...


class Enrolment(Protocol):
    def create_gate(self, community_id: str, name: str, *, who: str) -> tuple[Gate, str]: ...
    def new_token(self, gate_id: str, scope: Scope, *, who: str) -> str: ...
    def enroll(self, message: protocol.Enroll, at: datetime) -> protocol.Enrolled: ...  # raises EnrolmentError


class Gates(Protocol):
    def public_key(self, gate_id: str) -> bytes | None: ...
    def list(self, scope: Scope) -> tuple[Gate, ...]: ...
    def get(self, gate_id: str, scope: Scope) -> Gate: ...  # raises NotFound
    def beat(self, gate_id: str, beat: protocol.Heartbeat, at: datetime) -> protocol.Beat: ...
    def request_wake(self, gate_id: str, scope: Scope, *, who: str) -> None: ...


class Intake(Protocol):
    def take(self, gate_id: str, message: protocol.Events, received_at: datetime) -> protocol.Receipt:
        """Raises Gap(expected), Fork(seq), BrokenChain(seq), UnknownGate."""


class Nonces(Protocol):
    def use(self, gate_id: str, nonce: str, at: datetime) -> bool: ...


class Entries(Protocol):
    def page(self, wanted: EntryFilter, scope: Scope, page: int = 1, size: int = 50) -> Page[EntryRow]: ...
    def get(self, event_id: str, scope: Scope) -> Entry: ...  # raises NotFound
    def reveal(self, event_id: str, user: User, reason: str) -> Mapping[str, Any]: ...  # audited; raises Refused
    def counts(self, day: date, scope: Scope) -> tuple[Figure, ...]: ...
    def parked(self, scope: Scope, page: int = 1, size: int = 50) -> Page[Parked]: ...


class Alerts(Protocol):
    def list(self, scope: Scope, *, is_open: bool | None = True, limit: int = 200) -> tuple[Alert, ...]: ...
    def get(self, alert_id: str, scope: Scope) -> Alert: ...  # raises NotFound
    def close(self, alert_id: str, user: User, done: str) -> Alert: ...  # raises Refused, NotFound


class Users(Protocol):
    def add(self, login: str, name: str, role: str, scope: Scope, *, who: str) -> str:
        """The first password."""

    def get(self, user_id: str) -> User | None: ...
    def list(self) -> tuple[User, ...]: ...
    def check(self, login: str, password: str, at: datetime) -> User | None: ...
    def locked_until(self, login: str, at: datetime) -> datetime | None: ...
    def change_password(self, user: User, old: str, new: str, at: datetime) -> None: ...  # raises Refused
    def begin_totp(self, user: User) -> str:
        """The otpauth:// URI to show as a symbol; counts only once `confirm_totp` has seen a code of it."""

    def confirm_totp(self, user: User, code: str, at: datetime) -> bool: ...
    def check_code(self, user: User, code: str, at: datetime) -> bool: ...


class Publish(Protocol):
    def draft(self, community_id: str) -> dict[str, Any]: ...
    def publish(self, community_id: str, sections: Mapping[str, Any], *, who: str) -> Published: ...
    def versions(self, community_id: str) -> tuple[Published, ...]: ...
    def manifest(self, community_id: str) -> protocol.Manifest | None: ...
    def section(self, sha256: str) -> bytes | None: ...


class Passes(Protocol):
    def issue(
        self,
        community_id: str,
        name: str,
        id_last4: str,
        household: str,
        kind: str = "resident",
        valid_days: int = 14,
        *,
        who: str,
    ) -> IssuedPass: ...
    def revoke(self, serial: str, scope: Scope, *, who: str) -> Pass: ...
    def list(self, scope: Scope, page: int = 1, size: int = 50) -> Page[Pass]: ...


class Audit(Protocol):
    def write(self, who: str, what: str, subject: str = "", detail: str = "", community: str | None = None) -> None: ...
    def page(self, scope: Scope, page: int = 1, size: int = 50) -> Page[AuditRow]: ...


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    settings: OfficeSettings
    now: Callable[[], datetime]
    secret_key: bytes  # Flask sessions
    sign_key: Ed25519PrivateKey  # bundles and receipts
    pass_key: EllipticCurvePrivateKey  # office passes
    units: Units
    enrolment: Enrolment
    gates: Gates
    intake: Intake
    nonces: Nonces
    entries: Entries
    alerts: Alerts
    users: Users
    publish: Publish
    passes: Passes
    audit: Audit

    @classmethod
    def open(cls, settings: OfficeSettings, now: Callable[[], datetime] = utc_now) -> Office:
        """Connects, brings the schema up to date (never destroying anything), loads or makes the keys."""
        raise SystemExit("being built")

    def verify(self, gate_id: str | None = None) -> tuple[JournalCheck, ...]: ...

    def close(self) -> None: ...
