"""A snapshot as the base of a copy: new laptop, crash, unsent work on top; it removes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from models.base import mark_deleted
from models.changes import bulk_create
from models.outbox import ChainMark, Conflict, OpState, OutboxOp, ScopeState, Trash
from sync import snapshot, wire
from sync.engine import Run, SyncReport
from sync.errors import BadPage, Offline, Refused
from sync.wire_snapshot import SnapshotPage, SnapshotRequest
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import setting
from tests.sync.test_digest import TEAM, local_digest, server_digests
from tests.things import Place, Thing

MANY = snapshot.FROM + 40


def filled(fleet: Fleet, count: int = MANY) -> tuple[Laptop, list[str]]:
    """A laptop that has sent so many things, and their ids."""
    first = fleet.join()
    rows = [{"title": f"Thing {n}", "tags": ["a"], "stock": n} for n in range(count)]
    made = first.write("Add", lambda s: bulk_create(s, Thing, rows))
    first.sync()
    return first, sorted(made.ids)


def in_pages_of(laptop: Laptop, limit: int) -> list[SnapshotRequest]:
    """Lets a laptop read snapshots in small pages; returns the list of what it asks for."""
    real, asked = laptop.transport.snapshot, []

    def smaller(request: SnapshotRequest) -> SnapshotPage:
        request.limit = limit
        asked.append(request)
        page: SnapshotPage = real(request)
        return page

    laptop.transport.snapshot = smaller
    return asked


def reread(laptop: Laptop, scope: str = TEAM) -> bool:
    """Reads a scope's base anew, as a sync does that has found a difference."""
    run = Run(laptop.engine, SyncReport(), lambda done, total, words: None, lambda: False)
    laptop.transport.pull(wire.PullRequest({}))
    return run.rereading.reread_scope(scope, "repair")


def same_as_the_server(fleet: Fleet, *laptops: Laptop) -> None:
    digests = server_digests(fleet)
    for laptop in laptops:
        for scope in digests.keys() & set(laptop.account.scopes):
            assert local_digest(laptop, scope) == digests[scope][0] == digests[scope][1]


def test_a_new_laptop_gets_the_records_and_not_every_change_since_the_beginning(fleet: Fleet) -> None:
    first, ids = filled(fleet)
    for number in range(3):
        first.write("Edit", setting(ids[0], price=number, note="Goes on"))
        first.sync()
    first.write("Trash", lambda s: mark_deleted(s.get_one(Thing, ids[1])))
    first.sync()
    second = fleet.join("u-2", "Priya Senn")
    asked = in_pages_of(second, 100)
    report = second.sync()
    assert [request.after == "" for request in asked] == [True] + [False] * 5
    assert report.pulled == MANY
    assert second.read(lambda s: s.scalar(select(func.count()).where(Thing.deleted.is_(False)))) == MANY - 1
    state = second.read(lambda s: s.get_one(ScopeState, TEAM))
    assert (state.cursor, state.snapshot, state.bootstrapped) == (MANY + 4, None, True)
    same_as_the_server(fleet, first, second)
    first.write("Back", lambda s: setattr(s.get_one(Thing, ids[1]), "deleted", False))
    first.sync()
    second.sync()
    assert second.get(Thing, ids[1]).title == first.get(Thing, ids[1]).title
    assert second.read(lambda s: s.get_one(ScopeState, TEAM)).cursor == MANY + 5
    same_as_the_server(fleet, first, second)


def test_the_newest_records_and_the_persons_own_come_first(fleet: Fleet) -> None:
    _, ids = filled(fleet, 8)
    second = fleet.join("u-2", "Priya Senn")
    page = second.transport.snapshot(SnapshotRequest(TEAM, limit=5))
    assert [record.id for record in page.records] == ids[::-1][:5]
    page = second.transport.snapshot(SnapshotRequest(TEAM, page.next, page.as_of))
    assert [record.id for record in page.records] == ids[::-1][5:]
    assert page.next is None
    assert snapshot.mine_first(["team:a", "site:b", "tenant", "user:u"]) == [
        "user:u",
        "tenant",
        "site:b",
        "team:a",
    ]


def test_a_snapshot_that_broke_off_goes_on_where_it_was_also_in_another_process(fleet: Fleet) -> None:
    first, _ = filled(fleet)
    second = fleet.join("u-2", "Priya Senn")
    asked = in_pages_of(second, 100)
    small = second.transport.snapshot

    def breaks(request: SnapshotRequest) -> SnapshotPage:
        if len(asked) == 3:
            raise Offline("The line broke.", "")
        page: SnapshotPage = small(request)
        return page

    second.transport.snapshot = breaks
    with pytest.raises(Offline):
        second.sync()
    assert second.read(lambda s: s.scalar(select(func.count(Thing.id)))) == 300
    state = second.read(lambda s: s.get_one(ScopeState, TEAM))
    assert (state.cursor, state.snapshot is None) == (0, False)
    second.transport.snapshot = small
    second.sync()
    assert len(asked) == 6
    assert len({request.after for request in asked}) == 6
    same_as_the_server(fleet, first, second)


def test_what_changes_while_a_snapshot_is_read_is_neither_lost_nor_applied_twice(fleet: Fleet) -> None:
    first, ids = filled(fleet)
    second = fleet.join("u-2", "Priya Senn")
    asked = in_pages_of(second, 100)
    small = second.transport.snapshot

    def meanwhile(request: SnapshotRequest) -> SnapshotPage:
        page: SnapshotPage = small(request)
        number = len(asked)
        first.write("Edit", setting(ids[0], stock=1_000 + number, tags=["a", f"t{number}"]))
        first.write("Edit", setting(ids[-1], title=f"Late {number}"))
        first.write("Add", lambda s: s.add(Thing(title=f"New {number}")))
        if number == 2:
            first.write("Trash", lambda s: mark_deleted(s.get_one(Thing, ids[-2])))
        first.sync()
        return page

    second.transport.snapshot = meanwhile
    second.sync()
    fleet.settle()
    same_as_the_server(fleet, first, second)
    assert second.get(Thing, ids[0]).stock == first.get(Thing, ids[0]).stock == 1_006
    assert second.get(Thing, ids[-2]).deleted


def test_unsent_work_stands_on_the_new_base_and_goes_out_as_it_was(fleet: Fleet) -> None:
    first, ids = filled(fleet, 12)
    second = fleet.join("u-2", "Priya Senn")
    second.sync()
    first.write("Edit", setting(ids[0], stock=50, title="By Tomos"))
    first.sync()
    second.write("Edit", setting(ids[0], stock=3, note="By Priya"))
    new = Thing(title="Made offline")
    second.write("Add", lambda s: s.add(new))
    in_pages_of(second, 5)
    assert reread(second)
    thing = second.get(Thing, ids[0])
    assert (thing.title, thing.note, thing.stock) == ("By Tomos", "By Priya", 53)
    assert second.get(Thing, new.id).version == 0
    waiting = second.read(lambda s: s.scalars(select(OutboxOp.state)).all())
    assert waiting == [OpState.QUEUED.value] * 2
    assert second.sync().accepted == 2
    fleet.settle()
    same_as_the_server(fleet, first, second)
    assert first.get(Thing, ids[0]).stock == 53


def test_work_that_the_new_base_already_holds_is_not_put_on_top_a_second_time(fleet: Fleet) -> None:
    first, ids = filled(fleet, 4)
    real = first.transport.pull

    def broken(asked: Any) -> Any:
        if first.read(lambda s: s.scalar(select(OutboxOp.n).where(OutboxOp.state == OpState.ACKED.value))):
            raise Offline("The line broke.", "")
        return real(asked)

    first.write("Edit", setting(ids[-1], stock=10))
    first.transport.pull = broken
    with pytest.raises(Offline):
        first.sync()
    first.transport.pull = real
    asked = in_pages_of(first, 1)
    small = first.transport.snapshot

    def breaks(request: SnapshotRequest) -> SnapshotPage:
        if asked:
            raise Offline("The line broke.", "")
        page: SnapshotPage = small(request)
        return page

    first.transport.snapshot = breaks
    with pytest.raises(Offline):
        reread(first)
    assert first.get(Thing, ids[-1]).stock == 10  # its page is in, the last one is not
    first.transport.snapshot = small
    assert reread(first)
    assert first.get(Thing, ids[-1]).stock == 10
    states = first.read(lambda s: set(s.scalars(select(OutboxOp.state))))
    assert states == {OpState.SETTLED.value}
    first.sync()
    same_as_the_server(fleet, first)


def test_a_record_that_the_server_lacks_is_kept_and_joins_when_it_comes_again(fleet: Fleet) -> None:
    first, ids = filled(fleet, 6)
    second = fleet.join("u-2", "Priya Senn")
    second.sync()
    second.write("Edit", setting(ids[2], note="Waits"))
    with fleet.books.write(fleet.tenant) as connection:
        for record_id in (ids[1], ids[2]):
            connection.exec_driver_sql("DELETE FROM record WHERE id = ?", (record_id,))
    assert reread(second)
    kept, waits = second.get(Thing, ids[1]), second.get(Thing, ids[2])
    assert (kept.version, kept.deleted, kept.title) == (0, False, first.get(Thing, ids[1]).title)
    assert (waits.version, waits.note) == (0, "Waits")
    trash = second.read(lambda s: {row.record_id: row.body for row in s.scalars(select(Trash))})
    assert trash.keys() == {ids[1], ids[2]}
    assert trash[ids[1]]["title"] == kept.title
    assert trash[ids[2]]["note"] == ""
    assert local_digest(second, TEAM) == server_digests(fleet)[TEAM][1]
    with fleet.books.write(fleet.tenant) as connection:
        connection.exec_driver_sql("DELETE FROM op_result WHERE tenant = ?", (fleet.tenant,))
    with first.store.connect(write=True) as connection:
        connection.exec_driver_sql(
            "UPDATE outbox SET state = 'queued', dseq = NULL WHERE record_id = ?", (ids[1],)
        )
        connection.exec_driver_sql("UPDATE meta SET value = '6' WHERE key = 'sync.dseq'")
    assert first.sync().accepted == 1
    second.sync()
    joined = second.get(Thing, ids[1])
    assert (joined.version, joined.title) == (1, kept.title)


def test_what_stood_here_of_a_record_that_a_restored_server_has_otherwise_lies_in_the_trash(
    fleet: Fleet,
) -> None:
    _, ids = filled(fleet, 3)
    second = fleet.join("u-2", "Priya Senn")
    second.sync()
    with second.store.connect(write=True) as connection:
        connection.exec_driver_sql("UPDATE test_thing SET version = 0")
        connection.exec_driver_sql("UPDATE test_thing SET title = 'Only here' WHERE id = ?", (ids[0],))
    assert reread(second)
    assert second.read(lambda s: [row.body["title"] for row in s.scalars(select(Trash))]) == ["Only here"]
    same_as_the_server(fleet, second)
    mark = second.read(lambda s: s.get_one(ChainMark, (TEAM, 3)))
    assert mark.chain == second.read(lambda s: s.get_one(ScopeState, TEAM)).chain_hash


def test_open_conflicts_come_with_the_records_and_settled_ones_leave_the_list(fleet: Fleet) -> None:
    first, ids = filled(fleet, 3)
    second = fleet.join("u-2", "Priya Senn")
    second.sync()
    first.write("Edit", setting(ids[0], address="1 High Street"))
    second.write("Edit", setting(ids[0], address="2 High Street"))
    first.sync()
    second.sync()
    third = fleet.join("u-3", "Hal Moor")
    third.sync()
    with third.store.connect(write=True) as connection:
        connection.exec_driver_sql("DELETE FROM conflict")
    assert reread(third)
    clash = third.read(lambda s: s.scalars(select(Conflict)).one())
    assert (clash.status, clash.kept_value, clash.other_value) == ("open", "1 High Street", "2 High Street")
    with fleet.books.write(fleet.tenant) as connection:
        connection.exec_driver_sql(
            "UPDATE conflict SET status = 'resolved' WHERE tenant = ?", (fleet.tenant,)
        )
    assert reread(second)
    assert second.read(lambda s: s.scalars(select(Conflict.status)).one()) == "dismissed"
    states = second.read(lambda s: set(s.scalars(select(OutboxOp.state))))
    assert states == {OpState.SETTLED.value}


def test_types_of_a_newer_holdall_are_passed_over_and_read_once_they_are_known(fleet: Fleet) -> None:
    from models import base

    first, _ = filled(fleet)
    place = Place(places=4)
    first.write("Add", lambda s: s.add(place))
    first.sync()
    second = fleet.join("u-2", "Priya Senn")
    hidden = base._TYPES.pop("test_place")
    try:
        second.sync()
        assert local_digest(second, TEAM) is None
    finally:
        base._TYPES["test_place"] = hidden
    assert second.read(lambda s: s.get(Place, place.id)) is None
    second.sync()
    assert second.get(Place, place.id).places == 4
    same_as_the_server(fleet, first, second)


def test_a_scope_that_may_not_be_read_any_more_ends_its_snapshot(fleet: Fleet) -> None:
    filled(fleet)
    second = fleet.join("u-2", "Priya Senn", teams=("team-1", "team-2"))
    real = second.transport.snapshot

    def taken_away(request: SnapshotRequest) -> SnapshotPage:
        fleet.hire("u-2", "Priya Senn", teams=("team-2",))
        raise Refused("", "", "forbidden")

    second.transport.snapshot = taken_away
    second.sync()
    assert second.read(lambda s: s.get(ScopeState, TEAM)) is None
    second.transport.snapshot = real
    second.sync()
    assert TEAM not in second.account.scopes


def test_a_page_that_does_not_join_on_changes_nothing(fleet: Fleet) -> None:
    filled(fleet)
    second = fleet.join("u-2", "Priya Senn")
    in_pages_of(second, 100)
    real = second.transport.snapshot

    def other_scope(page: SnapshotPage) -> None:
        page.scope = "tenant"

    def turned(page: SnapshotPage) -> None:
        page.records.reverse()

    def no_number(page: SnapshotPage) -> None:
        page.records[0].ver = 0

    def odd_value(page: SnapshotPage) -> None:
        page.records[0].f = wire.Raw(b'{"title":5}')

    def other_end(page: SnapshotPage) -> None:
        page.next = f"{page.records[0].id}/test_thing"

    for spoil in (other_scope, turned, no_number, odd_value, other_end):

        def forged(request: SnapshotRequest, spoil: Any = spoil) -> SnapshotPage:
            page: SnapshotPage = real(request)
            spoil(page)
            return page

        second.transport.snapshot = forged
        with pytest.raises(BadPage):
            second.sync()
        assert second.read(lambda s: s.scalar(select(func.count(Thing.id)))) == 0
    second.transport.snapshot = real
    assert second.sync().pulled == MANY


def test_nobody_reads_a_scope_that_is_not_theirs(net_fleet: Fleet) -> None:
    first = net_fleet.join()
    for request in (SnapshotRequest("user:u-9"), SnapshotRequest("team:team-9")):
        with pytest.raises(Refused) as caught:
            first.transport.snapshot(request)
        assert caught.value.error == "forbidden"
    with pytest.raises(Refused) as caught:
        first.transport.snapshot(SnapshotRequest(TEAM, "nowhere"))
    assert caught.value.error == "malformed"
    assert first.transport.snapshot(SnapshotRequest(TEAM)).records == []
