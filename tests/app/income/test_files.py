"""What comes in as a file: the wrong kind, the wrong letters, rows that cannot be trusted."""

from __future__ import annotations

from datetime import date

import pytest

from app.income.amounts import BadAmount, figure, pence_from_text
from app.income.days import bank_holidays, working_days_between
from app.income.files import is_ledger, read_ledger_file, read_statement_file
from app.income.formats.ledger_csv import day_first
from app.income.reading import BadRows, NotALedger, NotAStatement

HEAD = "id,date,amount,reference,fund,mop,narrative\n"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("empty.sta", b"", "empty"),
        ("blank.sta", b" \r\n \n", "empty"),
        ("renamed.sta", b"%PDF-1.7 and so on", "a PDF"),
        ("book.sta", b"PK\x03\x04rest", "spreadsheet"),
        ("letter.sta", b"Dear Sir or Madam,\nplease find", "not a bank statement"),
        ("nul.sta", b":20:X\n:25:1\x00\n", "line 2"),
        ("ledger.sta", HEAD.encode() + b"1,8/12/2026,1.00,,,,x\n", "ledger extract"),
        ("only-words.sta", b":86:hello\n", "not a bank statement"),
        ("half.sta", b":20:X\n", "no balance and no line"),
    ],
)
def test_a_file_that_is_no_statement_gets_one_sentence(name: str, data: bytes, told: str) -> None:
    with pytest.raises(NotAStatement) as caught:
        read_statement_file(name, data)
    assert told in caught.value.title
    assert name in caught.value.title
    assert caught.value.advice


def test_the_lines_of_text_numbers_is_no_statement(inputs: object) -> None:
    from pathlib import Path

    assert isinstance(inputs, Path)
    path = inputs / "income" / "mt940" / "self-provided" / "invalid_statement.sta"
    with pytest.raises(NotAStatement):
        read_statement_file(path.name, path.read_bytes())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_a_ledger_in_windows_letters_or_with_a_mark_reads_the_same(encoding: str) -> None:
    text = HEAD + '7,08/12/26,"£1,250.00",LA-118,3U,28,"Café licence, £ paid"\n'
    (receipt,) = read_ledger_file("book.csv", text.encode(encoding)).receipts
    assert (receipt.ledger_id, receipt.pence, receipt.posted_on) == ("7", 125_000, date(2026, 12, 8))
    assert receipt.narrative == "Café licence, £ paid"


def test_columns_may_stand_in_any_order_and_be_parted_by_semicolons_or_tabs() -> None:
    for delimiter in ";\t":
        text = delimiter.join(["Narrative", "AMOUNT", "Id", "Date"]) + "\n"
        text += delimiter.join(["Rent", "-12.30", "a1", "2026-12-08"]) + "\n"
        (receipt,) = read_ledger_file("book.csv", text.encode()).receipts
        assert (receipt.pence, receipt.narrative, receipt.reference) == (-1230, "Rent", "")


def test_bad_rows_are_named_by_line_and_nothing_is_taken_by_halves() -> None:
    text = HEAD + (
        "1,08/12/2026,1.00,,,,fine\n"
        "2,31/06/2022,1.00,,,,no such day\n"
        "3,12/31/2026,1.00,,,,month first\n"
        "4,08/12/2026,1.005,,,,mill\n"
        "5,08/12/2026,1.00,7.75E+08,,,mangled\n"
        ",08/12/2026,1.00,,,,no id\n"
        "1,08/12/2026,1.00,,,,again\n"
        "8,,1.00,,,,no date\n"
    )
    with pytest.raises(BadRows) as caught:
        read_ledger_file("book.csv", text.encode())
    assert [row.line for row in caught.value.rows] == [3, 4, 5, 6, 7, 8, 9]
    assert "Line 3: the date 31/06/2022 is in no calendar." in caught.value.title
    assert "month first" in caught.value.title
    assert "two decimals" in caught.value.title
    taken = read_ledger_file("book.csv", text.encode(), leave_bad_rows=True).receipts
    assert [receipt.ledger_id for receipt in taken] == ["1"]


def test_a_quoted_line_break_keeps_the_row_whole_and_the_line_numbers_right() -> None:
    text = HEAD + '1,08/12/2026,1.00,,,,"two\nlines"\n2,bad,1.00,,,,x\n'
    with pytest.raises(BadRows) as caught:
        read_ledger_file("book.csv", text.encode())
    assert [row.line for row in caught.value.rows] == [4]


def test_one_apostrophe_before_a_formula_sign_is_a_guard_and_any_other_is_a_name() -> None:
    text = HEAD + '1,08/12/2026,1.00,\'=A1,,,\'t Hooft\n2,08/12/2026,2.00,"=""0123""",,,x\n'
    first, second = read_ledger_file("book.csv", text.encode()).receipts
    assert (first.reference, first.narrative, second.reference) == ("=A1", "'t Hooft", "0123")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"a,b\n1,2\n", HEAD.encode(), b"id,date,amount\n\x00"])
def test_a_file_that_is_no_ledger_gets_one_sentence(data: bytes) -> None:
    with pytest.raises(NotALedger) as caught:
        read_ledger_file("book.csv", data)
    assert "book.csv" in caught.value.title


def test_a_ledger_is_told_from_a_statement_by_its_headings() -> None:
    assert is_ledger(HEAD.encode("utf-8-sig"))
    assert not is_ledger(b":20:X\n:25:1\n")
    assert not is_ledger(b"%PDF-1.7")


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("1,234.56", 123_456),
        ("(12.30)", -1230),
        ("12.30-", -1230),
        ("12.30CR", 1230),
        ("12.30 DR", -1230),
        ("-GBP 4", -400),
        ("£ .5", 50),
        ("−7", -700),
        ("1\u00a0", 100),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, pence: int) -> None:
    assert pence_from_text(text) == pence


@pytest.mark.parametrize("text", ["", "1.234", "1.2.3", "1e3", "１２", "12,34,56", "twelve", "9" * 20])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        pence_from_text(text)


def test_dates_are_day_first_and_spelt_months_are_understood() -> None:
    for text in ("8/12/2026", "08.12.26", "2026-12-08", "8 Dec 2026", "8 December 2026"):
        assert day_first(text) == date(2026, 12, 8)


def test_working_days_pass_over_weekends_and_bank_holidays() -> None:
    assert working_days_between(date(2026, 12, 7), date(2026, 12, 8)) == 1
    assert working_days_between(date(2026, 12, 4), date(2026, 12, 7)) == 1
    # Christmas Day 2026 is a Friday and Boxing Day a Saturday, so Monday 28 December is its substitute
    assert date(2026, 12, 28) in bank_holidays(2026)
    assert working_days_between(date(2026, 12, 24), date(2026, 12, 29)) == 1
    assert date(2026, 4, 3) in bank_holidays(2026)  # Good Friday
    assert working_days_between(date(2026, 12, 8), date(2026, 12, 7)) == -1


def test_another_currency_is_never_shown_with_a_pound_sign() -> None:
    assert figure(-123_450, "EUR") == "−EUR 1,234.50"
    assert figure(-123_450) == "−£1,234.50"
