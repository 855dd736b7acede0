"""Two server processes over one PostgreSQL, 32 laptops pushing at once, a bad line: nobody misses a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from msgspec import Raw
from sqlalchemy import select

from models import clock
from models.ids import new_id
from sync import wire
from sync.client import HttpTransport
from sync.server.store import ServerStore, ensure_tenant, stamp
from sync.server.tables import change, holding, op_result, scope_counter
from tests.sync.cluster import Cluster
from tests.sync.kit import RealServer
from tests.sync.proxy import Fault, FaultProxy
from tests.sync.pushers import Pusher, Reader, admit, work

TEAMS = ("a", "b", "c", "d")
PLACES = 25
SECONDS = 20


@contextmanager
def two_servers(url: str, *modules: str) -> Iterator[list[RealServer]]:
    """Two processes over one database; a module brings in a known fault."""
    extra = ["--pushes", "0", "--council-pushes", "0"]
    for module in modules:
        extra += ["--with", module]
    servers = [RealServer(url, extra=extra).start() for _ in range(2)]
    try:
        yield servers
    finally:
        for server in servers:
            server.stop()


def crowd(
    books: ServerStore, addresses: list[str], count: int
) -> tuple[str, dict[str, str], list[Pusher], Reader]:
    """A council with places to give, laptops that want them, and somebody who reads."""
    tenant = f"council-{new_id()[-12:]}"
    with books.write(tenant) as connection:
        ensure_tenant(connection, tenant, "Averwick Borough Council", "01632 960 100", datetime.now(UTC))
    places = {f"team:{team}": new_id() for team in TEAMS}
    pushers = [
        Pusher(admit(books, tenant, f"u-{n}", TEAMS, addresses[n % len(addresses)]), places, n)
        for n in range(count)
    ]
    return tenant, places, pushers, Reader(admit(books, tenant, "u-reader", TEAMS, addresses[-1]))


def offer_places(books: ServerStore, tenant: str, places: dict[str, str], address: str) -> None:
    """Makes the resource of each scope, by an ordinary push."""
    account = admit(books, tenant, "u-offer", TEAMS, address)
    now = datetime.now(UTC)
    ops = [
        wire.RawOp(
            op=new_id(),
            dseq=n + 1,
            group=new_id(),
            t="test_place",
            id=place,
            scope=scope,
            kind=wire.Kind.CREATE,
            base=0,
            hlc=clock.tick(None, now, account.device),
            at=stamp(now),
            author=account.user,
            name=account.user,
            f=Raw(wire.encode({"places": PLACES, "created_at": stamp(now)})),
            b=Raw(b"{}"),
        )
        for n, (scope, place) in enumerate(places.items())
    ]
    transport = HttpTransport(account)
    answer = transport.push(wire.encode(wire.RawPush(account.device, ops)))
    transport.close()
    assert [result.status for result in answer.results] == ["applied"] * len(ops)


def test_a_reader_misses_nothing_while_32_laptops_push_to_two_servers(
    cluster: Cluster, postgres: ServerStore
) -> None:
    with two_servers(cluster.app) as servers:
        proxy = FaultProxy(servers[1].port)
        tenant, places, pushers, reader = crowd(postgres, [servers[0].address, proxy.address], 32)
        offer_places(postgres, tenant, places, servers[0].address)
        proxy.spoil(Fault(cut_answer=60_000))  # lines tear again and again; what got no answer is repeated
        work(pushers, reader, SECONDS)
        proxy.close()
    assert [pusher.problem for pusher in pushers if pusher.problem is not None] == []
    assert reader.problem is None
    assert (reader.holes, reader.broken) == (0, 0)
    with postgres.read(tenant) as connection:
        logged = connection.execute(
            select(change.c.scope, change.c.seq, change.c.data).where(change.c.tenant == tenant)
        ).all()
        heads = connection.execute(select(scope_counter).where(scope_counter.c.tenant == tenant)).all()
        taken = Counter(
            connection.execute(select(holding.c.resource_id).where(holding.c.tenant == tenant)).scalars()
        )
        known = connection.execute(select(op_result.c.op_id).where(op_result.c.tenant == tenant)).scalars()
        assert len(list(known)) > 32
    for head in heads:
        assert sorted(row.seq for row in logged if row.scope == head.scope) == list(range(1, head.n + 1))
        assert len(reader.read[head.scope]) == head.n
    accepted = {op for pusher in pushers for op in pusher.accepted}
    read = [op for ops in reader.read.values() for op in ops]
    assert len(read) == len(set(read))
    assert accepted <= set(read)
    assert taken == dict.fromkeys(places.values(), PLACES)


@pytest.mark.parametrize("fault", ["tests.sync.numbers_too_early", "tests.sync.no_locks"])
def test_the_crowd_notices_a_server_that(fault: str, cluster: Cluster, postgres: ServerStore) -> None:
    with two_servers(cluster.app, fault) as servers:
        tenant, places, pushers, reader = crowd(postgres, [server.address for server in servers], 16)
        offer_places(postgres, tenant, places, servers[0].address)
        work(pushers, reader, 5)
    with postgres.read(tenant) as connection:
        taken = Counter(
            connection.execute(select(holding.c.resource_id).where(holding.c.tenant == tenant)).scalars()
        )
    promised_twice = any(count > PLACES for count in taken.values())
    assert reader.holes or reader.broken or promised_twice or reader.problem is not None
