"""Epochs, digests, floors and cursors; identities; files; audit; courier keys; quarantine."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from sync.digest import ZERO, moved, record_hash

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def text(
    name: str, size: int | None = None, null: bool = False, default: str | None = None
) -> sa.Column[str]:
    """A text column."""
    return sa.Column(name, sa.String(size) if size else sa.Text(), nullable=null, server_default=default)


def number(name: str, default: str | None = None) -> sa.Column[int]:
    """A whole number that may grow for years."""
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default=default)


def table(name: str, keys: tuple[str, ...], *columns: sa.Column[Any]) -> None:
    """A table whose key the council leads."""
    key = sa.PrimaryKeyConstraint("tenant", *keys, name=f"pk_{name}")
    op.create_table(name, text("tenant", 64), *columns, key)


def upgrade() -> None:
    """Adds columns to what is there, then the new tables."""
    _columns()
    _people()
    _files_and_audit()


def _columns() -> None:
    op.add_column("tenant", text("origin", 36, default=""))
    op.execute("UPDATE tenant SET origin = epoch")
    op.add_column("tenant", text("settings", default="{}"))
    op.add_column("tenant", number("audit_n", "0"))
    op.add_column("tenant", text("audit_chain", 64, default=""))
    op.add_column("account", text("sites", default="[]"))
    op.add_column("device", text("copied_from", 36, null=True))
    op.add_column("scope_counter", text("digest", 64, default="0" * 64))
    op.add_column("scope_counter", number("floor", "0"))
    op.add_column("scope_counter", number("safe", "0"))
    op.create_index("ix_record_scope", "record", ["tenant", "scope", "id"])
    op.add_column("record", text("at", 27, default=""))
    _moments()
    _digests()


def _moments() -> None:
    """Gives each record the moment of its last change, as the log has it."""
    bind = op.get_bind()
    rows = bind.execute(
        sa.text(
            "SELECT r.tenant, r.type, r.id, c.data FROM record r JOIN change c"
            " ON c.tenant = r.tenant AND c.scope = r.scope AND c.seq = r.seq"
        )
    )
    for part in rows.partitions(2_000):
        moments = [
            {"m": json.loads(row.data)["at"], "tenant": row.tenant, "type": row.type, "id": row.id}
            for row in part
        ]
        bind.execute(
            sa.text("UPDATE record SET at = :m WHERE tenant = :tenant AND type = :type AND id = :id"), moments
        )


def _digests() -> None:
    """Works out the digest of each scope from its records."""
    bind = op.get_bind()
    sums: dict[tuple[str, str], int] = {}
    rows = bind.execute(sa.text("SELECT tenant, scope, type, id, ver, body, deleted FROM record"))
    for row in rows:
        if not row.deleted:
            found = record_hash(row.type, row.id, row.ver, json.loads(row.body))
            sums[row.tenant, row.scope] = sums.get((row.tenant, row.scope), 0) + found
    for (tenant, scope), total in sums.items():
        bind.execute(
            sa.text("UPDATE scope_counter SET digest = :d WHERE tenant = :tenant AND scope = :scope"),
            {"d": moved(ZERO, total), "tenant": tenant, "scope": scope},
        )


def _people() -> None:
    table(
        "epoch",
        ("epoch",),
        text("epoch", 36),
        text("parent", 36, null=True),
        text("started_at", 27),
        text("reason", 16),
        text("heads"),
    )
    op.execute(
        "INSERT INTO epoch (tenant, epoch, started_at, reason, heads)"
        " SELECT tenant, epoch, created_at, 'init', '{}' FROM tenant"
    )
    table("identity", ("issuer", "subject"), text("issuer", 200), text("subject", 200), text("user_id", 64))
    table("provider", ("issuer",), text("issuer", 200), text("data"))
    table(
        "device_cursor",
        ("device_id", "scope"),
        text("device_id", 36),
        text("scope", 80),
        number("seq"),
        text("at", 27),
    )
    table(
        "quarantine",
        ("id",),
        text("id", 36),
        text("device_id", 36),
        text("user_id", 64),
        text("received_at", 27),
        text("data"),
    )
    table(
        "courier_key",
        ("key_id",),
        text("key_id", 36),
        text("public", 44),
        text("private"),
        text("created_at", 27),
        text("retired_at", 27, null=True),
    )


def _files_and_audit() -> None:
    table(
        "blob",
        ("sha256",),
        text("sha256", 64),
        number("size"),
        text("mime", 100),
        text("state", 16),
        number("received"),
        text("user_id", 64),
        text("name"),
        text("added_at", 27),
    )
    table(
        "blob_chunk",
        ("sha256", "n"),
        text("sha256", 64),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    table(
        "audit",
        ("n",),
        number("n"),
        text("at", 27),
        text("act", 40),
        text("actor", 64),
        text("device_id", 36),
        text("data"),
        text("chain", 64),
    )


def downgrade() -> None:
    """Nothing is taken away again."""
    raise NotImplementedError("bring back a backup instead")
