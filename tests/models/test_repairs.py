"""The tables of repairs: what a state may become, what is written once, what a slot can hold."""

import pytest
from sqlalchemy import select

from models.base import policy_of, record_types
from models.errors import HoldallError, MoveRefused
from models.policy import Merge
from models.repairs import (
    EXITS,
    OPEN,
    Emergency,
    Kind,
    Outcome,
    Repair,
    Slot,
    State,
    Visit,
    VisitState,
)

TYPES = {
    "property",
    "household",
    "alert",
    "repair",
    "clock",
    "photo",
    "emergency",
    "contact",
    "slot",
    "visit",
    "notice",
    "cold_spell",
    "mapping",
    "data_table",
    "hazard_report",
    "investigation",
    "investigation_hazard",
    "hazard_work",
    "access_attempt",
    "escalation",
    "case_notice",
}


def new_repair(context, **values):
    fields = {
        "reference": "AV-1",
        "officer_id": "u-1",
        "officer_name": "Tomos Aldgate",
        "tree_version": "t-1",
        "reported_at": context.now(),
        "aware_at": context.now(),
        **values,
    }

    def work(session):
        repair = Repair(**fields)
        session.add(repair)
        return repair.id

    return context.write("Repair", work)


def move(context, repair_id, *states):
    for state in states:

        def work(session, to=state):
            session.get_one(Repair, repair_id).state = to

        context.write(f"Move to {state}", work)


def test_all_records_of_the_slice_are_declared():
    assert {f"repairs_{name}" for name in TYPES} == {n for n in record_types() if n.startswith("repairs_")}


def test_a_repair_begins_as_a_draft_and_nothing_else(context):
    with pytest.raises(MoveRefused, match="cannot begin"):
        new_repair(context, state=State.READY)


def test_the_life_of_a_repair(context):
    repair_id = new_repair(context)
    move(context, repair_id, State.READY, State.SCHEDULED, State.IN_PROGRESS, State.COMPLETED)
    with pytest.raises(MoveRefused):
        move(context, repair_id, State.CANCELLED)


@pytest.mark.parametrize("state", [State.SCHEDULED, State.IN_PROGRESS, State.COMPLETED])
def test_a_draft_is_not_booked_begun_or_done(context, state):
    with pytest.raises(MoveRefused):
        move(context, new_repair(context), state)


def test_every_state_has_a_way_on_and_every_exit_a_way_back():
    moves = policy_of("repairs_repair").moves
    for state in State:
        assert moves.after(state)
    for exit_ in EXITS:
        assert State.DRAFT in moves.after(exit_)
    assert State.DRAFT not in OPEN


def test_a_reference_is_given_once(context):
    repair_id = new_repair(context)

    def rename(session):
        session.get_one(Repair, repair_id).reference = "AV-2"

    with pytest.raises(HoldallError, match="written once"):
        context.write("Rename", rename)


def test_the_clocks_of_two_copies_start_at_the_earlier_moment():
    policy = policy_of("repairs_repair")
    assert policy.merge_of("aware_at") is Merge.MIN
    assert policy.merge_of("target_at") is Merge.ASK
    assert policy.merge_of("state") is Merge.GUARD


def test_what_came_of_an_emergency_may_be_written_later_but_once(context):
    def begin(session):
        record = Emergency(
            repair_id="r",
            exit="gas",
            title="A smell of gas",
            number="0800 111 999",
            noticed_at=context.now(),
            noticed_by="u-1",
            noticed_by_name="Tomos Aldgate",
        )
        session.add(record)
        return record.id

    record_id = context.write("Notice", begin)

    def settle(session, outcome):
        session.get_one(Emergency, record_id).outcome = outcome

    context.write("Settle", lambda s: settle(s, Outcome.GIVEN))
    with pytest.raises(HoldallError, match="written once"):
        context.write("Settle", lambda s: settle(s, Outcome.CUT_OFF))


def test_a_slot_holds_its_places_while_visits_are_asked_for_or_booked(context):
    def slot(session):
        made = Slot(
            day=context.today(), starts=480, ends=720, label="Morning", places=2, seen_at=context.now()
        )
        session.add(made)
        return made.id

    slot_id = context.write("Slot", slot)

    def ask(session):
        visit = Visit(repair_id="r", slot_id=slot_id, choices=[slot_id], asked_at=context.now())
        session.add(visit)
        return visit.id

    first = context.write("Ask", ask)
    context.write("Ask", ask)
    with pytest.raises(HoldallError):
        context.write("Ask", ask)

    def withdraw(session):
        session.get_one(Visit, first).state = VisitState.WITHDRAWN

    context.write("Withdraw", withdraw)
    context.write("Ask", ask)
    held = context.read(lambda s: len(s.scalars(select(Visit).where(Visit.state == "requested")).all()))
    assert held == 2


def test_a_visit_is_never_asked_for_as_confirmed(context):
    def ask(session):
        session.add(
            Visit(
                repair_id="r", slot_id="s", choices=["s"], asked_at=context.now(), state=VisitState.CONFIRMED
            )
        )

    with pytest.raises(MoveRefused, match="cannot begin"):
        context.write("Ask", ask)


def test_kinds_are_kept_by_their_value():
    assert [k.value for k in Kind] == ["tenant", "leasehold", "communal"]
