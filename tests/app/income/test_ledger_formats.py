"""The book's formats: rows of an income system, headed tables of any ledger, and what spoils them."""

from __future__ import annotations

from datetime import date

import pytest

from app.income.formats import ims_rows, ledger_sheet
from app.income.formats.cells import csv_rows, day_first
from app.income.reading import BadRows, NotALedger
from app.sheet_reading import Figure

IMS = (
    'R1,IN1,PSP9,S,01/12/2026 09:15:00,30/11/2026,770412265,7,23,90,"1,250.00",W0,0.2,208.33,"MARLOW, J"\n'
    "R2,IN1,,99,2026-12-01,2026-11-30T08:00:00,77041226X,7,52,1,-6.00,W0,0.2,-1.00,Stall\n"
)


def test_ims_rows_keep_every_field_with_its_commas_in_quotes() -> None:
    assert ims_rows.looks_like(IMS)
    first, second = ims_rows.read_ledger("ims.csv", IMS)
    assert (first.ledger_id, first.internal_reference, first.psp_reference) == ("R1", "IN1", "PSP9")
    assert (first.posted_on, first.pence, first.reference) == (date(2026, 12, 1), 125_000, "770412265")
    assert (first.fund, first.mop, first.office) == ("23", "90", "S")
    assert (first.vat_code, first.vat_pence, first.narrative) == ("W0", 20_833, "MARLOW, J")
    assert (second.pence, second.vat_pence) == (-600, -100)


def test_a_vat_amount_that_is_not_its_rate_is_warned_of_and_kept_as_posted() -> None:
    read = ims_rows.read_book("ims.csv", IMS.replace("208.33", "208.34").replace("-1.00", "-1.02"))
    assert [receipt.vat_pence for receipt in read.receipts] == [20_834, -102]
    assert [str(problem) for problem in read.problems] == [
        "Line 2: its VAT is −£1.02, but 20 % within its amount is −£1.00."
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (",Stall", ",Stall,more", "16 fields instead of 15"),
        ("2026-12-01", "2026-02-30", "in no calendar"),
        ("2026-11-30T08:00:00", "31/11/2026", "in no calendar"),
        ("-6.00", "-6.005", "two decimals"),
        ("R2,", "R1,", "in line 1 already"),
        ("R2,", ",", "reference is empty"),
        ("77041226X", "7.7E+08", "a spreadsheet turned the account reference"),
        (",52,", ",524242,", "fund code"),
        (",0.2,-1.00", ",twenty,-1.00", "is not a VAT rate"),
    ],
)
def test_an_ims_row_that_cannot_be_read_is_named_and_nothing_is_taken(
    before: str, after: str, told: str
) -> None:
    head, tail = IMS.split("\n", 1)
    assert before in tail
    with pytest.raises(BadRows, match=told) as caught:
        ims_rows.read_book("ims.csv", f"{head}\n{tail.replace(before, after, 1)}")
    assert [row.line for row in caught.value.rows] == [2]


def test_a_text_with_another_number_of_fields_is_no_ims_file() -> None:
    assert not ims_rows.looks_like("a,b,c\n")
    assert not ims_rows.looks_like(IMS.replace("01/12/2026 09:15:00,30/11/2026", "x,y"))
    assert not ims_rows.looks_like("")


def test_headings_of_any_system_are_understood_by_their_words() -> None:
    mapping = ledger_sheet.guess_mapping(
        ["Reference", "EntryDate", "AccountReference", "Fund Code", "MOP", "Amount (£)", "VAT", "Notes"]
    )
    assert mapping == {
        "id": "Reference",
        "date": "EntryDate",
        "reference": "AccountReference",
        "fund": "Fund Code",
        "mop": "MOP",
        "amount": "Amount (£)",
        "vat_amount": "VAT",
    }


def test_an_id_of_its_own_comes_before_a_plain_reference() -> None:
    mapping = ledger_sheet.guess_mapping(["Id", "Date", "Amount", "Reference", "Account Reference"])
    assert (mapping["id"], mapping["reference"]) == ("Id", "Account Reference")


TABLE = (
    "Receipts posted, November 2026\n\n"
    "Receipt No;Date;Account Ref;Fund Code;MOP;Paid In;Paid Out;Description;\n"
    "A1;30/11/2026;770412265;23;90;1,250.00;;Marlow;\n"
    "A2;30 Nov 2026;;52;1;;6.00;Stall, back;\n"
    "Receipt No;Date;Account Ref;Fund Code;MOP;Paid In;Paid Out;Description;\n"
    " ; ; ; ; ; ; ; \n"
    "A3;01/12/2026;'=7;52;1;2.00;;Stall;\n"
    "Total;;;;;1,252.00;6.00;;\n"
)


def test_a_table_below_a_title_with_money_in_and_out_is_read_and_its_total_proved() -> None:
    assert ledger_sheet.looks_like(TABLE)
    read = ledger_sheet.read_book("table.csv", TABLE)
    assert [(r.ledger_id, r.pence, r.reference) for r in read.receipts] == [
        ("A1", 125_000, "770412265"),
        ("A2", -600, ""),
        ("A3", 200, "=7"),
    ]
    (control,) = read.controls
    assert (control.stated, control.counted, control.holds) == (124_600, 124_600, True)
    assert read.tells_fund


def test_a_total_that_the_rows_do_not_make_does_not_hold() -> None:
    (control,) = ledger_sheet.read_book("table.csv", TABLE.replace("2.00;;Stall", "2.01;;Stall")).controls
    assert not control.holds


def test_a_mapping_that_was_told_is_used_as_it_is() -> None:
    text = "When,How much,Whose,Why\n1/12/2026,5.00,X1,swim\n"
    mapping = {"date": "When", "amount": "how much", "reference": "Whose", "narrative": "Why"}
    read = ledger_sheet.read_book("odd.csv", text, mapping=mapping)
    assert (read.receipts[0].pence, read.receipts[0].narrative) == (500, "swim")
    assert not read.tells_fund
    with pytest.raises(NotALedger, match="no column called Where"):
        ledger_sheet.read_book("odd.csv", text, mapping={**mapping, "fund": "Where"})


def test_rows_without_an_id_get_one_from_what_they_say_and_identical_rows_stay_apart() -> None:
    text = "Date,Amount,Reference,Fund\n1/12/2026,5.00,X1,52\n1/12/2026,5.00,X1,52\n1/12/2026,5.01,X1,52\n"
    ids = [receipt.ledger_id for receipt in ledger_sheet.read_ledger("a.csv", text)]
    assert len(set(ids)) == 3
    turned = text.replace("X1,52\n1/12/2026,5.01", "X1,52\n01/12/2026,5.01").replace(",5.00", ',"5.00"')
    assert [receipt.ledger_id for receipt in ledger_sheet.read_ledger("b.csv", turned)] == ids


def test_numbers_of_a_sheet_that_lost_their_zeros_or_digits_are_named() -> None:
    head = ["Date", "Amount", "Reference", "Fund"]
    rows = [
        ["2026-12-01", Figure("5.00"), "0123456789", "52"],
        ["2026-12-01", Figure("5.00"), Figure("123456789"), "52"],
        ["2026-12-01", Figure("5.00"), Figure("7704122657704122"), "52"],
        ["2026-12-01", Figure("5.00"), "7.75E+08", "52"],
    ]
    with pytest.raises(BadRows) as caught:
        ledger_sheet.read_mapped("s.xlsx", enumerate([head, *rows], 1))
    told = [row.message for row in caught.value.rows]
    assert [row.line for row in caught.value.rows] == [3, 4, 5]
    assert "first zeros are lost" in told[0]
    assert "last digits are lost" in told[1]
    assert "7.75E+08" in told[2]


def test_a_name_where_a_code_should_be_is_left_out_with_a_warning() -> None:
    text = "Id,Date,Amount,Office Code\n1,1/12/2026,5.00,Post Room\n"
    read = ledger_sheet.read_book("a.csv", text)
    assert read.receipts[0].office == ""
    assert "Post Room" in read.problems[0].message


def test_a_bank_csv_is_not_taken_for_a_book() -> None:
    assert not ledger_sheet.looks_like("Date,Type,Amount,Description,Balance\n1/12/2026,BGC,5.00,x,5.00\n")
    assert not ledger_sheet.looks_like("Date,Payment Type,Amount,Balance (GBP)\n1/12/2026,BGC,5.00,5.00\n")
    assert not ledger_sheet.looks_like("Sort code,Date,Payment Type,Amount\n000000,1/12/2026,BGC,5.00\n")
    assert not ledger_sheet.looks_like("Date,Amount,Description\n1/12/2026,5.00,x\n")


def test_a_line_break_in_quotes_that_never_ends_is_one_sentence() -> None:
    with pytest.raises((NotALedger, BadRows)):
        ledger_sheet.read_book("a.csv", 'Id,Date,Amount\n1,1/12/2026,5.00\n2,"1/12')


def test_days_with_a_time_beside_them_are_read() -> None:
    for text in ("1/12/2026 23:59:59", "2026-12-01T10:00:00", "2026-12-01 10:00", "1 Dec 2026"):
        assert day_first(text) == date(2026, 12, 1)
    assert list(csv_rows("\ufeffa;b\n1;2\n")) == [(1, ["a", "b"]), (2, ["1", "2"])]
