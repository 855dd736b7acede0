"""A bad line, a crash, a page that is not the server: nothing is lost, nothing happens twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from models.changes import bulk_create
from models.ids import new_id
from models.outbox import OpState, OutboxOp, ScopeState
from sync import chain, wire
from sync.errors import BadPage, CaptivePortal, Offline, ServerBusy, SyncError
from sync.server.store import ServerStore
from tests.sync.kit import Fleet, RealServer
from tests.sync.proxy import Fault, FaultProxy
from tests.sync.test_converge import same, setting, shared_thing
from tests.things import Place, Thing

PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 22\r\n\r\n<h1>Venue Wi-Fi</h1>\r\n"
BUSY = (
    b"HTTP/1.1 503 Busy\r\nContent-Type: application/json\r\nHoldall-Epoch: -\r\nRetry-After: 17\r\n"
    b'Content-Length: 31\r\nConnection: close\r\n\r\n{"error":"busy","message":"..."}'
)


@pytest.fixture
def proxy(server: RealServer) -> Iterator[FaultProxy]:
    made = FaultProxy(server.port)
    yield made
    made.close()


def things_on_server(fleet: Fleet) -> int:
    with fleet.books.read() as connection:
        count = connection.exec_driver_sql(
            "SELECT count(*) FROM record WHERE type = 'test_thing' AND tenant = ?", (fleet.tenant,)
        ).scalar_one()
    return int(count)


def test_a_line_that_tears_anywhere_in_a_push_loses_nothing_and_repeats_nothing(
    net_fleet: Fleet, proxy: FaultProxy
) -> None:
    first, second = net_fleet.join(), net_fleet.join("u-2", "Priya Senn")
    first.through(proxy.address)
    total = 0
    faults = [Fault(cut_request=n) for n in (0, 1, 300, 700, 900)]
    faults += [Fault(cut_answer=n) for n in (0, 40, 200, 330, 360)] + [Fault(swallow_answer=True)]
    for fault in faults:
        rows = [{"title": f"Thing {total + n}"} for n in range(3)]
        first.write("Add", lambda s, rows=rows: bulk_create(s, Thing, rows))
        total += 3
        proxy.spoil(fault)
        with pytest.raises(Offline):
            first.sync()
        assert first.read(lambda s: s.scalar(select(func.count()).select_from(Thing))) == total
        proxy.spoil(Fault())
        report = first.sync()
        assert (report.rejected, report.waiting) == (0, 0)
    assert things_on_server(net_fleet) == total
    second.sync()
    titles = second.read(lambda s: sorted(s.scalars(select(Thing.title))))
    assert titles == sorted(f"Thing {n}" for n in range(total))
    numbers = first.read(lambda s: list(s.scalars(select(OutboxOp.dseq).order_by(OutboxOp.n))))
    assert numbers == list(range(1, total + 1))


def test_an_answer_lost_after_the_servers_commit_is_given_again_and_read_in_the_log(fleet: Fleet) -> None:
    first = fleet.join()
    place = Place(places=1)
    first.write("Add", lambda s: s.add(place))
    real = first.transport.push
    sent: list[bytes] = []
    answers: list[wire.PushAnswer] = []

    def lost(body: bytes) -> Any:
        sent.append(body)
        answers.append(real(body))
        raise Offline("The line broke.", "")

    first.transport.push = lost
    with pytest.raises(Offline):
        first.sync()
    assert first.read(lambda s: s.scalars(select(OutboxOp.state)).one()) == OpState.SENDING.value
    again = real(sent[0]).results[0]
    assert (again.status, again.was) == ("duplicate", "applied")
    assert (again.seq, again.ver) == (answers[0].results[0].seq, answers[0].results[0].ver)
    assert first.sync().waiting == 0  # what it sent stands in the log that it reads first
    op = first.read(lambda s: s.scalars(select(OutboxOp)).one())
    assert (op.state, op.attempts, len(sent)) == (OpState.SETTLED.value, 1, 1)
    with fleet.books.read() as connection:
        rows = connection.exec_driver_sql("SELECT ver FROM record WHERE id = ?", (place.id,)).all()
    assert [tuple(row) for row in rows] == [(1,)]


def test_an_edit_made_while_its_record_is_on_the_way_is_not_lost(fleet: Fleet) -> None:
    first, _, thing_id = shared_thing(fleet)
    real = first.transport.push

    def slow(body: bytes) -> Any:
        answer = real(body)
        first.transport.push = real
        first.write("While it is sent", setting(thing_id, title="Second", price=7))
        return answer

    first.transport.push = slow
    first.write("First", setting(thing_id, title="First"))
    first.sync()
    fleet.settle()
    body = same(fleet, Thing, thing_id)
    assert (body["title"], body["price"]) == ("Second", 7)


def test_a_wifi_sign_in_page_is_not_taken_for_the_server(net_fleet: Fleet, proxy: FaultProxy) -> None:
    first = net_fleet.join()
    first.write("Add", lambda s: s.add(Thing(title="Waits")))
    first.through(proxy.address)
    proxy.spoil(Fault(instead=PORTAL))
    with pytest.raises(CaptivePortal, match="sign-in page") as caught:
        first.sync()
    assert caught.value.report is not None
    assert caught.value.report.waiting == 1
    assert (first.engine.state.online, first.engine.state.failures) == (False, 1)
    proxy.spoil(Fault(instead=PORTAL.replace(b"200 OK", b"302 Found\r\nLocation: http://127.0.0.1:1/")))
    with pytest.raises(CaptivePortal):
        first.sync()
    proxy.spoil(Fault())
    assert first.sync().accepted == 1
    assert (first.engine.state.online, first.engine.state.failures) == (True, 0)


def test_a_server_that_asks_for_a_pause_gets_it(net_fleet: Fleet, proxy: FaultProxy) -> None:
    first = net_fleet.join()
    first.through(proxy.address)
    proxy.spoil(Fault(instead=BUSY))
    with pytest.raises(ServerBusy):
        first.sync()
    assert first.engine.next_delay() >= 17.0


def test_a_server_that_is_not_there_leaves_everything_waiting(
    tmp_path: Path, template: Path, own_server: RealServer
) -> None:
    books = ServerStore.open(own_server.db)
    fleet = Fleet(tmp_path, books, template, own_server)
    first = fleet.join()
    port = own_server.port
    own_server.stop()
    first.write("Add", lambda s: s.add(Thing(title="Waits")))
    for _ in range(2):
        with pytest.raises(Offline, match="cannot be reached"):
            first.sync()
    own_server.start(port)
    assert first.sync().accepted == 1
    fleet.close()
    books.close()


def test_an_operation_nobody_can_read_stops_no_other(fleet: Fleet) -> None:
    first = fleet.join()
    rows = [{"title": f"Thing {n}"} for n in range(6)]
    for row in rows:
        first.write("Add", lambda s, row=row: bulk_create(s, Thing, [row]))
    with first.store.connect(write=True) as connection:
        connection.exec_driver_sql("UPDATE outbox SET fields = '{broken' WHERE n = 3")
        connection.exec_driver_sql("UPDATE outbox SET base_version = 'x' WHERE n = 5")
        connection.exec_driver_sql("UPDATE outbox SET fields = '[]' WHERE n = 6")
    report = first.sync()
    assert (report.accepted, report.rejected, report.waiting) == (3, 3, 0)
    with first.store.connect() as connection:
        rows = connection.exec_driver_sql("SELECT n, result FROM outbox WHERE state = 'rejected' ORDER BY n")
        codes = [(n, json.loads(result)["code"]) for n, result in rows]
    assert codes == [(3, "validation"), (5, "validation"), (6, "validation")]


def test_a_page_with_a_gap_a_forged_change_or_a_wrong_value_changes_nothing(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    first.write("Add", lambda s: s.add_all([Thing(title="One"), Thing(title="Two")]))
    first.sync()
    real = second.transport.pull

    def forged(change: Any) -> Any:
        def pull(asked: wire.PullRequest) -> wire.PullAnswer:
            answer = real(asked)
            page = answer.scopes["team:team-1"]
            change(page)
            return answer

        return pull

    def drop(page: wire.Page) -> None:
        del page.changes[0]

    def alter(page: wire.Page) -> None:
        page.changes[0] = wire.Raw(bytes(page.changes[0]).replace(b"One", b"Six"))

    def rechain(page: wire.Page) -> None:
        alter_number(page, b'"stock":0', b'"stock":"0"')

    def alter_number(page: wire.Page, old: bytes, new: bytes) -> None:
        start = chain.genesis(second.transport.epoch, fleet.tenant, "team:team-1")
        page.changes = [wire.Raw(bytes(raw).replace(old, new)) for raw in page.changes]
        page.chain = chain.extend(start, [bytes(raw) for raw in page.changes])

    def renumber(page: wire.Page) -> None:
        alter_number(page, b'"seq":2', b'"seq":3')

    for spoil in (drop, alter, rechain, renumber):
        second.transport.pull = forged(spoil)
        with pytest.raises(BadPage):
            second.sync()
        assert second.read(lambda s: s.scalar(select(func.count()).select_from(Thing))) == 0
        state = second.read(lambda s: s.get(ScopeState, "team:team-1"))
        assert state is None or state.cursor == 0
    second.transport.pull = real
    assert second.sync().pulled == 2


def test_a_type_of_a_newer_holdall_is_passed_over_and_read_once_it_is_known(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    things = [Thing(title="Known"), Thing(title="Known too")]
    place = Place(places=4)
    first.write("Add", lambda s: s.add_all([*things, place]))
    first.sync()
    from models import base

    hidden = base._TYPES.pop("test_place")
    try:
        second.sync()
    finally:
        base._TYPES["test_place"] = hidden
    assert second.read(lambda s: s.scalar(select(func.count()).select_from(Thing))) == 2
    assert second.read(lambda s: s.get(Place, place.id)) is None
    second.sync()
    assert second.get(Place, place.id).places == 4


def test_a_sync_with_nothing_to_say_is_one_small_request(net_fleet: Fleet, proxy: FaultProxy) -> None:
    first = net_fleet.join(teams=("team-1", "team-2"))
    first.write("Add", lambda s: s.add(Thing(title="Sent")))
    first.through(proxy.address)
    first.sync()
    proxy.asked.clear()
    proxy.answered.clear()
    first.sync()
    assert (proxy.asked.count(b" HTTP/1.1\r\n"), proxy.answered.count(b"HTTP/1.1 200")) == (1, 1)
    assert len(proxy.asked) + len(proxy.answered) <= 1_000


def test_only_one_sync_runs_at_a_time(fleet: Fleet) -> None:
    first = fleet.join()
    real = first.transport.pull
    seen: list[bool] = []

    def pull(asked: Any) -> Any:
        seen.append(first.engine.sync_once().busy)
        return real(asked)

    first.transport.pull = pull
    first.sync()
    assert seen == [True]


def test_a_push_that_is_no_push_is_refused_whole(fleet: Fleet) -> None:
    first = fleet.join()
    for body in (b"", b"[]", b"{", b'{"device":"x","ops":[]}', b'{"device":1,"ops":5}', b"\xff\xfe"):
        with pytest.raises(SyncError):
            first.transport.push(body)
    gap = {"device": first.account.device, "ops": [{"op": new_id(), "dseq": 7}]}
    with pytest.raises(SyncError) as caught:
        first.transport.push(json.dumps(gap).encode())
    assert caught.value.expected == 1  # type: ignore[attr-defined]
