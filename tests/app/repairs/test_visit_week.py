"""Two weeks of slots as a grid: windows by the hour, places counted over trades, days off by name."""

from datetime import UTC, date, datetime

import pytest

from app.repairs.visit_views import SlotView
from app.repairs.visit_week import grid, weeks_of
from models.repairs import Slot

MONDAY, TUESDAY = date(2026, 12, 21), date(2026, 12, 22)
SEEN = datetime(2026, 12, 17, 9, 40, tzinfo=UTC)


def slot(day, starts, ends, label, left, places=4, trade=""):
    return SlotView(f"{day}-{starts}-{ends}-{trade}", day, label, left, SEEN, starts, ends, places, trade)


def morning(day, left, trade=""):
    return slot(day, 480, 720, "Morning, 8 to 12", left, trade=trade)


def test_windows_stand_in_the_order_of_the_day_and_a_whole_day_last():
    seen = grid(
        [
            slot(MONDAY, 480, 1_020, "Any time", 1),
            slot(MONDAY, 720, 1_020, "Afternoon, 12 to 5", 1),
            morning(MONDAY, 1),
        ],
        {},
    )
    assert [w.label for w in seen.windows] == ["Morning, 8 to 12", "Afternoon, 12 to 5", "Any time"]


def test_the_places_of_several_trades_are_one_place_in_the_grid():
    (day,) = grid([morning(MONDAY, 1), morning(MONDAY, 2, "Plumber"), morning(MONDAY, 0, "Roofer")], {}).days
    (place,) = day.places
    assert (place.left, place.places) == (3, 12)
    assert place.free.trade == "Plumber", "the place for one trade goes before the one for any"
    assert place.words == "Monday 21 December, morning, 8 to 12, 3 of 12 places left"


def test_more_taken_than_there_are_is_full_and_never_below_nothing():
    seen = grid([morning(MONDAY, -2), morning(MONDAY, 1, "Plumber")], {})
    assert seen.days[0].places[0].left == 1
    assert grid([morning(MONDAY, -2)], {}).days[0].places[0].free is None
    assert seen.left == 1


def test_a_window_that_a_day_lacks_is_no_place():
    seen = grid([morning(MONDAY, 1), slot(TUESDAY, 720, 1_020, "Afternoon, 12 to 5", 1)], {})
    assert [[place is not None for place in day.places] for day in seen.days] == [
        [True, False],
        [False, True],
    ]


def test_nothing_known_is_an_empty_grid():
    assert grid([], {MONDAY: "Christmas Day"}).days == ()


@pytest.fixture
def two_weeks(context):
    """A slot on each weekday of the two weeks after Thursday 17 December 2026 but the bank holidays."""
    days = [18, 21, 22, 23, 24, 29, 30, 31]

    def work(session):
        for day in days:
            for trade in ("", "Plumber"):
                session.add(
                    Slot(
                        day=date(2026, 12, day),
                        starts=480,
                        ends=720,
                        label="Morning, 8 to 12",
                        places=2,
                        seen_at=SEEN,
                        trade=trade,
                    )
                )

    context.write("Slots", work)
    return days


def test_bank_holidays_stand_in_it_by_name_and_weekends_do_not(context, two_weeks):
    seen = context.read(lambda s: weeks_of(s, date(2026, 12, 17)))
    closed = {day.day.day: day.closed for day in seen.days if day.closed}
    assert closed == {25: "Christmas Day", 28: "Boxing Day"}
    assert [day.day.day for day in seen.days if not day.closed] == two_weeks
    assert seen.left == len(two_weeks) * 4


def test_with_a_trade_only_its_own_places_and_those_for_any_count(context, two_weeks):
    seen = context.read(lambda s: weeks_of(s, date(2026, 12, 17), "Roofer"))
    assert seen.left == len(two_weeks) * 2
