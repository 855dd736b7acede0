"""Pull: a laptop reads on in the log of each scope it may read; a page is the very bytes of the chain."""

from __future__ import annotations

from msgspec import Raw
from sqlalchemy import Connection, select

from sync import chain, wire
from sync.server.accounts import Actor
from sync.server.store import origin_of
from sync.server.tables import change, device, scope_counter

STRIDE = 500


def pull(connection: Connection, actor: Actor, asked: wire.PullRequest) -> wire.PullAnswer:
    """A page of each scope asked for that this person may read; others are left out of the answer."""
    limit = max(1, min(asked.limit, wire.MAX_PAGE))
    origin = origin_of(connection, actor.tenant)
    pages = {
        scope: _page(connection, actor.tenant, origin, scope, cursor, limit)
        for scope, cursor in asked.scopes.items()
        if scope in actor.scopes
    }
    return wire.PullAnswer(pages, actor.standing(), origin, _last_dseq(connection, actor))


def _page(
    connection: Connection, tenant: str, origin: str, scope: str, cursor: wire.Cursor, limit: int
) -> wire.Page:
    where = (scope_counter.c.tenant == tenant, scope_counter.c.scope == scope)
    counter = connection.execute(select(scope_counter.c.n).where(*where)).first()
    head = int(counter.n) if counter is not None else 0
    value = _chain_at(connection, tenant, origin, scope, cursor.after)
    if value is None or (cursor.chain and cursor.chain != value):
        return wire.Page(cursor.after, cursor.after, head, cursor.chain, error="chain_mismatch")
    page = wire.Page(cursor.after, cursor.after, head, value)
    size = 0
    while page.to < head and len(page.changes) < limit and size < wire.PAGE_BYTES:
        statement = (
            select(change.c.seq, change.c.data, change.c.chain)
            .where(change.c.tenant == tenant, change.c.scope == scope, change.c.seq > page.to)
            .order_by(change.c.seq)
            .limit(min(STRIDE, limit - len(page.changes)))
        )
        rows = connection.execute(statement).all()
        if not rows:
            break
        for row in rows:
            data = row.data.encode()
            page.changes.append(Raw(data))
            size += len(data)
        page.to, page.chain = int(rows[-1].seq), rows[-1].chain
    return page


def _chain_at(connection: Connection, tenant: str, origin: str, scope: str, seq: int) -> str | None:
    """The chain value after a change; None when this log has no such change."""
    if seq == 0:
        return chain.genesis(origin, tenant, scope)
    row = connection.execute(
        select(change.c.chain).where(change.c.tenant == tenant, change.c.scope == scope, change.c.seq == seq)
    ).first()
    return None if row is None else str(row.chain)


def _last_dseq(connection: Connection, actor: Actor) -> int:
    """The last number that this server has of the laptop that asks."""
    where = (device.c.tenant == actor.tenant, device.c.device_id == actor.device_id)
    return int(connection.execute(select(device.c.last_dseq).where(*where)).scalar_one())
