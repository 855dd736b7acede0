"""What a home calls to mind: the same repair again, one trade again and again, leaks below each other."""

from datetime import date, timedelta

import pytest

from app.errors import HoldallError, NotFound
from app.repairs import service, views
from app.repairs.homes import past, people
from app.repairs.homes.alerts import add_alert, alerts_at, end_alert
from app.repairs.homes.flags import FlagKind, flags_of
from app.repairs.places import place_key
from models.repairs import AlertKind, Kind, Property, Repair, State
from tests.app.repairs.conftest import HOME, MOULD

LEAK = {"danger": "none", "kind": "tenant", "room": "kitchen", "kitchen": "leak", "leak": "bowl"}
SINK = {"danger": "none", "kind": "tenant", "room": "kitchen", "kitchen": "sink"}
TODAY = date(2026, 12, 17)
KEY = place_key("14 Tannery Row", "AV3 2QT")


def back(context, repair_id, days, **fields):
    """Moves a repair into the past, as if it had been reported then."""

    def work(session):
        repair = session.get_one(Repair, repair_id)
        repair.reported_at = context.now() - timedelta(days=days)
        for name, value in fields.items():
            setattr(repair, name, value)

    context.write("Earlier", work)


def complete(context, repair_id, days_ago):
    context.write("Done", lambda s: service.complete(s, repair_id))
    back(context, repair_id, days_ago + 2, completed_at=context.now() - timedelta(days=days_ago))


@pytest.fixture
def flats(context):
    """Six flats of Castle Court in two stacks, and its shared parts."""

    def made(session):
        for number in range(1, 7):
            address = f"Flat {number}, Castle Court, Averwick"
            session.add(
                Property(
                    address=address,
                    postcode="AV2 1HN",
                    place_key=place_key(address, "AV2 1HN"),
                    block="Castle Court",
                    stack="East" if number % 2 else "West",
                )
            )
        session.add(
            Property(
                address="Castle Court, Averwick",
                postcode="AV2 1HN",
                place_key=place_key("Castle Court, Averwick", "AV2 1HN"),
                block="Castle Court",
                tenure=Kind.COMMUNAL,
            )
        )

    context.write("Flats", made)
    return lambda number: {**HOME, "address": f"Flat {number}, Castle Court", "postcode": "AV2 1HN"}


def test_the_same_code_that_is_still_open_may_be_the_same_repair(ask, view):
    first = ask(save=True)
    assert [p.id for p in view(ask()).memory.same] == [first]


def test_the_same_place_and_problem_with_another_code_may_be_the_same_repair(ask, view):
    first = ask(save=True)
    again = view(ask({**MOULD, "damp-spread": "spots"}))
    assert again.code != view(first).code
    assert [p.id for p in again.memory.same] == [first]
    assert view(ask(SINK)).memory.same == ()


def test_it_is_said_as_soon_as_address_and_problem_are_known(ask, view):
    first = ask(save=True)
    begun = ask({key: MOULD[key] for key in ("danger", "kind", "room", "kitchen")})
    assert view(begun).code == ""
    assert [p.id for p in view(begun).memory.same] == [first]
    early = ask({key: MOULD[key] for key in ("danger", "kind", "room")})
    assert view(early).memory.same == ()


@pytest.mark.parametrize(("days", "same"), [(0, True), (28, True), (29, False)])
def test_a_repair_that_ended_is_the_same_again_for_28_days(ask, view, context, days, same):
    complete(context, ask(save=True), days)
    assert bool(view(ask()).memory.same) is same


def test_another_home_is_never_the_same_repair(ask, view):
    ask(save=True)
    assert view(ask(home={**HOME, "address": "16 Tannery Row"})).memory.same == ()


def test_drafts_and_what_was_called_off_are_not_past_repairs(ask, view, context):
    ask()
    off = ask(save=True)
    context.write("Off", lambda s: service.cancel(s, off))
    assert view(ask()).memory.past == ()


def test_the_third_job_of_one_trade_in_twelve_months_is_called_to_mind(ask, view, context):
    for days in (200, 100):
        complete(context, ask(SINK, save=True), days)
    third = view(ask(LEAK))
    assert third.trade == "Plumber"
    assert third.memory.repeat is not None
    assert past.repeat_words(third.memory.repeat).startswith(
        "This is the third job for the plumber here in 12 months."
    )
    assert view(ask(MOULD)).memory.repeat is None


def test_a_job_of_more_than_twelve_months_ago_does_not_count(ask, view, context):
    for days in (370, 100):
        complete(context, ask(SINK, save=True), days)
    assert view(ask(LEAK)).memory.repeat is None


def test_three_leaks_in_one_stack_in_60_days_are_one_suggestion(ask, view, context, flats):
    for number, days in ((1, 40), (3, 20)):
        complete(context, ask(LEAK, home=flats(number), save=True), days)
    found = view(ask(LEAK, home=flats(5))).memory.pattern
    assert found is not None
    assert (found.count, found.homes, found.stack) == (3, 3, "East")
    assert past.pattern_words(found).startswith("Three leaks in 60 days in stack “East” of Castle Court")
    assert view(ask(SINK, home=flats(5))).memory.pattern is None, "a blocked sink is no leak"
    assert view(ask(LEAK, home=flats(2))).memory.pattern is None, "another stack"


def test_two_leaks_or_leaks_long_ago_are_no_pattern(ask, view, context, flats):
    complete(context, ask(LEAK, home=flats(1), save=True), 70)
    complete(context, ask(LEAK, home=flats(3), save=True), 10)
    assert view(ask(LEAK, home=flats(5))).memory.pattern is None


def test_leaks_of_one_flat_alone_are_no_pattern_of_its_stack(ask, view, context, flats):
    for days in (40, 20):
        complete(context, ask(LEAK, home=flats(1), save=True), days)
    again = view(ask(LEAK, home=flats(1)))
    assert again.memory.pattern is None
    assert again.memory.repeat is not None


def test_a_home_shows_what_was_reported_here_in_its_stack_and_in_its_block(ask, context, flats):
    ids = {n: ask(LEAK, home=flats(n), save=True) for n in (1, 3, 2)}
    home = context.store.read

    def read(session):
        there = session.query(Property).filter(Property.address.like("Flat 1,%")).one()
        return past.past_of_home(session, there, TODAY)

    assert home is not None
    seen = context.read(read)
    assert [p.id for p in seen.here] == [ids[1]]
    assert [p.id for p in seen.stack] == [ids[3]]
    assert [p.id for p in seen.block] == [ids[2]]


def test_flags_say_what_to_do_and_end_with_their_day():
    home = Property(
        address="1 Mill Lane",
        postcode="AV1 4BD",
        place_key="k",
        no_repair_reason="Sold",
        legal_disrepair=True,
        contractor="Forge Homes",
        warranty_until=TODAY,
    )
    told = {flag.kind: flag.words for flag in flags_of(home, TODAY)}
    assert told[FlagKind.STOPPED] == "No repairs here: sold. Ask the team lead before you promise one."
    assert told[FlagKind.LEGAL].startswith("Legal claim open:")
    assert told[FlagKind.WARRANTY] == "Under warranty until 17 December 2026: ring Forge Homes first."
    tomorrow = {flag.kind: flag for flag in flags_of(home, TODAY + timedelta(days=1))}
    assert FlagKind.WARRANTY not in tomorrow
    assert not tomorrow[FlagKind.CONTRACTOR].pressing


def test_an_alert_holds_until_its_day_and_can_be_ended(context):
    context.write("Alert", lambda s: add_alert(s, KEY, AlertKind.PERSON, "Two  to visit ", TODAY))
    (alert,) = context.read(lambda s: alerts_at(s, KEY, TODAY))
    assert (alert.words, alert.set_by) == ("Two to visit", "Tomos Aldgate")
    assert context.read(lambda s: alerts_at(s, KEY, TODAY + timedelta(days=1))) == ()
    context.write("End", lambda s: end_alert(s, alert.id))
    assert context.read(lambda s: alerts_at(s, KEY, TODAY)) == ()
    with pytest.raises(NotFound):
        context.write("End", lambda s: end_alert(s, alert.id))


@pytest.mark.parametrize(
    ("kind", "words", "until", "said"),
    [
        (AlertKind.PERSON, "Two to visit", None, "needs a day to end"),
        (AlertKind.PERSON, "Two to visit", date(2030, 1, 1), "two years at most"),
        (AlertKind.LOCATION, "Dog", date(2026, 12, 16), "in the past"),
        (AlertKind.LOCATION, "  ", None, "says nothing"),
        (AlertKind.LOCATION, "x" * 201, None, "201 characters"),
    ],
)
def test_an_alert_that_cannot_stand_is_refused_in_a_sentence(context, kind, words, until, said):
    with pytest.raises(HoldallError, match=said):
        context.write("Alert", lambda s: add_alert(s, KEY, kind, words, until))


def test_an_alert_of_the_shared_parts_is_told_at_every_flat(context, flats, ask, view):
    shared = place_key("Castle Court, Averwick", "AV2 1HN")
    context.write("Alert", lambda s: add_alert(s, shared, AlertKind.LOCATION, "Asbestos in the riser", None))
    (alert,) = view(ask(LEAK, home=flats(1))).memory.alerts
    assert alert.of_block
    assert alert.words == "Asbestos in the riser"


def test_ending_consent_takes_away_what_was_kept_but_not_what_an_open_date_rests_on(ask, view, context):
    done, open_ = ask(save=True), ask(SINK, save=True)
    complete(context, done, 3)
    assert context.read(lambda s: people.household_view(s, KEY, TODAY)).risks
    context.write("End", lambda s: people.end_consent(s, KEY))
    assert context.read(lambda s: people.household_view(s, KEY, TODAY)) is None
    assert view(done).risks == ()
    assert view(done).household == ""
    assert view(open_).risks == ("under5",)
    assert view(done).at_risk
    assert views.repair_view is not None
    assert view(open_).state is State.READY
