"""What a journal said of the one it follows when it was begun; events that were recorded once more, by their origin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.office.db.types import Hex, Id

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("succession", sa.Column("told", sa.Text(), nullable=True))
    op.create_table(
        "repeated",
        sa.Column("by_journal", Id(), nullable=False),
        sa.Column("by_seq", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", Id(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", Hex(), nullable=False),
        sa.PrimaryKeyConstraint("by_journal", "by_seq", "digest"),
    )
    op.create_index("repeated_origin", "repeated", ["journal_id", "seq"])
