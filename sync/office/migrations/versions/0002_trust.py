"""Issuer keys of the whole office, revoked hashes, and the keys that gates were asked for and lack."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.office.db.types import Hex, Id, Time

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LACKING = sa.text("kid IS NOT NULL")


def upgrade() -> None:
    _issuer_keys()
    _hash_lists()
    op.add_column("passage", sa.Column("kid", Hex(), nullable=True))
    op.create_index("passage_kid", "passage", ["community_id", "at"], postgresql_where=LACKING, sqlite_where=LACKING)


def _issuer_keys() -> None:
    op.create_table(
        "issuer_key",
        sa.Column("id", Hex(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("kid", Hex(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("added_at", Time(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("issuer_key_kid", "issuer_key", ["scheme", "kid"])
    op.create_table(
        "trust_draft",
        sa.Column("id", Id(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("replaces", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _hash_lists() -> None:
    op.create_table(
        "hash_list",
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("sha256", Hex(), nullable=False),
        sa.Column("before", Hex(), nullable=True),
        sa.Column("changed_at", Time(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scheme"),
    )
    op.create_table(
        "hash_chunk",
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("leading", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "leading"),
    )
