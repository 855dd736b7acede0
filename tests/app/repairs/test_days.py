"""Counting days: facts' dates, skipped days with reasons, what holds for any start and amount."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.repairs.days import Unit, count_days, in_season, working_days_after
from app.repairs.tables import tables

ENGLAND = tables().calendars["england-and-wales"]
SCOTLAND = tables().calendars["scotland"]
STARTS = st.dates(date(2025, 10, 1), date(2028, 6, 30))


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
def test_the_law_s_dates_come_out_as_published(aware, look, summary, safe, start):
    def due(day: str, amount: int, unit: Unit = Unit.WORKING_DAYS) -> str:
        return count_days(date.fromisoformat(day), amount, unit, ENGLAND).due.isoformat()

    assert due(aware, 10) == look
    assert due(look, 3) == summary
    assert due(look, 5) == safe
    assert due(look, 84, Unit.CALENDAR_DAYS) == start


def test_every_skipped_day_names_its_reason():
    count = count_days(date(2026, 12, 17), 10, Unit.WORKING_DAYS, ENGLAND)
    assert count.due == date(2027, 1, 5)
    why = {d.day.isoformat(): d.why for d in count.skipped}
    assert why["2026-12-25"] == "Christmas Day"
    assert why["2026-12-28"] == "Boxing Day"
    assert why["2026-12-26"] == "Saturday"
    assert why["2027-01-01"] == "New Year’s Day"
    assert len(why) == 9


def test_day_0_on_a_sunday_makes_the_next_working_day_day_1():
    count = count_days(date(2026, 12, 20), 1, Unit.WORKING_DAYS, ENGLAND)
    assert count.due == date(2026, 12, 21)
    assert count.days[0].number == 0


def test_weekdays_ignore_bank_holidays_as_some_councils_count():
    start = date(2021, 4, 1)
    assert count_days(start, 3, Unit.WEEKDAYS, ENGLAND).due == date(2021, 4, 6)
    assert count_days(start, 100, Unit.WEEKDAYS, ENGLAND).due == date(2021, 8, 19)


def test_scotland_keeps_other_days():
    assert not SCOTLAND.is_working_day(date(2026, 6, 15))
    assert ENGLAND.is_working_day(date(2026, 6, 15))
    assert SCOTLAND.is_working_day(date(2027, 3, 29))
    assert not ENGLAND.is_working_day(date(2027, 3, 29))


def test_a_date_past_the_end_of_the_holiday_list_says_so():
    count = count_days(date(2028, 12, 20), 10, Unit.WORKING_DAYS, ENGLAND)
    assert "31 December 2028" in count.warning
    assert not count_days(date(2028, 12, 1), 10, Unit.WORKING_DAYS, ENGLAND).warning
    assert "are not in the list" in count_days(date(2024, 6, 3), 2, Unit.WORKING_DAYS, ENGLAND).warning


@settings(max_examples=60, deadline=None)
@given(STARTS, st.integers(1, 60))
def test_a_count_numbers_every_day_that_counts_once_and_ends_on_one(start, amount):
    count = count_days(start, amount, Unit.WORKING_DAYS, ENGLAND)
    assert [d.number for d in count.days if d.number is not None] == list(range(amount + 1))
    assert count.days[-1].day == count.due
    assert ENGLAND.is_working_day(count.due)
    assert all(d.why for d in count.skipped)
    assert all(not ENGLAND.is_working_day(d.day) for d in count.skipped)
    days = [d.day for d in count.days]
    assert days == [start + timedelta(days=n) for n in range(len(days))]


@settings(max_examples=60, deadline=None)
@given(STARTS, st.integers(1, 20), st.integers(1, 20))
def test_counting_in_two_goes_is_counting_in_one(start, first, second):
    middle = working_days_after(start, first, ENGLAND)
    assert working_days_after(middle, second, ENGLAND) == working_days_after(start, first + second, ENGLAND)


@settings(max_examples=40, deadline=None)
@given(STARTS, st.integers(1, 40))
def test_a_later_start_is_never_due_earlier(start, amount):
    today = working_days_after(start, amount, ENGLAND)
    assert today <= working_days_after(start + timedelta(days=1), amount, ENGLAND)


@pytest.mark.parametrize(
    ("amount", "unit"), [(0, Unit.WORKING_DAYS), (24, Unit.HOURS), (9999, Unit.WEEKDAYS)]
)
def test_what_is_no_number_of_days_is_refused(amount, unit):
    with pytest.raises(ValueError, match="cannot be counted"):
        count_days(date(2026, 1, 5), amount, unit, ENGLAND)


def test_a_season_may_pass_over_the_new_year():
    assert in_season(date(2026, 12, 17), "11-01", "04-30")
    assert in_season(date(2027, 4, 30), "11-01", "04-30")
    assert not in_season(date(2027, 5, 1), "11-01", "04-30")
    assert in_season(date(2028, 2, 29), "11-01", "02-29")
