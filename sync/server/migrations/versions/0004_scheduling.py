"""What the worker of the appointments keeps between two steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.server.walls import wall

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table and puts its wall up."""
    op.create_table(
        "scheduling",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "key", name="pk_scheduling"),
    )
    op.create_index("ix_scheduling_at", "scheduling", ["tenant", "kind", "at"])
    if op.get_bind().dialect.name == "postgresql":
        for line in wall("scheduling"):
            op.execute(line)


def downgrade() -> None:
    """Nothing is taken away again."""
    raise NotImplementedError("bring back a backup instead")
