"""Policies on their way to the gates, and what trying one on the past showed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.office.db.types import Id, Time

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NONE = sa.text("''")
ZERO = sa.text("0")


def upgrade() -> None:
    _policies()
    _trials()


def _must(name: str, kind: sa.types.TypeEngine[object] | type = sa.Text, **options: object) -> sa.Column[object]:
    return sa.Column(name, kind() if isinstance(kind, type) else kind, nullable=False, **options)  # type: ignore[arg-type]


def _policies() -> None:
    op.create_table(
        "policy",
        _must("id", Id),
        sa.Column("community_id", Id(), sa.ForeignKey("unit.id"), nullable=False),
        _must("number", sa.BigInteger),
        *(_must(name) for name in ("state", "document", "based_on")),
        *(_must(f"{verb}_at", Time) for verb in ("made", "changed")),
        *(_must(f"{verb}_by") for verb in ("made", "changed")),
        *(
            _must(name, server_default=NONE)
            for name in ("note", "submitted_by", "decided_by", "reason", "published_by")
        ),
        *(
            sa.Column(name, Time(), nullable=True)
            for name in ("submitted_at", "decided_at", "published_at", "effective_from")
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "number", name="policy_number"),
    )


def _trials() -> None:
    op.create_table(
        "policy_trial",
        _must("id", Id),
        sa.Column("policy_id", Id(), sa.ForeignKey("policy.id"), nullable=False),
        _must("community_id", Id),
        *(_must(name) for name in ("document", "state", "began_by")),
        *(_must(name, Time) for name in ("since", "until", "began_at", "beat_at")),
        *(_must(name, sa.BigInteger, server_default=ZERO) for name in ("total", "seen", "gone", "changed")),
        _must("cancel", sa.Boolean, server_default=sa.false()),
        _must("tally", server_default=sa.text("'[]'")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("policy_trial_policy", "policy_trial", ["policy_id", "began_at"])
    op.create_table(
        "policy_change",
        sa.Column("trial_id", Id(), sa.ForeignKey("policy_trial.id"), nullable=False),
        *(_must(name, Id) for name in ("event_id", "gate_id")),
        _must("at", Time),
        *(_must(name) for name in ("old", "new")),
        sa.PrimaryKeyConstraint("trial_id", "event_id"),
    )
    op.create_index("policy_change_at", "policy_change", ["trial_id", "at"])
