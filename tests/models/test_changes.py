"""Change capture: what a write leaves behind, in the same transaction, for sync, undo and history."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.context import Context
from models.base import mark_deleted
from models.changes import Author, bulk_create, pending_count
from models.errors import BadText, HoldallError, MoveRefused, RecordFrozen
from models.history import history_of
from models.outbox import OpState, OutboxOp, Shadow
from tests.conftest import NOW
from tests.things import Binder, Booking, Place, Secret, State, Thing


def operations(context: Context) -> list[OutboxOp]:
    return context.read(lambda s: list(s.scalars(select(OutboxOp).order_by(OutboxOp.n))))


def make(context: Context, **values: Any) -> str:
    thing = Thing(**values)
    context.write("Make a thing", lambda s: s.add(thing))
    return thing.id


def synced(context: Context, thing_id: str, version: int = 3) -> None:
    """Makes a record look as it does after the server has answered."""
    with context.store.connect(write=True) as connection:
        connection.execute(
            text("UPDATE test_thing SET version = :v WHERE id = :i"), {"v": version, "i": thing_id}
        )
        connection.execute(text("UPDATE outbox SET state = 'settled', dseq = n, server_seq = n"))


def test_a_new_record_leaves_one_operation_with_its_whole_body(context: Context) -> None:
    thing_id = make(context, title="Kettle", seen=date(2026, 12, 1))
    (op,) = operations(context)
    assert (op.kind, op.record_id, op.scope, op.base_version) == ("create", thing_id, "team:team-1", 0)
    assert op.fields["title"] == "Kettle"
    assert op.fields["seen"] == "2026-12-01"
    assert op.fields["state"] == "draft"
    assert op.label == "Make a thing"
    assert op.dseq is None


def test_a_change_leaves_only_the_fields_that_changed_with_what_the_author_saw(context: Context) -> None:
    thing_id = make(context, title="Kettle", stock=4)

    def change(session: Session) -> None:
        thing = session.get_one(Thing, thing_id)
        thing.title = "Teapot"
        session.flush()
        thing.title = "Tea urn"
        thing.stock = 4

    context.write("Rename", change)
    op = operations(context)[-1]
    assert (op.kind, op.fields, op.base) == ("patch", {"title": "Tea urn"}, {"title": "Kettle"})


def test_a_change_that_comes_to_nothing_leaves_no_operation(context: Context) -> None:
    thing_id = make(context, title="Kettle")

    def change(session: Session) -> None:
        thing = session.get_one(Thing, thing_id)
        thing.title = "Teapot"
        session.flush()
        thing.title = "Kettle"

    context.write("Nothing", change)
    assert len(operations(context)) == 1


def test_record_and_operation_stand_or_fall_together(context: Context) -> None:
    def half(session: Session) -> None:
        session.add(Thing(title="Half"))
        session.flush()
        raise ValueError("power cut")

    with pytest.raises(ValueError, match="power cut"):
        context.write("Half", half)
    assert operations(context) == []
    assert context.read(lambda s: s.query(Thing).count()) == 0


def test_all_changes_of_one_act_share_a_group(context: Context) -> None:
    context.write("Two", lambda s: s.add_all([Thing(title="a"), Thing(title="b")]))
    context.write("One", lambda s: s.add(Thing(title="c")))
    groups = [op.group_id for op in operations(context)]
    assert groups[0] == groups[1] != groups[2]


def test_the_shadow_keeps_the_servers_state_while_a_change_waits(context: Context) -> None:
    thing_id = make(context, title="Server's")
    synced(context, thing_id)

    def rename(title: str) -> None:
        def change(session: Session) -> None:
            session.get_one(Thing, thing_id).title = title

        context.write("Rename", change)

    rename("Mine")
    rename("Mine, again")
    shadow = context.read(lambda s: s.scalars(select(Shadow)).one())
    assert (shadow.version, shadow.body and shadow.body["title"]) == (3, "Server's")
    assert operations(context)[-1].base_version == 3


def test_deleting_leaves_a_tombstone_and_takes_it_out_of_find(context: Context) -> None:
    from models.search import find

    thing_id = make(context, title="Boiler")
    assert context.read(lambda s: [h.id for h in find(s, "boil")]) == [thing_id]
    context.write("Delete", lambda s: mark_deleted(s.get_one(Thing, thing_id)))
    assert operations(context)[-1].kind == "delete"
    assert context.read(lambda s: find(s, "boil")) == []
    assert context.read(lambda s: s.get_one(Thing, thing_id).deleted)


def test_removing_a_row_for_good_is_refused(context: Context) -> None:
    thing_id = make(context)
    with pytest.raises(RuntimeError, match="mark_deleted"):
        context.write("Remove", lambda s: s.delete(s.get_one(Thing, thing_id)))


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d sign", "x" * 501])
def test_text_that_cannot_be_kept_is_a_sentence_and_changes_nothing(context: Context, text: str) -> None:
    thing_id = make(context, title="Kettle")

    def change(session: Session) -> None:
        session.get_one(Thing, thing_id).title = text

    with pytest.raises(BadText) as caught:
        context.write("Bad", change)
    assert caught.value.advice
    assert context.read(lambda s: s.get_one(Thing, thing_id).title) == "Kettle"
    assert len(operations(context)) == 1


def test_bad_text_inside_json_is_refused_too(context: Context) -> None:
    for bad in ("a\x00b", "half \ud83d sign"):
        with pytest.raises(BadText):
            context.write("Bad", lambda s, bad=bad: s.add(Thing(tags=[bad])))  # type: ignore[misc]
    with pytest.raises(TypeError, match="floats"):
        context.write("Bad", lambda s: s.add(Thing(tags=[0.5])))


def test_text_is_kept_in_nfc(context: Context) -> None:
    thing_id = make(context, title="Siân tŷ".encode().decode())
    other = make(context, title="Sia\u0302n ty\u0302")
    titles = context.read(lambda s: [s.get_one(Thing, i).title for i in (thing_id, other)])
    assert titles[0] == titles[1]


def test_states_begin_and_move_only_as_declared(context: Context, second_officer: Author) -> None:
    with pytest.raises(MoveRefused, match="cannot begin"):
        context.write("Make", lambda s: s.add(Thing(state=State.DONE)))
    thing_id = make(context, author_id="u-1")

    def to(state: State) -> Any:
        def change(session: Session) -> None:
            session.get_one(Thing, thing_id).state = state

        return change

    with pytest.raises(MoveRefused, match="cannot become"):
        context.write("Skip", to(State.DONE))
    context.write("Send", to(State.REVIEW))
    with pytest.raises(MoveRefused, match="role lead"):
        context.write("Approve", to(State.DONE))
    context.author = Author("u-1", "Tomos", "team-1", frozenset({"lead"}), "d")
    with pytest.raises(MoveRefused, match="Somebody else"):
        context.write("Approve my own", to(State.DONE))
    context.author = second_officer
    context.write("Approve", to(State.DONE))
    assert context.read(lambda s: s.get_one(Thing, thing_id).state) is State.DONE


def test_a_closed_parent_freezes_its_records_but_not_before(context: Context) -> None:
    binder = Binder()
    thing = Thing(title="In it", binder_id=binder.id)
    context.write("Make", lambda s: s.add_all([binder, thing]))

    def close(session: Session) -> None:
        session.get_one(Binder, binder.id).state = "closed"
        session.get_one(Thing, thing.id).note = "last words"

    context.write("Close", close)

    def late(session: Session) -> None:
        session.get_one(Thing, thing.id).note = "too late"

    with pytest.raises(RecordFrozen, match="closed"):
        context.write("Late", late)
    with pytest.raises(RecordFrozen):
        context.write("Late", lambda s: s.add(Thing(binder_id=binder.id)))


def test_a_field_written_once_stays(context: Context) -> None:
    thing_id = make(context)

    def receipt(number: str) -> Any:
        def change(session: Session) -> None:
            session.get_one(Thing, thing_id).receipt = number

        return change

    context.write("Receipt", receipt("R-1"))
    context.write("Same", receipt("R-1"))
    with pytest.raises(HoldallError, match="written once"):
        context.write("Other", receipt("R-2"))


def test_a_place_is_never_taken_twice_on_one_laptop(context: Context) -> None:
    place = Place(places=1)
    first, second = Booking(place_id=place.id), Booking(place_id=place.id)
    context.write("Make", lambda s: s.add_all([place, first]))
    with pytest.raises(MoveRefused, match="slot has 1 in all"):
        context.write("Book", lambda s: s.add(second))

    def give_back(session: Session) -> None:
        session.get_one(Booking, first.id).state = "given back"

    context.write("Give back", give_back)
    context.write("Book", lambda s: s.add(Booking(place_id=place.id)))


def test_a_sealed_record_leaves_only_ciphertext_and_is_never_found(context: Context) -> None:
    from models.search import find

    secret = Secret(sealed="ciphertextone")
    context.write("Seal", lambda s: s.add(secret))

    def change(session: Session) -> None:
        session.get_one(Secret, secret.id).sealed = "ciphertexttwo"

    context.write("Seal", change)
    ops = operations(context)
    assert [op.kind for op in ops] == ["sealed", "sealed"]
    assert ops[-1].fields["sealed"] == "ciphertexttwo"
    assert ops[0].scope == "user:u-1"
    assert context.read(lambda s: find(s, "ciphertexttwo")) == []


def test_many_records_at_once_leave_an_operation_each(context: Context) -> None:
    rows = [{"title": f"Line {n}", "price": n} for n in range(4_500)]
    changed = context.write("Import", lambda s: bulk_create(s, Thing, rows))
    assert len(changed.ids) == 4_500
    assert context.read(pending_count) == 4_500
    op = operations(context)[4_321]
    thing = context.read(lambda s: s.get_one(Thing, op.record_id))
    assert (thing.title, thing.price, op.fields["title"], op.fields["price"]) == (
        "Line 4321",
        4321,
        "Line 4321",
        4321,
    )
    assert len({o.group_id for o in operations(context)}) == 1
    from models.search import find

    assert context.read(lambda s: [h.title for h in find(s, "line 4321")]) == ["Line 4321"]


def test_a_bad_row_in_a_bulk_writes_nothing(context: Context) -> None:
    rows = [{"title": "good"}, {"title": "bad\x00"}]
    with pytest.raises(BadText):
        context.write("Import", lambda s: bulk_create(s, Thing, rows))
    assert context.read(pending_count) == 0


def test_the_history_tells_who_did_what_and_when(context: Context) -> None:
    thing_id = make(context, title="Kettle")

    def change(session: Session) -> None:
        session.get_one(Thing, thing_id).title = "Urn"

    context.write("Rename", change)
    entries = context.read(lambda s: history_of(s, "test_thing", thing_id))
    assert [(e.label, e.author_name, e.at) for e in entries] == [
        ("Make a thing", "Tomos Aldgate", NOW),
        ("Rename", "Tomos Aldgate", NOW),
    ]
    assert (entries[1].base, entries[1].fields) == ({"title": "Kettle"}, {"title": "Urn"})
    assert entries[1].state == OpState.QUEUED.value


def test_the_clock_never_runs_backwards_for_two_operations(context: Context) -> None:
    from datetime import timedelta

    make(context)
    context.clock = lambda: NOW - timedelta(days=365)
    make(context)
    first, second = operations(context)
    assert second.hlc > first.hlc
