"""Awaab's Law: the published vectors whole, its phases, both readings of 24 hours, what falls away."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.repairs import hazard_law
from app.repairs.tables import tables
from app.wording import LONDON

T = tables()


def noon(text):
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), LONDON).replace(hour=12)


def days(found):
    return {d.rule.id: d.due_on.isoformat() for d in found}


@pytest.mark.parametrize(
    ("aware", "look", "summary", "safe", "start"),
    [
        ("2025-10-27", "2025-11-10", "2025-11-13", "2025-11-17", "2026-02-02"),
        ("2025-12-18", "2026-01-06", "2026-01-09", "2026-01-13", "2026-03-31"),
        ("2025-12-23", "2026-01-09", "2026-01-14", "2026-01-16", "2026-04-03"),
        ("2026-04-02", "2026-04-20", "2026-04-23", "2026-04-27", "2026-07-13"),
        ("2026-11-30", "2026-12-14", "2026-12-17", "2026-12-21", "2027-03-08"),
        ("2026-12-24", "2027-01-12", "2027-01-15", "2027-01-19", "2027-04-06"),
        ("2027-12-20", "2028-01-06", "2028-01-11", "2028-01-13", "2028-03-30"),
    ],
)
def test_every_clock_of_a_hazard_comes_out_as_published(aware, look, summary, safe, start):
    found = days(hazard_law.clocks("damp_mould", noon(aware), T, concluded_at=noon(look)))
    assert found["AW-SIG-INV"] == look
    assert found["AW-SUM"] == found["AW-SUM-WAIVE"] == summary
    assert found["AW-SIG-SAFE"] == found["AW-SUP-BEGIN"] == found["AW-ALT"] == safe
    assert found["AW-SUP-LONGSTOP"] == start


@pytest.mark.parametrize(
    "hazard",
    ["excess_cold", "excess_heat", "falls", "structural_collapse", "fire", "electrical", "hygiene"],
)
def test_the_second_phase_covers_its_hazards_from_30_november_2026(hazard):
    assert hazard_law.clocks(hazard, noon("2026-11-29"), T) == ()
    assert days(hazard_law.clocks(hazard, noon("2026-11-30"), T)) == {"AW-SIG-INV": "2026-12-14"}
    late = datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC)
    assert hazard_law.clocks(hazard, late, T) == ()


def test_damp_and_every_emergency_are_covered_from_27_october_2025():
    for hazard in ("damp_mould", "emergency_hazard"):
        assert hazard_law.clocks(hazard, noon("2025-10-26"), T) == ()
        assert hazard_law.clocks(hazard, noon("2025-10-27"), T) != ()


def test_an_emergency_has_two_readings_and_the_earlier_is_the_target():
    aware = datetime(2026, 12, 24, 18, 0, tzinfo=UTC)
    looked = aware + timedelta(hours=5)
    found = {d.rule.id: d for d in hazard_law.clocks("emergency_hazard", aware, T, looked)}
    assert found["AW-EMG-INV"].due_at == found["AW-EMG-SAFE"].due_at == aware + timedelta(hours=24)
    assert found["AW-EMG-SAFE-OUTER"].due_at == looked + timedelta(hours=24)
    assert found["AW-EMG-SAFE-OUTER"].rule.public_id == "AW-EMG-SAFE"
    assert found["AW-ALT"].due_at == found["AW-EMG-SAFE"].due_at
    assert found["AW-SUM"].due_on == date(2026, 12, 31)


def test_the_outer_reading_before_the_look_counts_from_the_looks_own_last_moment():
    aware = datetime(2026, 12, 24, 18, 0, tzinfo=UTC)
    found = {d.rule.id: d for d in hazard_law.clocks("emergency_hazard", aware, T)}
    outer = found["AW-EMG-SAFE-OUTER"]
    assert outer.due_at == aware + timedelta(hours=48)
    assert "has not ended" in outer.rule.reading


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-10-24T22:00:00+01:00", "2026-10-25T21:00:00+00:00"),
        ("2026-10-25T00:30:00+01:00", "2026-10-25T23:30:00+00:00"),
        ("2027-03-27T22:00:00+00:00", "2027-03-28T23:00:00+01:00"),
        ("2027-03-28T00:30:00+00:00", "2027-03-29T01:30:00+01:00"),
    ],
)
def test_24_hours_are_elapsed_through_both_nights_on_which_the_clocks_change(start, due):
    found = {d.rule.id: d for d in hazard_law.clocks("emergency_hazard", datetime.fromisoformat(start), T)}
    safe = found["AW-EMG-SAFE"]
    assert safe.due_at - safe.starts_at == timedelta(hours=24)
    assert safe.due_at.astimezone(LONDON).isoformat() == due


def test_a_look_that_finds_an_emergency_has_24_hours_from_its_end():
    ended = datetime(2026, 12, 14, 15, 0, tzinfo=UTC)
    found = {d.rule.id: d for d in hazard_law.clocks("damp_mould", noon("2026-11-30"), T, ended)}
    assert found["AW-UPGRADE"].due_at == ended + timedelta(hours=24)
    assert found["AW-UPGRADE"].rule.only_if == "a look at a significant hazard finds an emergency"


def test_a_look_in_person_is_due_10_working_days_after_it_was_asked_for():
    found = hazard_law.clocks("damp_mould", noon("2026-11-30"), T, asked_at=noon("2026-12-24"))
    assert days(found)["AW-SIG-RENEW"] == "2027-01-12"
    assert hazard_law.renewed_look(noon("2026-12-24"), T).due_on == date(2027, 1, 12)


def test_no_findings_in_writing_when_all_work_is_done_inside_their_time():
    ended = noon("2026-12-24")  # the three working days end on 31 December
    inside, after = noon("2026-12-31").replace(hour=23), noon("2027-01-01")
    assert "told what was found" in hazard_law.summary_not_required(ended, inside, T)
    assert hazard_law.summary_not_required(ended, after, T) == ""
    assert hazard_law.summary_not_required(ended, None, T) == ""
