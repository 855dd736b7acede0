"""Runs of a sync that meet an old protocol, take too long, or have a twin in another process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from models.changes import bulk_create
from models.outbox import OpState, OutboxOp
from models.store import Store
from sync import account as accounts
from sync import engine as engines
from sync.client import HttpTransport
from sync.engine import Engine
from sync.errors import SyncError
from tests.sync.kit import KEY, Fleet, RealServer
from tests.sync.proxy import Fault, FaultProxy
from tests.sync.test_digest import TEAM
from tests.sync.test_snapshot import filled, in_pages_of, same_as_the_server
from tests.things import Thing

TOO_OLD = (
    b"HTTP/1.1 426 Upgrade Required\r\nContent-Type: application/json\r\nHoldall-Epoch: -\r\n"
    b'Content-Length: 34\r\nConnection: close\r\n\r\n{"error":"protocol","message":"2"}'
)


@pytest.fixture
def proxy(server: RealServer) -> Iterator[FaultProxy]:
    made = FaultProxy(server.port)
    yield made
    made.close()


def test_a_server_of_another_protocol_leaves_everything_waiting_until_the_update(
    net_fleet: Fleet, proxy: FaultProxy
) -> None:
    first = net_fleet.join()
    first.write("Add", lambda s: s.add(Thing(title="Waits")))
    first.through(proxy.address)
    proxy.spoil(Fault(instead=TOO_OLD))
    for _ in range(2):
        with pytest.raises(SyncError, match="protocol") as caught:
            first.sync()
        assert "Update Holdall" in caught.value.advice
        assert caught.value.report is not None
        assert caught.value.report.waiting == 1
    assert first.read(lambda s: s.scalars(select(OutboxOp.state)).one()) == OpState.QUEUED.value
    assert first.read(lambda s: s.scalars(select(Thing.title)).one()) == "Waits"
    proxy.spoil(Fault())
    assert first.sync().accepted == 1


def test_a_sync_ends_after_its_ten_minutes_and_the_next_goes_on(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = filled(fleet)
    second = fleet.join("u-2", "Priya Senn")
    asked = in_pages_of(second, 100)
    small = second.transport.snapshot
    passed = [0.0]
    monkeypatch.setattr(engines.time, "monotonic", lambda: passed[0])

    def slow(request: Any) -> Any:
        passed[0] += engines.RUN_SECONDS / 2
        return small(request)

    second.transport.snapshot = slow
    report = second.sync()
    assert (report.cancelled, len(asked) < 6) == (True, True)
    while report.cancelled:
        report = second.sync()
    assert len({request.after for request in asked}) == 6
    same_as_the_server(fleet, first, second)


def test_two_processes_that_sync_one_store_send_everything_once(net_fleet: Fleet) -> None:
    first = net_fleet.join()
    rows = [{"title": f"Thing {n}"} for n in range(300)]
    for start in range(0, 300, 20):
        first.write("Add", lambda s, start=start: bulk_create(s, Thing, rows[start : start + 20]))
    other = Store.open(first.store.path, KEY)
    account = accounts.load(other)
    assert account is not None
    transport = HttpTransport(account, lambda fresh: None)
    twin = Engine(other, transport)
    failed: list[BaseException] = []
    ready = threading.Barrier(2)

    def sync(engine: Engine) -> None:
        ready.wait()
        try:
            engine.sync_once()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=sync, args=(engine,)) for engine in (first.engine, twin)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    transport.close()
    other.close()
    assert failed == []
    first.sync()
    with net_fleet.books.read(net_fleet.tenant) as connection:
        records, changes = (
            connection.exec_driver_sql(
                f"SELECT count(*) FROM {table} WHERE tenant = ? AND scope = ?", (net_fleet.tenant, TEAM)
            ).scalar_one()
            for table in ("record", "change")
        )
    assert (records, changes) == (300, 300)
    assert first.read(lambda s: s.scalar(select(func.count()).where(OutboxOp.state == "settled"))) == 300
    same_as_the_server(net_fleet, first)
