"""The first schema: the tree, gates, people, bundles, journals and what is projected from them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sync.office.db.types import Hex, Id, Time

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BY_DAY: dict[str, Any] = {"postgresql_partition_by": "RANGE (at)"}


def upgrade() -> None:
    _units()
    _gates()
    _people()
    _handed_down()
    _journals()
    _projections()
    if op.get_bind().dialect.name == "postgresql":
        for table in ("event", "passage"):  # days without a partition of their own are safe here
            op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")


def _must(name: str, kind: Any = sa.Text, *more: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind() if isinstance(kind, type) else kind, *more, nullable=False, **options)


def _may(name: str, kind: Any = sa.Text, *more: Any) -> sa.Column[Any]:
    return sa.Column(name, kind() if isinstance(kind, type) else kind, *more, nullable=True)


def _flag(name: str) -> sa.Column[Any]:
    return _must(name, sa.Boolean, server_default=sa.false())


def _text(name: str) -> sa.Column[Any]:
    return _must(name, server_default="")


def _count(name: str) -> sa.Column[Any]:
    return _must(name, sa.BigInteger, server_default=sa.text("0"))


def _units() -> None:
    op.create_table(
        "unit",
        _must("id", Id),
        _may("parent_id", Id, sa.ForeignKey("unit.id")),
        _must("level"),
        _must("code"),
        _must("name"),
        _flag("demo"),
        _may("token_key", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_unit_parent_id", "unit", ["parent_id"])


def _gates() -> None:
    op.create_table(
        "gate",
        _must("id", Id),
        _must("community_id", Id, sa.ForeignKey("unit.id")),
        _must("name"),
        _may("public_key", sa.LargeBinary),
        _must("created_at", Time),
        _may("enrolled_at", Time),
        _flag("demo"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_gate_community_id", "gate", ["community_id"])
    op.create_table(
        "gate_state",
        _must("gate_id", Id, sa.ForeignKey("gate.id")),
        _may("last_contact_at", Time),
        _may("journal_id", Id),
        _may("gate_seq", sa.BigInteger),
        _may("waiting", sa.BigInteger),
        _may("queue_oldest_s", sa.BigInteger),
        _may("clock_error_ms", sa.BigInteger),
        _text("camera"),
        _text("thermometer"),
        _text("software"),
        _may("disk_free_mb", sa.BigInteger),
        _count("bundle"),
        _flag("wake"),
        sa.PrimaryKeyConstraint("gate_id"),
    )
    op.create_table(
        "gate_token",
        _must("hash", Hex),
        _must("gate_id", Id, sa.ForeignKey("gate.id")),
        _must("expires_at", Time),
        _may("used_at", Time),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_gate_token_gate_id", "gate_token", ["gate_id"])
    op.create_table(
        "nonce",
        _must("gate_id", Id),
        _must("nonce"),
        _must("at", Time),
        sa.PrimaryKeyConstraint("gate_id", "nonce"),
    )
    op.create_index("nonce_at", "nonce", ["at"])


def _people() -> None:
    op.create_table(
        "office_user",
        _must("id", Id),
        _must("login"),
        _must("name"),
        _must("role"),
        _may("unit_id", Id, sa.ForeignKey("unit.id")),
        _must("password"),
        _flag("must_change"),
        _may("totp_secret", sa.LargeBinary),
        _flag("totp_confirmed"),
        _count("totp_step"),
        _count("failures"),
        _may("locked_until", Time),
        _may("last_login_at", Time),
        _must("created_at", Time),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login", name="office_user_login"),
    )
    op.create_table(
        "audit",
        _must("id", Id),
        _must("at", Time),
        _must("who"),
        _must("what"),
        _must("subject"),
        _must("detail"),
        _may("community_id", Id),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_at", "audit", ["at"])
    op.create_table("key_mark", _must("name"), _must("fingerprint", Hex), sa.PrimaryKeyConstraint("name"))


def _handed_down() -> None:
    op.create_table(
        "section", _must("sha256", Hex), _must("content", sa.LargeBinary), sa.PrimaryKeyConstraint("sha256")
    )
    op.create_table(
        "bundle",
        _must("community_id", Id, sa.ForeignKey("unit.id")),
        _must("version", sa.BigInteger),
        _must("issued_at", Time),
        _must("valid_until", Time),
        _must("who"),
        _must("manifest"),
        sa.PrimaryKeyConstraint("community_id", "version"),
    )
    op.create_table(
        "trust_key",
        _must("community_id", Id, sa.ForeignKey("unit.id")),
        _must("scheme"),
        _must("kid", Hex),
        _must("entry"),
        _flag("demo"),
        sa.PrimaryKeyConstraint("community_id", "scheme", "kid"),
    )
    op.create_table(
        "revoked",
        _must("community_id", Id, sa.ForeignKey("unit.id")),
        _must("scheme"),
        _must("serial", Hex),
        _flag("demo"),
        sa.PrimaryKeyConstraint("community_id", "scheme", "serial"),
    )
    op.create_table(
        "office_pass",
        _must("serial", Hex),
        _must("community_id", Id, sa.ForeignKey("unit.id")),
        _must("kind"),
        _must("sealed", sa.LargeBinary),
        _must("issued_at", Time),
        _must("issued_by"),
        _must("valid_from", Time),
        _must("valid_until", Time),
        _may("revoked_at", Time),
        _text("revoked_by"),
        _flag("demo"),
        sa.PrimaryKeyConstraint("serial"),
    )
    op.create_index("office_pass_issued", "office_pass", ["community_id", "issued_at"])


def _journals() -> None:
    op.create_table(
        "journal",
        _must("id", Id),
        _must("community_id", Id, sa.ForeignKey("unit.id")),
        _must("gate_id", Id, sa.ForeignKey("gate.id")),
        _must("seq", sa.BigInteger),
        _must("digest", Hex),
        _must("begun_at", Time),
        _must("received_at", Time),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_journal_community_id", "journal", ["community_id"])
    op.create_index("ix_journal_gate_id", "journal", ["gate_id"])
    op.create_table(
        "event",
        *_numbered(),
        _must("received_at", Time),
        _must("clock"),
        _must("open"),
        _may("sealed", sa.LargeBinary),
        _must("seal", Hex),
        _must("prev", Hex),
        _must("digest", Hex),
        _may("parked"),
        sa.PrimaryKeyConstraint("community_id", "journal_id", "seq", "at"),
        **BY_DAY,
    )
    op.create_index("event_id", "event", ["id"])
    unread = sa.text("parked IS NOT NULL")
    op.create_index("event_parked", "event", ["received_at"], postgresql_where=unread, sqlite_where=unread)
    op.create_table(
        "fork_event",
        _must("journal_id", Id),
        _must("seq", sa.BigInteger, autoincrement=False),
        _must("digest", Hex),
        _must("community_id", Id),
        _must("gate_id", Id),
        _must("received_at", Time),
        _must("event"),
        _may("sealed", sa.LargeBinary),
        sa.PrimaryKeyConstraint("journal_id", "seq", "digest"),
    )
    op.create_index("ix_fork_event_community_id", "fork_event", ["community_id"])


def _numbered() -> list[sa.Column[Any]]:
    return [
        _must("community_id", Id),
        _must("journal_id", Id),
        _must("seq", sa.BigInteger, autoincrement=False),
        _must("at", Time),
        _must("id", Id),
        _must("gate_id", Id),
        _must("kind"),
    ]


def _projections() -> None:
    op.create_table(
        "passage",
        *_numbered(),
        _must("received_at", Time),
        _may("clock_error_ms", sa.BigInteger),
        *(_must(name) for name in ("visit", "lane", "direction", "method")),
        _may("verdict"),
        _may("celsius", sa.Double),
        *(_must(name) for name in ("scheme", "level", "verification", "colour", "footing", "policy", "staff")),
        _flag("demo"),
        sa.PrimaryKeyConstraint("community_id", "journal_id", "seq", "at"),
        **BY_DAY,
    )
    op.create_index("passage_id", "passage", ["id"])
    op.create_index("passage_at", "passage", ["at"])
    op.create_index("passage_community", "passage", ["community_id", "at"])
    op.create_index("passage_gate", "passage", ["gate_id", "at"])
    op.create_table(
        "alert",
        _must("id", Id),
        _must("community_id", Id),
        _must("kind"),
        _must("subject"),
        _may("gate_id", Id),
        *(_must(name, Time) for name in ("at", "opened_at", "deadline_at")),
        _must("zh"),
        _must("en"),
        _text("visit"),
        _may("sealed", sa.LargeBinary),
        _flag("demo"),
        _may("closed_at", Time),
        _text("closed_by"),
        _text("done"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "kind", "subject", name="alert_subject"),
    )
    op.create_index("alert_open", "alert", ["community_id", "closed_at", "at"])
