"""Banks' own CSV files: headings, known banks, signs, dates, balances, totals, and what is wrong in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from app.income.files import StatementFile, read_any, read_statement_file
from app.income.reading import NeedsColumns, NeedsDateOrder, StatementRead
from app.income.rules import prove

HEAD = "Date,Description,Amount,Balance\n"


def read(text: str, layout: Mapping[str, Any] | None = None) -> tuple[StatementRead, ...]:
    found = read_any("bank.csv", text.encode(), layout=layout)
    assert isinstance(found, StatementFile)
    assert found.format == "Bank CSV"
    return found.statements


def one(text: str, layout: Mapping[str, Any] | None = None) -> StatementRead:
    (statement,) = read(text, layout)
    return statement


def pence(statement: StatementRead) -> list[int]:
    return [line.pence for line in statement.lines]


# -- known banks ------------------------------------------------------------------------------------------


def test_lloyds_rows_of_opening_and_closing_balance_are_no_lines_but_the_proof() -> None:
    statement = one(
        "Post Date,Account Number,Account Name,Type,Amount,Customer Reference,Transaction Detail,Balance\n"
        "01/12/2026,300000-12345678 GBP,GENERAL,,,,Opening Ledger Balance,100.00\n"
        "02/12/2026,300000-12345678 GBP,GENERAL,BGC,10.00,770412265,MR SMITH,110.00\n"
        "13/12/2026,300000-12345678 GBP,GENERAL,DD,-20.50,REF2,BILL,89.50\n"
        "14/12/2026,300000-12345678 GBP,GENERAL,,,,Closing Ledger Balance,89.50\n"
    )
    assert statement.account == "300000-12345678 GBP"
    assert statement.opening is not None
    assert statement.closing is not None
    assert (statement.opening.pence, statement.opening.day) == (10_000, date(2026, 12, 1))
    assert (statement.closing.pence, statement.closing.day) == (8_950, date(2026, 12, 14))
    first = statement.lines[0]
    assert (first.file_line, first.booked_on, first.pence) == (3, date(2026, 12, 2), 1_000)
    assert (first.type_code, first.customer_reference, first.words) == ("BGC", "770412265", "MR SMITH")
    assert prove(statement).ok


def test_lloyds_without_headings_is_day_first_by_its_habits() -> None:
    statement = one(
        "01/12/26,300000-12345678,,BGC,10.00,R1,SMITH\n02/12/26,300000-12345678,,DD,-1.00,R2,BILL\n"
    )
    assert [line.booked_on.day for line in statement.lines] == [1, 2]
    assert (statement.account, pence(statement)) == ("300000-12345678", [1_000, -100])
    assert "no opening balance" in prove(statement).hint


def test_barclays_takes_its_day_from_the_first_line_and_its_signs_from_the_flag() -> None:
    statement = one(
        "HDR,x,y,20261213,\nh,sort,account,-,value,flag,description,cheque,narrative\n"
        "-,200000,12345678,-,10.00,CR,SMITH,,RENT\n-,200000,12345678,-,1.00,DR,BILL,000123,\n"
    )
    assert statement.account == "200000 12345678"
    assert pence(statement) == [1_000, -100]
    assert {line.booked_on for line in statement.lines} == {date(2026, 12, 13)}
    assert [line.words for line in statement.lines] == ["SMITH RENT", "BILL"]
    assert statement.lines[1].customer_reference == "000123"


def test_natwest_older_writes_six_digits_for_a_day() -> None:
    statement = one("A header line\n261213,-,-,10.00,SMITH,BAC,-,\n261214,-,-,-1.00,BILL,CHQ,-,000123\n")
    assert [line.booked_on for line in statement.lines] == [date(2026, 12, 13), date(2026, 12, 14)]
    assert (pence(statement), statement.account) == ([1_000, -100], "")


def test_hsbc_names_the_account_in_each_row() -> None:
    statement = one(
        "123456-01234567,13/12/2026,GBP,10.00,SMITH,BGC\n123456-01234567,14/12/2026,GBP,-1.00,BILL,DD\n"
    )
    assert (statement.account, statement.currency) == ("123456-01234567", "GBP")
    assert pence(statement) == [1_000, -100]


def test_clydesdale_joins_sort_code_and_account() -> None:
    statement = one("2026/12/13,-,82000012345678,-,-,-,SMITH,10.00,RENT\n")
    assert (statement.account, statement.lines[0].words) == ("82000012345678", "SMITH RENT")


def test_bankline_gives_a_statement_for_each_account_and_joins_its_five_narratives() -> None:
    first, second = read(
        "Sort Code,Account Number,Account Alias,Account Short Name,Currency,Account Type,BIC,Bank Name,"
        "Branch Name,Date,Narrative #1,Narrative #2,Narrative #3,Narrative #4,Narrative #5,Type,"
        "Debit,Credit\n"
        "600000,12345678,A,A,GBP,,,,,02/12/2026,A,B,,D,,BAC,,10.00\n"
        "600000,87654321,B,B,GBP,,,,,03/12/2026,X,,,,,DD,0.00,5.00\n"
        "600000,12345678,A,A,GBP,,,,,03/12/2026,C,,,,,DD,1.00,\n"
    )
    assert (first.account, pence(first)) == ("600000 12345678", [1_000, -100])
    assert (second.account, pence(second)) == ("600000 87654321", [500])
    assert first.lines[0].words == "A B D"
    assert [line.file_line for line in first.lines] == [2, 4]


# -- balances ---------------------------------------------------------------------------------------------

UP = HEAD + "01/12/2026,a,1.00,11.00\n02/12/2026,b,2.00,13.00\n13/12/2026,c,-3.00,10.00\n"


def test_running_balances_prove_a_file_in_either_direction() -> None:
    rows = UP.splitlines()[1:]
    down = HEAD + "\n".join(rows[::-1]) + "\n"
    for text in (UP, down):
        statement = one(text)
        assert statement.opening is not None
        assert statement.closing is not None
        assert (statement.opening.pence, statement.closing.pence) == (1_000, 1_000)
        assert prove(statement).ok


def test_the_row_where_the_running_balance_breaks_is_named() -> None:
    proof = prove(one(UP.replace("13.00", "13.01")))
    assert not proof.ok
    assert "Line 3: the running balance breaks here, at £13.01 where £13.00 was due" in proof.hint


def test_days_newest_first_whose_own_lines_run_oldest_first_are_proved() -> None:
    text = HEAD + "14/12/2026,c,1.00,14.00\n14/12/2026,d,5.00,19.00\n"
    text += "13/12/2026,a,1.00,11.00\n13/12/2026,b,2.00,13.00\n"
    statement = one(text)
    assert statement.opening is not None
    assert (statement.opening.pence, prove(statement).ok) == (1_000, True)


def test_a_row_taken_out_of_the_middle_breaks_the_running_balance() -> None:
    text = UP.replace("02/12/2026,b,2.00,13.00\n", "")
    proof = prove(one(text))
    assert (proof.ok, "Line 3" in proof.hint) == (False, True)


def test_an_overdrawn_balance_may_say_so_in_letters() -> None:
    statement = one(HEAD + '13/12/2026,a,-5.00,"1,005.00 OD"\n14/12/2026,b,1.00,"1,004.00 DR"\n')
    assert statement.closing is not None
    assert statement.closing.pence == -100_400
    assert prove(statement).ok


def test_a_total_below_the_lines_is_held_against_them() -> None:
    good = one(UP + "Total,,0.00,\nNumber of transactions,3,,\n")
    assert prove(good).ok
    assert [control.name for control in good.controls] == ["total", "number of transactions"]
    bad = prove(one(UP + "Total,,0.01,\n"))
    assert (bad.ok, bad.difference) == (False, 1)
    short = prove(one(UP + "Number of transactions,4,,\n"))
    assert "4, but 3 were read: 1 missing" in short.hint


def test_an_opening_row_without_a_closing_one_is_remarked() -> None:
    statement = one(HEAD + "01/12/2026,Opening balance,,10.00\n13/12/2026,a,1.00,11.00\n")
    assert "may be cut short" in statement.remarks[0].message


# -- signs ------------------------------------------------------------------------------------------------


def test_a_flag_beside_a_bare_amount_gives_its_sign_whatever_its_column_is_called() -> None:
    for head in ("DR/CR", "Type", "Credit/Debit"):
        statement = one(f"Date,Narrative,Amount,{head}\n13/12/2026,a,1.00,CR\n14/12/2026,b,2.00,DR\n")
        assert pence(statement) == [100, -200], head


def test_debits_may_carry_their_own_minus_or_none() -> None:
    for first, second in (("2.00", "3.00"), ("-2.00", "-3.00")):
        text = "Date,Details,Paid out,Paid in\n"
        text += f"13/12/2026,a,{first},\n14/12/2026,b,{second},0.00\n15/12/2026,c,0.00,4.00\n"
        assert pence(one(text)) == [-200, -300, 400]


def test_a_reversal_in_a_column_of_plain_debits_is_money_in() -> None:
    text = "Date,Details,Paid out,Paid in\n13/12/2026,a,2.00,\n14/12/2026,b,3.00,\n15/12/2026,undo,-2.00,\n"
    assert pence(one(text)) == [-200, -300, 200]


def test_a_row_with_both_a_debit_and_a_credit_is_named() -> None:
    statement = one("Date,Details,Paid out,Paid in\n13/12/2026,a,2.00,3.00\n14/12/2026,b,1.00,\n")
    assert [str(row) for row in statement.problems] == ["Line 2: it has both a debit and a credit."]


# -- dates ------------------------------------------------------------------------------------------------


def test_one_day_above_twelve_settles_the_order_for_the_whole_file() -> None:
    days = [line.booked_on for line in one(UP).lines]
    assert days == [date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 13)]
    american = HEAD + "12/01/2026,a,1.00,11.00\n12/13/2026,b,1.00,12.00\n"
    assert [line.booked_on.day for line in one(american).lines] == [1, 13]


def test_dates_that_could_be_either_are_asked_for_and_taken_as_told() -> None:
    text = HEAD + "03/12/2026,c,1.00,13.00\n02/12/2026,b,1.00,12.00\n"
    with pytest.raises(NeedsDateOrder) as caught:
        read(text)
    assert caught.value.examples == ("02/12/2026", "03/12/2026")
    assert "may be day first or month first" in caught.value.title
    assert one(text, {"day_first": True}).lines[0].booked_on == date(2026, 12, 3)
    assert one(text, {"day_first": False}).lines[0].booked_on == date(2026, 3, 12)


def test_a_sort_code_is_a_british_bank_and_needs_no_asking() -> None:
    text = "Date,Sort Code,Account Number,Details,Amount\n03/12/2026,601111,12345678,x,1.00\n"
    assert one(text).lines[0].booked_on == date(2026, 12, 3)


def test_a_date_against_the_order_of_the_file_is_named_with_the_one_it_contradicts() -> None:
    statement = one(UP + "14/12/2026,d,1.00,11.00\n12/25/2026,e,1.00,12.00\n")
    (problem,) = statement.problems
    assert problem.line == 6
    assert "12/25/2026 has its month first" in problem.message
    assert "13/12/2026" in problem.message
    assert not prove(statement).ok


def test_a_day_in_no_calendar_is_named_and_never_mended() -> None:
    statement = one(UP + "31/06/2026,d,1.00,11.00\n")
    assert [row.message for row in statement.problems] == ["the date 31/06/2026 is in no calendar"]
    assert len(statement.lines) == 3


# -- layouts ----------------------------------------------------------------------------------------------


def test_a_layout_that_was_remembered_goes_before_what_the_headings_say() -> None:
    text = "Wann;Was;Wieviel\n13.12.2026;Miete;1.00\n"
    with pytest.raises(NeedsColumns) as caught:
        read_any("bank.csv", text.encode())
    assert caught.value.headings == ("Wann", "Was", "Wieviel")
    layout = {"delimiter": ";", "header_row": 1, "date": "Wann", "amount": "Wieviel", "narrative": ["Was"]}
    found = read_statement_file("bank.csv", text.encode(), layout=layout)
    assert found.statements[0].lines[0].words == "Miete"


def test_the_layout_of_a_file_can_be_kept_and_used_again() -> None:
    found = read_statement_file("bank.csv", UP.encode())
    assert found.layout is not None
    assert (found.layout["day_first"], found.layout["amount"], found.layout["header_row"]) == (
        True,
        "Amount",
        1,
    )
    ambiguous = HEAD + "03/12/2026,c,1.00,13.00\n"
    assert one(ambiguous, found.layout).lines[0].booked_on == date(2026, 12, 3)


def test_a_remembered_layout_whose_columns_are_gone_is_asked_for_again() -> None:
    with pytest.raises(NeedsColumns) as caught:
        read(UP, {"header_row": 1, "date": "When", "amount": "How much"})
    assert caught.value.headings == ("Date", "Description", "Amount", "Balance")


def test_amounts_with_a_decimal_comma_are_read_where_the_whole_file_has_them() -> None:
    text = (
        'Bank code : 1001,Account Number : 08088804068,: EUR,,,\nBalance at end of period,,,,"31070,11"\n'
        'Date,Operation Number,Label,Debit,Credit,Detail\n01/04/20,OP 1,LABEL 1,"-50,00",,DETAILS 1\n'
        '13/04/20,OP 2,LABEL 2,"-180,68",,DETAILS 2\n14/04/20,OP 3,LABEL 3,,"1.300,02",DETAILS 3\n'
        'Balance at start of period,,,,"+30000,77",\n'
    )
    statement = one(text)
    assert pence(statement) == [-5_000, -18_068, 130_002]
    assert statement.account == "08088804068"
    assert statement.lines[0].words == "LABEL 1 DETAILS 1"
    assert prove(statement).ok


def test_a_thousands_comma_is_never_taken_for_a_decimal_one() -> None:
    assert pence(one('Date,Details,Amount\n13/12/2026,a,"1,234"\n14/12/2026,b,"1,234.50"\n')) == [
        123_400,
        123_450,
    ]
    mixed = one('Date,Details,Amount\n13/12/2026,a,"12,34"\n14/12/2026,b,"1,234.50"\n')
    assert [row.line for row in mixed.problems] == [2]


def test_a_bank_statement_in_a_spreadsheet_is_read_as_its_csv_would_be() -> None:
    import io

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Sort Code", "60-11-11"])
    sheet.append(["Account Number", "12345678"])
    sheet.append(["Date", "Type", "Description", "Money In", "Money Out", "Balance"])
    sheet.append([date(2026, 12, 1), "BAC", "SMITH", 10.5, None, 110.5])
    sheet.append([date(2026, 12, 2), "DD", "BILL", None, 0.5, 110])
    out = io.BytesIO()
    book.save(out)
    found = read_any("week.xlsx", out.getvalue())
    assert isinstance(found, StatementFile)
    (statement,) = found.statements
    assert (found.format, statement.account) == ("Bank XLSX", "60-11-11 12345678")
    assert pence(statement) == [1_050, -50]
    assert [line.booked_on for line in statement.lines] == [date(2026, 12, 1), date(2026, 12, 2)]
    assert prove(statement).ok


# -- the order of day and month where every date may be either ---------------------------------------------


LLOYDS = "Post Date,Account Number,Account Name,Type,Amount,Customer Reference,Transaction Detail,Balance\n"
BANKLINE = "Account Number,Account Alias,Account Short Name,Currency,Date,Narrative #1,Type,Debit,Credit\n"


@pytest.mark.parametrize(
    "text",
    [
        LLOYDS + "01/12/2026,12345678,GENERAL,BGC,1.00,R,SMITH,101.00\n"
        "02/12/2026,12345678,GENERAL,BGC,1.00,R,SMITH,102.00\n",
        BANKLINE + "12345678,GEN,GEN,GBP,01/12/2026,SMITH,BAC,,1.00\n"
        "12345678,GEN,GEN,GBP,02/12/2026,SMITH,BAC,,1.00\n",
        (
            "Number,Date,Account,Amount,Subcategory,Memo\n,01/12/2026,1,1.00,BGC,SMITH\n"
            ",02/12/2026,1,1.00,BGC,SMITH\n"
        ),
        (
            "Date,Type,Description,Value,Balance,Account Name,Account Number\n"
            "01/12/2026,BAC,SMITH,1.00,1.00,GEN,12345678\n02/12/2026,BAC,SMITH,1.00,2.00,GEN,12345678\n"
        ),
        "Date (DD/MM/YYYY),Details,Amount\n01/12/2026,SMITH,1.00\n02/12/2026,SMITH,1.00\n",
        "Date dd/mm/yy hh:mm,Details,Amount\n01/12/26 10:15,SMITH,1.00\n02/12/26 11:15,SMITH,1.00\n",
    ],
)
def test_headings_that_tell_the_order_of_dates_settle_it_without_asking_or_warning(text: str) -> None:
    statement = one(text)
    assert [line.booked_on for line in statement.lines] == [date(2026, 12, 1), date(2026, 12, 2)]
    assert (statement.remarks, statement.problems) == ((), ())


def test_a_heading_may_tell_that_the_month_is_first_and_is_held_to_it() -> None:
    text = "Date (MM/DD/YYYY),Details,Amount\n03/12/2026,SMITH,1.00\n13/12/2026,BILL,-1.00\n"
    statement = one(text)
    assert [line.booked_on for line in statement.lines] == [date(2026, 3, 12)]
    assert "13/12/2026 has its day first" in statement.problems[0].message


def test_what_a_person_says_of_the_order_goes_before_the_heading() -> None:
    text = "Date (MM/DD/YYYY),Details,Amount\n03/12/2026,SMITH,1.00\n"
    assert one(text, {"day_first": True}).lines[0].booked_on == date(2026, 12, 3)


@pytest.mark.parametrize("turn", [1, -1])
def test_the_only_order_that_keeps_the_rows_together_is_taken_with_a_warning(turn: int) -> None:
    rows = ["01/12/2026,a,1.00,1.00", "02/12/2026,b,1.00,2.00", "04/12/2026,c,1.00,3.00"][::turn]
    found = read_statement_file("bank.csv", (HEAD + "\n".join(rows) + "\n").encode())
    (statement,) = found.statements
    assert [line.booked_on.day for line in statement.lines] == [1, 2, 4][::turn]
    (remark,) = statement.remarks
    assert remark.line == 1
    assert "day first was taken, for only so the rows are in order and within 35 days" in remark.message
    assert "day_first" not in (found.layout or {})
    american = [row[3:6] + row[:3] + row[6:] for row in rows]
    turned = one(HEAD + "\n".join(american) + "\n")
    assert [line.booked_on.day for line in turned.lines] == [1, 2, 4][::turn]
    assert "month first was taken" in turned.remarks[0].message


@pytest.mark.parametrize(
    "days",
    [
        ["01/12/2026", "02/12/2026"],  # 31 days apart with the month first
        ["02/12/2026", "01/12/2026", "03/12/2026"],  # in order either way round: neither
        ["01/02/2026", "01/03/2026", "02/01/2026", "03/01/2026"],  # neither order is one
    ],
)
def test_dates_are_asked_for_where_both_orders_stay_plausible_or_neither_does(days: list[str]) -> None:
    with pytest.raises(NeedsDateOrder):
        read(HEAD + "".join(f"{day},a,1.00,1.00\n" for day in days))


def test_every_account_of_a_file_must_keep_the_order_by_itself() -> None:
    head = "Date,Account,Details,Amount\n"
    first = "".join(f"0{day}/12/2026,1111,a,1.00\n" for day in (1, 2, 4))
    second = "".join(f"0{day}/12/2026,2222,a,1.00\n" for day in (1, 2, 4))
    assert all(s.remarks and s.lines[0].booked_on == date(2026, 12, 1) for s in read(head + first + second))
    with pytest.raises(NeedsDateOrder):
        read(head + first + "05/12/2026,2222,a,1.00\n03/12/2026,2222,a,1.00\n04/12/2026,2222,a,1.00\n")
