"""Payouts that no report names, found again from days and amounts alone."""

from __future__ import annotations

import random
from datetime import date, timedelta

from app.income.days import is_working_day
from app.income.payouts import Credit, infer_payouts
from app.income.reading import SettlementLineRead

FIRST = date(2026, 11, 2)


def payment(day: date, pence: int, fee: int = 0) -> SettlementLineRead:
    kind = "charge" if pence > 0 else "refund"
    return SettlementLineRead(0, kind, day, pence, fee, pence - fee, "", "", "")


def working_day_after(day: date, lag: int) -> date:
    while lag:
        day += timedelta(days=1)
        lag -= is_working_day(day)
    return day


def made(
    source: random.Random, days: int, points: int, each: int
) -> tuple[list[SettlementLineRead], list[Credit], dict[str, tuple[list[int], int]]]:
    """Payments of some days and the credits that paid each working day's, two working days later.

    What a weekend took is paid with the Friday. The truth: by credit, the places of its payments and its fee.
    """
    lines: list[SettlementLineRead] = []
    groups: dict[date, list[int]] = {}
    for place in range(days):
        day = FIRST + timedelta(days=place)
        paid_with = day
        while not is_working_day(paid_with):
            paid_with -= timedelta(days=1)
        for _ in range(source.randrange(4, 30)):
            pence = (
                source.choice([1, 1, 1, -1]) * source.randrange(500, 40_000) if source.random() < 0.1 else 0
            )
            groups.setdefault(paid_with, []).append(len(lines))
            lines.append(payment(day, pence or source.randrange(500, 40_000)))
    credits_made, truth = [], {}
    for paid_with, places in groups.items():
        taken = sum(lines[place].gross for place in places if lines[place].gross > 0)
        fee = taken * points // 10_000 + each * len(places)
        net = sum(lines[place].net for place in places) - fee
        one = Credit(f"c{paid_with}", working_day_after(paid_with, 2), net)
        credits_made.append(one)
        truth[one.id] = (places, fee)
    return lines, credits_made, truth


def test_every_payout_of_two_weeks_is_found_with_its_fee() -> None:
    lines, bank_credits, truth = made(random.Random(4), 14, 140, 0)
    found = infer_payouts(lines, bank_credits)
    assert {one.credit_id: (list(one.places), one.fee) for one in found} == truth
    for one in found:
        assert one.gross - one.refunds - one.fee == one.pence
        assert 130 <= one.fee_points <= 150


def test_nearly_all_payouts_of_a_quarter_are_found_whatever_the_fee() -> None:
    right = total = 0
    for seed, (points, each) in enumerate([(0, 0), (75, 0), (140, 20), (290, 0)]):
        lines, bank_credits, truth = made(random.Random(seed), 90, points, each)
        found = {one.credit_id: (list(one.places), one.fee) for one in infer_payouts(lines, bank_credits)}
        total += len(truth)
        right += sum(found.get(name) == told for name, told in truth.items())
    assert total > 240
    assert right / total >= 0.97


def test_credits_that_are_no_payouts_are_left_out() -> None:
    lines, bank_credits, truth = made(random.Random(4), 14, 140, 0)
    strangers = [
        Credit("rent", FIRST + timedelta(days=4), 77_77),
        Credit("old", FIRST - timedelta(days=9), 1_00),
    ]
    found = infer_payouts(lines, [*strangers, *bank_credits])
    assert {one.credit_id for one in found} == set(truth)
    assert infer_payouts([], bank_credits) == []
    assert infer_payouts(lines, []) == []


def test_runs_that_fit_as_well_are_counted() -> None:
    day = FIRST
    twins = [payment(day, 100_00), payment(day + timedelta(days=1), 100_00)]
    (one,) = infer_payouts(twins, [Credit("c", day + timedelta(days=2), 98_60)])
    assert one.alternatives == 1
    apart = [payment(day, 100_00), payment(day + timedelta(days=1), 250_00)]
    (one,) = infer_payouts(apart, [Credit("c", day + timedelta(days=2), 98_60)])
    assert (one.alternatives, one.fee, one.fee_points) == (0, 1_40, 140)


def test_fees_that_the_report_tells_are_part_of_the_fee_that_is_shown() -> None:
    (one,) = infer_payouts([payment(FIRST, 100_00, 2_00)], [Credit("c", FIRST + timedelta(days=1), 98_00)])
    assert (one.gross, one.fee, one.fee_points, one.pence) == (100_00, 2_00, 0, 98_00)


def test_a_year_of_payments_is_grouped() -> None:
    lines, bank_credits, _ = made(random.Random(1), 365, 140, 0)
    assert len(infer_payouts(lines, bank_credits)) > 240
