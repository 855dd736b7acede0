"""The records that a record hangs on: where a screen goes for one that it has no page of its own for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import fields_of, policy_of, record_types, table_of
from models.outbox import OutboxOp

DEPTH = 3


def owners(session: Session, type_name: str, record_id: str) -> Iterator[tuple[str, str]]:
    """A record and those it hangs on, nearest first, by type and id; only records that are here, but for
    the first. What it takes from comes before what freezes it, then every other column that names one."""
    seen: set[tuple[str, str]] = set()
    layer = [(type_name, record_id)]
    for _ in range(DEPTH):
        ahead: list[tuple[str, str]] = []
        for key in layer:
            if key not in seen and key[0] in record_types():
                seen.add(key)
                yield key
                ahead += _named(session, *key)
        layer = ahead


def _named(session: Session, type_name: str, record_id: str) -> Iterator[tuple[str, str]]:
    """The records of the same slice that a record's columns name."""
    body = _body(session, type_name, record_id)
    policy = policy_of(type_name)
    if policy.allocation is not None:
        yield from _here(session, [policy.allocation.resource], body.get(policy.allocation.resource_id))
    if policy.frozen_by is not None:
        yield from _here(session, [policy.frozen_by.parent], body.get(policy.frozen_by.parent_id))
    slice_name = type_name.partition("_")[0]
    kin = [name for name in record_types() if name.startswith(f"{slice_name}_") and name != type_name]
    for name in fields_of(type_name):
        if name.endswith("_id"):
            yield from _here(session, kin, body.get(name))


def _here(session: Session, types: list[str], record_id: Any) -> Iterator[tuple[str, str]]:
    if isinstance(record_id, str) and record_id:
        for type_name in types:
            table = table_of(type_name)
            if session.execute(select(table.c.id).where(table.c.id == record_id)).first() is not None:
                yield type_name, record_id


def _body(session: Session, type_name: str, record_id: str) -> Mapping[str, Any]:
    """The columns of a record, or what the operation that would have made it held."""
    table = table_of(type_name)
    row = session.execute(select(table).where(table.c.id == record_id)).mappings().first()
    if row is not None:
        return dict(row)
    statement = select(OutboxOp.fields).where(OutboxOp.type == type_name, OutboxOp.record_id == record_id)
    return session.scalar(statement.order_by(OutboxOp.n).limit(1)) or {}
