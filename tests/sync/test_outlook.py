"""What the panel says of an act that waits: never “will land” for one that a declared rule refuses."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import select

from models.base import fields_of, mark_deleted, policy_of, record_types
from models.errors import HoldallError
from models.outbox import OpKind, OpState, OutboxOp
from models.policy import Merge
from sync import desk
from sync.merge import Outcome, merge_field
from sync.outlook import Outlook, outlook_of
from sync.server.rules import takings_from
from tests.sync.kit import Fleet
from tests.things import Binder, Booking, Place, State, Thing

FIELDS = [(name, field) for name in record_types() for field in fields_of(name)]
VALUES: dict[Merge, tuple[Any, Any, Any]] = {
    Merge.SET: ([], ["a"], ["b"]),
    Merge.DELTA: (0, 1, 2),
    Merge.MAX: (1, 2, 3),
    Merge.MIN: (3, 2, 1),
}


@pytest.mark.parametrize(("type_name", "field"), FIELDS)
def test_no_field_that_a_rule_can_refuse_is_said_to_land(type_name: str, field: str) -> None:
    policy = policy_of(type_name)
    outlook = outlook_of(type_name, OpKind.PATCH, {field: None})
    refusable = policy.frozen_by is not None or bool(policy.write_roles)
    refusable |= policy.moves is not None and policy.moves.field == field
    if policy.allocation is not None:
        taken = policy.allocation
        refusable |= field in (taken.resource_id, taken.amount, *taken.active)
    refusable |= any(taking.allocation.limit == field for taking in takings_from(type_name))
    if refusable:
        assert outlook is Outlook.SERVER
        return
    base, theirs, mine = VALUES.get(policy.merge_of(field), ("a", "b", "c"))
    for later in (True, False):
        verdict = merge_field(
            policy.merge_of(field), current=theirs, base=base, new=mine, concurrent=True, later=later
        )
        if verdict.outcome is Outcome.REFUSE or verdict.conflict == "open":
            assert outlook is not Outlook.LANDS
        else:
            assert outlook is Outlook.LANDS


@pytest.mark.parametrize("type_name", list(record_types()))
@pytest.mark.parametrize("kind", [OpKind.CREATE, OpKind.DELETE, OpKind.RESTORE])
def test_whole_records_land_only_where_nothing_is_taken_closed_or_reserved(
    type_name: str, kind: OpKind
) -> None:
    policy = policy_of(type_name)
    outlook = outlook_of(type_name, kind, {})
    if policy.frozen_by is not None or policy.write_roles or policy.allocation is not None:
        assert outlook is Outlook.SERVER
    elif kind is not OpKind.CREATE:
        assert outlook is Outlook.MEETS


def test_what_hangs_on_an_open_act_is_as_open_as_that_one(fleet: Fleet) -> None:
    laptop = fleet.join()
    place = Place(places=1)
    booking = Booking(place_id=place.id)
    laptop.write("Offer", lambda s: s.add(place))
    laptop.write("Book", lambda s: s.add(booking))
    laptop.write("Move the place", lambda s: setattr(s.get_one(Place, place.id), "places", 2))
    binder = Binder()
    laptop.write("A binder", lambda s: s.add(binder))
    laptop.write("Close it", lambda s: setattr(s.get_one(Binder, binder.id), "state", "closed"))
    seen = {item.label: item.outlook for item in laptop.read(desk.waiting)}
    assert seen["Book"] is Outlook.SERVER
    assert seen["Move the place"] is Outlook.SERVER
    assert seen["A binder"] is Outlook.LANDS
    assert seen["Close it"] is Outlook.SERVER
    assert {outlook.words for outlook in Outlook} == {
        "Will land",
        "May meet a colleague’s change",
        "The server decides",
    }


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_was_said_to_land_was_ever_refused(fleet: Fleet, seed: int) -> None:
    chance = random.Random(seed)
    laptops = [fleet.join(f"u-{n}", f"Person {n}", ("officer", "lead")) for n in range(2)]
    place, things = Place(places=3), [Thing(title=f"Thing {n}") for n in range(4)]
    laptops[0].write("Begin", lambda s: s.add_all([place, *things]))
    fleet.settle()
    said: dict[str, Outlook] = {}

    def act(session: Any) -> None:
        thing = session.get_one(Thing, chance.choice(things).id)
        kind = chance.randrange(9)
        word = f"{chance.random()}"
        if kind == 0:
            thing.state = chance.choice(list(State))
        elif kind == 1:
            session.add(Booking(place_id=place.id))
        elif kind == 2:
            thing.receipt = word
        elif kind == 3:
            mark_deleted(thing)
        elif kind == 4:
            session.add(Thing(title=word))
        else:
            setattr(thing, ("title", "note", "address", "title", "note")[kind - 4], word)

    for _ in range(12):
        for laptop in laptops:
            for _ in range(chance.randrange(5)):
                try:
                    laptop.write("Act", act)
                except HoldallError:
                    continue
            said.update((item.group_id, item.outlook) for item in laptop.read(desk.waiting))
        chance.choice(laptops).sync()
    fleet.settle()
    refused = [
        op
        for laptop in laptops
        for op in laptop.read(lambda s: list(s.scalars(select(OutboxOp))))
        if op.state in (OpState.REJECTED.value, OpState.BLOCKED.value)
    ]
    assert refused
    assert all(said[op.group_id] is not Outlook.LANDS for op in refused)
