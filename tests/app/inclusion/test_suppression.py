"""Small numbers stay unknown: the worked vectors, and a reader who subtracts whatever can be subtracted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.inclusion.suppression import Column, rounded, shown, suppress, too_close

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=9)


def values_a_reader_can_think_of(column: Column, position: int) -> list[int]:
    """Every value a hidden cell can have, for a reader who knows that hidden counts are not 0."""
    others = len(column.hidden) - 1
    if column.total is None:
        return [1, 2, 3]  # nothing to subtract from: any value fits
    left = column.total - sum(cell for cell in column.cells if cell is not None)
    return [left] if others == 0 else list(range(1, left - others + 1))


@pytest.mark.parametrize(
    ("counts", "expected", "total"),
    [
        ([3, 12, 20, 41, 0], [None, None, 20, 41, 0], 76),
        ([1, 2, 9, 9], [None, None, None, 9], 21),
        ([5, 5, 5], [5, 5, 5], 15),
        ([4, 0, 0], [None, 0, 0], None),
        ([], [], 0),
        ([0, 0], [0, 0], 0),
        ([1, 1, 1, 1, 1], [None] * 5, None),  # five hidden counts that add up to five are five ones
        ([1, 1, 1, 1, 1, 8], [None] * 6, 13),
    ],
)
def test_worked_columns_come_out_as_published(
    counts: list[int], expected: list[int | None], total: int | None
) -> None:
    made = suppress(counts)
    assert list(made.cells) == expected
    assert made.total == total


def test_a_hidden_count_is_printed_as_confidential_and_a_zero_as_zero() -> None:
    assert suppress([3, 12, 1200, 0]).words() == ["[c]", "[c]", "1,200", "0"]
    assert shown(None) == "[c]"


@given(COUNTS)
@settings(max_examples=200, deadline=None)
def test_no_hidden_count_can_be_worked_out_from_the_total(counts: list[int]) -> None:
    made = suppress(counts)
    for position in made.hidden:
        possible = values_a_reader_can_think_of(made, position)
        assert len(possible) >= 2
        assert made.total is None or counts[position] in possible


@given(COUNTS)
@settings(max_examples=100, deadline=None)
def test_every_small_count_is_hidden_and_every_shown_count_is_true(counts: list[int]) -> None:
    made = suppress(counts)
    for count, cell in zip(counts, made.cells, strict=True):
        assert cell is None or cell == count
        assert not (0 < count < 5) or cell is None
        assert count or cell == 0
    assert made.total in (None, sum(counts))


@given(COUNTS, st.integers(2, 11))
@settings(max_examples=100, deadline=None)
def test_what_is_safe_for_one_threshold_is_safe_for_it_again(counts: list[int], threshold: int) -> None:
    made = suppress(counts, threshold)
    again = suppress(counts, threshold, also=made.hidden)
    assert again == made


@given(st.lists(st.integers(0, 9), min_size=2, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_reader_who_tries_every_table_finds_two_that_fit_for_each_hidden_count(counts: list[int]) -> None:
    made = suppress(counts)
    if made.total is None:
        return
    fitting = [
        table
        for table in itertools.product(range(sum(counts) + 1), repeat=len(counts))
        if sum(table) == made.total
        and all(
            (cell is None and value > 0) or cell == value
            for cell, value in zip(made.cells, table, strict=True)
        )
    ]
    for position in made.hidden:
        assert len({table[position] for table in fitting}) >= 2


def test_a_position_hidden_elsewhere_is_hidden_here_with_company() -> None:
    made = suppress([20, 30, 9], also={1})
    assert list(made.cells) == [20, None, None]
    assert list(suppress([20, 0, 9], also={1}).cells) == [20, 0, 9]


def test_a_second_release_that_differs_by_three_is_too_close() -> None:
    assert too_close({"all": 12}, {"all": 15}) == {"all"}
    assert too_close({"all": 12}, {"all": 17}) == frozenset()
    assert too_close({"all": 12}, {"all": 12, "new": 4}) == {"new"}


def as_rounded(counts: Sequence[int]) -> list[int]:
    return [rounded(count) for count in counts]


def test_rounding_to_five_goes_half_up_and_rounds_the_true_total() -> None:
    assert as_rounded([3, 12, 20, 41, 0]) == [5, 10, 20, 40, 0]
    assert rounded(76) == 75
    assert as_rounded([1, 2, 3, 4]) == [0, 0, 5, 5]
