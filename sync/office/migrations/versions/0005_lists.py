"""The lists that gates are handed: people, declarations of households, and codes seen a moment ago."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.office.db.types import Hex, Id, Time

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NONE = sa.text("''")


def upgrade() -> None:
    _people()
    _drafts()
    _links()
    _declarations()
    _codes()


def _must(name: str, kind: sa.types.TypeEngine[object] | type = sa.Text, **options: object) -> sa.Column[object]:
    return sa.Column(name, kind() if isinstance(kind, type) else kind, nullable=False, **options)  # type: ignore[arg-type]


def _may(name: str, kind: type) -> sa.Column[object]:
    return sa.Column(name, kind(), nullable=True)


def _community() -> sa.Column[object]:
    return sa.Column("community_id", Id(), sa.ForeignKey("unit.id"), nullable=False)


def _people() -> None:
    op.create_table(
        "listed",
        _must("id", Id),
        _community(),
        *(_must(name) for name in ("register", "why", "shown", "source", "made_by")),
        *(_may(name, Time) for name in ("begins", "ends", "ended_at")),
        _must("mark", Hex),
        *(_may(name, Hex) for name in ("name_mark", "household_mark")),
        _must("sealed", sa.LargeBinary),
        _must("made_at", Time),
        *(_must(name, server_default=NONE) for name in ("ended_by", "ended_why")),
        sa.PrimaryKeyConstraint("id"),
    )
    for index, column in (("made", "made_at"), ("mark", "mark"), ("name_mark", "name_mark"),
                          ("household_mark", "household_mark")):  # fmt: skip
        op.create_index(f"listed_{index}", "listed", ["community_id", "register", column])


def _drafts() -> None:
    op.create_table(
        "list_draft",
        _must("id", Id),
        _community(),
        *(_must(name) for name in ("register", "title", "made_by")),
        _must("replaces", sa.Boolean, server_default=sa.false()),
        _must("sealed", sa.LargeBinary),
        _must("made_at", Time),
        sa.PrimaryKeyConstraint("id"),
    )


def _links() -> None:
    op.create_table(
        "household_link",
        _must("id", Id),
        *(_must(name, Hex) for name in ("hash", "household_mark")),
        _community(),
        _must("sealed", sa.LargeBinary),
        *(_must(name, Time) for name in ("made_at", "expires_at")),
        _must("made_by"),
        *(_may(name, Time) for name in ("used_at", "revoked_at")),
        _must("revoked_by", server_default=NONE),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash", name="household_link_hash"),
    )
    op.create_index("household_link_made", "household_link", ["community_id", "made_at"])


def _declarations() -> None:
    op.create_table(
        "declaration",
        _must("id", Id),
        _community(),
        sa.Column("link_id", Id(), sa.ForeignKey("household_link.id"), nullable=True),
        _may("household_mark", Hex),
        *(_must(name) for name in ("kind", "shown", "made_by")),
        *(_must(name, Time) for name in ("begins", "ends", "made_at")),
        _must("code_mark", Hex),
        _must("sealed", sa.LargeBinary),
        *(_may(name, Time) for name in ("cancelled_at", "used_at")),
        _may("used_gate", Id),
        _must("cancelled_by", server_default=NONE),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("declaration_ends", "declaration", ["community_id", "ends"])
    op.create_index("declaration_code", "declaration", ["community_id", "code_mark"])
    op.create_index("declaration_link", "declaration", ["link_id"])


def _codes() -> None:
    op.create_table(
        "recent_code",
        *(_must(name, Id) for name in ("community_id", "event_id", "gate_id")),
        _must("token", Hex),
        *(_must(name, Time) for name in ("at", "received_at")),
        *(_must(name) for name in ("direction", "verdict", "visit")),
        sa.PrimaryKeyConstraint("community_id", "token", "event_id"),
    )
    op.create_index("recent_code_received", "recent_code", ["received_at"])
