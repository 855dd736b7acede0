"""What banks and spreadsheets do to files: letters, line ends, guards, quotes, odd rows and amounts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.income.amounts import BadAmount, pence_from_mt940, pence_from_text, quick_pence
from app.income.files import StatementFile, read_any
from app.income.formats.csv_rows import delimiter_of
from app.income.formats.day_order import Days, certain_day, full_year
from app.income.reading import NeedsDateOrder, NotAStatement, StatementRead
from app.income.rules import prove

HEAD = "Date,Details,Reference,Amount,Balance\n"
BODY = "13/12/2026,CAFÉ £5,R1,1.00,11.00\n14/12/2026,RENT,R2,2.00,13.00\n"


def one(data: str | bytes) -> StatementRead:
    found = read_any("bank.csv", data if isinstance(data, bytes) else data.encode())
    assert isinstance(found, StatementFile)
    (statement,) = found.statements
    return statement


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_a_pound_sign_and_an_accent_survive_every_encoding(encoding: str) -> None:
    statement = one((HEAD + BODY).encode(encoding))
    assert statement.lines[0].words == "CAFÉ £5"
    assert prove(statement).ok


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n\n"])
def test_line_ends_of_any_system_are_line_ends(ends: str) -> None:
    assert len(one((HEAD + BODY).replace("\n", ends)).lines) == 2


def test_mixed_line_ends_keep_the_numbers_of_the_lines() -> None:
    statement = one(HEAD.replace("\n", "\r\n") + BODY.replace("\n", "\r", 1) + "31/06/2026,x,,1.00,14.00\r\n")
    assert [row.line for row in statement.problems] == [4]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_cells_may_be_parted_by_other_marks_and_a_row_may_end_in_one(delimiter: str) -> None:
    text = (HEAD + BODY).replace(",", delimiter).replace("\n", f"{delimiter}\n")
    assert prove(one(text)).ok


def test_commas_inside_words_do_not_make_the_comma_the_delimiter() -> None:
    assert delimiter_of("Date;Details;Amount\n13/12/2026;A, B, C, D;1.00\n14/12/2026;E, F;2.00\n") == ";"


def test_a_nul_is_named_by_its_line() -> None:
    with pytest.raises(NotAStatement, match="line 3"):
        one(HEAD + BODY.replace("RENT", "RE\0NT"))


def test_a_quoted_line_break_keeps_the_row_whole_and_the_next_line_right() -> None:
    text = HEAD + '13/12/2026,"TWO\nLINES",R1,1.00,11.00\n31/06/2026,x,,1.00,12.00\n'
    statement = one(text)
    assert statement.lines[0].words == "TWO LINES"
    assert [row.line for row in statement.problems] == [4]


def test_a_quotation_mark_that_is_never_closed_is_named() -> None:
    text = HEAD + '13/12/2026,"OPEN,R1,1.00,11.00\n' + "14/12/2026,x,R,1.00,12.00\n" * 60
    with pytest.raises(NotAStatement, match=r"line 2 .* is never closed"):
        one(text)


def test_headings_printed_again_rows_above_and_a_total_below_are_no_lines() -> None:
    first, second = BODY.splitlines(keepends=True)
    text = f"Account Number,12345678\nSort Code,60-11-11\n\n{HEAD}{first}{HEAD}{second}\nTotal,,,3.00,\n"
    statement = one(text + "End of report,,,,\n")
    assert [line.pence for line in statement.lines] == [100, 200]
    assert statement.account == "60-11-11 12345678"
    assert statement.problems == ()
    assert prove(statement).ok


def test_references_that_a_spreadsheet_guarded_are_freed_and_those_it_spoilt_are_left_out_by_name() -> None:
    text = HEAD + '13/12/2026,x,"=""0123""",1.00,11.00\n14/12/2026,\'=CMD,7.75E+08,2.00,13.00\n'
    first, second = one(text).lines
    assert first.customer_reference == "0123"
    assert (second.customer_reference, second.words) == ("", "=CMD")
    (remark,) = one(text).remarks
    assert (remark.line, "7.75E+08" in remark.message) == (3, True)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("30/02/2026,x,,1.00,14.00", "the date 30/02/2026 is in no calendar"),
        ("15/12/2026,x,,1.005,14.00", "more than two decimals"),
        ("15/12/2026,x,,1e3,14.00", "not an amount"),
        ("15/12/2026,x,,,14.00", "the amount is empty"),
        ("15/12/2026,x", "breaks off before its last column"),
        (",x,,1.00,14.00", "“” is not a date"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_unproves(row: str, told: str) -> None:
    statement = one(HEAD + BODY + row + "\n")
    assert [(problem.line, told in problem.message) for problem in statement.problems] == [(4, True)]
    assert not prove(statement).ok


def test_a_line_of_no_money_is_a_line() -> None:
    statement = one(HEAD + BODY + "15/12/2026,ADVICE ONLY,,0.00,13.00\n")
    assert statement.lines[-1].pence == 0
    assert prove(statement).ok


def test_a_line_in_another_currency_is_named_and_not_counted() -> None:
    text = "Date,Details,Currency,Amount,Balance\n13/12/2026,a,GBP,1.00,11.00\n14/12/2026,b,GBP,1.00,12.00\n"
    statement = one(text + "15/12/2026,c,EUR,5.00,12.00\n")
    assert statement.currency == "GBP"
    assert "it is in EUR, but the account is kept in GBP" in statement.problems[0].message
    assert len(statement.lines) == 2


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("12.30 DR", -1_230),
        ("-GBP 4", -400),
        ("GBP -4", -400),
        ("£-4.00", -400),
        ("-£4", -400),
        ("4.00 GBP", 400),
        ("(1,234.56)", -123_456),
        ("12.30-", -1_230),
        ("5.00 OD", -500),
        ("+7", 700),
        ("−7.5", -750),
        ("1\u00a0", 100),
    ],
)
def test_amounts_as_people_write_them(text: str, pence: int) -> None:
    assert pence_from_text(text) == quick_pence(text) == pence


@pytest.mark.parametrize(
    "text",
    [
        "--5",
        "(-5)",
        "-5 DR",
        "-(5)",
        "１２",
        "12.３0",
        "1e3",
        "1E+05",
        "1.2.3",
        "1,23",
        "12,30",
        "0x10",
        "NaN",
    ],
)
def test_what_is_no_amount_or_has_two_signs_is_refused(text: str) -> None:
    for reader in (pence_from_text, quick_pence):
        with pytest.raises(BadAmount):
            reader(text)


def test_mt940_amounts_are_in_plain_digits_and_of_a_size() -> None:
    assert pence_from_mt940("1234,5") == 123_450
    for text in ("１２,00", "1,234", "9" * 20, "1.00"):
        with pytest.raises(BadAmount):
            pence_from_mt940(text)


@given(st.integers(-(10**13), 10**13))
@example(0)
@example(-1)
@settings(max_examples=80, deadline=None)
def test_the_quick_way_and_the_careful_way_read_the_same_amount(pence: int) -> None:
    text = f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"
    assert quick_pence(text) == pence_from_text(text) == pence


# -- dates -------------------------------------------------------------------------------------------------


def test_dates_with_one_reading_need_no_order() -> None:
    day = date(2026, 12, 8)
    texts = [
        "2026-12-08",
        "20261208",
        "8 Dec 2026",
        "08-Dec-26",
        "8 December 2026",
        "Dec 8, 2026",
        "2026/12/08",
    ]
    assert [certain_day(text) for text in texts] == [day] * len(texts)
    read = Days("x", ["Tue 8 Dec 2026", "2026-12-08 24:00", "2026-12-08T10:15:00Z"])
    assert set(read.known.values()) == {day}


def test_two_figures_of_a_year_are_this_century_up_to_79() -> None:
    assert (full_year(26), full_year(79), full_year(80), full_year(99)) == (2026, 2079, 1980, 1999)


def test_days_that_are_the_same_either_way_need_no_asking() -> None:
    assert Days("x", ["05/05/2026", "06/06/2026"]).known["05/05/2026"] == date(2026, 5, 5)
    with pytest.raises(NeedsDateOrder):
        Days("x", ["05/05/2026", "06/07/2026"])


def test_in_a_contradiction_the_larger_side_is_kept_and_the_other_named() -> None:
    days = Days("x", ["13/01/2026", "14/01/2026", "01/15/2026"])
    assert days.day_first
    assert list(days.why) == ["01/15/2026"]
    assert "month first" in days.why["01/15/2026"]
    told = Days("x", ["13/01/2026"], day_first=False)
    assert told.known == {}


@given(st.lists(st.dates(date(1990, 1, 1), date(2060, 12, 31)), min_size=1, max_size=12), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_file_written_in_one_order_is_never_read_in_the_other(days: list[date], day_first: bool) -> None:
    pattern = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    texts = {day.strftime(pattern): day for day in days}
    try:
        read = Days("x", texts)
    except NeedsDateOrder:
        assert all(day.day <= 12 for day in days)
        return
    assert read.known == texts
