"""What an officer does: asks, diverts, promises, asks for visits, comes back later; nothing is lost."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.errors import HoldallError, NotFound
from app.repairs import service, visits, worklist
from app.repairs.homes import find
from app.repairs.homes.past import past_words
from app.repairs.photos import keeping
from app.repairs.rules import ClockState
from models.history import history_of
from models.repairs import (
    Clock,
    Disclosure,
    Emergency,
    Household,
    Outcome,
    Photo,
    Property,
    Repair,
    State,
    VisitState,
)
from tests.app.repairs.conftest import HOME, small_photo


def test_an_interview_ends_in_a_promise_that_explains_itself(ask, view):
    seen = view(ask())
    assert seen.title == "Kitchen, damp and mould, larger than a hand"
    assert seen.first.due_on == date(2027, 1, 5)
    assert (seen.band, seen.hazard, seen.code) == ("routine", "damp_mould", "AV3102")
    assert seen.postcode == "AV3 2QT"
    assert seen.telephone == "07700 900 417"
    assert seen.state is State.DRAFT
    assert seen.path.next_page.id == "description"
    assert seen.who_at_risk == "child under 5"


def test_saving_writes_every_clock_and_keeps_its_reasons(context, ask, view):
    repair_id = ask(save=True)
    clocks = context.read(lambda s: list(s.scalars(select(Clock).order_by(Clock.due_at))))
    assert [c.rule_id for c in clocks] == ["AW-SIG-INV", "AV-BANDS-2026-ROUTINE"]
    assert clocks[0].why["days"][0] == ["2026-12-17", 0, ""]
    seen = view(repair_id)
    assert seen.state is State.READY
    assert seen.first.source_line.startswith("Rule AW-SIG-INV")
    with pytest.raises(HoldallError, match="saved already"):
        context.write("Save", lambda s: service.save_repair(s, repair_id))


def test_a_repair_saved_too_early_says_what_is_missing(context):
    repair_id = context.write("Begin", service.begin).repair_id
    with pytest.raises(HoldallError, match="no address"):
        context.write("Save", lambda s: service.save_repair(s, repair_id))
    context.write("Type", lambda s: service.note(s, repair_id, HOME))
    with pytest.raises(HoldallError, match="not answered"):
        context.write("Save", lambda s: service.save_repair(s, repair_id))


def test_changing_an_early_answer_keeps_the_others_and_moves_the_date(context, ask, view):
    repair_id = ask()
    context.write("Change", lambda s: service.answer(s, repair_id, "damp-spread", "spots"))
    assert view(repair_id).hazard == ""
    assert view(repair_id).answers["damp-since"] == "weeks"
    context.write("Change", lambda s: service.answer(s, repair_id, "damp-spread", "many"))
    assert view(repair_id).hazard == "damp_mould"


def test_a_saved_repair_opens_for_changes_only_on_purpose(context, ask, view):
    repair_id = ask(save=True)
    with pytest.raises(HoldallError, match="is saved"):
        context.write("Change", lambda s: service.answer(s, repair_id, "damp-spread", "spots"))
    context.write("Reopen", lambda s: service.reopen(s, repair_id))
    context.write("Change", lambda s: service.answer(s, repair_id, "damp-spread", "spots"))
    context.write("Save", lambda s: service.save_repair(s, repair_id))
    assert [d.rule.id for d in view(repair_id).deadlines] == ["AV-BANDS-2026-ROUTINE"]
    live = context.read(lambda s: s.scalar(select(func.count()).where(Clock.deleted.is_(False))))
    assert live == 1


def test_an_emergency_is_recorded_at_once_with_time_number_and_person(context, view):
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "gas"))
    seen = view(repair_id)
    assert seen.state is State.EMERGENCY_DIVERTED
    assert seen.emergency.number == "", "no number is on record before it was read out"
    assert seen.emergency.noticed_at == context.now()
    assert seen.emergency.outcome is None
    assert [d.rule.id for d in seen.deadlines] == ["AW-EMG-INV", "AW-EMG-SAFE"]
    waiting = context.read(lambda s: worklist.worklist(s, "u-1", context.now())).emergencies
    assert [e.repair_id for e in waiting] == [repair_id]
    context.write("Given", lambda s: service.settle_emergency(s, repair_id, Outcome.GIVEN))
    seen = view(repair_id).emergency
    assert (seen.outcome, seen.given_by, seen.given_at) == (Outcome.GIVEN, "Tomos Aldgate", context.now())
    assert seen.number == "0800 111 999"
    with pytest.raises(NotFound):
        context.write("Again", lambda s: service.settle_emergency(s, repair_id, Outcome.GIVEN))
    assert not context.read(lambda s: worklist.worklist(s, "u-1", context.now())).emergencies


def test_the_record_of_an_emergency_is_written_once(context):
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "gas"))
    context.write("Given", lambda s: service.settle_emergency(s, repair_id, Outcome.GIVEN))

    def forge(session):
        session.scalars(select(Emergency)).one().given_by_name = "Somebody else"

    with pytest.raises(HoldallError, match="written once"):
        context.write("Forge", forge)


def test_no_emergency_after_all_goes_on_and_the_record_stays(context, view):
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "gas"))
    context.write("None", lambda s: service.answer(s, repair_id, "danger", "none"))
    assert view(repair_id).state is State.DRAFT
    assert view(repair_id).emergency is None
    kept = context.read(lambda s: s.scalars(select(Emergency)).one())
    assert kept.outcome is Outcome.RETRACTED
    context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "flood"))
    assert view(repair_id).emergency.title.startswith("Water")
    assert view(repair_id).state is State.EMERGENCY_DIVERTED
    context.write("Cut", lambda s: service.settle_emergency(s, repair_id, Outcome.CUT_OFF, "01632 960 100"))
    assert view(repair_id).emergency.number == ""


def test_a_danger_found_deep_in_the_questions_is_diverted_too(context, ask, view):
    answers = {
        "danger": "none",
        "kind": "tenant",
        "room": "kitchen",
        "kitchen": "electrics",
        "electrics": "sparks",
    }
    seen = view(ask(answers))
    assert seen.state is State.EMERGENCY_DIVERTED
    assert seen.emergency.title.startswith("Sparks")
    assert seen.title.startswith("Emergency: sparks")


def test_what_is_not_ours_leaves_without_an_emergency(context, ask, view):
    seen = view(ask({"danger": "none", "kind": "leasehold", "lease": "inside"}))
    assert seen.state is State.NOT_ELIGIBLE
    assert seen.emergency is None
    assert seen.deadlines == ()


def test_who_lives_there_is_kept_for_a_year_with_consent_only(context, ask, view):
    repair_id = ask()
    kept = context.read(lambda s: service.household_at(s, view(repair_id).place_key, context.today()))
    assert kept.risks == ["under5"]
    assert kept.consent_by == "Tomos Aldgate"
    assert kept.expires_on == date(2027, 12, 17)
    later = date(2027, 12, 18)
    assert context.read(lambda s: service.household_at(s, view(repair_id).place_key, later)) is None


def test_without_consent_only_that_somebody_is_at_risk_is_kept(context, ask, view):
    seen = view(ask(consent=False))
    assert seen.risks == ()
    assert seen.household == ""
    assert seen.at_risk
    assert seen.first.rule.id == "AW-SIG-INV"
    assert context.read(lambda s: s.scalars(select(Household)).all()) == []


def test_consent_taken_back_takes_the_household_away(context, ask, view):
    repair_id = ask()
    context.write("Who", lambda s: service.set_household(s, repair_id, Disclosure.TOLD, ["under5"]))
    assert context.read(lambda s: service.household_at(s, view(repair_id).place_key, context.today())) is None


def test_asked_and_not_disclosed_is_not_the_same_as_nobody(ask, view):
    withheld = view(ask(risks=(), disclosure=Disclosure.WITHHELD))
    nobody = view(ask(risks=(), disclosure=Disclosure.TOLD))
    assert withheld.first.rule.id == "AW-SIG-INV"
    assert withheld.who_at_risk == "they did not say who lives there"
    assert nobody.first.rule.id == "AV-BANDS-2026-ROUTINE"


def test_an_incomplete_address_says_what_to_put_right_and_keeps_what_was_typed(context, view):
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Type", lambda s: service.note(s, repair_id, {"address": "14 Tannery", "postcode": "AV3"}))
    with pytest.raises(HoldallError, match="address is not complete") as caught:
        context.write("Done", lambda s: service.finish_address(s, repair_id))
    assert "like AV3 2QT" in str(caught.value)
    assert view(repair_id).postcode == "AV3"


@pytest.mark.parametrize("bad", ["x" * 1_000_000, "nul \x00 here", "half \ud83d pair"])
def test_bad_text_gets_a_sentence_and_loses_nothing(context, ask, view, bad):
    repair_id = ask()
    context.write("Type", lambda s: service.note(s, repair_id, {"description": 'A "stray" quote'}))
    with pytest.raises(HoldallError):
        context.write("Type", lambda s: service.note(s, repair_id, {"description": bad}))
    assert view(repair_id).description == 'A "stray" quote'


def test_a_field_that_is_not_typed_on_a_page_cannot_be_written_by_note(context, ask):
    repair_id = ask()
    with pytest.raises(KeyError):
        context.write("Type", lambda s: service.note(s, repair_id, {"state": "completed"}))


def test_a_photo_is_kept_once_and_ten_are_enough(context, ask, view):
    repair_id, photo = ask(), small_photo()
    context.write("Add", lambda s: keeping.add_photo(s, repair_id, photo, "By the window"))
    context.write("Add", lambda s: keeping.add_photo(s, repair_id, photo))
    seen = view(repair_id).photos
    assert [p.caption for p in seen] == ["By the window"]
    assert seen[0].thumb == photo.thumb
    for number in range(9):
        colour = (20 * number, 90, 10)
        context.write("Add", lambda s, c=colour: keeping.add_photo(s, repair_id, small_photo(c)))
    with pytest.raises(HoldallError, match="10 photos"):
        context.write("Add", lambda s: keeping.add_photo(s, repair_id, small_photo("red")))


def test_a_photo_taken_out_comes_back_by_undo(context, ask, view):
    repair_id = ask()
    context.write("Add", lambda s: keeping.add_photo(s, repair_id, small_photo()))
    photo_id = view(repair_id).photos[0].id
    context.write("Take out", lambda s: keeping.remove_photo(s, photo_id))
    assert view(repair_id).photos == ()
    context.undo()
    assert [p.id for p in view(repair_id).photos] == [photo_id]
    context.write("Name", lambda s: keeping.caption_photo(s, photo_id, " Above the skirting "))
    assert context.read(lambda s: s.get(Photo, photo_id)).caption == "Above the skirting"


def test_a_visit_is_asked_for_and_not_booked(context, ask, view, slots):
    repair_id = ask()
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, slots))
    visit = view(repair_id).visit
    assert visit.state is VisitState.REQUESTED
    assert not visit.booked
    assert [c.id for c in visit.choices] == slots
    assert visit.asking == slots[0]
    assert [c.left for c in visit.choices] == [0, 1, 1]


def test_a_place_that_is_taken_goes_to_the_next_wish_and_never_twice(context, ask, view, slots):
    first, second, third = ask(), ask(), ask()
    context.write("Ask", lambda s: visits.ask_visits(s, first, slots[:1]))
    context.write("Ask", lambda s: visits.ask_visits(s, second, slots))
    assert view(second).visit.asking == slots[1]
    with pytest.raises(HoldallError, match="No place is left"):
        context.write("Ask", lambda s: visits.ask_visits(s, third, slots[:2]))


def test_a_slot_is_never_overbooked_even_past_the_service(context, ask, slots):
    from models.repairs import Visit

    def twice(session):
        for number in range(2):
            session.add(
                Visit(repair_id=f"r{number}", slot_id=slots[0], choices=[slots[0]], asked_at=context.now())
            )

    with pytest.raises(HoldallError):
        context.write("Overbook", twice)


def test_a_lost_place_asks_for_the_next_and_then_says_lost(context, ask, view, slots):
    repair_id = ask(save=True)
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, slots[:2]))
    visit_id = view(repair_id).visit.id
    context.write("Lost", lambda s: visits.ask_next_visit(s, visit_id))
    assert view(repair_id).visit.asking == slots[1]
    context.write("Lost", lambda s: visits.ask_next_visit(s, visit_id))
    assert view(repair_id).visit.state is VisitState.LOST
    seen = context.read(lambda s: worklist.worklist(s, "u-1", context.now()))
    assert [c.id for c in seen.lost_visits] == [repair_id]


def test_only_a_planner_confirms_and_only_then_it_is_booked(context, ask, view, slots, second_officer, store):
    repair_id = ask(save=True)
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, slots))
    with pytest.raises(HoldallError, match="needs the role lead"):
        context.write("Confirm", lambda s: visits.confirm_visit(s, repair_id))
    with store.write(second_officer, "Confirm", context.now()) as session:
        visits.confirm_visit(session, repair_id)
    assert view(repair_id).visit.booked
    assert view(repair_id).state is State.SCHEDULED


def test_done_meets_the_clocks_and_cancelling_frees_the_place(context, ask, view, slots):
    done, gone = ask(save=True), ask(save=True)
    context.write("Ask", lambda s: visits.ask_visits(s, gone, slots[:1]))
    context.write("Done", lambda s: service.complete(s, done, "New sealant"))
    assert view(done).state is State.COMPLETED
    met = context.read(lambda s: s.scalars(select(Clock.met_at).where(Clock.repair_id == done)).all())
    assert set(met) == {context.now()}
    context.write("Cancel", lambda s: service.cancel(s, gone, "Mended it themselves"))
    assert context.read(lambda s: visits.places_left(s, slots[0])) == 1


def test_a_past_repair_at_the_same_address_is_noticed(context, ask, view):
    first = ask(save=True)
    context.write("Done", lambda s: service.complete(s, first))
    again = view(ask())
    assert [p.id for p in again.past] == [first]
    assert again.past[0].same_code
    assert "may be a chase" in past_words(again.past)
    other = view(ask({"danger": "none", "kind": "tenant", "room": "kitchen", "kitchen": "sink"}))
    assert "here in the last year" in past_words(other.past)
    elsewhere = view(ask(home={**HOME, "address": "16 Tannery Row, Averwick"}))
    assert elsewhere.past == ()


def test_the_worklist_puts_each_repair_where_it_needs_somebody(context, ask):
    draft, later = ask(), ask(save=True)
    leak = {"danger": "none", "kind": "tenant", "room": "kitchen", "kitchen": "leak", "leak": "bowl"}
    soon = ask(leak, save=True)
    seen = context.read(lambda s: worklist.worklist(s, "u-1", context.now()))
    assert [c.id for c in seen.to_finish] == [draft]
    assert [c.id for c in seen.due_soon] == [soon]
    assert [c.id for c in seen.later] == [later]
    assert seen.due_soon[0].clock is ClockState.DUE_SOON
    late = context.now() + timedelta(days=60)
    seen = context.read(lambda s: worklist.worklist(s, "u-1", late))
    assert [c.id for c in seen.overdue] == [soon, later]
    assert context.read(lambda s: worklist.worklist(s, "u-2", late)).to_finish == ()
    assert not seen.empty


def test_all_repairs_are_paged_by_key_without_gap_or_double(context, ask):
    made = {ask() for _ in range(5)}
    seen, after = [], None
    while page := context.read(
        lambda s, a=after: worklist.repairs_before(s, "u-1", context.now(), a, limit=2)
    ):
        seen += [c.id for c in page]
        after = (page[-1].reported_at, page[-1].id)
    assert len(seen) == 5
    assert set(seen) == made


def test_a_home_is_found_by_any_of_its_words_and_fills_the_address(context, view):
    def homes(session):
        for number in (12, 14, 16):
            session.add(
                Property(
                    address=f"{number} Tannery Row, Averwick",
                    postcode="AV3 2QT",
                    place_key=f"AV32QT {number} tannery row",
                    tenant_name="Ffion Wŷn-Harte" if number == 14 else "Ade Cole",
                    telephone="07700 900 417",
                )
            )

    context.write("Homes", homes)
    assert [h.address for h in context.read(lambda s: find.homes(s, "14 tann"))] == [
        "14 Tannery Row, Averwick"
    ]
    for postcode in ("av3 2qt", "AV32QT"):
        assert len(context.read(lambda s, p=postcode: find.homes(s, p))) == 3
    assert context.read(lambda s: find.homes(s, "%_'\"")) == ()
    home = context.read(lambda s: find.homes(s, "harte"))[0]
    repair_id = context.write("Begin", lambda s: service.begin(s, home.id)).repair_id
    assert view(repair_id).tenant == "Ffion Wŷn-Harte"
    assert view(repair_id).place_key == "AV32QT 14 tannery row"


def test_an_answer_that_does_not_exist_is_refused(context):
    repair_id = context.write("Begin", service.begin).repair_id
    for question, value in (("danger", "dragons"), ("attic", "x")):
        with pytest.raises(NotFound):
            context.write("Answer", lambda s, q=question, v=value: service.answer(s, repair_id, q, v))


def test_every_answer_stands_in_the_history_with_its_author(context, ask):
    repair_id = ask()
    entries = context.read(lambda s: history_of(s, "repairs_repair", repair_id))
    assert {e.author_name for e in entries} == {"Tomos Aldgate"}
    assert any("answers" in e.fields for e in entries)


def test_months_later_ends_on_the_last_day_where_there_is_none():
    assert service.months_later(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert service.months_later(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert service.months_later(date(2026, 12, 17), 12) == date(2027, 12, 17)


def test_undo_takes_back_one_answer_at_a_time(context, view):
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "none"))
    context.write("Kind", lambda s: service.answer(s, repair_id, "kind", "communal"))
    assert view(repair_id).communal
    context.undo()
    assert not view(repair_id).communal
    assert "kind" not in view(repair_id).answers


def test_find_knows_a_repair_by_name_address_and_reference(context, ask, view):
    from models.search import find

    repair_id = ask()
    for words in ("Harte", "tannery", view(repair_id).reference, "mould"):
        assert repair_id in [h.id for h in context.read(lambda s, w=words: find(s, w))]


def test_the_clock_of_a_repair_starts_when_we_came_to_know(context, ask):
    repair = context.read(lambda s: s.get(Repair, ask()))
    assert repair.aware_at == datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
