"""Clearing: operations that a verified backup of the server holds leave the outbox for the history.

Until then this laptop may have to give them back to a server that was restored from an older copy.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from models.changes import get_meta, set_meta
from models.outbox import OpState, OutboxOp
from models.types import UtcDateTime

AGE = timedelta(days=30)  # an operation stays so long whatever the server says
EVERY = timedelta(days=1)
MOST = 5_000  # operations in one transaction
CLEARED = "sync.cleared"  # when the outbox was looked through last
_MOMENT = UtcDateTime()
_DUE = (
    "SELECT n FROM outbox JOIN scope_state ON scope_state.scope = outbox.server_scope"
    " WHERE outbox.state = 'settled' AND server_seq <= scope_state.safe AND at < ? ORDER BY n LIMIT ?"
)
_KEEP = (
    "INSERT OR REPLACE INTO history"
    " (type, record_id, op_id, kind, fields, version, author_name, at, label, base, state)"
    " SELECT type, record_id, op_id, kind, fields, coalesce(json_extract(result, '$.ver'), base_version),"
    " author_name, at, label, base, state FROM outbox WHERE n = ?"
)
_END_UNDO = (
    "UPDATE action SET state = 'gone' WHERE state <> 'gone'"
    " AND group_id IN (SELECT group_id FROM outbox WHERE n = ?)"
)


def is_due(connection: Connection, now: datetime) -> bool:
    """Whether the outbox should be looked through: a day since the last time, and something old in it."""
    last = get_meta(connection, CLEARED)
    if last is not None and now - datetime.fromisoformat(last) < EVERY:
        return False
    oldest = select(OutboxOp.at).where(OutboxOp.state == OpState.SETTLED.value).order_by(OutboxOp.n).limit(1)
    at = connection.execute(oldest).scalar()
    return at is not None and at < now - AGE


def clear(connection: Connection, now: datetime) -> int:
    """Moves at most `MOST` operations into the history, in the caller's transaction; returns how many. An
    act that went there is not undone any more."""
    rows = connection.exec_driver_sql(_DUE, (_MOMENT.to_wire(now - AGE), MOST)).all()
    numbers = [(row.n,) for row in rows]
    if numbers:
        for statement in (_KEEP, _END_UNDO, "DELETE FROM outbox WHERE n = ?"):
            connection.exec_driver_sql(statement, numbers)
    if len(numbers) < MOST:
        set_meta(connection, CLEARED, now.isoformat())
    return len(numbers)
