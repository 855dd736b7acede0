"""Cash bags: whole coins, the coins of a bag, and what it should weigh."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import HoldallError
from app.income.office import cash


def test_a_full_bag_of_each_coin_weighs_what_cash_centres_expect() -> None:
    grams = {1: 356, 2: 356, 5: 325, 10: 325, 20: 250, 50: 160, 1_00: 175, 2_00: 120}
    assert {one: cash.bag_weight_grams({one: pence // one}) for one, pence in cash.BAGS.items()} == grams


def test_coins_have_the_masses_of_the_royal_mint_to_the_hundredth_of_a_gram() -> None:
    grams = {2_00: 12_00, 1_00: 8_75, 50: 8_00, 20: 5_00, 10: 6_50, 5: 3_25, 2: 7_12, 1: 3_56}
    assert {one: cash.bag_weight_hundredths({one: 1}) for one in cash.COINS} == grams


def test_a_value_that_is_no_whole_number_of_coins_is_named() -> None:
    with pytest.raises(HoldallError, match=r"£5\.01 is not a whole number of £2 coins"):
        cash.checked({50: 1_50, 2_00: 5_01})
    with pytest.raises(HoldallError, match="20p coins cannot come to less than nothing"):
        cash.checked({20: -20})
    with pytest.raises(HoldallError, match=r"no note or coin of £0\.25"):
        cash.checked({25: 25})


def test_values_become_counts_and_bags_with_loose_coins() -> None:
    counted = cash.counts({20_00: 1_00_00, 1_00: 45_00, 50: 0, 1: 1_07})
    assert counted == {20_00: 5, 1_00: 45, 1: 107}
    assert cash.coin_bags(counted) == (cash.Bags(1_00, 2, 5), cash.Bags(1, 1, 7))


def test_notes_are_not_weighed_and_a_weight_reads_as_people_say_it() -> None:
    assert cash.weight_words({20_00: 5}) == "no coins to weigh"
    assert cash.weight_words({20: 10, 1: 1}) == "54 g"
    assert cash.weight_words({1: 350}) == "1.24 kg"


def test_the_running_difference_is_cash_less_lines() -> None:
    assert cash.difference({10_00: 30_00, 20: 60}, 31_00) == -40


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(cash.DENOMINATIONS), st.integers(0, 5_000), max_size=12))
def test_counting_conserves_every_penny_and_every_coin(numbers: dict[int, int]) -> None:
    values = {one: one * number for one, number in numbers.items()}
    counted = cash.counts(values)
    assert sum(one * number for one, number in counted.items()) == cash.total(values)
    for bags in cash.coin_bags(counted):
        in_a_bag = cash.BAGS[bags.denomination] // bags.denomination
        assert bags.full * in_a_bag + bags.loose == numbers[bags.denomination]
        assert 0 <= bags.loose < in_a_bag
