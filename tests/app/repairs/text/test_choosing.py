"""What an officer makes of the words: a leaf, an emergency on record, a danger settled; none passed over."""

import pytest
from sqlalchemy import select

from app.errors import HoldallError, NotFound
from app.repairs import service, views
from app.repairs.text import choosing
from app.repairs.text.checking import WordsUnsettled, check_words
from models.repairs import Disclosure, Emergency, Outcome, Repair, State
from tests.app.repairs.conftest import HOME, MOULD

GAS = "The cooker is on and I can smell GASS in the hall"


@pytest.fixture
def say(context):
    """A repair of a tenant who said something: say(words, risks) returns its id."""

    def said(words, risks=(), disclosure=Disclosure.TOLD):
        def work(session):
            repair_id = service.begin(session).repair_id
            service.answer(session, repair_id, "danger", "none")
            service.set_household(session, repair_id, disclosure, risks, "", True)
            service.answer(session, repair_id, "kind", "tenant")
            service.note(session, repair_id, {**HOME, "description": words})
            service.finish_address(session, repair_id)
            return repair_id

        return context.write("Say", work)

    return said


@pytest.fixture
def repair(context):
    """The stored repair."""
    return lambda repair_id: context.read(lambda s: s.get(Repair, repair_id))


def test_a_leaf_that_was_chosen_fills_in_its_answers_and_is_kept_with_what_was_offered(
    context, say, view, repair
):
    repair_id = say("the kitchen tap drips all night")
    context.write("Choose", lambda s: choosing.choose(s, repair_id, "tap-drip"))
    seen = view(repair_id)
    assert seen.code == "AV2203"
    assert seen.path.next_page.id == "photos"
    heard = repair(repair_id).heard
    assert heard["chosen"] == seen.chosen == "tap-drip"
    assert heard["words"] == "the kitchen tap drips all night"
    assert heard["offered"][0]["outcome"] == "tap-drip"
    assert heard["answers"]["kitchen"] == "tap"


def test_what_the_words_leave_open_is_asked(context, say, view):
    repair_id = say("large patch of black mould on the bedroom ceiling")
    context.write("Choose", lambda s: choosing.choose(s, repair_id, "damp-patch"))
    assert view(repair_id).path.next_page.id == "damp-since"
    context.write("Since", lambda s: service.answer(s, repair_id, "damp-since", "weeks"))
    assert view(repair_id).outcome.id == "damp-patch"


def test_none_of_these_goes_on_to_the_questions(context, say, view, repair):
    repair_id = say("the kitchen tap drips")
    context.write("None", lambda s: choosing.choose(s, repair_id))
    assert view(repair_id).path.next_page.id == "room"
    assert repair(repair_id).heard["chosen"] == ""
    with pytest.raises(NotFound):
        context.write("Choose", lambda s: choosing.choose(s, repair_id, "lift"))


def test_an_emergency_in_the_words_is_recorded_with_rule_and_words(context, say, view):
    repair_id = say(GAS)
    with pytest.raises(WordsUnsettled, match="smell GASS"):
        context.write("Choose", lambda s: choosing.choose(s, repair_id))
    context.write("Record", lambda s: choosing.record(s, repair_id, "gas-smell"))
    seen = view(repair_id)
    assert seen.state is State.EMERGENCY_DIVERTED
    assert seen.title.startswith("Emergency: ")
    assert seen.path.next_page.id == "exit"
    kept = context.read(lambda s: s.scalars(select(Emergency)).one())
    assert (kept.exit, kept.heard_rule, kept.heard_words) == ("gas", "gas-smell", "smell GASS")
    assert seen.first.rule.id == "AW-EMG-INV"
    assert context.read(lambda s: check_words(s, repair_id)) == ()


@pytest.mark.parametrize(
    ("words", "exit_id"), [("sewage is coming up in the bath", "sewage"), ("the sofa is on fire", "fire")]
)
def test_a_danger_that_the_first_page_does_not_list_leaves_by_its_own_exit(
    context, say, view, words, exit_id
):
    repair_id = say(words)
    (reason,) = context.read(lambda s: check_words(s, repair_id))
    context.write("Record", lambda s: choosing.record(s, repair_id, reason.rule))
    assert view(repair_id).path.way.exit.id == exit_id


def test_no_emergency_after_all_brings_the_interview_back_and_counts_as_settled(context, say, view):
    repair_id = say(GAS)
    context.write("Record", lambda s: choosing.record(s, repair_id, "gas-smell"))
    context.write("Back", lambda s: service.take_back_answer(s, repair_id, "danger"))
    seen = view(repair_id)
    assert seen.state is State.DRAFT
    assert seen.answers["danger"] == "none"
    assert seen.path.next_page.id == "description"
    kept = context.read(lambda s: s.scalars(select(Emergency)).one())
    assert kept.outcome is Outcome.RETRACTED
    assert seen.unsettled == ()


def test_a_reason_settles_a_danger_for_these_words_only(context, say, view, repair):
    repair_id = say(GAS)
    with pytest.raises(HoldallError, match="no reason"):
        context.write("Settle", lambda s: choosing.settle(s, repair_id, "gas-smell", "  "))
    context.write("Settle", lambda s: choosing.settle(s, repair_id, "gas-smell", "It was the drains"))
    entry = repair(repair_id).heard["settled"][0]
    assert (entry["why"], entry["by"]) == ("It was the drains", "Tomos Aldgate")
    assert view(repair_id).unsettled == ()
    context.write("Type", lambda s: service.note(s, repair_id, {"description": f"{GAS}. Gas everywhere!"}))
    assert view(repair_id).unsettled == (), "the same words are settled"
    more = "The gas pipe is hissing"
    context.write("Type", lambda s: service.note(s, repair_id, {"description": more}))
    assert [r.rule for r in view(repair_id).unsettled] == ["gas-smell"]
    with pytest.raises(NotFound):
        context.write("Settle", lambda s: choosing.settle(s, repair_id, "flood", "No water"))


def test_saving_refuses_while_the_words_as_finally_typed_tell_of_a_danger(context, ask, view):
    repair_id = ask(MOULD)
    context.write("Type", lambda s: service.note(s, repair_id, {"description": "Sparks from the socket"}))
    with pytest.raises(WordsUnsettled, match="Sparks from the socket"):
        context.write("Save", lambda s: service.save_repair(s, repair_id))
    assert view(repair_id).state is State.DRAFT
    why = "An old story, the electrician was here"
    context.write("Settle", lambda s: choosing.settle(s, repair_id, "electric-spark", why))
    context.write("Save", lambda s: service.save_repair(s, repair_id))
    assert view(repair_id).state is State.READY


def test_who_lives_there_decides_about_a_loss(context, say):
    words = "there is no heating"
    assert context.read(lambda s: check_words(s, say(words))) == ()
    for risks, disclosure in ((("baby",), Disclosure.TOLD),):
        repair_id = say(words, risks, disclosure)
        assert [r.exit for r in context.read(lambda s, i=repair_id: check_words(s, i))] == ["heating"]
    withheld = say(words, (), Disclosure.WITHHELD)
    assert context.read(lambda s: check_words(s, withheld)) == (), "a question, not an emergency"


def test_somebody_at_risk_without_consent_counts_all_the_same(context):
    def work(session):
        repair_id = service.begin(session).repair_id
        service.answer(session, repair_id, "danger", "none")
        service.set_household(session, repair_id, Disclosure.TOLD, ["baby"], "", False)
        service.note(session, repair_id, {"description": "no heating"})
        return repair_id

    repair_id = context.write("Say", work)
    assert context.read(lambda s: check_words(s, repair_id))


def test_the_view_of_a_saved_repair_asks_nothing(context, ask):
    repair_id = ask(MOULD, save=True)
    context.write("Type", lambda s: service.note(s, repair_id, {"description": GAS}))
    seen = context.read(lambda s: views.repair_view(s, repair_id, context.today()))
    assert seen.unsettled == ()
