"""What the screen shows of a record with pending operations: the server's state with them on top."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from models import search
from models.base import fields_of, policy_of, python_values, row_body, table_of
from models.changes import made_here, pending_of
from models.outbox import Conflict, OpKind, Shadow, Trash
from models.policy import Merge, Policy
from models.text_merge import replayed_text


def replayed(policy: Policy, name: str, current: Any, base: Any, new: Any) -> Any:
    """A field's value when a pending change (base -> new) is put on top of `current`; wire values."""
    merge = policy.merge_of(name)
    if current == base or current is None:
        return new
    if merge is Merge.DELTA:
        return int(current) + int(new or 0) - int(base or 0)
    if merge is Merge.SET:
        return merged_set(base or [], new or [], current)
    if merge is Merge.TEXT:
        return replayed_text(base, new, current)
    if merge in (Merge.MAX, Merge.MIN):
        if new is None:  # taken back here, while somebody else has set it
            return current
        return max(current, new) if merge is Merge.MAX else min(current, new)
    return new


def merged_set(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    """Theirs with my additions put at the end and my removals taken out; their order is kept."""
    kept = [item for item in theirs if item in mine or item not in base]
    return kept + [item for item in mine if item not in base and item not in kept]


def rebase(connection: Connection, type_name: str, record_id: str, now: datetime) -> None:
    """Writes the local row of a record anew: its shadow (or nothing), then its pending operations.

    Drops the shadow when nothing is pending any more; removes the row when there is neither. A row that
    was never shadowed and has nothing pending is left as it is, and so is one at version 0 that was not
    made here: a server that was restored lacks it for now.
    """
    table, policy = table_of(type_name), policy_of(type_name)
    shadow = connection.execute(
        select(Shadow.__table__).where(Shadow.type == type_name, Shadow.record_id == record_id)
    ).first()
    ops = pending_of(connection, type_name, record_id)
    row = connection.execute(select(table).where(table.c.id == record_id)).mappings().first()
    if shadow is None and not ops:
        if row is not None and row["version"] == 0 and made_here(connection, type_name, [record_id]):
            connection.execute(delete(table).where(table.c.id == record_id))
            search.remove(connection, type_name, record_id)
        return
    if shadow is None and row is not None and row["version"] > 0:
        raise RuntimeError(f"{type_name} {record_id} has pending operations and no shadow")
    body, exists = _replay(policy, shadow, ops)
    if shadow is not None and shadow.left and not ops:
        remove_left(connection, type_name, record_id, shadow.version, now)
    elif not exists:
        connection.execute(delete(table).where(table.c.id == record_id))
        search.remove(connection, type_name, record_id)
    else:
        values = {
            **dict.fromkeys(fields_of(type_name)),
            **python_values(type_name, body["fields"]),
            "scope": body["scope"],
            "version": body["version"],
            "deleted": body["deleted"],
            "updated_at": now,
        }
        values["created_at"] = values.get("created_at") or (row["created_at"] if row else now)
        if row is None:
            connection.execute(insert(table).values(id=record_id, **values))
        else:
            connection.execute(update(table).where(table.c.id == record_id).values(**values))
        search.index_records(connection, type_name, [{"id": record_id, **values}])
    if not ops:
        connection.execute(delete(Shadow).where(Shadow.type == type_name, Shadow.record_id == record_id))


def to_trash(
    connection: Connection, type_name: str, record_id: str, version: int, now: datetime, by: str = ""
) -> None:
    """Keeps what a row holds for 90 days, as it is about to go."""
    table = table_of(type_name)
    row = connection.execute(select(table).where(table.c.id == record_id)).mappings().first()
    if row is None or row["deleted"]:
        return
    statement = upsert(Trash).values(
        type=type_name,
        record_id=record_id,
        version=version,
        body=row_body(type_name, dict(row)),
        removed_at=now,
        removed_by=by,
    )
    connection.execute(statement.on_conflict_do_nothing())


def remove_left(
    connection: Connection, type_name: str, record_id: str, version: int, now: datetime, by: str = ""
) -> None:
    """Takes a record that was moved out of this person's sight off this laptop; the trash keeps it."""
    to_trash(connection, type_name, record_id, version, now, by)
    table = table_of(type_name)
    connection.execute(delete(table).where(table.c.id == record_id))
    connection.execute(delete(Conflict).where(Conflict.type == type_name, Conflict.record_id == record_id))
    search.remove(connection, type_name, record_id)


def keep_shadow(connection: Connection, type_name: str, record_id: str) -> None:
    """Keeps the row of a record as the server's state of it, where something is about to wait on top."""
    table = table_of(type_name)
    row = connection.execute(select(table).where(table.c.id == record_id)).mappings().first()
    if row is None or (row["version"] == 0 and made_here(connection, type_name, [record_id])):
        return
    values = {
        "version": row["version"],
        "deleted": row["deleted"],
        "scope": row["scope"],
        "body": {name: value for name, value in row_body(type_name, dict(row)).items() if value is not None},
    }
    statement = upsert(Shadow).values(type=type_name, record_id=record_id, **values)
    connection.execute(statement.on_conflict_do_nothing())


def _replay(policy: Policy, shadow: Any, ops: list[Any]) -> tuple[dict[str, Any], bool]:
    """The body after replay ({fields, scope, version, deleted}) and whether the record exists at all."""
    fields: dict[str, Any] = dict(shadow.body or {}) if shadow is not None else {}
    deleted = bool(shadow.deleted) if shadow is not None else False
    exists = shadow is not None and shadow.body is not None
    scope = shadow.scope if shadow is not None else ""
    for op in ops:
        scope = scope or op.scope
        if op.kind == OpKind.MOVE.value:
            scope = str(op.fields["scope"])
            continue
        if op.kind in (OpKind.CREATE.value, OpKind.SEALED.value):
            exists, deleted = True, False
            fields.update(op.fields)
            continue
        if not exists:
            continue
        base: Mapping[str, Any] = op.base
        for name, value in op.fields.items():
            fields[name] = replayed(policy, name, fields.get(name), base.get(name), value)
        if op.kind == OpKind.DELETE.value:
            deleted = True
        else:  # a change whose author had not seen the deletion wins over it, here as on the server
            deleted = False
    version = shadow.version if shadow is not None else 0
    return {"fields": fields, "scope": scope, "version": version, "deleted": deleted}, exists
