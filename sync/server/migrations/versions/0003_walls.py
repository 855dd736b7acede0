"""Row-level security between councils, on PostgreSQL; a database in one file has one program before it."""

from __future__ import annotations

from alembic import op

from sync.server.walls import doors, wall

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "tenant",
    "epoch",
    "account",
    "identity",
    "provider",
    "device",
    "device_cursor",
    "quarantine",
    "courier_key",
    "enrol_code",
    "token",
    "record",
    "change",
    "scope_counter",
    "op_result",
    "conflict",
    "holding",
    "blob",
    "blob_chunk",
    "audit",
)


def upgrade() -> None:
    """Puts the walls up."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in TABLES:
        for line in wall(table):
            op.execute(line)
    for line in doors():
        op.execute(line)


def downgrade() -> None:
    """Nothing is taken away again."""
    raise NotImplementedError("bring back a backup instead")
