"""What shows that nothing is late or missing unseen: contacts, days, countersignatures; standing of gates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.office.db.types import Hex, Id, Time

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NONE, ZERO = sa.text("''"), sa.text("0")


def upgrade() -> None:
    op.add_column("event", sa.Column("late", sa.Text(), nullable=True))
    _contacts()
    _days()
    _closes()
    _successions()
    _standing()
    op.create_table("office_note", _must("name"), _must("value"), sa.PrimaryKeyConstraint("name"))


def _must(name: str, kind: type = sa.Text, **options: object) -> sa.Column[object]:
    return sa.Column(name, kind(), nullable=False, **options)  # type: ignore[arg-type]


def _may(name: str, kind: type) -> sa.Column[object]:
    return sa.Column(name, kind(), nullable=True)


def _gate() -> sa.Column[object]:
    return sa.Column("gate_id", Id(), sa.ForeignKey("gate.id"), nullable=False)


def _contacts() -> None:
    op.create_table(
        "contact",
        _gate(),
        *(_must(name, Time) for name in ("since", "until")),
        *(_may(name, Time) for name in ("drain_since", "drained_at")),
        sa.PrimaryKeyConstraint("gate_id", "since"),
    )


def _days() -> None:
    op.create_table(
        "gate_day",
        _gate(),
        _must("day"),
        _must("journal_id", Id),
        *(_must(name, sa.BigInteger) for name in ("first_seq", "last_seq", "events", "passages")),
        *(_must(name, sa.BigInteger, server_default=ZERO) for name in ("away", "held", "worst_s")),
        _must("received_at", Time),
        sa.PrimaryKeyConstraint("gate_id", "day", "journal_id"),
    )
    op.create_index("gate_day_day", "gate_day", ["day"])
    op.create_index("gate_day_journal", "gate_day", ["journal_id"])


def _closes() -> None:
    op.create_table(
        "day_close",
        _must("journal_id", Id),
        _must("seq", sa.BigInteger),
        _gate(),
        *(_must(name) for name in ("day", "counts", "signature")),
        _must("digest", Hex),
        *(_must(name, Time) for name in ("at", "received_at")),
        sa.PrimaryKeyConstraint("journal_id", "seq"),
    )
    op.create_index("day_close_gate", "day_close", ["gate_id", "day"])


def _successions() -> None:
    op.create_table(
        "succession",
        _must("journal_id", Id),
        _gate(),
        _must("follows", Id),
        _must("seq", sa.BigInteger),
        *(_must(name) for name in ("why", "day")),
        sa.PrimaryKeyConstraint("journal_id"),
    )
    op.create_index("ix_succession_gate_id", "succession", ["gate_id"])


def _standing() -> None:
    op.create_table(
        "gate_standing",
        _gate(),
        *(_may(name, Time) for name in ("suspended_at", "wipe_at", "wipe_told_at")),
        *(_must(name, server_default=NONE) for name in ("suspended_by", "suspended_why", "wipe_by")),
        sa.PrimaryKeyConstraint("gate_id"),
    )
