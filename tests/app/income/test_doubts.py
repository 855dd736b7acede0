"""Rows to look at although the sums hold: dates, above all."""

from __future__ import annotations

from datetime import date, timedelta

from app.income.doubts import doubts, out_of_order, settlement_doubts
from app.income.reading import BadRow, Balance, LineRead, SettlementLineRead, SettlementRead, StatementRead

FIRST = date(2026, 12, 1)


def line(day: date, place: int = 1, value_on: date | None = None) -> LineRead:
    return LineRead(place, day, value_on, 100, "C", "", "", "", "X")


def statement(
    *days: date, covers: tuple[date, date] | None = None, opening: Balance | None = None
) -> StatementRead:
    lines = tuple(line(day, place) for place, day in enumerate(days, 1))
    closing = Balance(0, date(2026, 12, 11), "GBP") if opening is not None else None
    return StatementRead("", "1", "", "", "GBP", opening, closing, lines, covers=covers)


def week(length: int = 8) -> list[date]:
    return [FIRST + timedelta(days=step) for step in range(length)]


def test_dates_that_keep_the_order_are_passed_over_whichever_way_it_runs() -> None:
    assert doubts(statement(*week())) == ()
    assert doubts(statement(*reversed(week()))) == ()


def test_a_day_outside_the_period_that_a_file_states_is_named() -> None:
    read = statement(*week(), date(2026, 8, 12), covers=(FIRST, date(2026, 12, 11)))
    (row,) = doubts(read)
    assert row == BadRow(9, "12 August 2026 lies outside 1 December 2026 to 11 December 2026")
    by_balances = statement(date(2026, 8, 12), opening=Balance(0, FIRST, "GBP"))
    assert len(doubts(by_balances)) == 1


def test_a_period_that_ends_before_it_begins_is_named() -> None:
    (row,) = doubts(statement(opening=Balance(0, date(2026, 12, 12), "GBP")))
    assert "after it ends" in row.message


def test_the_one_row_out_of_the_order_of_the_others_is_named() -> None:
    days = week()
    days[4] = date(2026, 5, 12)  # 5 December with day and month exchanged
    (row,) = doubts(statement(*days))
    assert (row.line, "out of the order" in row.message) == (5, True)


def test_a_file_that_keeps_no_order_has_no_row_out_of_it() -> None:
    days = [FIRST + timedelta(days=step * 7 % 31) for step in range(30)]
    assert out_of_order(range(1, len(days) + 1), days) == []


def test_a_late_row_that_is_no_exchange_of_day_and_month_is_left_alone() -> None:
    days = [*week(), date(2026, 11, 20)]
    assert out_of_order(range(1, len(days) + 1), days) == []


def test_a_first_row_far_from_its_neighbours_is_named() -> None:
    days = [date(2026, 2, 12), *[date(2026, 12, 2) + timedelta(days=step) for step in range(6)]]
    (row,) = out_of_order(range(1, len(days) + 1), days)
    assert row.line == 1
    assert "293 days" in row.message


def test_a_value_date_a_month_from_its_booking_is_named_and_a_back_valued_one_is_not() -> None:
    far = StatementRead("", "1", "", "", "GBP", None, None, (line(FIRST, 7, date(2026, 1, 12)),))
    (row,) = doubts(far)
    assert row.line == 7
    near = StatementRead("", "1", "", "", "GBP", None, None, (line(FIRST, 7, date(2026, 11, 20)),))
    assert doubts(near) == ()


def test_a_day_to_come_is_named_only_by_somebody_who_knows_today() -> None:
    read = statement(*week())
    assert [row.line for row in doubts(read, date(2026, 12, 6))] == [7, 8]


def test_a_payment_dated_after_its_payout_is_named() -> None:
    made = [SettlementLineRead(2, "charge", date(2026, 12, 3), 100, 1, 99, "", "", "")]
    made.append(SettlementLineRead(3, "charge", date(2026, 12, 6), 100, 1, 99, "", "", ""))
    paid = SettlementRead("P", "po", date(2026, 12, 4), "GBP", 200, 2, 0, 0, 0, 198, tuple(made))
    (row,) = settlement_doubts(paid)
    assert (row.line, "after it was paid out" in row.message) == (3, True)
