"""Since when a gate's key is in force, whether it was asked for another, and who used an enrolment token."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.office.db.types import Time

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("key_at", "renew_key_at"):
        op.add_column("gate", sa.Column(name, Time(), nullable=True))
    op.add_column("gate_token", sa.Column("used_by", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.execute(sa.text("UPDATE gate SET key_at = enrolled_at"))
