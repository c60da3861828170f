"""The tables of whom the whole office trusts, and of what issuers have revoked: the same for every community."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, false
from sqlalchemy.orm import Mapped, mapped_column

from sync.office.db.tables import Base
from sync.office.db.types import Hex, Id


class IssuerKeyRow(Base):
    """One imported issuer key. `id` says which key a later import updates; `entry` is the JSON of its place in
    `trust`, and the columns before it repeat what is asked for."""

    __tablename__ = "issuer_key"
    __table_args__ = (Index("issuer_key_kid", "scheme", "kid"),)

    id: Mapped[str] = mapped_column(Hex, primary_key=True)
    scheme: Mapped[str]
    kid: Mapped[str] = mapped_column(Hex)
    entry: Mapped[str]
    source: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[str]


class TrustDraftRow(Base):
    """Keys that somebody uploaded and has not confirmed yet."""

    __tablename__ = "trust_draft"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    scheme: Mapped[str]
    replaces: Mapped[bool] = mapped_column(server_default=false())
    source: Mapped[str]
    entries: Mapped[str]  # the section's JSON of each key
    problems: Mapped[str]  # JSON: what was left out, and why
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class HashListRow(Base):
    """One scheme's list of revoked hashes. `sha256` names the section handed down now, `before` the one before it,
    which a gate may still be fetching."""

    __tablename__ = "hash_list"

    scheme: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    sha256: Mapped[str] = mapped_column(Hex)
    before: Mapped[str | None] = mapped_column(Hex)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class HashChunkRow(Base):
    """The revoked hashes that begin with one byte: 16 bytes each, ascending, none twice."""

    __tablename__ = "hash_chunk"

    scheme: Mapped[str] = mapped_column(primary_key=True)
    leading: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hashes: Mapped[bytes]
