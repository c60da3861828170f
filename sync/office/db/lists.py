"""The tables of the lists that gates are handed: people, what households declare, and codes seen a moment ago.

Who somebody is lies sealed; `shown` is the JSON that goes into a bundle: tokens and a masked name.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from sync.office.db.tables import Base
from sync.office.db.types import Hex, Id


class ListedRow(Base):
    """One person on the watch list or the roster (`register`); `why` is the category there, the kind here."""

    __tablename__ = "listed"
    __table_args__ = (
        Index("listed_made", "community_id", "register", "made_at"),
        Index("listed_mark", "community_id", "register", "mark"),
        Index("listed_name_mark", "community_id", "register", "name_mark"),
        Index("listed_household_mark", "community_id", "register", "household_mark"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"))
    register: Mapped[str]
    why: Mapped[str]
    begins: Mapped[datetime | None]
    ends: Mapped[datetime | None]
    mark: Mapped[str] = mapped_column(Hex)  # the same person has the same
    name_mark: Mapped[str | None] = mapped_column(Hex)
    household_mark: Mapped[str | None] = mapped_column(Hex)
    shown: Mapped[str]
    sealed: Mapped[bytes]
    source: Mapped[str]  # form, import, copied-code
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(server_default="")
    ended_why: Mapped[str] = mapped_column(server_default="")


class ListDraftRow(Base):
    """A list that was read and waits for somebody's second look: its rows sealed."""

    __tablename__ = "list_draft"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"))
    register: Mapped[str]
    replaces: Mapped[bool] = mapped_column(server_default=false())
    title: Mapped[str]
    sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class HouseholdLinkRow(Base):
    """A household's way to the page on which it announces visitors, as the SHA-256 of its secret only."""

    __tablename__ = "household_link"
    __table_args__ = (
        UniqueConstraint("hash", name="household_link_hash"),
        Index("household_link_made", "community_id", "made_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    hash: Mapped[str] = mapped_column(Hex)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"))
    household_mark: Mapped[str] = mapped_column(Hex)
    sealed: Mapped[bytes]  # household
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str] = mapped_column(server_default="")


class DeclarationRow(Base):
    """One announcement; `link_id` names the household's link it came through, None for one made at the office."""

    __tablename__ = "declaration"
    __table_args__ = (
        Index("declaration_ends", "community_id", "ends"),
        Index("declaration_code", "community_id", "code_mark"),
        Index("declaration_link", "link_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    community_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"))
    link_id: Mapped[str | None] = mapped_column(Id, ForeignKey("household_link.id"))
    household_mark: Mapped[str | None] = mapped_column(Hex)
    kind: Mapped[str]
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    code_mark: Mapped[str] = mapped_column(Hex)
    shown: Mapped[str]
    sealed: Mapped[bytes]  # code, name, id_number, phone, plate, household, purpose
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str] = mapped_column(server_default="")
    used_at: Mapped[datetime | None]
    used_gate: Mapped[str | None] = mapped_column(Id)


class RecentCodeRow(Base):
    """Codes that gates saw within the last hour, by their tokens: one code at two gates at once is somebody's copy."""

    __tablename__ = "recent_code"
    __table_args__ = (Index("recent_code_received", "received_at"),)

    community_id: Mapped[str] = mapped_column(Id, primary_key=True)
    token: Mapped[str] = mapped_column(Hex, primary_key=True)
    event_id: Mapped[str] = mapped_column(Id, primary_key=True)
    gate_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]
    direction: Mapped[str]
    verdict: Mapped[str]
    visit: Mapped[str]
    received_at: Mapped[datetime]
