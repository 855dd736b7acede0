"""Rules the server enforces from the declared policies: allocations, closed parents, moves, roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import HoldallError
from models.ids import new_id
from models.outbox import OpState, OutboxOp
from models.types import LongText
from sync import desk
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import same, setting, shared_thing
from tests.things import Binder, Booking, Place, State, Thing


def adding(*records: Any) -> Callable[[Session], None]:
    """An act that adds records."""
    return lambda session: session.add_all(records)


def answers(laptop: Laptop) -> list[tuple[str, str | None]]:
    """State and code of each operation, in order."""
    ops = laptop.read(lambda s: list(s.scalars(select(OutboxOp).order_by(OutboxOp.n))))
    return [(op.state, (op.result or {}).get("code")) for op in ops]


def test_two_laptops_take_the_last_place_offline_and_one_is_told_what_is_left(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    place = Place(places=1)
    first.write("Offer", adding(place))
    fleet.settle()
    mine, theirs = Booking(place_id=place.id), Booking(place_id=place.id)
    first.write("Book", adding(mine))
    second.write("Book", adding(theirs))
    first.sync()
    report = second.sync()
    assert (report.accepted, report.rejected) == (0, 1)
    (refusal,) = second.read(desk.refusals)
    assert refusal.code == "taken"
    assert "nothing is left of this slot" in refusal.sentence.title
    assert ("booking", "place_id", place.id) in refusal.values
    op = second.read(lambda s: s.scalars(select(OutboxOp)).one())
    assert (op.result or {})["detail"] == {
        "resource": "test_place",
        "field": "places",
        "left": 0,
        "wanted": 1,
    }
    assert second.read(lambda s: [b.id for b in s.scalars(select(Booking))]) == [mine.id]


def test_a_refused_booking_can_be_tried_again_once_there_is_room(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    place = Place(places=1)
    first.write("Offer", adding(place))
    fleet.settle()
    mine, theirs = Booking(place_id=place.id), Booking(place_id=place.id)
    first.write("Book", adding(mine))
    second.write("Book", adding(theirs))
    first.sync()
    second.sync()
    (refusal,) = second.read(desk.refusals)
    with pytest.raises(HoldallError, match="would be taken"):
        second.write("Try again", lambda s: desk.retry_rejected(s, refusal.op_id))
    assert len(second.read(desk.refusals)) == 1
    first.write("Cancel", lambda s: setattr(s.get_one(Booking, mine.id), "state", "cancelled"))
    fleet.settle()
    second.write("Try again", lambda s: desk.retry_rejected(s, refusal.op_id))
    assert second.read(desk.refusals) == []
    fleet.settle()
    assert same(fleet, Booking, theirs.id)["state"] == "wanted"


def test_a_refusal_that_is_let_go_leaves_the_list_but_not_the_outbox(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    place = Place(places=1)
    first.write("Offer", adding(place))
    fleet.settle()
    first.write("Book", adding(Booking(place_id=place.id)))
    second.write("Book", adding(Booking(place_id=place.id)))
    first.sync()
    second.sync()
    (refusal,) = second.read(desk.refusals)
    assert second.read(desk.export_refused)[0]["fields"]["place_id"] == place.id
    second.write("Let go", lambda s: desk.dismiss_rejected(s, refusal.op_id))
    assert second.read(desk.counts).refused == 0
    assert answers(second) == [(OpState.WITHDRAWN.value, "taken")]
    with pytest.raises(HoldallError, match="settled already"):
        second.write("Let go", lambda s: desk.dismiss_rejected(s, refusal.op_id))


def test_within_one_act_a_place_is_given_back_before_it_is_taken(fleet: Fleet) -> None:
    first = fleet.join()
    place = Place(places=1)
    old, new = Booking(place_id=place.id), Booking(place_id=place.id)
    first.write("Offer", adding(place, old))
    first.sync()

    def swap(session: Session) -> None:
        session.get_one(Booking, old.id).state = "cancelled"
        session.add(new)

    first.write("Swap", swap)
    report = first.sync()
    assert (report.accepted, report.rejected) == (2, 0)


def test_a_limit_cannot_fall_below_what_is_taken(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    place = Place(places=2)
    first.write("Offer", adding(place))
    fleet.settle()
    first.write("Book", adding(Booking(place_id=place.id), Booking(place_id=place.id)))
    first.sync()
    second.write("Fewer", lambda s: setattr(s.get_one(Place, place.id), "places", 1))
    assert second.sync().rejected == 1
    assert second.get(Place, place.id).places == 2


def test_an_act_lands_whole_or_not_at_all(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    place, note = Place(places=1), Thing(title="Booked for Ms Hale")
    first.write("Offer", adding(place))
    fleet.settle()
    first.write("Book", adding(Booking(place_id=place.id)))
    second.write("Book with a note", adding(note, Booking(place_id=place.id)))
    second.write("More of the note", setting(note.id, note="Wheelchair"))
    other = Thing(title="Nothing to do with it")
    second.write("Else", adding(other))
    first.sync()
    report = second.sync()
    assert (report.accepted, report.rejected, report.blocked) == (1, 1, 2)
    assert sorted(answers(second)[:2]) == [
        (OpState.BLOCKED.value, "dependency_rejected"),
        (OpState.REJECTED.value, "taken"),
    ]
    assert answers(second)[2:] == [
        (OpState.BLOCKED.value, "dependency_rejected"),
        (OpState.SETTLED.value, None),
    ]
    assert second.read(lambda s: s.get(Thing, note.id)) is None
    refusal = second.read(desk.refusals)[0]
    second.write("Let go", lambda s: desk.dismiss_rejected(s, refusal.op_id))
    assert second.read(desk.counts).refused == 0
    first.sync()
    assert first.get(Thing, other.id).title == "Nothing to do with it"


def test_nothing_changes_under_a_parent_that_was_closed_meanwhile(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    binder = Binder()
    thing = Thing(title="In the binder", binder_id=binder.id)
    first.write("Add", adding(binder, thing))
    fleet.settle()
    first.write("Close", lambda s: setattr(s.get_one(Binder, binder.id), "state", "closed"))
    second.write("Late", setting(thing.id, title="Too late"))
    second.write("New", adding(Thing(title="New", binder_id=binder.id)))
    first.sync()
    report = second.sync()
    assert (report.rejected, report.accepted) == (2, 0)
    assert {code for _, code in answers(second)} == {"frozen"}
    assert "belongs to a binder that is closed" in second.read(desk.refusals)[0].sentence.title
    assert second.get(Thing, thing.id).title == "In the binder"


def test_closing_and_a_last_change_in_one_act_are_both_taken(fleet: Fleet) -> None:
    first = fleet.join()
    binder = Binder()
    thing = Thing(title="In the binder", binder_id=binder.id)
    first.write("Add", adding(binder, thing))
    first.sync()

    def close(session: Session) -> None:
        session.get_one(Thing, thing.id).title = "Last word"
        session.flush()
        session.get_one(Binder, binder.id).state = "closed"

    first.write("Close", close)
    assert first.sync().rejected == 0


def test_a_move_that_somebody_else_made_first_is_refused_with_the_state_it_has(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet, state=State.DRAFT, author_id="u-1")
    first.write("To review", setting(thing_id, state=State.REVIEW))
    fleet.settle()
    second.write("Done", setting(thing_id, state=State.DONE))
    first.write("Back to draft", setting(thing_id, state=State.DRAFT))
    second.sync()
    first.sync()
    (refusal,) = first.read(desk.refusals)
    assert refusal.code == "stale_state"
    assert "“done” by now" in refusal.sentence.title
    fleet.settle()
    assert same(fleet, Thing, thing_id)["state"] == "done"


def test_the_server_asks_for_a_second_person_even_when_a_laptop_did_not(fleet: Fleet) -> None:
    first, _, thing_id = shared_thing(fleet, author_id="u-1")
    lead = fleet.join("u-1", "Tomos Aldgate", ("officer", "lead"))
    first.write("To review", setting(thing_id, state=State.REVIEW))
    fleet.settle()
    _force(lead, "test_thing", thing_id, {"state": "done"}, base=2)
    assert lead.sync().rejected == 1
    assert answers(lead)[-1] == (OpState.REJECTED.value, "second_person")


def test_the_server_knows_the_roles_and_does_not_take_the_laptops_word(fleet: Fleet) -> None:
    first, _, thing_id = shared_thing(fleet, author_id="u-9")
    first.write("To review", setting(thing_id, state=State.REVIEW))
    fleet.settle()
    _force(first, "test_thing", thing_id, {"state": "done"}, base=2)
    assert first.sync().rejected == 1
    assert answers(first)[-1] == (OpState.REJECTED.value, "forbidden")


def test_a_value_written_once_stands(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet)
    first.write("Receipt", setting(thing_id, receipt="R-1"))
    second.write("Receipt", setting(thing_id, receipt="R-2"))
    first.sync()
    second.sync()
    assert second.read(desk.refusals)[0].code == "written_once"
    assert second.get(Thing, thing_id).receipt == "R-1"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": 7}, "validation"),
        ({"title": "a\u0000b"}, "validation"),
        ({"title": "e\u0301"}, "validation"),
        ({"title": None}, "validation"),
        ({"title": "x" * 501}, "payload_too_large"),
        ({"note": "x" * 600_000}, "payload_too_large"),
        ({"tags": ["x" * 1_048_576]}, "payload_too_large"),
        ({"tags": [1.5]}, "validation"),
        ({"stock": 2**60}, "validation"),
        ({"stock": True}, "validation"),
        ({"seen": "2026-02-30"}, "validation"),
        ({"colour": "red"}, "schema_too_new"),
    ],
)
def test_a_value_that_no_such_field_holds_is_refused_with_a_reason_and_stops_nothing_else(
    fleet: Fleet, fields: dict[str, Any], code: str
) -> None:
    first = fleet.join()
    thing = Thing(title="Good")
    first.write("Add", adding(thing))
    first.sync()
    _force(first, "test_thing", thing.id, fields, base=1)
    first.write("After", setting(thing.id, price=3))
    report = first.sync()
    assert (report.accepted, report.rejected) == (1, 1)
    assert answers(first)[1] == (OpState.REJECTED.value, code)
    assert first.get(Thing, thing.id).price == 3


def test_a_type_the_server_does_not_know_is_kept_and_said(fleet: Fleet) -> None:
    first = fleet.join()
    _force(first, "sixth_tab", new_id(), {"title": "Words"}, base=0, kind="create")
    assert first.sync().rejected == 1
    (refusal,) = first.read(desk.refusals)
    assert (refusal.code, refusal.values) == ("unknown_type", [("record", "title", "Words")])


def test_an_operation_of_another_team_or_person_is_refused(fleet: Fleet) -> None:
    first = fleet.join()
    _force(first, "test_thing", new_id(), {"title": "x"}, 0, kind="create", scope="team:other")
    _force(first, "test_secret", new_id(), {"sealed": "x"}, 0, kind="sealed", scope="team:team-1")
    _force(first, "test_secret", new_id(), {"sealed": "x"}, 0, kind="create", scope="user:u-1")
    _force(first, "test_thing", new_id(), {"title": "x"}, 0, kind="create", author="u-2")
    first.sync()
    assert [code for _, code in answers(first)] == ["forbidden", "forbidden", "validation", "forbidden"]


def test_on_a_shared_laptop_colleagues_write_under_their_own_names(fleet: Fleet) -> None:
    shared = fleet.join(shared=True)
    fleet.hire("u-2", "Priya Senn", ("officer", "lead"))
    thing = Thing(title="x", author_id="u-1")
    shared.write("Add", adding(thing))
    shared.write("To review", setting(thing.id, state=State.REVIEW))
    _force(shared, "test_thing", thing.id, {"state": "done"}, base=0, author="u-2")
    assert shared.sync().rejected == 0
    other = fleet.join("u-3", "J. Marlow")
    other.sync()
    assert other.get(Thing, thing.id).state is State.DONE


def test_a_broken_frame_is_refused_and_the_queue_goes_on(fleet: Fleet) -> None:
    first = fleet.join()
    _force(first, "test_thing", "not-an-id", {"title": "x"}, 0, kind="create")
    _force(first, "test_thing", new_id(), {"title": "x"}, 0, kind="explode")
    _force(first, "test_thing", new_id(), {"title": "x"}, -1, kind="create")
    first.write("Good", adding(Thing(title="Good")))
    report = first.sync()
    assert (report.accepted, report.rejected) == (1, 3)
    assert [code for _, code in answers(first)] == ["validation", "schema_too_new", "validation", None]


def test_the_limits_of_text_here_are_those_of_the_columns() -> None:
    assert LongText().limit == 500_000


def _force(
    laptop: Laptop,
    type_name: str,
    record_id: str,
    fields: dict[str, Any],
    base: int,
    kind: str = "patch",
    scope: str = "team:team-1",
    author: str = "u-1",
) -> None:
    """Puts an operation into the outbox that no honest Holdall would write."""

    def work(session: Session) -> None:
        at = laptop.clock.tick()
        session.add(
            OutboxOp(
                op_id=new_id(),
                group_id=new_id(),
                type=type_name,
                record_id=record_id,
                scope=scope,
                kind=kind,
                base_version=base,
                fields={},
                base={},
                label="Forced",
                hlc=f"{int(at.timestamp() * 1000):012x}0000-x",
                at=at,
                author_id=author,
                author_name="Somebody",
            )
        )

    laptop.write("Forced", work)
    import json

    with laptop.store.connect(write=True) as connection:
        connection.exec_driver_sql(
            "UPDATE outbox SET fields = ? WHERE label = 'Forced' AND fields = '{}'", (json.dumps(fields),)
        )
