"""Undo across the whole application, before and after the server has seen an act."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from app.context import Context
from models.base import mark_deleted
from models.changes import bulk_create, pending_count
from models.errors import HoldallError
from models.outbox import OutboxOp, Shadow
from models.search import find
from models.undo import redo_label, undo_label
from tests.things import State, Thing


def titled(context: Context, thing_id: str, title: str) -> None:
    def change(session: Any) -> None:
        session.get_one(Thing, thing_id).title = title

    context.write(f"Call it {title}", change)


def title_of(context: Context, thing_id: str) -> str | None:
    thing = context.read(lambda s: s.get(Thing, thing_id))
    return thing.title if thing is not None and not thing.deleted else None


def send_everything(context: Context) -> None:
    """As sync leaves it once the server has all and the pull has come: versions given, shadows gone."""
    with context.store.connect(write=True) as connection:
        connection.execute(text("UPDATE outbox SET state = 'settled', dseq = n WHERE state = 'queued'"))
        connection.execute(text("UPDATE test_thing SET version = version + 1"))
        connection.execute(text("DELETE FROM shadow"))


@pytest.fixture
def thing_id(context: Context) -> str:
    thing = Thing(title="Kettle")
    context.write("Make a thing", lambda s: s.add(thing))
    return thing.id


def test_undo_withdraws_what_was_never_sent(context: Context, thing_id: str) -> None:
    titled(context, thing_id, "Urn")
    label, changed = context.undo()
    assert label == "Call it Urn"
    assert thing_id in changed.ids
    assert title_of(context, thing_id) == "Kettle"
    states = context.read(lambda s: list(s.scalars(select(OutboxOp.state).order_by(OutboxOp.n))))
    assert states == ["queued", "withdrawn"]
    assert context.read(lambda s: [h.title for h in find(s, "kettle")]) == ["Kettle"]
    assert context.read(lambda s: find(s, "urn")) == []


def test_undo_to_the_start_and_redo_to_the_end(context: Context, thing_id: str) -> None:
    titled(context, thing_id, "Urn")
    titled(context, thing_id, "Pot")
    for expected in ("Urn", "Kettle", None):
        context.undo()
        assert title_of(context, thing_id) == expected
    assert context.read(lambda s: undo_label(s, context.author)) is None
    for expected in ("Kettle", "Urn", "Pot"):
        context.redo()
        assert title_of(context, thing_id) == expected
    assert context.read(lambda s: redo_label(s, context.author)) is None
    context.undo()
    assert title_of(context, thing_id) == "Urn"


def test_a_new_act_ends_the_road_back(context: Context, thing_id: str) -> None:
    titled(context, thing_id, "Urn")
    context.undo()
    titled(context, thing_id, "Pot")
    assert context.read(lambda s: redo_label(s, context.author)) is None
    with pytest.raises(HoldallError, match="nothing to do again"):
        context.redo()


def test_undo_of_a_sent_act_queues_its_inverse(context: Context, thing_id: str) -> None:
    titled(context, thing_id, "Urn")
    send_everything(context)
    context.undo()
    assert title_of(context, thing_id) == "Kettle"
    op = context.read(lambda s: s.scalars(select(OutboxOp).order_by(OutboxOp.n.desc())).first())
    assert op is not None
    assert (op.state, op.fields, op.base) == ("queued", {"title": "Kettle"}, {"title": "Urn"})
    context.redo()
    assert title_of(context, thing_id) == "Urn"


def test_undo_of_a_sent_creation_deletes_and_of_a_sent_deletion_brings_back(
    context: Context, thing_id: str
) -> None:
    send_everything(context)
    context.undo()
    assert title_of(context, thing_id) is None
    context.redo()
    assert title_of(context, thing_id) == "Kettle"
    send_everything(context)
    context.write("Delete", lambda s: mark_deleted(s.get_one(Thing, thing_id)))
    send_everything(context)
    context.undo()
    assert title_of(context, thing_id) == "Kettle"


def test_undo_that_the_policy_forbids_is_a_sentence_and_changes_nothing(
    context: Context, thing_id: str
) -> None:
    from models.changes import Author

    def to(state: State) -> Any:
        def change(session: Any) -> None:
            session.get_one(Thing, thing_id).state = state

        return change

    def send(session: Any) -> None:
        thing = session.get_one(Thing, thing_id)
        thing.state, thing.author_id = State.REVIEW, "u-1"

    context.write("Send", send)
    context.author = Author("u-9", "Lead", "team-1", frozenset({"lead"}), "d")
    context.write("Approve", to(State.DONE))
    send_everything(context)
    before = context.read(pending_count)
    with pytest.raises(HoldallError, match="cannot become"):
        context.undo()
    assert context.read(pending_count) == before
    assert context.read(lambda s: undo_label(s, context.author)) == "Approve"


def test_undo_of_a_waiting_change_shows_the_servers_newest_state(context: Context, thing_id: str) -> None:
    send_everything(context)
    titled(context, thing_id, "Mine")
    with context.store.connect(write=True) as connection:  # a pull brought somebody's note meanwhile
        shadow = connection.execute(select(Shadow.__table__)).one()
        body = {**shadow.body, "note": "from Priya"}
        connection.execute(Shadow.__table__.update().values(body=body, version=7))  # type: ignore[attr-defined]
    context.undo()
    thing = context.read(lambda s: s.get_one(Thing, thing_id))
    assert (thing.title, thing.note, thing.version) == ("Kettle", "from Priya", 7)
    assert context.read(lambda s: s.scalars(select(Shadow)).all()) == []


def test_an_import_of_many_rows_is_one_undo(context: Context) -> None:
    context.write("Import", lambda s: bulk_create(s, Thing, [{"title": f"n {i}"} for i in range(300)]))
    context.undo()
    assert context.read(lambda s: s.query(Thing).count()) == 0
    context.redo()
    assert context.read(lambda s: s.query(Thing).count()) == 300
