"""What is promised: hazard law by its phases, Right to Repair by season, bands, uplift, 24-hour clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.repairs import rules, words
from app.repairs.rules import ClockState, Deadline, Situation
from app.repairs.tables import tables
from app.wording import local_date

T = tables()


def at(year, month, day, hour=14, minute=21):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def promised(outcome, when, risks=(), kind="tenant", at_risk=None):
    found = Situation(
        T.tree.outcomes[outcome], kind, bool(risks) if at_risk is None else at_risk, frozenset(risks), when
    )
    return rules.promise(found, T)


def rule_ids(promise):
    return [d.rule.id for d in promise.deadlines]


def test_mould_larger_than_a_hand_with_a_child_under_5_is_looked_at_within_10_working_days():
    promise = promised("damp-patch", at(2026, 12, 17), ["under5"])
    assert promise.first.rule.id == "AW-SIG-INV"
    assert promise.first.due_on == date(2027, 1, 5)
    assert promise.hazard == "damp_mould"
    assert words.due_words(promise.first) == "Tuesday 5 January 2027"


def test_the_same_mould_with_nobody_at_risk_has_the_council_s_own_time():
    promise = promised("damp-patch", at(2026, 12, 17))
    assert rule_ids(promise) == ["AV-BANDS-2026-ROUTINE"]
    assert promise.hazard == ""


def test_somebody_who_does_not_say_who_lives_there_gets_the_earlier_date():
    assert promised("damp-patch", at(2026, 12, 17), at_risk=True).first.rule.id == "AW-SIG-INV"


def test_the_second_phase_of_the_law_begins_on_30_november_2026():
    before = promised("rail", at(2026, 11, 29))
    after = promised("rail", at(2026, 11, 30))
    assert "AW-SIG-INV" not in rule_ids(before)
    assert "AW-SIG-INV" in rule_ids(after)
    assert after.hazard == "falls"


def test_damp_before_the_law_had_a_clock_has_none():
    assert promised("damp-many", at(2025, 10, 26)).hazard == ""
    assert promised("damp-many", at(2025, 10, 27)).hazard == "damp_mould"


def test_the_day_in_london_counts_and_not_the_day_in_utc():
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # 00:30 on 1 July in London
    deadline = rules.deadline(T.rules["AW-SIG-INV"], late, T.calendar)
    assert deadline.day0 == date(2026, 7, 1)
    assert deadline.due_on == date(2026, 7, 15)


def test_a_leaseholder_has_neither_hazard_clock_nor_right_to_repair():
    assert rule_ids(promised("insecure", at(2026, 12, 17), ["under5"], kind="leasehold")) == [
        "AV-BANDS-2026-EMERGENCY"
    ]


@pytest.mark.parametrize(
    ("day", "code", "due"),
    [
        (at(2026, 10, 30), "RTR-09", date(2026, 11, 4)),
        (at(2026, 11, 2), "RTR-08", date(2026, 11, 3)),
        (at(2027, 4, 30), "RTR-08", date(2027, 5, 4)),
        (at(2027, 5, 4), "RTR-09", date(2027, 5, 7)),
    ],
)
def test_heating_has_its_season_in_the_right_to_repair(day, code, due):
    deadline = next(d for d in promised("heat-water", day).deadlines if d.rule.id == code)
    assert deadline.due_on == due


def test_when_several_rules_apply_the_earliest_date_wins_and_each_is_shown():
    promise = promised("heat-none", at(2026, 12, 17), ["baby"])
    assert rule_ids(promise) == ["AV-BANDS-2026-EMERGENCY", "RTR-08", "AW-SIG-INV"]
    assert promise.reasons == ("no heating in winter with somebody at risk at home",)
    assert promise.band == "emergency"
    summer = promised("heat-none", at(2027, 6, 1), ["baby"])
    assert summer.band == "urgent"
    assert summer.reasons == ()


def test_a_law_stands_before_the_council_s_own_time_on_the_same_day():
    promise = promised("damp-many", at(2026, 12, 17))
    assert rule_ids(promise) == ["AW-SIG-INV", "AV-BANDS-2026-SOON"]
    assert promise.deadlines[0].due_on == promise.deadlines[1].due_on


def test_an_older_report_keeps_the_older_table_of_the_council():
    old = promised("unit-door", at(2025, 6, 2))
    assert rule_ids(old) == ["AV-BANDS-2023-ROUTINE"]
    assert old.first.due_on == date(2025, 6, 30)


def test_24_hours_are_elapsed_even_through_the_night_the_clocks_change():
    start = datetime(2026, 10, 24, 21, 0, tzinfo=UTC)  # 22:00 in London, summer time
    first, second = rules.emergency_deadlines(start, "emergency_hazard", "tenant", T)
    assert first.rule.id == "AW-EMG-INV"
    assert second.rule.id == "AW-EMG-SAFE"
    assert first.due_at - start == timedelta(hours=24)
    assert words.due_words(first) == "21:00 on Sunday 25 October 2026"


def test_an_emergency_in_a_shared_part_has_the_council_s_24_hours():
    found = rules.emergency_deadlines(at(2026, 12, 17), "emergency_hazard", "communal", T)
    assert [d.rule.id for d in found] == ["AV-BANDS-2026-EMERGENCY"]


def test_what_follows_a_look_is_counted_from_its_end():
    found = {d.rule.id: d.due_on for d in rules.after_the_look(at(2027, 1, 5), T)}
    assert found == {
        "AW-SUM": date(2027, 1, 8),
        "AW-SIG-SAFE": date(2027, 1, 12),
        "AW-SUP-BEGIN": date(2027, 1, 12),
        "AW-SUP-LONGSTOP": date(2027, 3, 30),
    }
    assert rules.after_the_look(at(2027, 1, 5), T, emergency=True)[0].rule.id == "AW-UPGRADE"


def test_clock_states_at_their_edges():
    due = rules.end_of_day(date(2026, 12, 21))
    state = lambda now, met=None: rules.clock_state(due, now, met, T.calendar)  # noqa: E731
    assert state(at(2026, 12, 16)) is ClockState.OPEN
    assert state(at(2026, 12, 17)) is ClockState.DUE_SOON
    assert state(at(2026, 12, 21)) is ClockState.DUE_TODAY
    assert state(due) is ClockState.DUE_TODAY
    assert state(due + timedelta(seconds=1)) is ClockState.OVERDUE
    assert state(at(2026, 12, 30), due) is ClockState.MET
    assert state(at(2026, 12, 30), due + timedelta(seconds=1)) is ClockState.MET_LATE


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(T.tree.outcomes)), st.dates(date(2025, 11, 1), date(2028, 9, 1)))
def test_a_kept_deadline_explains_itself_as_on_the_day_it_was_made(outcome, day):
    when = datetime(day.year, day.month, day.day, 12, 30, tzinfo=UTC)
    for deadline in promised(outcome, when, ["over65"]).deadlines:
        kept = Deadline.from_json(deadline.as_json())
        assert kept.due_at == deadline.due_at
        assert kept.count == deadline.count
        assert kept.source_line == deadline.source_line
        assert kept.due_on > local_date(when)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(T.tree.outcomes)), st.dates(date(2025, 11, 1), date(2028, 9, 1)))
def test_saying_more_about_people_never_makes_a_date_later(outcome, day):
    when = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    alone = promised(outcome, when).first.due_at
    for risk in T.risks:
        assert promised(outcome, when, [risk]).first.due_at <= alone


def test_the_skipped_days_are_told_in_one_sentence():
    deadline = promised("damp-patch", at(2026, 12, 17), ["under5"]).first
    assert words.skipped_sentence(deadline.count, T.calendar) == (
        "Three weekends and three bank holidays are skipped: Friday 25 December, "
        "Monday 28 December (for Boxing Day) and Friday 1 January."
    )
    assert words.how_counted(deadline) == "10 working days, counted from the day after you told us"
    assert deadline.source_line == (
        "Rule AW-SIG-INV: Awaab’s Law, significant hazard, look within 10 working days. "
        "Source: SI 2025/1042, in force since 27 October 2025."
    )
