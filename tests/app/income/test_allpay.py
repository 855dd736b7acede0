"""The payment network's credit file: its widths, its channels, and the two totals that prove it."""

from __future__ import annotations

from datetime import date

import pytest

from app.income.formats import allpay
from app.income.reading import BadRows, NotALedger


def row(reference: str, pounds: str, channel: str = "T", day: str = "30/11/2026") -> str:
    return f"AVW0001{reference:<16}{pounds:>9}{channel}{day}"


def credit_file(rows: list[str], total: str, count: str) -> str:
    trailer = ["", f"Total Amount Updated onto System: {total:>17}"]
    return "\r\n".join([*rows, *trailer, f"Total Transactions updated onto System: {count:>17}", ""])


ROWS = [row("770412265", "60.00"), row("BERN60000000001", "1250.50", "P"), row("WHO KNOWS", "9.50", "Z")]
GOOD = credit_file(ROWS, "1,320.00", "3")


def test_every_field_stands_at_its_place_and_both_totals_hold() -> None:
    assert allpay.looks_like(GOOD[:4096])
    read = allpay.read_book("allpay.txt", GOOD)
    first, second, third = read.receipts
    assert (first.reference, first.pence, first.posted_on) == ("770412265", 60_00, date(2026, 11, 30))
    assert (first.fund, first.mop, first.narrative) == ("23", "18", "AVW0001")
    assert (second.reference, second.fund, second.mop) == ("60000000001", "5", "15")
    assert (third.fund, third.mop) == ("", "19")
    assert [control.holds for control in read.controls] == [True, True]
    assert [(control.stated, control.unit) for control in read.controls] == [(132_000, "pence"), (3, "rows")]


@pytest.mark.parametrize(
    ("total", "count", "holds"),
    [("1,320.01", "3", [False, True]), ("1,320.00", "4", [True, False]), ("1320.00", "3", [True, True])],
)
def test_a_total_that_the_rows_do_not_make_does_not_hold(total: str, count: str, holds: list[bool]) -> None:
    controls = allpay.read_book("allpay.txt", credit_file(ROWS, total, count)).controls
    assert [control.holds for control in controls] == holds


def test_a_trailer_that_is_cut_off_proves_nothing() -> None:
    controls = allpay.read_book("allpay.txt", "\n".join(ROWS)).controls
    assert [control.stated for control in controls] == [None, None]
    assert not any(control.holds for control in controls)
    half = allpay.read_book("allpay.txt", GOOD[: GOOD.index("Total Trans")]).controls
    assert [control.holds for control in half] == [True, False]


def test_returned_cheques_are_money_out_only_where_that_makes_the_total() -> None:
    rows = [row("770412265", "60.00"), row("770412265", "10.00", "Q")]
    off = allpay.read_book("a", credit_file(rows, "50.00", "2"))
    assert [receipt.pence for receipt in off.receipts] == [60_00, -10_00]
    assert all(control.holds for control in off.controls)
    on = allpay.read_book("a", credit_file(rows, "70.00", "2"))
    assert [receipt.pence for receipt in on.receipts] == [60_00, 10_00]
    neither = allpay.read_book("a", credit_file(rows, "51.00", "2"))
    assert not neither.controls[0].holds
    minus = allpay.read_book("a", credit_file([rows[0], row("770412265", "-10.00", "Q")], "50.00", "2"))
    assert [receipt.pence for receipt in minus.receipts] == [60_00, -10_00]


def test_identical_payments_of_one_day_stay_apart_and_keep_their_ids() -> None:
    rows = [ROWS[0], ROWS[0], ROWS[1]]
    ids = [r.ledger_id for r in allpay.read_ledger("a", credit_file(rows, "1,370.50", "3"))]
    assert len(set(ids)) == 3
    again = [r.ledger_id for r in allpay.read_ledger("b", credit_file(rows[::-1], "1,370.50", "3"))]
    assert sorted(again) == sorted(ids)


def test_what_cannot_be_read_is_named_by_its_line() -> None:
    rows = [ROWS[0], ROWS[1][:40], row("1", "12.345"), row("1", "1.00", day="31/11/2026"), row("", "1.00")]
    text = credit_file(rows, "1", "3") + ROWS[0] + "\n"
    with pytest.raises(BadRows) as caught:
        allpay.read_book("a", text)
    assert [bad.line for bad in caught.value.rows] == [2, 3, 4, 5, 9]
    with pytest.raises(BadRows, match="not a figure"):
        allpay.read_book("a", credit_file(ROWS, "lots", "3"))
    with pytest.raises(NotALedger):
        allpay.read_book("a", "\n\nTotal Amount Updated onto System: 0.00\n")


def test_a_channel_that_is_not_known_is_warned_of() -> None:
    read = allpay.read_book("a", credit_file([row("770412265", "60.00", "X")], "60.00", "1"))
    assert read.receipts[0].mop == ""
    assert "“X” is no channel" in str(read.problems[0])
    assert not allpay.looks_like("Date,Amount\n1/12/2026,5.00\n")
