"""Who lives there is asked before the address: kept once the home is known, offered again, never guessed."""

from datetime import date

import pytest

from app.errors import HoldallError, NotFound
from app.repairs import people, service
from models.repairs import Disclosure, Household, Kind
from tests.app.repairs.conftest import HOME, MOULD


@pytest.fixture
def begun(context):
    """A repair where nobody is in danger."""
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "none"))
    return repair_id


def told(context, repair_id, risks=("baby",), consent=True, words=""):
    context.write(
        "Who",
        lambda s: service.set_household(s, repair_id, Disclosure.TOLD, risks, words, consent),
    )


def at_home(context, repair_id):
    context.write("Type", lambda s: service.note(s, repair_id, HOME))
    context.write("Done", lambda s: service.finish_address(s, repair_id))


def kept(context, key="AV32QT 14 tannery row"):
    return context.read(lambda s: people.household_at(s, key, context.today()))


def test_danger_comes_first_then_who_lives_there_then_whose_home_and_where(begun, view, context):
    assert [p.id for p in view(begun).path.pages] == ["danger", "household", "kind"]
    assert view(begun).path.next_page.id == "household"
    told(context, begun)
    context.write("Kind", lambda s: service.answer(s, begun, "kind", "tenant"))
    assert [p.id for p in view(begun).path.pages][:4] == ["danger", "household", "kind", "address"]


def test_somebody_in_danger_is_never_asked_who_lives_there_first(context, view):
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "gas"))
    assert [p.id for p in view(repair_id).path.pages] == ["danger", "exit"]
    assert view(repair_id).path.next_page.id == "exit"


def test_what_they_agreed_to_waits_with_the_repair_until_the_home_is_known(context, begun, view):
    told(context, begun, words="A baby of 3 months")
    assert kept(context) is None
    assert view(begun).risks == ("baby",)
    at_home(context, begun)
    found = kept(context)
    assert (found.risks, found.words, found.expires_on) == (
        ["baby"],
        "A baby of 3 months",
        date(2027, 12, 17),
    )
    assert found.consent_by == "Tomos Aldgate"


def test_a_home_that_is_typed_anew_leaves_nothing_at_the_shared_parts_of_a_block(context, begun):
    told(context, begun)
    context.write("Kind", lambda s: service.answer(s, begun, "kind", Kind.COMMUNAL))
    at_home(context, begun)
    assert kept(context) is None


def test_without_consent_the_address_brings_no_record(context, begun, view):
    told(context, begun, consent=False)
    at_home(context, begun)
    assert kept(context) is None
    assert view(begun).at_risk


def test_nobody_at_risk_today_does_not_take_away_what_was_kept_before(context, ask, begun, view):
    ask(MOULD)
    told(context, begun, risks=(), consent=False)
    at_home(context, begun)
    assert kept(context).risks == ["under5"], "it is offered, not thrown away"
    assert not view(begun).at_risk
    assert view(begun).kept_until == date(2027, 12, 17)


def test_what_was_kept_is_taken_over_when_it_is_still_so(context, ask, begun, view):
    ask(MOULD)
    told(context, begun, risks=(), consent=False)
    at_home(context, begun)
    context.write("Still", lambda s: service.take_kept_household(s, begun))
    seen = view(begun)
    assert (seen.disclosure, seen.risks, seen.at_risk) == (Disclosure.TOLD, ("under5",), True)
    context.write("Ended", lambda s: service.end_kept_household(s, begun))
    assert kept(context) is None
    with pytest.raises(NotFound, match="Nothing is kept"):
        context.write("Still", lambda s: service.take_kept_household(s, begun))


def test_the_same_answer_on_the_same_day_writes_no_second_record(context, ask):
    ask(MOULD)
    first = kept(context)
    ask(MOULD)
    assert (kept(context).id, kept(context).updated_at) == (first.id, first.updated_at)


def test_a_person_that_is_not_in_the_list_is_refused_and_nothing_is_written(context, begun, view):
    with pytest.raises(HoldallError, match="dragon"):
        told(context, begun, risks=("dragon",))
    assert view(begun).disclosure is Disclosure.NOT_ASKED
    assert context.read(lambda s: s.query(Household).count()) == 0
