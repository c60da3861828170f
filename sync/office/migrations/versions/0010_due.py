"""By when a gate said to call again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.office.db.types import Time

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gate_state", sa.Column("due_at", Time(), nullable=True))
