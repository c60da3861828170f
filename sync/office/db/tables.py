"""The tables of the tree, the people and what is handed down. Community is the key that data is spread by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import BigInteger

from sync.office.db.types import Hex, Id, Time, Words


class Base(DeclarativeBase):
    type_annotation_map = {str: Words, int: BigInteger, datetime: Time}  # noqa: RUF012


class UnitRow(Base):
    """City, district, street, community: one tree, so that a user can be given a branch."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(Id, ForeignKey("unit.id"), index=True)
    level: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    demo: Mapped[bool] = mapped_column(server_default=false())
    token_key: Mapped[bytes | None]  # communities only: the key of person tokens, sealed


class GateRow(Base):
    __tablename__ = "gate"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"), index=True)
    name: Mapped[str]
    public_key: Mapped[bytes | None]
    created_at: Mapped[datetime]
    enrolled_at: Mapped[datetime | None]
    demo: Mapped[bool] = mapped_column(server_default=false())
    key_at: Mapped[datetime | None]  # since when the key is in force
    renew_key_at: Mapped[datetime | None]  # the gate was asked for another one


class GateStateRow(Base):
    """What a gate last said of itself: apart from the gate, since it changes every minute."""

    __tablename__ = "gate_state"

    gate_id: Mapped[str] = mapped_column(Id, ForeignKey("gate.id"), primary_key=True)
    last_contact_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # by when it said to call again
    journal_id: Mapped[str | None] = mapped_column(Id)
    gate_seq: Mapped[int | None]
    waiting: Mapped[int | None]
    queue_oldest_s: Mapped[int | None]
    clock_error_ms: Mapped[int | None]
    camera: Mapped[str] = mapped_column(server_default="")
    thermometer: Mapped[str] = mapped_column(server_default="")
    software: Mapped[str] = mapped_column(server_default="")
    disk_free_mb: Mapped[int | None]
    bundle: Mapped[int] = mapped_column(server_default=text("0"))
    wake: Mapped[bool] = mapped_column(server_default=false())


class GateTokenRow(Base):
    """One-time enrolment tokens, as their SHA-256 only."""

    __tablename__ = "gate_token"

    hash: Mapped[str] = mapped_column(Hex, primary_key=True)
    gate_id: Mapped[str] = mapped_column(Id, ForeignKey("gate.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[str] = mapped_column(server_default="")  # what the gate called itself


class NonceRow(Base):
    __tablename__ = "nonce"
    __table_args__ = (Index("nonce_at", "at"),)

    gate_id: Mapped[str] = mapped_column(Id, primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class SectionRow(Base):
    """Content-addressed bytes of bundle sections."""

    __tablename__ = "section"

    sha256: Mapped[str] = mapped_column(Hex, primary_key=True)
    content: Mapped[bytes]


class BundleRow(Base):
    """Every version a community was ever handed; `manifest` is the signed JSON."""

    __tablename__ = "bundle"

    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    issued_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    who: Mapped[str]
    manifest: Mapped[str]


class TrustKeyRow(Base):
    """Issuer keys handed to a community in `trust` beside the office's own; `entry` is the section's JSON of one."""

    __tablename__ = "trust_key"

    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"), primary_key=True)
    scheme: Mapped[str] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(Hex, primary_key=True)
    entry: Mapped[str]
    demo: Mapped[bool] = mapped_column(server_default=false())


class RevokedRow(Base):
    """Serials handed down in `revoked` beside a community's revoked passes, which follow from `office_pass`.

    A demonstration's count in its community; what issuers took back counts in every one and stands at the oldest unit.
    """

    __tablename__ = "revoked"

    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"), primary_key=True)
    scheme: Mapped[str] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(Hex, primary_key=True)
    demo: Mapped[bool] = mapped_column(server_default=false())


class PassRow(Base):
    """Issued office passes; whom they name is sealed, and found again by keyed marks. The symbol's text is not kept."""

    __tablename__ = "office_pass"
    __table_args__ = (
        Index("office_pass_issued", "community_id", "issued_at"),
        Index("office_pass_name_mark", "community_id", "name_mark"),
        Index("office_pass_person_mark", "community_id", "person_mark"),
        Index("office_pass_household_mark", "community_id", "household_mark"),
        Index("office_pass_number", "number"),
        Index("office_pass_batch_id", "batch_id"),
        Index("office_pass_replaces", "replaces"),
    )

    serial: Mapped[str] = mapped_column(Hex, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"))
    kind: Mapped[str]
    sealed: Mapped[bytes]
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str] = mapped_column(server_default="")
    demo: Mapped[bool] = mapped_column(server_default=false())
    number: Mapped[str] = mapped_column(server_default="")  # as printed, without hyphens
    medium: Mapped[str] = mapped_column(server_default="")
    revoked_why: Mapped[str] = mapped_column(server_default="")
    name_mark: Mapped[str | None] = mapped_column(Hex)
    person_mark: Mapped[str | None] = mapped_column(Hex)
    household_mark: Mapped[str | None] = mapped_column(Hex)
    replaces: Mapped[str | None] = mapped_column(Hex)  # the serial of the pass it was issued for anew
    batch_id: Mapped[str | None] = mapped_column(Id)
    line: Mapped[int] = mapped_column(server_default=text("0"))  # its place among those issued with it
    printed_at: Mapped[datetime | None]  # last put on a sheet


class PassBatchRow(Base):
    """A list of people to get passes: sealed rows while it waits to be confirmed, afterwards only their number."""

    __tablename__ = "pass_batch"
    __table_args__ = (Index("pass_batch_made", "community_id", "made_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"))
    title: Mapped[str]
    sealed: Mapped[bytes | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    issued_at: Mapped[datetime | None]
    count: Mapped[int] = mapped_column(server_default=text("0"))


class PassLinkRow(Base):
    """Links by which a resident opens a pass on a phone, as the SHA-256 of their secret only."""

    __tablename__ = "pass_link"

    hash: Mapped[str] = mapped_column(Hex, primary_key=True)
    serial: Mapped[str] = mapped_column(Hex, ForeignKey("office_pass.serial"), index=True)
    expires_at: Mapped[datetime]
    made_by: Mapped[str]


class UserRow(Base):
    __tablename__ = "office_user"
    __table_args__ = (UniqueConstraint("login", name="office_user_login"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    login: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    unit_id: Mapped[str | None] = mapped_column(Id, ForeignKey("unit.id"))
    password: Mapped[str]  # argon2id
    must_change: Mapped[bool] = mapped_column(server_default=false())
    totp_secret: Mapped[bytes | None]  # sealed
    totp_confirmed: Mapped[bool] = mapped_column(server_default=false())
    totp_step: Mapped[int] = mapped_column(server_default=text("0"))  # the last time step used: a code is good once
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class AuditRow(Base):
    __tablename__ = "audit"
    __table_args__ = (Index("audit_at", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str]
    what: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    community_id: Mapped[str | None] = mapped_column(Id)


class KeyMarkRow(Base):
    """Which key files this database belongs to, so that a lost key is noticed and not quietly replaced."""

    __tablename__ = "key_mark"

    name: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Hex)
