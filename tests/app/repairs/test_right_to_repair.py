"""The Right to Repair: 20 defects, a second contractor, what is owed to the penny, when nothing is."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.repairs import right_to_repair as rtr
from app.repairs import rules
from app.repairs.right_to_repair import Stage
from app.repairs.tables import tables

T = tables()
TOLD = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)


def first(code="RTR-08", told=TOLD):
    law = T.right_to_repair
    return rules.deadline(rules.defect_rule(law.defects[code], T), told, T.calendar)


def test_the_schedule_has_20_defects_with_their_periods():
    found = T.right_to_repair.defects
    assert list(found) == [f"RTR-{n:02d}" for n in range(1, 21)]
    by = {days: sum(d.amount == days for d in found.values()) for days in (1, 3, 7)}
    assert by == {1: 10, 3: 7, 7: 3}


def test_heating_has_its_season_and_each_code_knows_its_twin():
    law = T.right_to_repair
    assert law.in_season("RTR-08", date(2026, 10, 31)).code == "RTR-09"
    assert law.in_season("RTR-09", date(2026, 11, 1)).code == "RTR-08"
    assert law.in_season("RTR-09", date(2027, 4, 30)).code == "RTR-08"
    assert law.in_season("RTR-08", date(2027, 5, 1)).code == "RTR-09"
    assert law.in_season("RTR-15", date(2027, 5, 1)).code == "RTR-15"


def test_the_second_period_is_as_long_as_the_first_and_runs_from_the_request():
    asked = datetime(2026, 12, 24, 9, 0, tzinfo=UTC)
    second = rtr.second_period(first(), asked, T)
    assert first().due_on == date(2026, 12, 18)
    assert second.due_on == date(2026, 12, 29)
    assert second.rule.id == "RTR-08-SECOND"
    assert rtr.second_period(second, asked, T).rule.id == "RTR-08-SECOND"


@pytest.mark.parametrize(
    ("late", "pence"), [(0, 0), (1, 1_200), (2, 1_400), (19, 4_800), (20, 5_000), (21, 5_000), (400, 5_000)]
)
def test_ten_pounds_and_two_a_day_up_to_fifty(late, pence):
    due = rules.end_of_day(date(2026, 12, 29))
    assert rtr.compensation(due, due + timedelta(days=late), T.right_to_repair) == pence


def test_a_day_late_begins_at_midnight_in_london():
    due = rules.end_of_day(date(2027, 6, 1))  # 22:59:59 UTC in summer
    assert rtr.compensation(due, due, T.right_to_repair) == 0
    assert rtr.compensation(due, due + timedelta(seconds=1), T.right_to_repair) == 1_200


def test_the_right_goes_from_the_first_period_to_what_is_owed():
    def stage(now, **facts):
        return rtr.right_of(first(), now, T, **facts)

    assert stage(TOLD).stage is Stage.FIRST
    assert stage(first().due_at).stage is Stage.FIRST
    late = first().due_at + timedelta(seconds=1)
    assert stage(late).stage is Stage.MAY_ASK
    asked = datetime(2026, 12, 24, 9, 0, tzinfo=UTC)
    assert stage(asked, asked_at=asked).stage is Stage.SECOND
    after = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)
    assert (stage(after, asked_at=asked).stage, stage(after, asked_at=asked).owed) == (Stage.OWED, 1_800)
    mended = stage(after + timedelta(days=90), asked_at=asked, mended_at=after)
    assert (mended.stage, mended.owed) == (Stage.MENDED, 1_800)


def test_nothing_is_owed_when_nobody_was_let_in_or_it_costs_too_much():
    after = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)
    refused = rtr.right_of(first(), after, T, asked_at=TOLD, refused_at=after)
    assert (refused.stage, refused.owed) == (Stage.REFUSED, 0)
    dear = rtr.right_of(first(), after, T, asked_at=TOLD, not_qualifying="It costs more than £250.")
    assert (dear.stage, dear.owed, dear.why) == (Stage.NOT_QUALIFYING, 0, "It costs more than £250.")
