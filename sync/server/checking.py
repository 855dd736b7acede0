"""Checking a server's database: every chain worked out anew, records against holdings and digests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from models.base import policy_of, record_types
from sync import chain, digest
from sync.server import audit
from sync.server.store import ServerStore
from sync.server.tables import change, holding, record, scope_counter, tenant

STEP = 500
Heads = dict[str, dict[str, int]]  # council -> scope -> last number of its log


def councils(store: ServerStore) -> list[Any]:
    """The rows of all councils."""
    with store.read() as connection:
        return list(connection.execute(select(tenant).order_by(tenant.c.tenant)))


def heads(store: ServerStore) -> Heads:
    """How far the log of each scope goes."""
    found: Heads = {}
    for council in councils(store):
        with store.read(council.tenant) as connection:
            rows = connection.execute(
                select(scope_counter.c.scope, scope_counter.c.n)
                .where(scope_counter.c.tenant == council.tenant)
                .order_by(scope_counter.c.scope)
            )
            found[council.tenant] = {row.scope: int(row.n) for row in rows}
    return found


def problems(store: ServerStore) -> list[str]:
    """What does not fit in a database, a sentence each; empty when all is well."""
    found: list[str] = []
    if not store.postgres:
        with store.read() as connection:
            lines = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
        found += [f"The database file is damaged: {line}." for line in lines if line != "ok"]
        if found:
            return found
    for council in councils(store):
        with store.read(council.tenant) as connection:
            found += _council(connection, council)
    return found


def _council(connection: Connection, council: Any) -> Iterator[str]:
    counters = connection.execute(
        select(scope_counter).where(scope_counter.c.tenant == council.tenant).order_by(scope_counter.c.scope)
    ).all()
    for counter in counters:
        yield from _log(connection, council, counter)
    yield from _strays(connection, council, {counter.scope for counter in counters})
    yield from _records(connection, council, {counter.scope: counter for counter in counters})
    yield from _holdings(connection, council)
    line = audit.verify_chain(connection, council.tenant)
    if line is not None:
        yield f"{council.tenant}: the audit does not fit its chain at line {line:,}."


def _log(connection: Connection, council: Any, counter: Any) -> Iterator[str]:
    """Walks the log of one scope from its floor to its head."""
    place = f"{council.tenant}, {counter.scope}"
    floor = int(counter.floor)
    value = chain.genesis(council.origin, council.tenant, counter.scope) if floor == 0 else None
    rows = connection.execution_options(yield_per=STEP).execute(
        select(change.c.seq, change.c.data, change.c.chain)
        .where(change.c.tenant == council.tenant, change.c.scope == counter.scope, change.c.seq >= floor)
        .order_by(change.c.seq)
    )
    expected = floor + 1
    for row in rows:
        if row.seq == floor:  # the last one that was compacted: its chain value is where the walk begins
            value = row.chain
            continue
        if row.seq != expected:
            rows.close()
            yield f"{place}: change {expected:,} is missing from the log."
            return
        if value is not None and chain.extend(value, (row.data.encode(),)) != row.chain:
            rows.close()
            yield f"{place}: change {row.seq:,} is not the one that was sealed: it was altered."
            return
        value, expected = row.chain, expected + 1
    if expected - 1 != int(counter.n):
        yield f"{place}: the log ends at change {expected - 1:,}, its counter says {int(counter.n):,}."
    elif value is not None and value != counter.chain:
        yield f"{place}: the seal of the last change is not the one that the counter keeps."


def _strays(connection: Connection, council: Any, known: set[str]) -> Iterator[str]:
    scopes = connection.execute(
        select(change.c.scope).where(change.c.tenant == council.tenant).distinct()
    ).scalars()
    for scope in scopes:
        if scope not in known:
            yield f"{council.tenant}, {scope}: there are changes and no counter."


def _records(connection: Connection, council: Any, counters: dict[str, Any]) -> Iterator[str]:
    """Whether every record's number lies within its log, and the records come to the digest that is kept."""
    rows = connection.execution_options(yield_per=STEP).execute(
        select(record).where(record.c.tenant == council.tenant)
    )
    beyond: dict[str, int] = {}
    sums = dict.fromkeys(counters, digest.ZERO)
    for row in rows:
        if row.scope not in counters or row.seq > counters[row.scope].n:
            beyond[row.scope] = beyond.get(row.scope, 0) + 1
        elif not row.deleted:
            body = msgspec.json.decode(row.body)
            told = digest.record_hash(row.type, row.id, row.ver, body)
            sums[row.scope] = digest.moved(sums[row.scope], told)
    for scope, count in sorted(beyond.items()):
        yield f"{council.tenant}, {scope}: {count:,} records were written by changes that the log lacks."
    for scope, value in sorted(sums.items()):
        if scope not in beyond and value != (counters[scope].digest or digest.ZERO):
            yield f"{council.tenant}, {scope}: the records do not come to the digest that is kept of them."


def _holdings(connection: Connection, council: Any) -> Iterator[str]:
    """Whether what is held of each resource is what the records say."""
    for type_name in record_types():
        allocation = policy_of(type_name).allocation
        if allocation is None:
            continue
        where = (holding.c.tenant == council.tenant, holding.c.type == type_name)
        kept = {
            row.id: (row.resource_id, int(row.amount))
            for row in connection.execute(select(holding).where(*where))
        }
        said: dict[str, tuple[str, int]] = {}
        for row in connection.execute(
            select(record).where(record.c.tenant == council.tenant, record.c.type == type_name)
        ):
            body = {**msgspec.json.decode(row.body), "deleted": row.deleted}
            if allocation.holds(body):
                said[row.id] = (str(body[allocation.resource_id]), allocation.takes(body))
        for record_id in sorted(kept.keys() | said.keys()):
            if kept.get(record_id) != said.get(record_id):
                yield f"{council.tenant}: what {type_name} {record_id} takes is not what is kept of it."
