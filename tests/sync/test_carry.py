"""Laptops without a network and a stick between them: the same work as by a direct sync, never twice."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from models import failpoints
from models.base import mark_deleted
from models.changes import pending_count
from models.history import history_of
from models.outbox import Action, Carried, OpState, OutboxOp, Shadow
from models.undo import undo
from sync import carry, handing
from sync.carry import BroughtIn
from sync.courier import BadCourier, open_file
from sync.digest import digest_of
from sync.errors import Refused
from sync.server.accounts import revoke
from sync.server.courier import keys_of, take
from sync.server.tables import op_result, quarantine
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import same, setting, states
from tests.things import Binder, Booking, Place, Secret, State, Thing

TEAM = "team:team-1"


def export(laptop: Laptop) -> bytes:
    return carry.export(laptop.store, laptop.account, laptop.clock.tick()).data


def bring_in(laptop: Laptop, data: bytes) -> BroughtIn:
    return carry.bring_in(laptop.store, laptop.account, data, laptop.clock.tick())


def crew(fleet: Fleet, count: int = 2, **values: Any) -> tuple[list[Laptop], str]:
    """Laptops that hold one thing and the keys of courier files."""
    people = ["Tomos Aldgate", "Priya Senn", "Huw Bassett", "J. Marlow"][:count]
    laptops = [fleet.join(f"u-{n}", name, ("officer", "lead")) for n, name in enumerate(people)]
    thing = Thing(**{"title": "Blocked gutter", **values})
    laptops[0].write("Add a thing", lambda s: s.add(thing))
    fleet.settle()
    return laptops, thing.id


def server_state(fleet: Fleet) -> dict[str, Any]:
    """Every record, change and answer of the council, without what differs by the moment."""
    with fleet.books.read(fleet.tenant) as connection:
        records = connection.exec_driver_sql(
            "SELECT type, id, scope, ver, body, deleted FROM record WHERE tenant = ? ORDER BY type, id",
            (fleet.tenant,),
        ).all()
        changes = connection.exec_driver_sql(
            "SELECT scope, seq, data FROM change WHERE tenant = ? ORDER BY scope, seq", (fleet.tenant,)
        ).all()
        answers = connection.execute(
            select(op_result.c.device_id, op_result.c.dseq, op_result.c.op_id)
            .where(op_result.c.tenant == fleet.tenant)
            .order_by(op_result.c.device_id, op_result.c.dseq)
        ).all()
        digests = connection.exec_driver_sql(
            "SELECT scope, n, digest FROM scope_counter WHERE tenant = ? ORDER BY scope", (fleet.tenant,)
        ).all()
    return {
        "records": [tuple(row) for row in records],
        "ops": [json.loads(row.data)["op"] for row in changes],
        "answers": [tuple(row) for row in answers],
        "digests": [tuple(row) for row in digests],
    }


def digest(laptop: Laptop) -> str | None:
    with laptop.store.connect() as connection:
        return digest_of(connection, TEAM)


def title(laptop: Laptop, record_id: str) -> str:
    return laptop.get(Thing, record_id).title


def a_days_work(laptop: Laptop, thing: str) -> str:
    """A new thing, a change of it, a change of a shared one, and one that goes to the trash."""
    new, gone = Thing(title="Loose slab", stock=2), Thing(title="By mistake")
    laptop.write("Add", lambda s: s.add_all([new, gone]))
    laptop.write("Note", setting(new.id, note="By the gate", tags=["path"]))
    laptop.write("Rename", setting(thing, title="Blocked gutter, front", stock=3))
    laptop.write("Remove", lambda s: mark_deleted(s.get_one(Thing, gone.id)))
    return new.id


def test_a_colleague_sees_work_from_a_stick_at_once_and_unconfirmed(fleet: Fleet) -> None:
    (author, reader), thing = crew(fleet)
    new = a_days_work(author, thing)
    before = digest(reader)
    done = bring_in(reader, export(author))
    assert digest(reader) == before  # what is carried is no part of the copy of the server's records
    assert (done.operations, done.shown, done.known, done.hidden, done.kept) == (5, 5, 0, 0, True)
    assert done.name == "Tomos Aldgate"
    assert done.changed.touches("test_thing")
    assert title(reader, thing) == "Blocked gutter, front"
    assert reader.get(Thing, new).note == "By the gate"
    assert states(reader)[-5:] == [OpState.CARRIED] * 5
    assert reader.read(pending_count) == 0
    entries = reader.read(lambda s: history_of(s, "test_thing", new))
    assert [(e.author_name, e.state) for e in entries] == [("Tomos Aldgate", "carried")] * 2
    assert states(author)[-5:] == [OpState.SENDING] * 5


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 1, 0), (0, 0, 1)])
def test_both_come_online_in_any_order_and_the_server_is_as_after_a_direct_sync(
    fleet: Fleet, order: tuple[int, ...]
) -> None:
    laptops, thing = crew(fleet)
    new = a_days_work(laptops[0], thing)
    bring_in(laptops[1], export(laptops[0]))
    for index in order:
        laptops[index].sync()
    fleet.settle()
    state = server_state(fleet)
    assert len(state["ops"]) == len(set(state["ops"])) == 6
    sent = [(dseq, op) for device, dseq, op in state["answers"] if device == laptops[0].account.device]
    assert [dseq for dseq, _ in sent] == [1, 2, 3, 4, 5, 6]
    assert not [row for row in state["answers"] if row[0] == laptops[1].account.device]
    assert same(fleet, Thing, thing)["title"] == "Blocked gutter, front"
    assert same(fleet, Thing, thing)["stock"] == 3
    assert same(fleet, Thing, new)["note"] == "By the gate"
    for laptop in laptops:
        assert set(states(laptop)) == {OpState.SETTLED}
        assert laptop.read(lambda s: s.scalar(select(func.count()).select_from(Shadow))) == 0


def test_the_stick_leads_to_the_same_records_as_a_network(tmp_path: Any, fleet: Fleet) -> None:
    laptops, thing = crew(fleet)
    a_days_work(laptops[0], thing)
    bring_in(laptops[1], export(laptops[0]))
    laptops[1].sync()
    by_stick = server_state(fleet)
    laptops[0].sync()
    fleet.settle()
    assert server_state(fleet) == by_stick


def test_a_file_of_each_to_the_other_and_both_online(fleet: Fleet) -> None:
    (first, second), thing = crew(fleet)
    first.write("Note", setting(thing, note="From the first"))
    second.write("Tags", setting(thing, tags=["second"]))
    one, two = export(first), export(second)
    bring_in(first, two)
    bring_in(second, one)
    for laptop in (first, second):
        assert laptop.get(Thing, thing).note == "From the first"
        assert laptop.get(Thing, thing).tags == ["second"]
    fleet.settle()
    body = same(fleet, Thing, thing)
    assert (body["note"], body["tags"]) == ("From the first", ["second"])
    assert len(set(server_state(fleet)["ops"])) == 3


def test_three_laptops_pass_a_file_on_and_the_last_one_reaches_the_server(fleet: Fleet) -> None:
    (author, middle, last), thing = crew(fleet, 3)
    a_days_work(author, thing)
    data = export(author)
    bring_in(middle, data)
    bring_in(last, data)
    report = last.sync()
    assert report.handed_on == 1
    assert report.pushed == 0
    middle.sync()
    author.sync()
    fleet.settle()
    assert len(server_state(fleet)["ops"]) == 6
    for laptop in (author, middle, last):
        assert set(states(laptop)) == {OpState.SETTLED}


def test_a_colleagues_work_is_never_sent_numbered_counted_or_undone_here(fleet: Fleet) -> None:
    (author, reader), thing = crew(fleet)
    author.write("Rename", setting(thing, title="Theirs"))
    bring_in(reader, export(author))
    assert reader.read(lambda s: s.scalar(select(func.count()).select_from(Action))) == 0
    reader.write("Note", setting(thing, note="Mine"))
    assert carry.export(reader.store, reader.account, reader.clock.tick()).operations == 1
    reader.write("Undo", undo)
    assert title(reader, thing) == "Theirs"
    reader.transport.hand_on = lambda data: (_ for _ in ()).throw(Refused("Not yet.", "", "gap", 1))
    report = reader.sync()
    assert report.waiting == 0
    with fleet.books.read(fleet.tenant) as connection:
        answered = set(
            connection.execute(
                select(op_result.c.device_id).where(op_result.c.tenant == fleet.tenant)
            ).scalars()
        )
        theirs = reader.read(
            lambda s: set(s.scalars(select(OutboxOp.op_id).where(OutboxOp.state == OpState.CARRIED.value)))
        )
        known = connection.execute(
            select(op_result.c.op_id).where(op_result.c.tenant == fleet.tenant)
        ).scalars()
        assert not theirs & set(known)
    assert answered == {author.account.device, reader.account.device}


def test_work_on_top_of_carried_work_is_no_conflict(fleet: Fleet) -> None:
    (author, reader), thing = crew(fleet, address="1 Mill Lane")
    author.write("Move", setting(thing, address="2 Mill Lane", title="Theirs", state=State.REVIEW))
    new = Thing(title="New there")
    author.write("Add", lambda s: s.add(new))
    bring_in(reader, export(author))
    reader.write("On it", setting(thing, address="3 Mill Lane", title="On top", state=State.DRAFT))
    reader.write("On the new one", setting(new.id, note="Seen on the stick"))
    report = reader.sync()
    assert (report.conflicts, report.rejected, report.blocked) == (0, 0, 0)
    fleet.settle()
    body = same(fleet, Thing, thing)
    assert (body["address"], body["title"], body["state"]) == ("3 Mill Lane", "On top", "draft")
    assert same(fleet, Thing, new.id)["note"] == "Seen on the stick"


def test_a_second_file_holds_the_first_ones_work_and_either_may_come_first(fleet: Fleet) -> None:
    (author, reader), thing = crew(fleet)
    author.write("One", setting(thing, note="One"))
    first = export(author)
    author.write("Two", setting(thing, note="Two"))
    second = export(author)
    assert bring_in(reader, second).shown == 2
    late = bring_in(reader, first)
    assert (late.shown, late.known) == (0, 1)
    again = bring_in(reader, first)
    assert (again.shown, again.known, again.kept) == (0, 1, False)
    own = bring_in(author, second)
    assert (own.shown, own.known, own.kept) == (0, 2, False)
    fleet.settle()
    assert same(fleet, Thing, thing)["note"] == "Two"
    assert len(server_state(fleet)["ops"]) == 3


def test_a_scope_that_the_carrier_may_not_read_is_handed_on_unseen(fleet: Fleet) -> None:
    author = fleet.join("u-0", "Tomos Aldgate", ("officer",), ("team-9",))
    reader = fleet.join("u-1", "Priya Senn", ("officer",), ("team-1",))
    fleet.settle()
    thing, secret = Thing(title="Of team nine"), Secret(sealed="c2VhbGVk")
    author.write("Add", lambda s: s.add_all([thing, secret]))
    done = bring_in(reader, export(author))
    assert (done.shown, done.hidden, done.kept) == (0, 2, True)
    assert reader.read(lambda s: s.get(Thing, thing.id)) is None
    reader.sync()
    author.sync()
    assert author.get(Thing, thing.id).version == 1
    assert author.get(Secret, secret.id).version == 1


def test_the_carrier_is_told_no_more_than_yes_or_no_of_what_it_may_not_read(fleet: Fleet) -> None:
    author = fleet.join("u-0", "Tomos Aldgate", ("officer",), ("team-9",))
    fleet.join("u-1", "Priya Senn")
    fleet.settle()
    place = Place(places=0)
    author.write("A slot", lambda s: s.add(place))
    with author.store.connect(write=True) as connection:
        connection.exec_driver_sql("UPDATE test_place SET places = 1")
    author.write("Book", lambda s: s.add(Booking(place_id=place.id)))
    taken = take(fleet.books, fleet.tenant, export(author), datetime.now(UTC))
    assert taken.answer.results[1].detail is not None
    shown = taken.seen_by(frozenset({"tenant", TEAM})).results
    assert [(r.status, r.code, r.detail) for r in shown] == [
        ("applied", None, None),
        ("rejected", None, None),
    ]


def test_a_refusal_ends_the_carriers_copy_and_the_author_hears_of_it(fleet: Fleet) -> None:
    (author, reader), thing = crew(fleet, receipt="R-1")
    binder = Binder()
    reader.write("A binder", lambda s: s.add(binder))
    fleet.settle()
    author.write("File it", setting(thing, binder_id=binder.id, note="Late"))
    fleet.laptops[1].write("Close", lambda s: setattr(s.get_one(Binder, binder.id), "state", "closed"))
    reader.sync()
    bring_in(reader, export(author))
    assert reader.get(Thing, thing).note == "Late"
    reader.sync()
    assert reader.get(Thing, thing).note == ""
    kept = reader.read(
        lambda s: s.scalars(select(OutboxOp).where(OutboxOp.state == OpState.WITHDRAWN.value)).one()
    )
    assert kept.result is not None
    assert kept.result["code"] == "frozen"
    assert kept.fields["note"] == "Late"
    report = author.sync()
    assert report.rejected == 1
    assert states(author)[-1] == OpState.REJECTED


def test_when_the_author_syncs_first_the_log_settles_the_carriers_copy(fleet: Fleet) -> None:
    (author, reader), thing = crew(fleet)
    author.write("Rename", setting(thing, title="Theirs"))
    bring_in(reader, export(author))
    author.sync()
    reader.transport.hand_on = lambda data: (_ for _ in ()).throw(Refused("Not yet.", "", "gap", 1))
    reader.sync()
    assert states(reader) == [OpState.SETTLED]
    assert title(reader, thing) == "Theirs"
    assert reader.get(Thing, thing).version == 2


def test_altered_files_are_refused_and_leave_nothing_behind(fleet: Fleet) -> None:
    (author, reader), thing = crew(fleet)
    a_days_work(author, thing)
    data = export(author)
    for place in (0, 20, 60, 230, 300, 2_000, len(data) - 200, len(data) - 10):
        spoilt = bytearray(data)
        spoilt[place] ^= 1
        with pytest.raises(BadCourier):
            bring_in(reader, bytes(spoilt))
        with pytest.raises(BadCourier):
            take(fleet.books, fleet.tenant, bytes(spoilt), datetime.now(UTC))
    assert reader.read(lambda s: s.scalar(select(func.count()).select_from(Carried))) == 0
    assert states(reader) == []


def test_another_council_neither_reads_nor_takes_a_file(fleet: Fleet, tmp_path: Any, template: Any) -> None:
    (author, _), thing = crew(fleet)
    author.write("Rename", setting(thing, title="Ours"))
    data = export(author)
    folder = tmp_path / "other"
    folder.mkdir()
    other = Fleet(folder, fleet.books, template, None)
    (stranger,), _ = crew(other, 1)
    with pytest.raises(BadCourier, match="another council"):
        bring_in(stranger, data)
    with pytest.raises(Refused) as told:
        stranger.transport.hand_on(data)
    assert told.value.error == "unknown_key"
    # even with the key in hand: what is signed for one council is not taken by another
    with author.store.connect() as connection:
        keys = carry.load_keys(connection)
    with stranger.store.connect(write=True) as connection:
        carry.keep_keys(connection, keys, datetime.now(UTC))
    with pytest.raises(BadCourier, match="from another council"):
        bring_in(stranger, data)
    other.close()


def test_a_revoked_laptops_file_is_put_aside_and_it_reads_no_later_file(fleet: Fleet) -> None:
    (author, reader), thing = crew(fleet)
    author.write("Rename", setting(thing, title="From a stolen laptop"))
    data = export(author)
    bring_in(reader, data)
    with fleet.books.write(fleet.tenant) as connection:
        assert revoke(connection, fleet.tenant, author.account.device)
    reader.sync()
    assert title(reader, thing) == "Blocked gutter"
    assert reader.read(lambda s: s.scalars(select(Carried.problem)).one()) is not None
    with fleet.books.read(fleet.tenant) as connection:
        rows = connection.execute(select(quarantine).where(quarantine.c.tenant == fleet.tenant)).all()
    assert [json.loads(row.data)[0]["f"]["title"] for row in rows] == ["From a stolen laptop"]
    with pytest.raises(BadCourier, match="closed out"):
        bring_in(reader, data)
    reader.write("Later", setting(thing, note="Not for a thief"))
    later = export(reader)
    assert bring_in(author, later).shown == 0
    with author.store.connect() as connection:
        keys = {k.key_id: base64.b64decode(k.private) for k in carry.load_keys(connection).keys}
    with pytest.raises(BadCourier, match="sealed with a key that is not here"):
        open_file(later, keys)


def test_old_files_are_read_with_old_keys_and_the_server_takes_them(fleet: Fleet) -> None:
    (author, reader, third), thing = crew(fleet, 3)
    author.write("Rename", setting(thing, title="Before"))
    data = export(author)
    with fleet.books.write(fleet.tenant) as connection:
        revoke(connection, fleet.tenant, third.account.device)
    reader.sync()
    keys = keys_of(fleet.books, fleet.tenant, datetime.now(UTC))
    assert len(keys.keys) == 2
    assert bring_in(reader, data).shown == 1
    reader.sync()
    author.sync()
    assert author.get(Thing, thing).version == 2


def test_a_file_of_a_laptop_that_joined_since_is_carried_and_not_shown(fleet: Fleet) -> None:
    (_, reader), thing = crew(fleet)
    author = fleet.join("u-7", "New Colleague")
    author.sync()
    author.write("Rename", setting(thing, title="By a new colleague"))
    done = bring_in(reader, export(author))
    assert (done.shown, done.hidden, done.kept) == (0, 1, True)
    assert title(reader, thing) == "Blocked gutter"
    assert reader.sync().handed_on == 1
    assert title(reader, thing) == "By a new colleague"


def test_a_file_whose_forerunners_are_missing_waits_for_them_but_not_for_ever(fleet: Fleet) -> None:
    (author, reader), thing = crew(fleet)
    author.write("One", setting(thing, note="One"))
    author.write("Two", setting(thing, title="Two"))
    export(author)
    with author.store.connect(write=True) as connection:  # the first one is not in the file
        table = OutboxOp.__table__
        first = connection.execute(
            select(table.c.n).where(table.c.state == "sending").order_by(table.c.n)
        ).first()
        assert first is not None
        connection.execute(table.update().where(table.c.n == first.n).values(state="acked"))
    data = export(author)
    bring_in(reader, data)
    assert reader.sync().handed_on == 0
    assert title(reader, thing) == "Two"
    with reader.store.connect() as connection:
        assert carry.carried_count(connection) == 1
        assert carry.to_hand_on(connection, datetime.now(UTC)) == []
        assert carry.to_hand_on(connection, datetime.now(UTC) + timedelta(hours=2)) != []
    later = datetime.now(UTC) + timedelta(days=91)
    taken, changed = handing.hand_on(reader.store, reader.transport, later)
    assert taken == 0
    assert changed.touches("test_thing")
    assert title(reader, thing) == "Blocked gutter"
    with reader.store.connect() as connection:
        assert carry.carried_count(connection) == 0


def test_work_that_this_version_cannot_hold_is_carried_unseen(fleet: Fleet) -> None:
    (author, reader), _ = crew(fleet)
    thing = Thing(title="Loose slab")
    author.write("Add", lambda s: s.add(thing))
    with author.store.connect(write=True) as connection:
        connection.exec_driver_sql("UPDATE outbox SET fields = '{\"note\":\"x\"}' WHERE state = 'queued'")
    done = bring_in(reader, export(author))
    assert (done.shown, done.hidden, done.kept) == (0, 1, True)
    assert states(reader) == []
    with reader.store.connect() as connection:
        assert carry.carried_count(connection) == 1


def test_a_laptop_that_never_synced_says_how_it_gets_the_key(fleet: Fleet) -> None:
    laptop = fleet.join()
    with pytest.raises(BadCourier, match="not been given the key"):
        export(laptop)


class Crash(Exception):
    """A power cut in a test."""


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def at(name: str) -> None:
        def trap(place: str) -> None:
            if place == name:
                failpoints.trap = None
                raise Crash

        monkeypatch.setattr(failpoints, "trap", trap)

    return at


@pytest.mark.parametrize("place", ["after_courier_numbered", "mid_courier_import", "after_handing_on"])
def test_a_crash_anywhere_on_the_way_is_put_right_by_doing_it_again(
    fleet: Fleet, dying: Callable[[str], None], place: str
) -> None:
    (author, reader), thing = crew(fleet)
    a_days_work(author, thing)
    dying(place)

    def once_more(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Crash:
            return work()

    data = once_more(lambda: export(author))
    done = once_more(lambda: bring_in(reader, data))
    assert (done.shown, done.kept) == (5, True)
    once_more(reader.sync)
    assert failpoints.trap is None
    fleet.settle()
    assert len(server_state(fleet)["ops"]) == 6
    assert same(fleet, Thing, thing)["title"] == "Blocked gutter, front"
    for laptop in fleet.laptops:
        assert set(states(laptop)) == {OpState.SETTLED}


def test_a_file_goes_over_a_real_network_too(net_fleet: Fleet) -> None:
    (author, reader), thing = crew(net_fleet)
    a_days_work(author, thing)
    bring_in(reader, export(author))
    assert reader.sync().handed_on == 1
    assert author.sync().pulled == 5
    assert len(server_state(net_fleet)["ops"]) == 6
    data = export(author)
    with pytest.raises(Refused) as told:
        reader.transport.hand_on(data[:-1] + b"x")
    assert told.value.error == "damaged"
    with pytest.raises(Refused):
        reader.transport.hand_on(b"x" * (17 * 1_048_576))
