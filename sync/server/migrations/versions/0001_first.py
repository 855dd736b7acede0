"""The tables of protocol 1."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def text(name: str, size: int | None = None, null: bool = False) -> sa.Column[str]:
    """A text column."""
    return sa.Column(name, sa.String(size) if size else sa.Text(), nullable=null)


def number(name: str) -> sa.Column[int]:
    """A whole number that may grow for years."""
    return sa.Column(name, sa.BigInteger(), nullable=False)


def flag(name: str) -> sa.Column[bool]:
    """Yes or no."""
    return sa.Column(name, sa.Boolean(), nullable=False)


def key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    """The primary key, led by the council."""
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def upgrade() -> None:
    """Makes every table."""
    _people()
    _log()


def _people() -> None:
    op.create_table(
        "tenant",
        text("tenant", 64),
        text("name"),
        text("telephone"),
        text("epoch", 36),
        text("created_at", 27),
        key("tenant", "tenant"),
    )
    op.create_table(
        "account",
        text("tenant", 64),
        text("user_id", 64),
        text("name"),
        text("roles"),
        text("teams"),
        flag("active"),
        key("account", "tenant", "user_id"),
    )
    op.create_table(
        "device",
        text("tenant", 64),
        text("device_id", 36),
        text("user_id", 64),
        text("name"),
        text("public_key", 44),
        flag("shared"),
        text("status", 16),
        number("last_dseq"),
        text("created_at", 27),
        text("seen_at", 27, null=True),
        key("device", "tenant", "device_id"),
    )
    op.create_table(
        "enrol_code",
        text("tenant", 64),
        text("code_id", 36),
        text("handle", 4),
        text("hash"),
        text("user_id", 64),
        flag("shared"),
        text("expires_at", 27),
        sa.Column("tries", sa.Integer(), nullable=False),
        text("used_by", 36, null=True),
        key("enrol_code", "tenant", "code_id"),
    )
    op.create_index("ix_enrol_code_handle", "enrol_code", ["handle"])
    op.create_table(
        "token",
        text("tenant", 64),
        text("hash", 64),
        text("device_id", 36),
        text("family", 36),
        text("issued", 36),
        text("kind", 8),
        text("expires_at", 27),
        text("used_at", 27, null=True),
        key("token", "tenant", "hash"),
    )
    op.create_index("ix_token_family", "token", ["tenant", "family"])
    op.create_index("ix_token_device", "token", ["tenant", "device_id", "expires_at"])


def _log() -> None:
    op.create_table(
        "record",
        text("tenant", 64),
        text("type", 64),
        text("id", 36),
        text("scope", 80),
        number("ver"),
        number("seq"),
        text("fver"),
        text("body"),
        flag("deleted"),
        key("record", "tenant", "type", "id"),
    )
    op.create_table(
        "change",
        text("tenant", 64),
        text("scope", 80),
        number("seq"),
        text("type", 64),
        text("id", 36),
        number("ver"),
        text("data"),
        text("chain", 64),
        key("change", "tenant", "scope", "seq"),
    )
    op.create_index("ix_change_record", "change", ["tenant", "type", "id", "ver"])
    op.create_table(
        "scope_counter",
        text("tenant", 64),
        text("scope", 80),
        number("n"),
        text("chain", 64),
        key("scope_counter", "tenant", "scope"),
    )
    op.create_table(
        "op_result",
        text("tenant", 64),
        text("op_id", 36),
        text("device_id", 36),
        number("dseq"),
        text("answer"),
        key("op_result", "tenant", "op_id"),
    )
    op.create_table(
        "conflict",
        text("tenant", 64),
        text("conflict_id", 36),
        text("scope", 80),
        text("type", 64),
        text("id", 36),
        text("field", 64),
        text("status", 16),
        text("other_device", 36),
        text("data"),
        key("conflict", "tenant", "conflict_id"),
    )
    op.create_index("ix_conflict_record", "conflict", ["tenant", "type", "id", "status"])
    op.create_table(
        "holding",
        text("tenant", 64),
        text("type", 64),
        text("id", 36),
        text("resource_id", 36),
        number("amount"),
        key("holding", "tenant", "type", "id"),
    )
    op.create_index("ix_holding_resource", "holding", ["tenant", "type", "resource_id"])


def downgrade() -> None:
    """There is nothing before the first step to go back to."""
    raise NotImplementedError("bring back a backup instead")
