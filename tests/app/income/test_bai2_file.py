"""BAI2 files: signs from type codes, every total counted again, several groups, trailers that are missing."""

from __future__ import annotations

import random
from datetime import date

import pytest

from app.income.files import StatementFile, read_any
from app.income.formats.bai2_file import second_opinion
from app.income.reading import NotAStatement, StatementRead
from app.income.rules import account_key, prove
from tests.app.income import samples

# Written in the form in which a British bank sends it: account and sort code in one field, generic types
TWO_DAYS = """01,BANKGB2L,COUNCIL,261209,0700,1,,,2/
02,COUNCIL,BANKGB2L,1,261207,2400,GBP,2/
03,88888888 600004,GBP,010,10000,,,015,11450,,,045,11450,,,072,0,,/
88,400,550,1,,100,2000,2,/
16,399,1500,,B1,770412265/
88,SMITH COUNCIL TAX
88,CARRIED ON
16,399,500,V,261208,,B2,REF2,INLINE WORDS, WITH A COMMA/
16,699,550,,,/
88,BANK CHARGE
49,38000,9/
98,38000,1,11/
02,COUNCIL,BANKGB2L,1,261208,2400,GBP,2/
03,88888888 600004,GBP,010,11450,,,015,11450,,,/
49,22900,2/
98,22900,1,4/
99,60900,2,17/
"""


def read(text: str) -> tuple[StatementRead, ...]:
    found = read_any("x.bai2", text.encode())
    assert isinstance(found, StatementFile)
    assert found.format == "BAI2"
    return found.statements


def test_two_groups_are_two_statements_that_prove() -> None:
    first, second = read(TWO_DAYS)
    assert [line.pence for line in first.lines] == [1_500, 500, -550]
    assert {line.booked_on for line in first.lines} == {date(2026, 12, 7)}
    assert second.lines == ()
    assert prove(first).ok
    assert prove(second).ok
    assert first.remarks == ()


def test_words_run_over_continuations_and_references_keep_their_places() -> None:
    first, _ = read(TWO_DAYS)
    plain, dated, charge = first.lines
    assert (plain.bank_reference, plain.customer_reference) == ("B1", "770412265")
    assert plain.words == "SMITH COUNCIL TAX CARRIED ON"
    assert (dated.value_on, dated.customer_reference) == (date(2026, 12, 8), "REF2")
    assert dated.words == "INLINE WORDS, WITH A COMMA"
    assert (charge.file_line, charge.type_code, charge.words) == (9, "699", "BANK CHARGE")


def test_an_account_before_its_sort_code_is_the_same_account_as_after_it() -> None:
    assert account_key(read(TWO_DAYS)[0].account) == account_key("60-00-04 88888888")


def test_a_sign_turned_round_leaves_the_control_totals_alone_but_not_the_balances() -> None:
    turned = TWO_DAYS.replace("16,399,500", "16,699,500")
    proof = prove(read(turned)[0])
    assert (proof.ok, proof.difference) == (False, 1_000)
    assert "wrong sign" in proof.hint


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("49,38000,9", "49,38001,9"), "account control total"),
        (("49,38000,9", "49,38000,10"), "number of records in the account"),
        (("98,38000,1,11", "98,38000,2,11"), "number of accounts in the group"),
        (("98,38000,1,11", "98,38000,1,12"), "number of records in the group"),
        (("99,60900,2,17", "99,60901,2,17"), "file control total"),
        (("99,60900,2,17", "99,60900,3,17"), "number of groups"),
        (("88,400,550,1,", "88,400,550,2,"), "number of debits"),
    ],
)
def test_each_total_that_does_not_hold_unproves_and_is_named(changed: tuple[str, str], told: str) -> None:
    statement = read(TWO_DAYS.replace(*changed))[0 if "99," not in changed[0] else 1]
    assert not prove(statement).ok
    assert told in [control.name for control in statement.controls if not control.holds]
    assert told in prove(statement).hint


def test_the_library_that_reads_the_same_file_agrees_on_its_totals() -> None:
    assert second_opinion(TWO_DAYS) == ""
    assert "expected 60901, found 60900" in second_opinion(TWO_DAYS.replace("99,60900", "99,60901"))
    assert "Group" in second_opinion(TWO_DAYS.replace("98,38000,1,11", "98,38000,1,12"))


@pytest.mark.parametrize("end", [40, 200, 330, 420])
def test_a_file_cut_anywhere_is_read_to_its_end_and_not_for_ever(end: int) -> None:
    try:
        statements = read(TWO_DAYS[:end])
    except NotAStatement:
        return
    assert not any(prove(statement).ok for statement in statements)


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_trailers_that_never_came_unprove_every_statement_they_stood_for(lines: int) -> None:
    cut = "\n".join(TWO_DAYS.splitlines()[:-lines]) + "\n"
    second = read(cut)[1]
    assert not prove(second).ok
    assert "missing, so it may have been cut short" in prove(second).hint
    missing = [control.name for control in second.controls if control.stated is None]
    assert missing == ["account trailer", "group trailer", "file trailer"][-lines:]
    if lines == 1:
        assert not prove(read(cut)[0]).ok


def test_a_blank_trailer_is_accepted_and_not_proved() -> None:
    blank = "01,1,2,260101,0101,1,,,2/\n02,2,1,1,260101,2359,,2/\n03,12345,/\n49,,2/\n98,0,1,4/\n99,0,1,6/\n"
    (statement,) = read(blank)
    assert statement.account == "12345"
    assert not prove(statement).ok


def test_a_type_that_moves_no_money_is_named_and_an_amount_that_is_none_is_a_problem() -> None:
    noted = TWO_DAYS.replace("16,699,550", "16,890,550")
    assert "no movement" in read(noted)[0].remarks[0].message
    broken = read(TWO_DAYS.replace("16,399,1500", "16,399,15.00"))[0]
    assert "15.00" in broken.problems[0].message
    assert not prove(broken).ok


def test_interim_groups_and_tests_are_never_proved() -> None:
    interim, _ = read(TWO_DAYS.replace("261207,2400,GBP,2/", "261207,1200,GBP,3/"))
    assert interim.interim
    test, _ = read(TWO_DAYS.replace("BANKGB2L,1,261207", "BANKGB2L,4,261207"))
    assert "a test" in prove(test).hint


def test_a_day_and_month_exchanged_against_the_day_of_making_is_remarked() -> None:
    first, _ = read(TWO_DAYS.replace("BANKGB2L,1,261207", "BANKGB2L,1,260712"))
    assert "it is of 2026-07-12, but its file was made on 2026-12-09" in first.remarks[0].message
    late = read(TWO_DAYS.replace("261209", "270315"))[0]  # asked for again months later, which is no fault
    assert late.remarks == ()


def test_a_day_in_no_calendar_unproves() -> None:
    first, _ = read(TWO_DAYS.replace("BANKGB2L,1,261207", "BANKGB2L,1,261332"))
    assert not prove(first).ok


@pytest.mark.parametrize(
    "text",
    [
        "01,A,B,261209,0700,1,,,2/\n02,B,A,1,261207,2400,GBP,2/\n99,0,1,3/\n",
        TWO_DAYS.replace("16,699,550", "Dear Sir"),
        TWO_DAYS.replace("49,38000,9/\n", "49,38000,9/\n49,38000,9/\n"),
    ],
)
def test_what_does_not_hang_together_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(NotAStatement) as caught:
        read(text)
    assert caught.value.advice


def test_made_files_prove_with_mixed_line_ends() -> None:
    data = samples.bai2(random.Random(2)).replace(b"\n", b"\r\n", 9)
    found = read_any("x", data)
    assert isinstance(found, StatementFile)
    assert [prove(statement).ok for statement in found.statements] == [True, True]
