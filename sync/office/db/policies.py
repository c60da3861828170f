"""The tables of policy work: every version with its way to the gates, and what trying one on the past showed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from sync.office.db.tables import Base
from sync.office.db.types import Id


class PolicyRow(Base):
    """One version of a community's policy. `state` is draft, submitted, rejected, approved, published or withdrawn;
    which published one is in force, the bundle says."""

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("community_id", "number", name="policy_number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"))
    number: Mapped[int]
    state: Mapped[str]
    document: Mapped[str]  # JSON; a draft's may still be wrong
    based_on: Mapped[str]  # `community@3`
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")  # what it is for, in the words of whoever submitted it
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[str] = mapped_column(server_default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")  # why it was rejected or withdrawn
    published_at: Mapped[datetime | None]
    published_by: Mapped[str] = mapped_column(server_default="")
    effective_from: Mapped[datetime | None]


class PolicyTrialRow(Base):
    """One run of a version over past passages. `beat_at` tells a run that goes on from one whose process is gone."""

    __tablename__ = "policy_trial"
    __table_args__ = (Index("policy_trial_policy", "policy_id", "began_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    policy_id: Mapped[str] = mapped_column(Id, ForeignKey("policy.id"))
    community_id: Mapped[str] = mapped_column(Id)
    document: Mapped[str]  # as it was when the run began
    state: Mapped[str]  # running, done, cancelled, failed
    since: Mapped[datetime]
    until: Mapped[datetime]
    began_at: Mapped[datetime]
    began_by: Mapped[str]
    beat_at: Mapped[datetime]
    total: Mapped[int] = mapped_column(server_default=text("0"))
    seen: Mapped[int] = mapped_column(server_default=text("0"))
    gone: Mapped[int] = mapped_column(server_default=text("0"))
    changed: Mapped[int] = mapped_column(server_default=text("0"))
    cancel: Mapped[bool] = mapped_column(server_default=false())
    tally: Mapped[str] = mapped_column(server_default="[]")  # JSON: gate, hour, old, new, count


class PolicyChangeRow(Base):
    """One past passage that the tried version would have judged otherwise."""

    __tablename__ = "policy_change"
    __table_args__ = (Index("policy_change_at", "trial_id", "at"),)

    trial_id: Mapped[str] = mapped_column(Id, ForeignKey("policy_trial.id"), primary_key=True)
    event_id: Mapped[str] = mapped_column(Id, primary_key=True)
    gate_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]
    old: Mapped[str]
    new: Mapped[str]
