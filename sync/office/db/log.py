"""The tables that gates fill: journals, their events, and what is projected from them.

`event` and `passage` are partitioned by the day of `at` on PostgreSQL, which is why every key contains the time;
an event's time never changes, and the journal's head row (locked while it grows) keeps numbers unique.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from sync.office.db.tables import Base
from sync.office.db.types import Hex, Id

BY_DAY = {"postgresql_partition_by": "RANGE (at)"}
UNREAD = text("parked IS NOT NULL")
LACKING = text("kid IS NOT NULL")


class JournalRow(Base):
    """The head of one journal: the last number held without a gap."""

    __tablename__ = "journal"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"), index=True)
    gate_id: Mapped[str] = mapped_column(Id, ForeignKey("gate.id"), index=True)
    seq: Mapped[int]
    digest: Mapped[str] = mapped_column(Hex)
    begun_at: Mapped[datetime]
    received_at: Mapped[datetime]


class _Recorded:
    """Where a row comes from: the event of that journal and number, and when it came."""

    community_id: Mapped[str] = mapped_column(Id, primary_key=True)
    journal_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(Id)
    gate_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str]
    received_at: Mapped[datetime]


class EventRow(_Recorded, Base):
    """One event as it came: the open part as JSON text, the personal part with its salt sealed."""

    __tablename__ = "event"
    __table_args__ = (
        Index("event_id", "id"),
        Index("event_parked", "received_at", postgresql_where=UNREAD, sqlite_where=UNREAD),
        BY_DAY,
    )

    clock: Mapped[str]  # {boot, monotonic_ms, offset_ms} as JSON
    open: Mapped[str]
    sealed: Mapped[bytes | None]
    seal: Mapped[str] = mapped_column(Hex)
    prev: Mapped[str] = mapped_column(Hex)
    digest: Mapped[str] = mapped_column(Hex)
    parked: Mapped[str | None]  # why its body could not be read
    late: Mapped[str | None]  # away, held: why it came late; None for one that did not


class PassageRow(_Recorded, Base):
    """One line of the entry log: a passage, or a visit that was broken off."""

    __tablename__ = "passage"
    __table_args__ = (
        Index("passage_id", "id"),
        Index("passage_at", "at"),
        Index("passage_community", "community_id", "at"),
        Index("passage_gate", "gate_id", "at"),
        Index("passage_kid", "community_id", "at", postgresql_where=LACKING, sqlite_where=LACKING),
        BY_DAY,
    )

    clock_error_ms: Mapped[int | None]
    visit: Mapped[str]
    lane: Mapped[str]
    direction: Mapped[str]
    method: Mapped[str]
    verdict: Mapped[str | None]
    celsius: Mapped[float | None] = mapped_column(Double)
    scheme: Mapped[str]
    level: Mapped[str]
    verification: Mapped[str]
    colour: Mapped[str]
    footing: Mapped[str]
    policy: Mapped[str]
    staff: Mapped[str]
    demo: Mapped[bool] = mapped_column(server_default=false())
    kid: Mapped[str | None] = mapped_column(Hex)  # the key that its code asked for and the gate does not know


class ForkEventRow(Base):
    """The other branch of a journal that two writers continued: kept as evidence, projected nowhere."""

    __tablename__ = "fork_event"

    journal_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(Hex, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, index=True)
    gate_id: Mapped[str] = mapped_column(Id)
    received_at: Mapped[datetime]
    event: Mapped[str]  # the wire event without its personal part and salt
    sealed: Mapped[bytes | None]


class AlertRow(Base):
    """预警. `subject` makes opening the same alert twice harmless."""

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("community_id", "kind", "subject", name="alert_subject"),
        Index("alert_open", "community_id", "closed_at", "at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str]
    subject: Mapped[str]
    gate_id: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime]
    opened_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    zh: Mapped[str]
    en: Mapped[str]
    visit: Mapped[str] = mapped_column(server_default="")  # leads to the passage behind it
    sealed: Mapped[bytes | None]  # name, phone, id_last4, household
    demo: Mapped[bool] = mapped_column(server_default=false())
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(server_default="")
    done: Mapped[str] = mapped_column(server_default="")
