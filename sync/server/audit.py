"""The audit of a council: who did what to doors, rights, conflicts and exports, each line sealing the one
before it.

A line holds ids, roles and counts, never a person's words. Its number and chain value come from the council's
own row, which stays locked until commit: so note last in a transaction, after the counters of the scopes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from sync import chain, wire
from sync.server.store import stamp
from sync.server.tables import audit, tenant

SCOPE = "audit"  # what its chain begins with, as a scope's does with the scope's name
PAGE = 500
SYSTEM = "server"  # who acts when it is the command line or the server by itself


def note(
    connection: Connection,
    tenant_id: str,
    act: str,
    actor: str,
    device: str,
    detail: dict[str, Any],
    now: datetime,
) -> int:
    """Adds a line to the audit of a council and gives its number; it stands or falls with the transaction."""
    where = (tenant.c.tenant == tenant_id,)
    taken = connection.execute(
        update(tenant)
        .where(*where)
        .values(audit_n=tenant.c.audit_n + 1)
        .returning(tenant.c.audit_n, tenant.c.audit_chain, tenant.c.origin)
    ).one()
    n, at = int(taken.audit_n), stamp(now)
    line = {"n": n, "at": at, "act": act, "actor": actor, "device": device, "detail": detail}
    data = wire.canonical(line)
    before = taken.audit_chain or chain.genesis(taken.origin, tenant_id, SCOPE)
    value = chain.extend(before, (data,))
    connection.execute(
        audit.insert().values(
            tenant=tenant_id,
            n=n,
            at=at,
            act=act,
            actor=actor,
            device_id=device,
            data=data.decode(),
            chain=value,
        )
    )
    connection.execute(update(tenant).where(*where).values(audit_chain=value))
    return n


def page(connection: Connection, tenant_id: str, after: int, limit: int = PAGE) -> wire.AuditPage:
    """The lines after a number, at most `limit`, with the chain value after the last of them."""
    council = connection.execute(select(tenant).where(tenant.c.tenant == tenant_id)).one()
    rows = connection.execute(
        select(audit)
        .where(audit.c.tenant == tenant_id, audit.c.n > after)
        .order_by(audit.c.n)
        .limit(max(1, min(limit, PAGE)))
    ).all()
    lines = [msgspec.json.decode(row.data, type=wire.AuditLine) for row in rows]
    last = rows[-1].chain if rows else _chain_at(connection, tenant_id, council.origin, after)
    return wire.AuditPage(lines, int(council.audit_n), last)


def verify_chain(connection: Connection, tenant_id: str) -> int | None:
    """The number of the first line that does not fit what came before it, or is missing; None when all do."""
    council = connection.execute(select(tenant).where(tenant.c.tenant == tenant_id)).one()
    expected, value = 1, chain.genesis(council.origin, tenant_id, SCOPE)
    rows = connection.execution_options(yield_per=PAGE).execute(
        select(audit).where(audit.c.tenant == tenant_id).order_by(audit.c.n)
    )
    for row in rows:
        value = chain.extend(value, (row.data.encode(),))
        if row.n != expected or row.chain != value or not _says(row):
            rows.close()
            return expected
        expected += 1
    told = (int(council.audit_n), council.audit_chain)
    return None if told == (expected - 1, value if expected > 1 else "") else expected


def _says(row: Any) -> bool:
    """Whether the columns that are searched by say the same as the bytes that are sealed."""
    line = msgspec.json.decode(row.data, type=wire.AuditLine)
    kept = (row.n, row.at, row.act, row.actor, row.device_id)
    return kept == (line.n, line.at, line.act, line.actor, line.device)


def _chain_at(connection: Connection, tenant_id: str, origin: str, n: int) -> str:
    """The chain value after a line; empty when there is no such line."""
    if n == 0:
        return chain.genesis(origin, tenant_id, SCOPE)
    where = (audit.c.tenant == tenant_id, audit.c.n == n)
    return connection.execute(select(audit.c.chain).where(*where)).scalar_one_or_none() or ""
