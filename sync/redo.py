"""Acts that had to wait for a record of another laptop are done again by themselves once it has come."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models.base import record_types
from models.changes import Changed, changed_of
from models.ids import new_id
from models.outbox import OpState, OutboxOp
from models.replay import keep_shadow, rebase
from sync import recovery
from sync.wire import Code

MOST = 20_000  # blocked operations looked at after one page
_SAME = (  # what the new operation takes over from the old one
    *("type", "record_id", "scope", "kind", "base_version", "fields", "base"),
    *("label", "hlc", "at", "author_id", "author_name", "resolves"),
)


def redo(connection: Connection, arrived: Collection[str], now: datetime) -> Changed:
    """Queues again each act that was blocked for want of a record that has just arrived.

    As new operations with the clock reading and the values that the act had, so that what was written
    after it still stands; the old ones are withdrawn. Runs in the transaction of the page.
    """
    if not arrived:
        return Changed()
    table = OutboxOp.__table__
    statement = select(table).where(OutboxOp.state == OpState.BLOCKED.value).order_by(OutboxOp.n)
    blocked = connection.execute(statement.limit(MOST)).all()
    wanted = dict.fromkeys(row.group_id for row in blocked if _waits_for(row, arrived))
    if not wanted:
        return Changed()
    held = recovery.waiting_groups(blocked, recovery.missing(connection))
    again: list[Any] = []
    for group_id in wanted:
        rows = [row for row in blocked if row.group_id == group_id]
        known = all(row.type in record_types() for row in rows)
        if known and group_id not in held and not _refused(connection, group_id):
            again += rows
            _queue(connection, rows, now)
    for type_name, record_id in dict.fromkeys((row.type, row.record_id) for row in again):
        rebase(connection, type_name, record_id, now)
    return changed_of(again)


def _waits_for(row: Any, arrived: Collection[str]) -> bool:
    """Whether an operation was blocked for want of a record, and one that it names has arrived."""
    answer = row.result or {}
    if answer.get("code") != Code.DEPENDENCY_REJECTED or "missing" not in (answer.get("detail") or {}):
        return False
    if row.record_id in arrived:
        return True
    return any(isinstance(value, str) and value in arrived for value in row.fields.values())


def _refused(connection: Connection, group_id: str) -> bool:
    statement = select(OutboxOp.n).where(
        OutboxOp.group_id == group_id, OutboxOp.state == OpState.REJECTED.value
    )
    return connection.execute(statement.limit(1)).first() is not None


def _queue(connection: Connection, rows: list[Any], now: datetime) -> None:
    group = new_id()
    for row in rows:
        keep_shadow(connection, row.type, row.record_id)
        values = {name: getattr(row, name) for name in _SAME}
        connection.execute(insert(OutboxOp).values(**values, op_id=new_id(), group_id=group))
    connection.execute(
        update(OutboxOp)
        .where(OutboxOp.n.in_([row.n for row in rows]))
        .values(state=OpState.WITHDRAWN.value, answered_at=now)
    )
