"""The trash of this copy: what went from the screen by somebody else's doing, kept for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.sqlite import insert as upsert

from models.outbox import Trash


def put(
    connection: Connection,
    type_name: str,
    record_id: str,
    version: int,
    body: dict[str, Any],
    now: datetime,
    by: str = "",
) -> None:
    """Keeps a body that is about to go from the screen."""
    statement = upsert(Trash).values(
        type=type_name, record_id=record_id, version=version, body=body, removed_at=now, removed_by=by
    )
    connection.execute(statement.on_conflict_do_nothing())


def empty(connection: Connection, before: datetime) -> None:
    """Lets go of what has lain in the trash since before a moment."""
    connection.execute(delete(Trash).where(Trash.removed_at < before))
