"""The tables of what is kept how long: the days' keys, certificates of what was destroyed, days held, requests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sync.office.db.tables import Base
from sync.office.db.types import Hex, Id


class DayKeyRow(Base):
    """The key of one community's day, wrapped by the office's own; without it that day's people are unreadable."""

    __tablename__ = "day_key"
    __table_args__ = (UniqueConstraint("community_id", "day", name="day_key_day"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"))
    day: Mapped[str]  # 2026-11-22
    wrapped: Mapped[bytes]
    made_at: Mapped[datetime]


class CertificateRow(Base):
    """What was destroyed, signed, each naming the one before it. Triggers forbid changing or deleting one."""

    __tablename__ = "certificate"
    __table_args__ = (
        Index("certificate_key", "key_id"),
        Index("certificate_community", "community_id", "number"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    community_id: Mapped[str] = mapped_column(Id)
    key_id: Mapped[str | None] = mapped_column(Id)  # the key that was destroyed; None for one of a person
    said: Mapped[str]  # the statement, canonical JSON
    digest: Mapped[str] = mapped_column(Hex)
    signature: Mapped[str]  # of the office, base64


class HoldRow(Base):
    """Days that are kept beyond their time, and why."""

    __tablename__ = "day_hold"
    __table_args__ = (Index("day_hold_community", "community_id", "released_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"))
    first: Mapped[str]
    last: Mapped[str]
    why: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str] = mapped_column(server_default="")


class ErasureRow(Base):
    """Somebody's request to be forgotten. Who it is lies sealed, and only until it is done at the office."""

    __tablename__ = "erasure"
    __table_args__ = (Index("erasure_community", "community_id", "made_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"))
    reason: Mapped[str]  # a category
    sealed: Mapped[bytes | None]  # {kind, number}
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    approved_by: Mapped[str] = mapped_column(server_default="")
    cancelled_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    certificate: Mapped[int | None]
    tokens: Mapped[str | None]  # JSON: what gates are told, until all of them have done it


class ErasureGateRow(Base):
    """Which gates a request waits for, and what each said it erased."""

    __tablename__ = "erasure_gate"

    erasure_id: Mapped[str] = mapped_column(Id, ForeignKey("erasure.id"), primary_key=True)
    gate_id: Mapped[str] = mapped_column(Id, ForeignKey("gate.id"), primary_key=True)
    done_at: Mapped[datetime | None]
    parts: Mapped[int | None]
