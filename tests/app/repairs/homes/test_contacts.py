"""A chase is a contact about the repair it is about; nothing typed is lost, and no second repair stands."""

import pytest
from sqlalchemy import select

from app.errors import HoldallError
from app.repairs import service, visits
from app.repairs.homes import contacts
from app.repairs.homes.demand import demand_csv, per_cent, read_demand
from app.repairs.photos.keeping import add_photo
from models.repairs import (
    ChaseReason,
    ContactKind,
    Emergency,
    Outcome,
    Photo,
    Repair,
    Slot,
    Visit,
    VisitState,
)
from tests.app.repairs.conftest import HOME, MOULD, NOW, small_photo

TODAY = NOW.date()


def again(context, draft, old, kind=ContactKind.CHASE, reason=ChaseReason.NO_DATE, said=""):
    context.write("Again", lambda s: contacts.is_again(s, draft, old, kind, reason, said))


def of(context, repair_id):
    return context.read(lambda s: contacts.contacts_of(s, repair_id))


def test_a_chase_is_kept_with_the_old_repair_and_the_new_one_is_taken_away(ask, context):
    old, draft = ask(save=True), ask(home={**HOME, "telephone": "07700 900 555"})
    context.write("Type", lambda s: service.note(s, draft, {"description": "Still black. Nobody rang."}))
    again(context, draft, old)
    (contact,) = of(context, old)
    assert contact.kind is ContactKind.CHASE
    assert contact.reason is ChaseReason.NO_DATE
    assert contact.by == "Tomos Aldgate"
    assert contact.words.startswith("Still black. Nobody rang.\n")
    assert "Told as: Kitchen › Damp and mould" in contact.words
    assert "Telephone: 07700 900 555" in contact.words
    assert context.read(lambda s: s.get(Repair, draft).deleted)
    context.undo()
    assert not context.read(lambda s: s.get(Repair, draft).deleted)
    assert of(context, old) == ()


def test_photos_go_along_and_a_wished_visit_is_given_back(ask, context, slots):
    old, draft = ask(save=True), ask()
    context.write("Photo", lambda s: add_photo(s, draft, small_photo()))
    context.write("Wish", lambda s: visits.ask_visits(s, draft, slots[:1]))
    again(context, draft, old)
    assert context.read(lambda s: s.scalars(select(Photo.repair_id)).all()) == [old]
    states = context.read(lambda s: s.scalars(select(Visit.state)).all())
    assert states == [VisitState.WITHDRAWN]
    assert context.read(lambda s: visits.places_left(s, s.scalars(select(Slot.id)).first())) == 1


def test_something_new_is_kept_as_news_and_is_no_failure_demand(ask, context):
    old, draft = ask(save=True), ask()
    again(context, draft, old, ContactKind.UPDATE, None, said="The ceiling drips now")
    (contact,) = of(context, old)
    assert (contact.kind, contact.reason) == (ContactKind.UPDATE, None)
    assert contact.words.startswith("The ceiling drips now")


def test_somebody_at_risk_who_was_told_of_in_the_call_is_not_forgotten(ask, context):
    old = ask(risks=(), save=True)
    draft = ask(risks=("baby",))
    again(context, draft, old)
    assert "At risk, told with consent:" in of(context, old)[0].words
    reads = context.read(lambda s: contacts.risk_is_new(s.get(Repair, draft), s.get(Repair, old)))
    assert reads


def test_without_consent_only_that_somebody_may_be_at_risk_is_kept(ask, context):
    old, draft = ask(risks=(), save=True), ask(risks=("baby",), consent=False)
    again(context, draft, old)
    words = of(context, old)[0].words
    assert "Somebody there may be at risk" in words
    assert "baby" not in words.lower()


def test_a_call_with_an_emergency_stays_a_repair_of_its_own(ask, context):
    old = ask(save=True)
    draft = ask({**MOULD, "danger": "gas"})
    with pytest.raises(HoldallError):
        again(context, draft, old)
    taken_back = ask({**MOULD, "danger": "gas"})
    context.write("No", lambda s: service.take_back_answer(s, taken_back, "danger"))
    again(context, taken_back, old)
    assert len(of(context, old)) == 1


def test_a_draft_in_which_an_emergency_was_heard_stays_too(ask, context):
    old, draft = ask(save=True), ask()

    def heard(session):
        session.add(
            Emergency(
                repair_id=draft,
                exit="gas",
                title="Gas",
                noticed_at=context.now(),
                noticed_by="u-1",
                noticed_by_name="Tomos Aldgate",
                outcome=Outcome.GIVEN,
            )
        )

    context.write("Heard", heard)
    with pytest.raises(HoldallError, match="An emergency was noticed"):
        again(context, draft, old)


def test_a_saved_repair_is_not_taken_away_and_a_chase_needs_its_reason(ask, context):
    old, saved, draft = ask(save=True), ask(save=True), ask()
    with pytest.raises(HoldallError, match="is saved already"):
        again(context, saved, old)
    with pytest.raises(HoldallError, match="needs its reason"):
        again(context, draft, old, reason=None)
    assert of(context, old) == ()
    assert not context.read(lambda s: s.get(Repair, draft).deleted)


def test_the_share_of_chases_is_that_of_the_calls(ask, context):
    first, second = ask(save=True), ask(home={**HOME, "address": "16 Tannery Row"}, save=True)
    ask(home={**HOME, "address": "18 Tannery Row"})  # a draft is no report
    told = [
        (first, ContactKind.CHASE, ChaseReason.NO_DATE),
        (first, ContactKind.CHASE, ChaseReason.NO_DATE),
        (second, ContactKind.CHASE, ChaseReason.MISSED_VISIT),
        (second, ContactKind.UPDATE, None),
        (second, ContactKind.CALLED, None),
    ]
    for repair_id, kind, reason in told:
        context.write("C", lambda s, r=repair_id, k=kind, w=reason: contacts.add_contact(s, r, k, w))
    demand = context.read(lambda s: read_demand(s, TODAY, TODAY))
    assert (demand.reports, demand.chases, demand.calls, demand.called) == (2, 3, 6, 1)
    assert demand.share == 50
    assert demand.reasons[0] == (ChaseReason.NO_DATE, 2)
    assert len(demand.reasons) == len(ChaseReason)
    assert [c.chases for c in demand.chased] == [2, 1]
    assert demand.repairs_chased == 2
    assert [(t.reports, t.chases) for t in demand.trades] == [(2, 3)]
    assert (demand.start.weekday(), demand.end.weekday()) == (0, 6)
    assert "No date" not in demand_csv(demand).decode("utf-8-sig")
    assert 'all,"chases of all calls, per cent",50' in demand_csv(demand).decode("utf-8-sig")


def test_more_repairs_than_the_report_lists_are_still_counted(ask, context):
    for number in range(12):
        repair_id = ask(home={**HOME, "address": f"{number + 1} Tannery Row"}, save=True)
        context.write(
            "C", lambda s, r=repair_id: contacts.add_contact(s, r, ContactKind.CHASE, ChaseReason.OTHER)
        )
    demand = context.read(lambda s: read_demand(s, TODAY, TODAY))
    assert (len(demand.chased), demand.repairs_chased) == (10, 12)


def test_a_week_without_calls_is_shown_with_noughts(context):
    demand = context.read(lambda s: read_demand(s, TODAY.replace(day=1), TODAY))
    assert [week.calls for week in demand.weeks] == [0, 0, 0]
    assert demand.share == 0
    assert per_cent(1, 8) == 13
    assert per_cent(1, 3) == 33
