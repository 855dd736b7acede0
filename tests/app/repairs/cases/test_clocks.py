"""The duties of a case: which clocks run, what meets them, what lets them fall away."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.repairs.cases import clocks
from app.repairs.cases.clocks import DutyState, Facts, Look, Told, Work
from app.repairs.tables import tables
from models.repairs import InvestigationKind, Kind, WorkKind
from tests.app.repairs.cases.conftest import moment

# aware -> look by; for a look that ends on that day: findings, safe, twelve weeks (England, end of day)
VECTORS = (
    ("2025-10-27", "2025-11-10", "2025-11-13", "2025-11-17", "2026-02-02"),
    ("2025-12-18", "2026-01-06", "2026-01-09", "2026-01-13", "2026-03-31"),
    ("2025-12-23", "2026-01-09", "2026-01-14", "2026-01-16", "2026-04-03"),
    ("2026-04-02", "2026-04-20", "2026-04-23", "2026-04-27", "2026-07-13"),
    ("2026-11-30", "2026-12-14", "2026-12-17", "2026-12-21", "2027-03-08"),
    ("2026-12-24", "2027-01-12", "2027-01-15", "2027-01-19", "2027-04-06"),
    ("2027-12-20", "2028-01-06", "2028-01-11", "2028-01-13", "2028-03-30"),
)
AWARE = moment("2026-11-30 09:00")


def a_look(ended="2026-12-08 15:00", **more):
    given = {
        "id": "look-1",
        "kind": InvestigationKind.STANDARD,
        "asked_at": None,
        "concluded_at": moment(ended) if ended else None,
        "in_person": True,
        "confirmed": True,
        "emergency": False,
        "safety_needed": True,
        "lasting_needed": True,
        "hazards": frozenset({"damp_mould"}),
    }
    return Look(**{**given, **more})


def facts(**more):
    given = {"hazard": "damp_mould", "emergency": False, "kind": Kind.TENANT, "aware_at": AWARE}
    return Facts(**{**given, **more})


def made(**more):
    """The duties by rule id."""
    return {one.rule_id: one for one in clocks.duties(facts(**more), tables())}


@pytest.mark.parametrize(("aware", "look", "findings", "safe", "weeks"), VECTORS)
def test_each_duty_is_due_on_the_day_that_was_worked_out_by_hand(aware, look, findings, safe, weeks):
    start = moment(f"{aware} 10:00")
    ended = a_look(f"{look} 16:00")
    found = {o.rule_id: o.deadline.due_on.isoformat() for o in clocks.duties(facts(aware_at=start), tables())}
    assert found == {"AW-SIG-INV": look}
    later = {
        o.rule_id: o.deadline.due_on.isoformat()
        for o in clocks.duties(facts(aware_at=start, looks=(ended,)), tables())
    }
    assert later == {
        "AW-SIG-INV": look,
        "AW-SUM": findings,
        "AW-SIG-SAFE": safe,
        "AW-ALT": safe,
        "AW-SUP-BEGIN": safe,
        "AW-SUP-LONGSTOP": weeks,
    }


def test_the_law_covers_a_fall_from_30_november_2026_and_not_the_day_before():
    assert not made(hazard="falls", aware_at=moment("2026-11-29 23:30"))
    assert set(made(hazard="falls", aware_at=moment("2026-11-30 00:30"))) == {"AW-SIG-INV"}


def test_the_clocks_of_the_law_run_for_tenants_only():
    assert not made(kind=Kind.LEASEHOLD)
    assert not made(kind=Kind.COMMUNAL)


def test_a_hazard_that_a_look_finds_counts_when_the_reported_one_is_not_covered():
    early = moment("2026-11-20 09:00")
    assert not made(hazard="falls", aware_at=early)
    found = made(hazard="falls", aware_at=early, looks=(a_look(),))
    assert "AW-SUM" in found


def test_the_end_of_the_look_meets_the_look_and_the_day_counts_to_its_end():
    late = made(looks=(a_look("2026-12-15 00:10"),))["AW-SIG-INV"]
    in_time = made(looks=(a_look("2026-12-14 23:50"),))["AW-SIG-INV"]
    now = moment("2026-12-20 09:00")
    assert in_time.state(now, tables()) is DutyState.MET
    assert late.state(now, tables()) is DutyState.MET_LATE


def test_a_look_that_finds_no_hazard_still_has_to_be_told():
    found = made(looks=(a_look(confirmed=False),))
    assert found["AW-SUM"].open
    for rule in ("AW-SIG-SAFE", "AW-SUP-BEGIN", "AW-SUP-LONGSTOP"):
        assert found[rule].not_required == clocks.NO_HAZARD
    assert "AW-ALT" not in found


def test_an_emergency_that_a_look_finds_has_24_hours_in_place_of_five_days():
    ended = "2026-12-08 15:00"
    found = made(looks=(a_look(ended, emergency=True),))
    assert found["AW-UPGRADE"].due_at == moment(ended) + timedelta(hours=24)
    assert found["AW-SIG-SAFE"].not_required == clocks.SUPERSEDED
    assert found["AW-ALT"].due_at == found["AW-UPGRADE"].due_at


def test_a_reported_emergency_shows_both_readings_and_the_earlier_is_the_target():
    aware = moment("2026-12-11 18:00")  # a Friday evening: nights and weekends run
    look = a_look("2026-12-12 10:00", emergency=True, kind=InvestigationKind.EMERGENCY)
    found = made(hazard="emergency_hazard", emergency=True, aware_at=aware, looks=(look,))
    assert found["AW-EMG-SAFE"].due_at == moment("2026-12-12 18:00")
    assert found["AW-EMG-SAFE-OUTER"].due_at == moment("2026-12-13 10:00")
    assert clocks.target(found.values()).rule_id == "AW-EMG-SAFE"
    assert "AW-SIG-SAFE" not in found
    assert "AW-SIG-INV" not in found


def test_a_reported_emergency_that_is_none_runs_on_the_clocks_of_a_significant_hazard():
    look = a_look("2026-12-01 08:00", emergency=False)
    found = made(hazard="emergency_hazard", emergency=True, looks=(look,))
    assert found["AW-EMG-SAFE"].not_required == clocks.NO_EMERGENCY
    assert found["AW-SIG-SAFE"].open


def test_work_that_was_done_before_the_look_makes_an_emergency_safe():
    done = AWARE + timedelta(hours=3)
    work = Work(None, WorkKind.SAFETY, None, done, done)
    found = made(hazard="emergency_hazard", emergency=True, works=(work,))
    assert found["AW-EMG-SAFE"].met_at == done
    assert found["AW-ALT"].not_required == clocks.SAFE_IN_TIME


def test_every_safety_work_has_to_be_done_before_it_is_safe():
    first = Work("look-1", WorkKind.SAFETY, None, None, moment("2026-12-09 10:00"))
    second = Work("look-1", WorkKind.SAFETY, None, None, None)
    assert made(looks=(a_look(),), works=(first, second))["AW-SIG-SAFE"].open
    done = Work("look-1", WorkKind.SAFETY, None, None, moment("2026-12-10 10:00"))
    both = made(looks=(a_look(),), works=(first, done))["AW-SIG-SAFE"]
    assert both.met_at == moment("2026-12-10 10:00")


def test_steps_to_begin_meet_the_five_days_and_only_a_start_on_site_the_twelve_weeks():
    ordered = Work("look-1", WorkKind.SUPPLEMENTARY, moment("2026-12-11 09:00"), None, None)
    found = made(looks=(a_look(),), works=(ordered,))
    assert found["AW-SUP-BEGIN"].met_at == moment("2026-12-11 09:00")
    assert found["AW-SUP-LONGSTOP"].open
    begun = Work("look-1", WorkKind.SUPPLEMENTARY, None, moment("2027-01-20 09:00"), None)
    found = made(looks=(a_look(),), works=(begun,))
    assert found["AW-SUP-LONGSTOP"].met_at == moment("2027-01-20 09:00")


def test_the_findings_fall_away_when_all_work_is_done_inside_the_three_days():
    inside = Work("look-1", WorkKind.SAFETY, None, None, moment("2026-12-11 23:00"))
    outside = Work("look-1", WorkKind.SAFETY, None, None, moment("2026-12-12 00:30"))
    look = a_look(lasting_needed=False)
    assert made(looks=(look,), works=(inside,))["AW-SUM"].not_required == clocks.WAIVED
    assert made(looks=(look,), works=(outside,))["AW-SUM"].open
    left = Work("look-1", WorkKind.SUPPLEMENTARY, None, None, None)
    assert made(looks=(a_look(),), works=(inside, left))["AW-SUM"].open
    sent = Told("look-1", moment("2026-12-10 09:00"))
    assert made(looks=(look,), works=(inside,), told=(sent,))["AW-SUM"].met_at == sent.sent_at


def test_the_day_the_findings_were_sent_counts():
    on_day = Told("look-1", moment("2026-12-11 23:59"))
    now = moment("2027-01-04 09:00")
    assert made(looks=(a_look(),), told=(on_day,))["AW-SUM"].state(now, tables()) is DutyState.MET
    late = Told("look-1", moment("2026-12-14 09:00"))
    assert made(looks=(a_look(),), told=(late,))["AW-SUM"].state(now, tables()) is DutyState.MET_LATE


def test_somewhere_else_to_stay_waits_until_the_safety_work_is_missed():
    found = made(looks=(a_look(),))["AW-ALT"]
    assert found.state(moment("2026-12-15 09:00"), tables()) is DutyState.WAITING
    assert found.state(moment("2026-12-16 00:01"), tables()) is DutyState.OVERDUE
    offered = made(looks=(a_look(),), offered_at=moment("2026-12-15 12:00"))["AW-ALT"]
    assert offered.state(moment("2026-12-20 09:00"), tables()) is DutyState.MET


def test_a_tenant_who_asks_for_a_look_in_person_gets_ten_more_days_from_the_request():
    renewed = a_look(None, id="look-2", kind=InvestigationKind.RENEWED, asked_at=moment("2026-12-10 11:00"))
    found = made(looks=(a_look(in_person=False), renewed))["AW-SIG-RENEW"]
    assert found.deadline.due_on == date(2026, 12, 24)
    remote = a_look(
        "2026-12-12 11:00",
        id="look-2",
        kind=InvestigationKind.RENEWED,
        asked_at=moment("2026-12-10 11:00"),
        in_person=False,
    )
    assert made(looks=(remote,))["AW-SIG-RENEW"].open


def test_a_date_stays_as_it_was_promised_unless_its_start_moves():
    first = made()["AW-SIG-INV"]
    kept = replace(first.deadline, due_at=first.due_at + timedelta(days=1))
    again = clocks.duties(facts(), tables(), {first.key: kept})
    assert again[0].due_at == kept.due_at
    moved = clocks.duties(facts(aware_at=AWARE - timedelta(days=1)), tables(), {first.key: kept})
    assert moved[0].due_at != kept.due_at


def test_a_breach_is_worked_out_and_the_outer_reading_is_none_of_its_own():
    aware = moment("2026-12-11 18:00")
    look = a_look("2026-12-12 10:00", emergency=True, lasting_needed=False)
    work = Work("look-1", WorkKind.SAFETY, None, None, moment("2026-12-13 09:00"))
    found = made(hazard="emergency_hazard", emergency=True, aware_at=aware, looks=(look,), works=(work,))
    late = clocks.breaches(found.values(), moment("2026-12-14 09:00"), tables())
    assert {one.rule_id for one in late} == {"AW-EMG-SAFE", "AW-ALT"}
    outer = found["AW-EMG-SAFE-OUTER"]
    assert outer.state(moment("2026-12-14 09:00"), tables()) is DutyState.MET
