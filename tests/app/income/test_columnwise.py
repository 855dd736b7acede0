"""Rows read many at once are what they are when read one by one."""

from __future__ import annotations

import csv
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.income.files import LedgerFile, StatementFile, read_any
from app.income.formats import bank_csv, bank_plain, ledger_sheet, plain_rows
from app.income.formats.columnwise import has_figures, plain_pence, plain_words
from app.income.formats.csv_rows import rows_of
from app.income.formats.plain_rows import PlainRows, column_of, columns_of, numbers_of
from app.income.reading import BadRows, NotAStatement
from app.sheet_reading import Figure
from tests.app.income.truth import make

ODD_BANK = (
    "05/01/2026,CR,'=GUARDED,12.00,112.00",
    '05/01/2026,CR,"two\nrows",12.00,112.00',
    '05/01/2026,CR,in thousands,"1,200.00",112.00',
    "31/02/2026,CR,no day,12.00,112.00",
    "05/01/2026,CR,short",
    "05/01/2026,CR,Opening balance,112.00,112.00",
    "05/01/2026,CR,  spaced , 12.00 ,",
    "05/01/2026,CR,nothing,0.00,112.00",
    "Date,Type,Description,Amount,Balance",
    "",
)
ODD_LEDGER = (
    "L1,05/01/2026,12.00,'=1+1,5,28,guarded",
    "L1,05/01/2026,12.00,1,5,28,an id that is there already",
    ",05/01/2026,12.00,1,5,28,no id",
    "X2,05/01/2026,12.00,1.2E+10,5,28,spoilt",
    "X3,05/01/2026,£1,1,a very long fund that is cut,28,pounds",
    "X4,05/01/2026,7.00, 00012 ,5,28, spaced ",
    'X5,05/01/2026,7.00,1,5,28,"two\nrows"',
    "X6,31/02/2026,7.00,1,5,28,no day",
    ",,,,,,",
    "Total,,84.00,,,,",
)


def _bank(data: bytes) -> object:
    read = read_any("bank.csv", data, layout={"day_first": True})
    assert isinstance(read, StatementFile)
    return read.statements


def _ledger(data: bytes) -> object:
    try:
        read = read_any("ledger.csv", data)
    except BadRows as error:
        return error.title, error.rows
    assert isinstance(read, LedgerFile)
    return read.receipts, read.controls, read.problems


@pytest.mark.parametrize("odd", [(), *((one,) for one in ODD_BANK), ODD_BANK])
def test_a_bank_file_reads_the_same_in_columns_and_row_by_row(
    monkeypatch: pytest.MonkeyPatch, odd: tuple[str, ...]
) -> None:
    rows = make(5, 60).bank_csv.decode().splitlines()
    for one in odd:
        rows.insert(random.Random(one).randrange(1, len(rows)), one)
    data = "\n".join(rows).encode()
    monkeypatch.setattr(plain_rows, "AT_ONCE", 7)
    quick = _bank(data)
    monkeypatch.setattr(bank_plain, "plain_lines", lambda *_: None)
    assert quick == _bank(data)


@pytest.mark.parametrize("odd", [(), *((one,) for one in ODD_LEDGER), ODD_LEDGER])
def test_a_ledger_reads_the_same_in_columns_and_row_by_row(
    monkeypatch: pytest.MonkeyPatch, odd: tuple[str, ...]
) -> None:
    rows = make(5, 60).ledger_csv.decode().splitlines()
    for one in odd:
        rows.insert(random.Random(one).randrange(1, len(rows)), one)
    data = "\n".join(rows).encode()
    monkeypatch.setattr(plain_rows, "AT_ONCE", 7)
    quick = _ledger(data)
    monkeypatch.setattr(ledger_sheet._Rows, "take_plain", lambda *_: False)
    assert quick == _ledger(data)


@pytest.mark.parametrize("place", [4, 50])
def test_an_id_that_is_there_twice_is_noticed_among_plain_rows(
    monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    rows = make(5, 60).ledger_csv.decode().splitlines()
    rows.insert(place, rows[3])
    monkeypatch.setattr(plain_rows, "AT_ONCE", 7)
    with pytest.raises(BadRows, match="is in line 4 already"):
        read_any("ledger.csv", "\n".join(rows).encode())


def test_plain_rows_are_read_in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = make(5, 300)

    def never(*_: object) -> None:
        raise AssertionError("a plain row was read by itself")

    monkeypatch.setattr(bank_csv, "amount_reader", lambda _: never)
    monkeypatch.setattr(ledger_sheet._Rows, "take", never)
    assert _bank(truth.bank_csv)
    assert _ledger(truth.ledger_csv)


@pytest.mark.parametrize("odd", ["", "1", "1.2", "1,000.00", "£1.00", " 1.00", "1.00-", "١.00", "1.00\n2.00"])
def test_an_amount_that_is_not_plain_makes_its_column_odd(odd: str) -> None:
    assert plain_pence(["12.34", "-0.05"]) == [1234, -5]
    assert plain_pence(["12.34", odd, "1.00"]) is None


def test_guards_and_breaks_make_a_column_odd_and_spaces_go() -> None:
    assert plain_words([" a ", "it's = b", ""]) == ["a", "it's = b", ""]
    for odd in ("'=1", "=1", " '-1", "a\nb"):
        assert plain_words(["a", odd, "b"]) is None


def test_numbers_of_a_spreadsheet_are_told_from_texts() -> None:
    assert has_figures(["1", Figure("2")])
    assert not has_figures(["1", "2"])


def test_rows_of_unequal_length_have_no_columns() -> None:
    assert columns_of([(1, ["a", "b"]), (2, ["c", "d"])]) == [("a", "c"), ("b", "d")]
    assert columns_of([(1, ["a", "b"]), (2, ["c"])]) == []
    assert columns_of(PlainRows(["a,b", "c,d"], ",")) == [["a", "c"], ["b", "d"]]
    assert columns_of(PlainRows(["a,b", "c"], ",")) == columns_of(PlainRows(["a", ""], ",")) == []


@pytest.mark.parametrize(
    "text", ["a,b\n\n c ,\n,\nd\n", "a;b\nc\n\n", "", "a\n\nb", "\x0ba,\u2028b\x85,\n'c,=d\n"]
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_lines_without_quotes_are_the_rows_that_csv_reads(text: str, delimiter: str) -> None:
    rows = rows_of("bank.csv", text, delimiter)
    cells = [*csv.reader(text.removesuffix("\n").split("\n") if text else [], delimiter=delimiter)]
    assert isinstance(rows, PlainRows)
    assert [*rows] == [rows[place] for place in range(len(rows))] == [*enumerate(cells, 1)]
    assert [*rows[1:]] == [*rows][1:]
    assert [*numbers_of(rows[1:])] == [line for line, _ in rows][1:]
    for at in range(3):
        assert column_of(rows, at) == column_of([*rows], at)


def test_a_cell_too_long_for_csv_is_told_as_before() -> None:
    with pytest.raises(NotAStatement, match="breaks off"):
        rows_of("bank.csv", f"a,{'x' * 200_000}\n", ",")


_PARTS = st.sampled_from(["a", ",", ";", '"', '"b,c"', '"d"', '""', "\n"])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["a", ",", ";", '"', '"b,c"', '"d"', '""', "\n"]), max_size=14),
    st.sampled_from(",;"),
)
def test_quoted_cells_of_one_line_are_cut_as_csv_cuts_them(parts: list[str], delimiter: str) -> None:
    text = "".join(parts)
    rows = plain_rows.plain_rows(text, delimiter)
    if rows is None:
        assert '"' in text
        return
    told = [cells for _, cells in rows]
    assert told == list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert [rows[place][1] for place in range(len(rows))] == told
    assert rows.column(1) == [cells[1] for cells in told if len(cells) > 1]
    assert [list(cells) for cells in zip(*rows.columns(), strict=True)] in ([], told)


def test_a_comma_in_quotation_marks_does_not_keep_rows_from_being_read_in_columns() -> None:
    rows = plain_rows.plain_rows('1,"Cheque Verris, slip 702310",5\n2,"Rent",6\n', ",")
    assert rows is not None
    assert rows.columns() == [["1", "2"], ["Cheque Verris, slip 702310", "Rent"], ["5", "6"]]
    assert plain_rows.plain_rows('1,"two\nrows"\n', ",") is None
    assert plain_rows.plain_rows('1,"a \0 in it"\n', ",") is None
