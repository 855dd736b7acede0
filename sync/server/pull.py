"""Pull: a laptop reads on in the log of each scope it may read; a page is the very bytes of the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Raw
from sqlalchemy import Connection, select, text

from sync import chain, digest, wire
from sync.server import courier
from sync.server.accounts import Actor
from sync.server.store import origin_of
from sync.server.tables import change, device, scope_counter

STRIDE = 1_000
_READ = text(
    "SELECT data FROM change WHERE tenant = :tenant AND scope = :scope AND seq > :after AND seq <= :head"
    " ORDER BY seq LIMIT :count"
)


def pull(connection: Connection, actor: Actor, asked: wire.PullRequest) -> wire.PullAnswer:
    """A page of each scope asked for that this person may read and that has something new."""
    limit = max(1, min(asked.limit, wire.MAX_PAGE))
    wanted = {scope: cursor for scope, cursor in asked.scopes.items() if scope in actor.scopes}
    origin = origin_of(connection, actor.tenant)
    reader = _Reader(connection, actor.tenant, origin, limit)
    counters = _counters(connection, actor.tenant, list(wanted))
    pages: dict[str, wire.Page] = {}
    for scope, cursor in wanted.items():
        counter = counters.get(scope)
        if not asked.digests and reader.has_all(scope, cursor, counter):
            continue
        pages[scope] = page = reader.page(scope, cursor, counter)
        if page.to == page.head and asked.schema == wire.SCHEMA:
            page.digest = counter.digest if counter is not None else digest.ZERO
    standing: wire.Standing | None = actor.standing(courier.current(connection, actor.tenant))
    if standing is not None and wire.standing_tag(standing) == asked.standing:
        standing = None
    first = any(not cursor.chain for cursor in wanted.values())
    first |= any(page.error is not None for page in pages.values())
    return wire.PullAnswer(pages, standing, origin if first else "", _last_dseq(connection, actor))


def chain_at(connection: Connection, actor: Actor, asked: wire.ChainRequest) -> wire.ChainAnswer:
    """The chain of each scope that this person may read, at the numbers asked for."""
    origin = origin_of(connection, actor.tenant)
    found: dict[str, dict[str, str | None]] = {}
    for scope, seqs in asked.scopes.items():
        if scope in actor.scopes:
            found[scope] = {
                str(seq): _chain_at(connection, actor.tenant, origin, scope, seq)
                for seq in seqs[: wire.MAX_MARKS]
                if 0 <= seq <= wire.INT_LIMIT
            }
    return wire.ChainAnswer(found)


def _counters(connection: Connection, tenant: str, scopes: list[str]) -> dict[str, Any]:
    """The counter rows of these scopes, by scope."""
    where = (scope_counter.c.tenant == tenant, scope_counter.c.scope.in_(scopes))
    return {row.scope: row for row in connection.execute(select(scope_counter).where(*where))}


def _agrees(cursor: wire.Cursor, value: str) -> bool:
    return len(cursor.chain) >= wire.CHAIN_MARK and value.startswith(cursor.chain)


@dataclass(frozen=True)
class _Reader:
    """Reads pages of one council's logs."""

    connection: Connection
    tenant: str
    origin: str
    limit: int

    def has_all(self, scope: str, cursor: wire.Cursor, counter: Any) -> bool:
        """Whether a laptop stands at the head of the very same log."""
        if counter is None:
            return cursor.after == 0 and _agrees(cursor, chain.genesis(self.origin, self.tenant, scope))
        return cursor.after == counter.n and _agrees(cursor, counter.chain)

    def page(self, scope: str, cursor: wire.Cursor, counter: Any) -> wire.Page:
        """What comes after a cursor, as far as the head that the counter names."""
        head = int(counter.n) if counter is not None else 0
        floor, safe = (int(counter.floor), int(counter.safe)) if counter is not None else (0, 0)
        page = wire.Page(cursor.after, cursor.after, head, safe=safe)
        if cursor.after < floor:
            page.error = "below_floor"
            return page
        value = _chain_at(self.connection, self.tenant, self.origin, scope, cursor.after)
        if value is None or (cursor.chain and not _agrees(cursor, value)):
            page.error = "chain_mismatch"
            return page
        page.chain = value
        size = 0
        while page.to < head and len(page.changes) < self.limit and size < wire.PAGE_BYTES:
            rows = self._rows(scope, page.to, head, min(STRIDE, self.limit - len(page.changes)))
            if not rows:
                break
            page.changes += map(Raw, rows)
            size += sum(map(len, rows))
            page.to += len(rows)  # the log has no holes
        if cursor.after < self._floor(scope):  # compacted while it was read
            return wire.Page(cursor.after, cursor.after, head, error="below_floor")
        if page.changes:
            page.chain = str(_chain_at(self.connection, self.tenant, self.origin, scope, page.to))
        return page

    def _floor(self, scope: str) -> int:
        where = (scope_counter.c.tenant == self.tenant, scope_counter.c.scope == scope)
        return int(self.connection.execute(select(scope_counter.c.floor).where(*where)).scalar() or 0)

    def _rows(self, scope: str, after: int, head: int, count: int) -> Sequence[bytes]:
        asked = {"tenant": self.tenant, "scope": scope, "after": after, "head": head, "count": count}
        return [data.encode() for data in self.connection.execute(_READ, asked).scalars()]


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
