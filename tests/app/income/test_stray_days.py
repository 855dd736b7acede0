"""Days and months that were exchanged, which no sum can see."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

from app.income.files import LedgerFile, SettlementFile, read_any
from app.income.formats.stray_days import stray_days, with_stray_days
from app.income.payouts import prove_payout
from tests.app.income import samples_book as made

NOVEMBER = [(line, date(2026, 11, 2) + timedelta(days=line % 5)) for line in range(1, 21)]


def test_a_day_that_stands_alone_and_belongs_with_the_others_once_turned_is_named() -> None:
    dated = [*NOVEMBER, (21, date(2026, 5, 11))]
    (row,) = stray_days(dated)
    assert str(row) == "Line 21: 11 May 2026 is far from every other day; it may be 5 November 2026."
    assert stray_days(NOVEMBER) == []


def test_an_old_day_that_is_no_exchange_and_a_file_of_many_months_are_left_alone() -> None:
    assert stray_days([*NOVEMBER, (21, date(2026, 5, 30))]) == []
    assert stray_days([*NOVEMBER, (21, date(2026, 5, 1))]) == []
    year = [(line, date(2026, 1, 1) + timedelta(days=line)) for line in range(365)]
    assert stray_days(year) == []
    sparse = [(line, date(2026, line, 15)) for line in range(1, 13)]
    assert stray_days(sparse) == []


def test_an_exchanged_day_in_a_payout_keeps_it_from_proving() -> None:
    read = read_any(
        "a.csv", made.adyen(random.Random(2)).replace(b"2026-11-03 10:04", b"2026-03-11 10:04", 1)
    )
    assert isinstance(read, SettlementFile)
    proofs = [prove_payout(payout) for payout in read.settlements]
    assert [proof.ok for proof in proofs] == [True, False, True]
    assert "it may be 3 November 2026" in proofs[1].hint


def test_a_payout_before_its_payments_or_long_after_them_is_named() -> None:
    read = read_any("a.csv", made.stripe(random.Random(2)))
    assert isinstance(read, SettlementFile)
    one = read.settlements[0]
    assert one.paid_on is not None
    for off in (-1, 60):
        (odd,) = with_stray_days([replace(one, paid_on=one.paid_on + timedelta(days=off))])
        assert "it was paid out on" in str(odd.problems[0])


def test_an_exchanged_day_in_a_credit_file_is_a_warning() -> None:
    data = made.allpay(random.Random(2)).replace(b"03/11/2026", b"11/03/2026", 1)
    read = read_any("a.txt", data)
    assert isinstance(read, LedgerFile)
    assert [problem.message for problem in read.problems] == [
        "11 March 2026 is far from every other day; it may be 3 November 2026"
    ]
