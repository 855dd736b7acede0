"""Times that landlords publish, as tables of our own words: every shape of time and of uplift holds.

After the policies of Gateshead, Bron Afon, Housing Solutions, Red Kite, Notting Hill Genesis and Lincoln, as
far as they are public.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.repairs import rules
from app.repairs.dated_tables import with_records
from app.repairs.rules import Cold, Situation
from app.repairs.table_faults import band_faults
from app.repairs.tables import built_in, tables
from app.repairs.tree import TreeOutcome
from models.repairs import TableKind

THURSDAY = datetime(2027, 6, 10, 9, 0, tzinfo=UTC)
WINTER = datetime(2027, 1, 14, 9, 0, tzinfo=UTC)


def band(code, amount, unit, **more):
    return {
        "code": code,
        "label": code.title(),
        "amount": amount,
        "unit": unit,
        "duty": "mend it",
        "promise": "We promise to mend it by",
        **more,
    }


def council(*bands, uplift=(), risk=()):
    """The tables of a council with these bands and rules, and no law beside them."""
    have = {b["code"] for b in bands}
    filling = [
        band(code, 20, "working_days")
        for code in ("emergency", "urgent", "soon", "routine", "planned")
        if code not in have
    ]
    raw = {
        "tables": [
            {
                "id": "T",
                "effective_from": "2020-01-01",
                "effective_to": None,
                "source": "Published policy, in our words",
                "bands": [*bands, *filling],
                "uplift": [
                    {"id": f"U-{n}", "when": when, "then": then, "why": why}
                    for n, (when, then, why) in enumerate(uplift, 1)
                ],
            }
        ],
        "risk": [{"code": c, "label": c, "chip": c} for c in risk],
    }
    raw = raw if risk else {"tables": raw["tables"]}
    assert band_faults(raw, {"routine"}, ["tenant"], tables().risks) == []
    base = {name: built_in(name) for name in ("tree", "bands", "rules", "holidays")}
    return with_records([(TableKind.BANDS, "policy", raw)], base)


def of(known, when=THURSDAY, risks=(), facts=(), cold=None, band="routine", group="", problem="p"):
    """What is promised for an outcome that no law covers."""
    outcome = TreeOutcome(problem, "X1", "A repair", "Plumber", band, group)
    situation = Situation(outcome, "leasehold", bool(risks), frozenset(risks), when, frozenset(facts), cold)
    return rules.promise(situation, known)


def hours(promise):
    first = promise.first
    return (first.due_at - first.starts_at) / timedelta(hours=1)


GATESHEAD = council(
    band("emergency", 24, "hours"),
    band("three", 3, "working_days"),
    uplift=(
        ({"groups": ["no_heating"]}, {"band": "three"}, "no heating or hot water"),
        (
            {"groups": ["no_heating"], "date_window": {"from": "11-01", "to": "02-28"}},
            {"band": "emergency"},
            "no heating from November to February",
        ),
        ({"groups": ["no_heating"], "cold_spell": True}, {"band": "emergency"}, "severe weather"),
        (
            {
                "groups": ["no_power", "no_heating", "weather", "insecure"],
                "people_any": ["over70", "disabled", "baby"],
            },
            {"raise_by": 1},
            "somebody over 70, disabled or under 12 months",
        ),
    ),
    risk=("over70", "disabled", "baby"),
)


def test_heating_has_three_working_days_in_summer_and_a_day_in_winter_or_severe_weather():
    assert of(GATESHEAD, group="no_heating").first.due_on == date(2027, 6, 15)
    winter = of(GATESHEAD, WINTER, group="no_heating")
    assert hours(winter) == 24
    assert winter.reasons == ("no heating from November to February", "no heating or hot water")
    assert hours(of(GATESHEAD, group="no_heating", cold=Cold())) == 24
    march = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
    assert of(GATESHEAD, march, group="no_heating").band == "three"


def test_extra_priority_goes_to_the_listed_people_and_for_total_loss_only():
    assert of(GATESHEAD, group="no_power", risks=["over70"]).band == "three"
    assert of(GATESHEAD, group="no_power").band == "routine"
    assert of(GATESHEAD, group="trip", risks=["over70"]).band == "routine"


BRON_AFON = council(
    band("emergency", 24, "hours"),
    uplift=(
        (
            {
                "groups": ["no_heating"],
                "temp_below": 0,
                "people_any": ["under5", "over65", "alone_disabled", "warmth"],
            },
            {"band": "emergency"},
            "freezing weather and somebody who must be warm",
        ),
    ),
    risk=("under5", "over65", "alone_disabled", "warmth"),
)


@pytest.mark.parametrize(
    ("cold", "risks", "band"),
    [
        (Cold(-2), ["under5"], "emergency"),
        (Cold(None), ["warmth"], "emergency"),
        (Cold(0), ["under5"], "routine"),
        (None, ["over65"], "routine"),
        (Cold(-2), [], "routine"),
    ],
)
def test_freezing_weather_counts_for_a_small_child_an_older_person_and_medical_need(cold, risks, band):
    assert of(BRON_AFON, group="no_heating", cold=cold, risks=risks).band == band


def test_heating_at_any_hour_and_the_door_entry_are_emergencies_for_older_and_disabled_people_only():
    known = council(
        band("emergency", 24, "hours"),
        uplift=(
            (
                {"problem_in": ["heat-none", "entryphone"], "people_any": ["over65", "disabled"]},
                {"band": "emergency"},
                "an older or disabled resident",
            ),
        ),
    )
    night = datetime(2027, 6, 12, 2, 0, tzinfo=UTC)
    for problem in ("heat-none", "entryphone"):
        assert hours(of(known, night, risks=["over65"], problem=problem)) == 24
        assert of(known, night, risks=["baby"], problem=problem).band == "routine"


RED_KITE = council(
    band("emergency", 24, "hours"),
    band("same-day", 0, "calendar_days"),
    band("urgent", 5, "working_days"),
    uplift=(
        ({"problem_in": ["window"], "facts": ["ground_floor"]}, {"band": "same-day"}, "ground floor"),
        ({"problem_in": ["sockets"], "facts": ["several"]}, {"band": "emergency"}, "several sockets"),
        (
            {"groups": ["toilet"], "sole_facility": True, "facts": ["outside_drain"]},
            {"band": "same-day"},
            "the only toilet, blocked by a drain outside",
        ),
    ),
)


def test_the_same_day_ends_at_midnight_and_facts_of_the_problem_decide():
    window = of(RED_KITE, problem="window", facts=["ground_floor"])
    assert (window.first.due_on, window.first.due_at.isoformat()) == (
        date(2027, 6, 10),
        "2027-06-10T22:59:59+00:00",
    )
    assert of(RED_KITE, problem="window").band == "routine"
    assert of(RED_KITE, problem="sockets", band="urgent").band == "urgent"
    assert hours(of(RED_KITE, problem="sockets", band="urgent", facts=["several"])) == 24
    assert of(RED_KITE, group="toilet", facts=["sole_facility", "outside_drain"]).band == "same-day"
    assert of(RED_KITE, group="toilet", facts=["outside_drain"]).band == "routine"


def test_a_band_may_say_when_we_are_there_and_when_it_is_safe_and_each_is_a_date_of_its_own():
    known = council(
        band("emergency", 24, "hours", attend_amount=4),
        band("urgent", 72, "hours", attend_amount=24),
        band("routine", 10, "working_days", attend_amount=5),
        band("hours", 8, "hours", attend_amount=4, make_safe_amount=6),
    )
    dates = {d.rule.id: d for d in of(known, band="emergency").deadlines}
    assert [(r, (d.due_at - d.starts_at).total_seconds() / 3600) for r, d in dates.items()] == [
        ("T-EMERGENCY-ATTEND", 4),
        ("T-EMERGENCY", 24),
    ]
    assert dates["T-EMERGENCY-ATTEND"].rule.promise == "We promise to be there by"
    routine = of(known).deadlines
    assert [(d.rule.id, d.due_on) for d in routine] == [
        ("T-ROUTINE-ATTEND", date(2027, 6, 17)),
        ("T-ROUTINE", date(2027, 6, 24)),
    ]
    assert routine[0].rule.promise == "We promise to be there by the end of"
    assert [d.rule.id for d in of(known, band="hours").deadlines] == [
        "T-HOURS-ATTEND",
        "T-HOURS-SAFE",
        "T-HOURS",
    ]


def test_weekdays_pass_over_weekends_and_no_bank_holidays():
    known = council(band("three", 3, "weekdays"), band("hundred", 100, "weekdays"))
    told = datetime(2021, 4, 1, 10, 0, tzinfo=UTC)
    assert of(known, told, band="three").first.due_on == date(2021, 4, 6)
    assert of(known, told, band="hundred").first.due_on == date(2021, 8, 19)


def test_a_friday_s_24_hours_come_before_one_working_day_and_the_real_dates_are_compared():
    known = council(
        band("day", 1, "working_days"),
        band("hours", 30, "hours"),
        uplift=(({"groups": ["g"]}, {"band": "hours"}, "hours"), ({"groups": ["g"]}, {"band": "day"}, "day")),
    )
    monday, friday = datetime(2027, 6, 14, 9, tzinfo=UTC), datetime(2027, 6, 11, 9, tzinfo=UTC)
    assert of(known, monday, group="g").reasons == ("hours", "day")
    assert of(known, friday, group="g").band == "hours"
    late = datetime(2027, 6, 14, 22, tzinfo=UTC)  # 30 hours end on Wednesday, a working day on Tuesday
    assert of(known, late, group="g").band == "day"


def test_a_rule_never_makes_a_date_later():
    known = council(
        band("urgent", 1, "working_days"),
        band("slow", 90, "calendar_days"),
        uplift=(({"groups": ["g"]}, {"band": "slow"}, "slower"),),
    )
    assert of(known, band="urgent", group="g").band == "urgent"


def test_people_who_did_not_say_count_as_any_of_those_listed():
    outcome = TreeOutcome("p", "X1", "A repair", "Plumber", "routine", "no_power")
    unsaid = Situation(outcome, "leasehold", True, frozenset(), THURSDAY)
    assert rules.promise(unsaid, GATESHEAD).band == "three"


def test_a_band_that_an_older_table_lacks_gives_the_shortest_ordinary_one():
    known = council(band("emergency", 24, "hours"), band("urgent", 3, "working_days"))
    assert of(known, band="brand-new").band == "urgent"
