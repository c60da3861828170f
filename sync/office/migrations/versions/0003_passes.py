"""Passes in bulk, re-issued, found again, and shown on phones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.office.db.types import Hex, Id, Time

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("number", "medium", "revoked_why"):
        op.add_column("office_pass", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("name_mark", "person_mark", "household_mark", "replaces"):
        op.add_column("office_pass", sa.Column(name, Hex(), nullable=True))
    op.add_column("office_pass", sa.Column("batch_id", Id(), nullable=True))
    op.add_column("office_pass", sa.Column("line", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.add_column("office_pass", sa.Column("printed_at", Time(), nullable=True))
    for name in ("name_mark", "person_mark", "household_mark"):
        op.create_index(f"office_pass_{name}", "office_pass", ["community_id", name])
    for name in ("number", "batch_id", "replaces"):
        op.create_index(f"office_pass_{name}", "office_pass", [name])
    _batches()
    _links()


def _batches() -> None:
    op.create_table(
        "pass_batch",
        sa.Column("id", Id(), nullable=False),
        sa.Column("community_id", Id(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", Time(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("issued_at", Time(), nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("pass_batch_made", "pass_batch", ["community_id", "made_at"])


def _links() -> None:
    op.create_table(
        "pass_link",
        sa.Column("hash", Hex(), nullable=False),
        sa.Column("serial", Hex(), sa.ForeignKey("office_pass.serial"), nullable=False),
        sa.Column("expires_at", Time(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_pass_link_serial", "pass_link", ["serial"])
