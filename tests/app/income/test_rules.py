"""Proof, identity and the limits of one officer: the rules of trust."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.income import rules
from app.income.reading import BadRow, Balance, Control, LineRead, StatementRead
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
        ([104_625], 100 + 106_425, "In line 5 two digits may have changed places: £1,064.25 settles"),
        ([104_625], 100 + 104_625 + 9, "divides by nine"),
    ],
)
def test_the_likeliest_reason_is_named(pence: list[int], closing: int, told: str) -> None:
    assert told in rules.prove(statement(100, pence, closing)).hint


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=12), st.integers(-500, 500))
@settings(max_examples=60, deadline=None)
def test_a_single_wrong_penny_is_always_noticed(pence: list[int], opening: int) -> None:
    assert rules.prove(statement(opening, pence, opening + sum(pence))).ok
    assert not rules.prove(statement(opening, [pence[0] + 1, *pence[1:]], opening + sum(pence))).ok


def with_controls(*controls: Control, pence: int = 130) -> StatementRead:
    return replace(statement(100, [50, -20], pence), controls=controls)


def test_a_total_that_the_lines_do_not_make_unproves_a_statement_whose_balances_agree() -> None:
    good = Control("sum of credits", 50, 50)
    assert rules.prove(with_controls(good)).ok
    pounds = rules.prove(with_controls(good, Control("sum of debits", 21, 20)))
    assert (pounds.ok, pounds.difference) == (False, 1)
    assert "sum of debits is given as £0.21, but what was read makes £0.20" in pounds.hint
    rows = rules.prove(with_controls(Control("number of entries", 3, 2, "rows")))
    assert (rows.ok, rows.difference) == (False, 0)
    assert "given as 3, but 2 were read: 1 missing" in rows.hint


def test_a_trailer_that_is_missing_unproves_and_says_that_the_file_may_be_cut_short() -> None:
    proof = rules.prove(with_controls(Control("file trailer", None, 130)))
    assert not proof.ok
    assert "cut short" in proof.hint


def test_a_problem_in_any_row_unproves_a_statement_whose_balances_agree() -> None:
    proof = rules.prove(replace(statement(100, [30], 130), problems=(BadRow(9, "it is unreadable"),)))
    assert (proof.ok, proof.hint) == (False, "Line 9: it is unreadable.")


def running(*rows: tuple[int, int | None], opening: int | None = 100, derived: bool = False) -> StatementRead:
    lines = tuple(
        line(pence, file_line=place)._replace(balance=balance)
        for place, (pence, balance) in enumerate(rows, 5)
    )
    made = statement(opening, [], (opening or 0) + sum(pence for pence, _ in rows))
    return replace(made, lines=lines, derived=derived)


def test_a_running_balance_is_followed_either_way_and_over_rows_that_have_none() -> None:
    assert rules.prove(running((10, 110), (5, None), (-3, 112))).ok
    assert rules.prove(running((-3, 112), (5, 115), (10, 110))).ok


def test_a_running_balance_that_breaks_names_the_first_row_where_it_does() -> None:
    proof = rules.prove(running((10, 110), (5, 116), (-3, 113)))
    assert (proof.ok, proof.difference) == (False, 0)
    assert "Line 6: the running balance breaks here, at £1.16 where £1.15 was due" in proof.hint


def test_a_first_running_balance_that_does_not_follow_the_opening_one_breaks_there() -> None:
    assert "Line 5" in rules.prove(running((10, 111), (5, 116), (-3, 113))).hint


@given(st.lists(st.integers(-10_000, 10_000).filter(bool), min_size=3, max_size=10), st.data())
@settings(max_examples=60, deadline=None)
def test_any_line_taken_out_or_doubled_between_two_balances_is_noticed(
    pence: list[int], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(pence) - 1))
    whole = statement(100, pence, 100 + sum(pence))
    assert rules.prove(whole).ok
    for lines in (
        whole.lines[:place] + whole.lines[place + 1 :],
        whole.lines[:place] + whole.lines[place : place + 1] * 2 + whole.lines[place + 1 :],
    ):
        assert not rules.prove(replace(whole, lines=lines)).ok


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=24)


@given(TEXTS, TEXTS, TEXTS, TEXTS, st.integers(-(10**9), 10**9))
@example("NTRF", "", "A  b\x1fc\tD", "É\u0301 ß", 5)
@settings(max_examples=150, deadline=None)
def test_fingerprints_made_quickly_are_those_that_old_stores_hold(
    kind: str, customer: str, bank: str, words: str, pence: int
) -> None:
    read = LineRead(1, DAY, None, pence, "C", kind, customer, bank, words)
    slowly = rules.fingerprint("60 Ab", DAY.isoformat(), str(pence), kind, customer, bank, words)
    assert rules.line_fingerprints("60 Ab", [read, read]) == [slowly, slowly]


def test_the_fingerprint_of_a_known_line_has_not_changed() -> None:
    read = LineRead(1, date(2026, 12, 8), None, 1_234, "C", "NTRF", "770412265", "B1", "BACS  Café")
    assert rules.line_fingerprint("60111112345678", read) == "e5052bef87e906db78e1460a2e1e8301"


def test_an_account_may_lack_its_sort_code_but_not_have_another() -> None:
    assert rules.same_account("12345678", "60111112345678")
    assert not rules.same_account("12345679", "60111112345678")
    assert not rules.same_account("60111212345678", "60111112345678")
    assert rules.account_key("12345678 601111") == "60111112345678"


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


def test_a_statement_with_no_number_follows_on_only_where_its_level_moved() -> None:
    later = replace(statement(130, [5], 135), number="", page="")
    assert rules.follows_on(130, date(2026, 12, 7), "/", later)
    level = replace(statement(130, [5, -5], 130), number="", page="")
    assert not rules.follows_on(130, date(2026, 12, 7), "/", level)


def test_two_laptops_make_the_same_id_from_the_same_facts() -> None:
    made = rules.stable_id(DAY, "line", "1", "abc", "1")
    assert is_id(made)
    assert made == rules.stable_id(DAY, "line", "1", "abc", "1")
    assert made != rules.stable_id(DAY, "line", "1", "abc", "2")


def test_more_than_the_limit_needs_a_second_officer() -> None:
    assert not rules.needs_second_officer(500_00, 500_00)
    assert rules.needs_second_officer(-500_01, 500_00)
