"""What is kept how long: keys of days, certificates of what was destroyed, days held, requests to be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.office.db.types import Hex, Id, Time

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NONE = sa.text("''")
NEVER = "a certificate is never changed"


def upgrade() -> None:
    _keys()
    _certificates()
    _append_only()
    _holds()
    _erasures()


def _must(name: str, kind: type = sa.Text, **options: object) -> sa.Column[object]:
    return sa.Column(name, kind(), nullable=False, **options)  # type: ignore[arg-type]


def _may(name: str, kind: type) -> sa.Column[object]:
    return sa.Column(name, kind(), nullable=True)


def _community() -> sa.Column[object]:
    return sa.Column("community_id", Id(), sa.ForeignKey("unit.id"), nullable=False)


def _keys() -> None:
    op.create_table(
        "day_key",
        _must("id", Id),
        _community(),
        _must("day"),
        _must("wrapped", sa.LargeBinary),
        _must("made_at", Time),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "day", name="day_key_day"),
    )


def _certificates() -> None:
    op.create_table(
        "certificate",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        _must("community_id", Id),
        _may("key_id", Id),
        *(_must(name) for name in ("said", "signature")),
        _must("digest", Hex),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("certificate_key", "certificate", ["key_id"])
    op.create_index("certificate_community", "certificate", ["community_id", "number"])


def _append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION certificate_stays() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{NEVER}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER certificate_stays BEFORE UPDATE OR DELETE ON certificate "
            "FOR EACH ROW EXECUTE FUNCTION certificate_stays()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER certificate_no_{act.lower()} BEFORE {act} ON certificate "
            f"BEGIN SELECT RAISE(ABORT, '{NEVER}'); END"
        )


def _holds() -> None:
    op.create_table(
        "day_hold",
        _must("id", Id),
        _community(),
        *(_must(name) for name in ("first", "last", "why", "made_by")),
        _must("made_at", Time),
        _may("released_at", Time),
        _must("released_by", server_default=NONE),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("day_hold_community", "day_hold", ["community_id", "released_at"])


def _erasures() -> None:
    op.create_table(
        "erasure",
        _must("id", Id),
        _community(),
        *(_must(name) for name in ("reason", "made_by")),
        _may("sealed", sa.LargeBinary),
        _must("made_at", Time),
        _must("approved_by", server_default=NONE),
        *(_may(name, Time) for name in ("cancelled_at", "done_at")),
        _may("certificate", sa.BigInteger),
        _may("tokens", sa.Text),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("erasure_community", "erasure", ["community_id", "made_at"])
    op.create_table(
        "erasure_gate",
        sa.Column("erasure_id", Id(), sa.ForeignKey("erasure.id"), nullable=False),
        sa.Column("gate_id", Id(), sa.ForeignKey("gate.id"), nullable=False),
        _may("done_at", Time),
        _may("parts", sa.BigInteger),
        sa.PrimaryKeyConstraint("erasure_id", "gate_id"),
    )
