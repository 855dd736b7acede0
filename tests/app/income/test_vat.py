"""VAT within gross amounts and sums shared out, against known answers and for any amount."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.income.amounts import BadAmount
from app.income.vat import (
    HALF_UP,
    allocate,
    rate_from_text,
    vat_code_of,
    vat_of,
    vat_remark,
    vat_within,
)

RATES = {"W0": 2000, "N0": 0, "E0": 0, "R5": 500}
POUNDS = st.integers(-(10**12), 10**12)


def test_the_known_answers_hold() -> None:
    assert vat_within(10_00, 2000) == 1_67
    assert vat_within(-10_00, 2000) == -1_67
    assert vat_of(10_00, "N0", "W0", True, RATES) == 0
    assert vat_of(10_00, "N0", "W0", False, RATES) == 1_67
    assert vat_of(10_00, "", "W0", True, RATES) == 1_67
    assert vat_of(10_00, "XX", "W0", True, RATES) == 0
    assert vat_code_of("N0", "W0", False) == "W0"


def test_the_two_ways_of_rounding_differ_for_one_amount_in_twelve_and_no_other() -> None:
    amounts = range(1, 100_001)
    apart = [p for p in amounts if vat_within(p, 2000) != vat_within(p, 2000, ties=HALF_UP)]
    assert apart == [p for p in amounts if p % 12 == 3]
    assert len(apart) == 8_334
    assert not any(
        vat_within(pence, 500) != vat_within(pence, 500, ties=HALF_UP) for pence in range(1, 2_100)
    )


def test_five_lines_of_three_pence_make_nothing_and_their_sum_two() -> None:
    assert sum(vat_within(3, 2000) for _ in range(5)) == 0
    assert sum(vat_within(3, 2000, ties=HALF_UP) for _ in range(5)) == 5
    assert vat_within(15, 2000) == 2


@given(POUNDS, st.integers(0, 10_000))
@settings(max_examples=200)
def test_vat_is_the_nearest_penny_and_the_same_for_a_refund(gross: int, rate: int) -> None:
    vat = vat_within(gross, rate)
    exact = Fraction(gross * rate, 10_000 + rate)
    assert abs(vat - exact) <= Fraction(1, 2)
    assert vat_within(-gross, rate) == -vat
    if abs(vat - exact) == Fraction(1, 2):
        assert vat % 2 == 0


@given(POUNDS, st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
@settings(max_examples=200)
def test_parts_add_up_and_none_is_a_penny_away_from_its_share(total: int, weights: list[int]) -> None:
    if not any(weights):
        with pytest.raises(ValueError):
            allocate(total, weights)
        return
    parts = allocate(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1
        assert weight or not part


def test_rates_are_read_as_systems_write_them() -> None:
    assert [rate_from_text(text) for text in ("0.2", "20", "20 %", "17.5", "0.05", "0", "1", ".2", "1%")] == [
        *(2000, 2000, 2000, 1750, 500, 0, 10_000, 2000, 100)
    ]
    for text in ("", "twenty", "-20", "1e2", "120", "20.001", "２０"):
        with pytest.raises(BadAmount):
            rate_from_text(text)


def test_a_remark_says_what_the_vat_should_have_been() -> None:
    assert vat_remark(10_00, "0.2", 1_67) == ""
    assert vat_remark(10_00, "0.2", 1_66) == ""
    assert "17.5 % within its amount is £1.49" in vat_remark(10_00, "17.5", 1_67)
    assert "does not lie within" in vat_remark(10_00, "", -1_67)
    assert "does not lie within" in vat_remark(1_00, "0.2", 1_67)
    with pytest.raises(ValueError):
        vat_within(1, -1)
