"""Snapshot: a scope's records as they are now, page by page, for a laptop that has none of its log.

Fuzzy: each page shows the moment at which it is read, and no transaction lasts longer than a page. What
changed meanwhile stands in the log after `as_of`, where the laptop reads on.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import Raw
from sqlalchemy import Connection, and_, or_, select

from models.ids import is_id
from sync import chain, wire
from sync.server.accounts import Actor
from sync.server.denied import Denied
from sync.server.push import Malformed
from sync.server.store import origin_of
from sync.server.tables import change, conflict, record, scope_counter
from sync.wire_snapshot import PAGE, RawSnapshotPage, SnapshotRequest

STRIDE = 500
CHUNK = 500


def snapshot(connection: Connection, actor: Actor, asked: SnapshotRequest) -> RawSnapshotPage:
    """One page of a scope's records. Raises Denied for a scope that this person may not read, Malformed
    for a place that no page ended at."""
    if asked.scope not in actor.scopes:
        raise Denied("forbidden", "This person may not read that scope.", 403)
    as_of, value = _head(connection, actor.tenant, asked)
    limit = max(1, min(asked.limit, PAGE))
    after = _place(asked.after)
    rows: list[Any] = []
    size, full = 0, False
    while not full:
        stride = min(STRIDE, limit - len(rows))
        more = _rows(connection, actor.tenant, asked.scope, after, stride)
        rows += more
        size += sum(len(row.body) for row in more)
        if len(more) < stride:
            break
        after = (more[-1].id, more[-1].type)
        full = len(rows) >= limit or size >= wire.PAGE_BYTES
    clashes = _clashes(connection, actor.tenant, asked.scope, rows)
    return RawSnapshotPage(
        scope=asked.scope,
        as_of=as_of,
        chain=value,
        next=f"{after[0]}/{after[1]}" if full and after is not None else None,
        records=[_record(row, clashes.get((row.type, row.id))) for row in rows],
    )


def _head(connection: Connection, tenant: str, asked: SnapshotRequest) -> tuple[int, str]:
    """The number in the log from which the laptop will read on, and the chain value there."""
    where = (scope_counter.c.tenant == tenant, scope_counter.c.scope == asked.scope)
    counter = connection.execute(select(scope_counter).where(*where)).first()
    if asked.as_of is not None and counter is not None and asked.as_of != counter.n:
        line = (change.c.tenant == tenant, change.c.scope == asked.scope, change.c.seq == asked.as_of)
        value = connection.execute(select(change.c.chain).where(*line)).scalar()
        if value is not None:
            return asked.as_of, str(value)
        if asked.as_of != 0:
            raise Malformed("begin_again", "This log has no such number: read from the first page.", 409)
    if counter is None or asked.as_of == 0:
        return 0, chain.genesis(origin_of(connection, tenant), tenant, asked.scope)
    return int(counter.n), str(counter.chain)


def _place(after: str) -> tuple[str, str] | None:
    """The id and type that a page begins after."""
    if not after:
        return None
    record_id, _, type_name = after.partition("/")
    if not is_id(record_id) or not 0 < len(type_name) <= 64:
        raise Malformed("malformed", "No page ends at this place.")
    return record_id, type_name


def _rows(
    connection: Connection, tenant: str, scope: str, after: tuple[str, str] | None, count: int
) -> Sequence[Any]:
    columns = (record.c.type, record.c.id, record.c.ver, record.c.at, record.c.deleted, record.c.body)
    statement = select(*columns).where(record.c.tenant == tenant, record.c.scope == scope)
    if after is not None:
        record_id, type_name = after
        same = and_(record.c.id == record_id, record.c.type < type_name)
        statement = statement.where(record.c.id <= record_id, or_(record.c.id < record_id, same))
    return connection.execute(statement.order_by(record.c.id.desc(), record.c.type.desc()).limit(count)).all()


def _clashes(
    connection: Connection, tenant: str, scope: str, rows: Sequence[Any]
) -> dict[tuple[str, str], list[Raw]]:
    """The open conflicts of these records, as they were sent in the log."""
    any_here = select(conflict.c.conflict_id).where(
        conflict.c.tenant == tenant, conflict.c.scope == scope, conflict.c.status == "open"
    )
    found: dict[tuple[str, str], list[Raw]] = {}
    if not rows or connection.execute(any_here.limit(1)).first() is None:
        return found
    for type_name, group in groupby(sorted(rows, key=attrgetter("type")), key=attrgetter("type")):
        ids = [row.id for row in group]
        for start in range(0, len(ids), CHUNK):
            statement = select(conflict.c.id, conflict.c.data).where(
                conflict.c.tenant == tenant,
                conflict.c.type == type_name,
                conflict.c.id.in_(ids[start : start + CHUNK]),
                conflict.c.status == "open",
            )
            for row in connection.execute(statement.order_by(conflict.c.conflict_id)):
                found.setdefault((type_name, row.id), []).append(Raw(row.data.encode()))
    return found


def _record(row: Any, clashes: list[Raw] | None) -> Raw:
    """A record as JSON (a wire_snapshot.SnapshotRecord), its values as they lie in the table: types, ids
    and moments were checked when they came and hold nothing that JSON would escape."""
    more = ',"d":true' if row.deleted else ""
    if clashes:
        more += f',"c":{msgspec.json.encode(clashes).decode()}'
    head = f'{{"t":"{row.type}","id":"{row.id}","ver":{row.ver},"at":"{row.at}"{more},"f":'
    return Raw(f"{head}{row.body}}}".encode())
