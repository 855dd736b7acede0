"""Proof, identity and the limits of one officer: the rules of trust."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.income import rules
from app.income.reading import Balance, LineRead, StatementRead
from models.ids import is_id

DAY = date(2026, 12, 8)


def line(pence: int, words: str = "X", file_line: int = 5) -> LineRead:
    return LineRead(file_line, DAY, DAY, pence, "C", "NTRF", "", "", words)


def statement(opening: int | None, pence: list[int], closing: int | None) -> StatementRead:
    def balance(amount: int | None) -> Balance | None:
        return None if amount is None else Balance(amount, DAY, "GBP")

    lines = tuple(line(p, file_line=place) for place, p in enumerate(pence, 5))
    return StatementRead("R", "1", "241", "1", "GBP", balance(opening), balance(closing), lines)


def test_opening_and_movements_make_the_closing_balance() -> None:
    assert rules.prove(statement(100, [50, -20], 130)).ok
    failed = rules.prove(statement(100, [50, -20], 131))
    assert (failed.ok, failed.difference) == (False, 1)


@pytest.mark.parametrize(("opening", "closing"), [(None, 130), (100, None)])
def test_a_missing_balance_proves_nothing(opening: int | None, closing: int | None) -> None:
    proof = rules.prove(statement(opening, [30], closing))
    assert (proof.ok, proof.difference) == (False, None)
    assert "no " in proof.hint


@pytest.mark.parametrize(
    ("pence", "closing", "told"),
    [
        ([70, 70, 13], 183, "Line 6 repeats line 5 and may be there twice"),
        ([70, 13], 196, "A line like line 6 may be missing"),
        ([70, -13], 183, "Line 6 may have the wrong sign"),
        ([104_625], 100 + 106_425, "two digits"),
    ],
)
def test_the_likeliest_reason_is_named(pence: list[int], closing: int, told: str) -> None:
    assert told in rules.prove(statement(100, pence, closing)).hint


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=12), st.integers(-500, 500))
@settings(max_examples=60, deadline=None)
def test_a_single_wrong_penny_is_always_noticed(pence: list[int], opening: int) -> None:
    assert rules.prove(statement(opening, pence, opening + sum(pence))).ok
    assert not rules.prove(statement(opening, [pence[0] + 1, *pence[1:]], opening + sum(pence))).ok


@pytest.mark.parametrize(
    "written", ["60-11-11 12345678", "601111/12345678", "GB29 NWBK 6011 1112 3456 78", "60111112345678GBP"]
)
def test_an_account_is_the_same_however_it_is_written(written: str) -> None:
    assert rules.account_key(written) == "60111112345678"


def test_a_line_keeps_its_fingerprint_through_spacing_and_case_but_not_a_penny() -> None:
    first = rules.line_fingerprint("1", line(100, "BACS  77 0412265"))
    assert first == rules.line_fingerprint("1", line(100, "bacs 77 0412265"))
    assert first != rules.line_fingerprint("1", line(101, "BACS 77 0412265"))
    assert first != rules.line_fingerprint("2", line(100, "BACS 77 0412265"))


def test_identical_honest_lines_are_told_apart_by_their_number() -> None:
    assert rules.occurrences(["a", "b", "a", "a"]) == [1, 1, 2, 3]
    assert rules.occurrences(["a"], {"a": 2}) == [3]


def test_a_statement_follows_on_only_where_the_last_one_ended() -> None:
    later = statement(130, [5], 135)
    assert rules.follows_on(130, date(2026, 12, 7), "240/1", later)
    assert not rules.follows_on(131, date(2026, 12, 7), "240/1", later)
    assert not rules.follows_on(130, date(2026, 12, 9), "240/1", later)
    assert not rules.follows_on(130, date(2026, 12, 7), "241/1", later)


def test_two_laptops_make_the_same_id_from_the_same_facts() -> None:
    made = rules.stable_id(DAY, "line", "1", "abc", "1")
    assert is_id(made)
    assert made == rules.stable_id(DAY, "line", "1", "abc", "1")
    assert made != rules.stable_id(DAY, "line", "1", "abc", "2")


def test_more_than_the_limit_needs_a_second_officer() -> None:
    assert not rules.needs_second_officer(500_00, 500_00)
    assert rules.needs_second_officer(-500_01, 500_00)
