"""What alembic runs for each upgrade: the steps, on the connection that the server hands over."""

from __future__ import annotations

from alembic import context

from sync.server.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
