"""The tables that show nothing is late or missing unseen: contacts, what each gate's day holds, how it was closed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from sync.office.db.tables import Base
from sync.office.db.types import Hex, Id

ZERO = text("0")


class ContactRow(Base):
    """A time during which a gate called without falling silent: from its first call to its last."""

    __tablename__ = "contact"

    gate_id: Mapped[str] = mapped_column(Id, ForeignKey("gate.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    drain_since: Mapped[datetime | None]  # when the present run of new events began to come in
    drained_at: Mapped[datetime | None]  # and when the last of it came


class GateDayRow(Base):
    """What one journal of a gate brought of one day of the office, counted as it came in."""

    __tablename__ = "gate_day"
    __table_args__ = (Index("gate_day_day", "day"), Index("gate_day_journal", "journal_id"))

    gate_id: Mapped[str] = mapped_column(Id, ForeignKey("gate.id"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)  # 2026-11-22
    journal_id: Mapped[str] = mapped_column(Id, primary_key=True)
    first_seq: Mapped[int]
    last_seq: Mapped[int]
    events: Mapped[int]
    passages: Mapped[int]  # as gates count them: without demonstrations
    away: Mapped[int] = mapped_column(server_default=ZERO)  # late, since the gate had no contact
    held: Mapped[int] = mapped_column(server_default=ZERO)  # late although it had
    worst_s: Mapped[int] = mapped_column(server_default=ZERO)
    received_at: Mapped[datetime]  # of the last one


class DayCloseRow(Base):
    """A gate's own report of a day, countersigned: neither end can rewrite the day unnoticed."""

    __tablename__ = "day_close"
    __table_args__ = (Index("day_close_gate", "gate_id", "day"),)

    journal_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    gate_id: Mapped[str] = mapped_column(Id, ForeignKey("gate.id"))
    day: Mapped[str]
    digest: Mapped[str] = mapped_column(Hex)
    counts: Mapped[str]  # JSON, as the gate wrote them
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    signature: Mapped[str]  # of the office, under `protocol.day_statement`


class SuccessionRow(Base):
    """A journal that says which one it follows, and how far that one went: what is missing there is missing."""

    __tablename__ = "succession"

    journal_id: Mapped[str] = mapped_column(Id, primary_key=True)
    gate_id: Mapped[str] = mapped_column(Id, ForeignKey("gate.id"), index=True)
    follows: Mapped[str] = mapped_column(Id)
    seq: Mapped[int]
    why: Mapped[str]
    day: Mapped[str]  # on which it was begun
    told: Mapped[str | None]  # `successions.Told` as JSON; None in rows from before it was kept


class RepeatedRow(Base):
    """An event that a gate recorded once more in a later journal, as number `by_seq` of `by_journal`: its origin."""

    __tablename__ = "repeated"
    __table_args__ = (Index("repeated_origin", "journal_id", "seq"),)

    by_journal: Mapped[str] = mapped_column(Id, primary_key=True)
    by_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(Hex, primary_key=True)
    journal_id: Mapped[str] = mapped_column(Id)
    seq: Mapped[int]


class StandingRow(Base):
    """What the office holds against a gate: suspended until it is lifted, to be wiped once its journal has drained."""

    __tablename__ = "gate_standing"

    gate_id: Mapped[str] = mapped_column(Id, ForeignKey("gate.id"), primary_key=True)
    suspended_at: Mapped[datetime | None]
    suspended_by: Mapped[str] = mapped_column(server_default="")
    suspended_why: Mapped[str] = mapped_column(server_default="")
    wipe_at: Mapped[datetime | None]
    wipe_by: Mapped[str] = mapped_column(server_default="")
    wipe_told_at: Mapped[datetime | None]


class NoteRow(Base):
    """What the office remembers of itself, such as the software that opened it last."""

    __tablename__ = "office_note"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
