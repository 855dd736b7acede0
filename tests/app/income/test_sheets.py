"""Spreadsheets on their way in: cells as a person reads them, and files that are none."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook

from app import sheet_reading as sheets
from app.errors import BadFile
from app.income.files import LedgerFile, SettlementFile, read_any, read_ledger_file
from app.income.formats import dwp, ledger_sheet
from app.income.reading import BadRows
from app.sheet_reading import Figure
from tests.app.income import samples_book


def workbook(rows: Sequence[Sequence[Any]], formats: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for place, number_format in (formats or {}).items():
        sheet[place].number_format = number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_cells_are_read_as_a_person_reads_them() -> None:
    data = workbook(
        [
            [
                "0123",
                77041,
                12.3,
                0.1 + 0.2,
                1234.56,
                date(2026, 12, 1),
                datetime.combine(date(2026, 12, 1), time(9, 30)),
            ],
            [1e21, 123456789012345678, -5, True, None, date(2026, 12, 2), "=1+1"],
        ],
        {"B1": "0000000000", "C1": "0.00", "E1": "#,##0.00"},
    )
    first, second = sheets.rows_of("a.xlsx", data)
    assert first == ["0123", "0000077041", "12.30", "0.3", "1234.56", "2026-12-01", "2026-12-01 09:30:00"]
    assert second[0] == "1" + "0" * 21
    assert second[2:6] == ["-5", "TRUE", "", "2026-12-02"]
    assert isinstance(first[1], Figure)
    assert not isinstance(first[0], Figure)


def test_a_formula_is_read_by_its_value_and_one_without_a_value_is_empty() -> None:
    data = workbook([["Amount"], ["=1+1"]])
    assert sheets.rows_of("a.xlsx", data) == [["Amount"]]
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(out, "w") as changed:
        for item in packed.namelist():
            body = packed.read(item)
            changed.writestr(item, body.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"))
    assert sheets.rows_of("a.xlsx", out.getvalue()) == [["Amount"], ["2"]]


def test_a_ledger_in_a_sheet_reads_like_its_csv() -> None:
    rows = [
        ["Receipts"],
        ["Id", "Date", "Amount", "Reference", "Fund", "Narrative"],
        ["A1", date(2026, 12, 1), 1250.5, "770412265", "23", "Marlow"],
        ["A2", date(2026, 12, 2), -3, "'=x", 52, "Stall"],
    ]
    read = ledger_sheet.read_mapped("a.xlsx", sheets.numbered(sheets.rows_of("a.xlsx", workbook(rows))))
    assert [(r.file_line, r.ledger_id, r.pence) for r in read.receipts] == [
        (3, "A1", 125_050),
        (4, "A2", -300),
    ]
    assert [(r.reference, r.fund) for r in read.receipts] == [("770412265", "23"), ("=x", "52")]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("~$book.xlsx", b"\x05Priya", "lock file"),
        ("old.xls", b"\xd0\xcf\x11\xe0rest", "password"),
        ("text.xlsx", b"id,date\n", "not a spreadsheet"),
        ("cut.xlsx", workbook([["a"]])[:-400], "damaged"),
        ("empty.xlsx", workbook([]), "nothing in it"),
    ],
)
def test_a_file_that_is_no_sheet_gets_one_sentence(name: str, data: bytes, told: str) -> None:
    with pytest.raises(BadFile, match=told) as caught:
        sheets.rows_of(name, data)
    assert name in caught.value.title
    assert caught.value.advice


def repacked(body: bytes) -> bytes:
    """The workbook of one cell with the XML of its sheet replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["a"]]))) as packed,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for item in packed.namelist():
            changed.writestr(item, body if item.startswith("xl/worksheets/sheet") else packed.read(item))
    return out.getvalue()


def test_a_sheet_that_is_broken_inside_or_expands_entities_is_one_sentence() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    for body in (b"<worksheet><sheetData><row>", laughs):
        with pytest.raises(BadFile, match="damaged"):
            sheets.rows_of("a.xlsx", repacked(body))


def test_a_zip_that_unpacks_to_far_too_much_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(b"<worksheet>" + b" " * 80_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(BadFile, match="would unpack to 80 MB"):
        sheets.rows_of("bomb.xlsx", bomb)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("letter.txt", "Dear Sir")
    with pytest.raises(BadFile, match="without a spreadsheet"):
        sheets.rows_of("a.zip", out.getvalue())
    assert not sheets.is_sheet(out.getvalue())
    assert sheets.is_sheet(workbook([["a"]]))


def deduction(account: object, day: object, pence: object, sign: str = "") -> list[object]:
    return ["", "", "", "", "", account, "", "", "", "", day, pence, sign]


def test_the_departments_sheet_is_read_by_its_columns() -> None:
    rows = [
        [f"Heading {n}" for n in range(13)],
        deduction("77 0412 265", date(2026, 12, 1), 371),
        deduction(770412265, date(2026, 12, 1), 371),
        deduction("A 12", "02/12/2026", "1250", "-"),
    ]
    read_in = sheets.rows_of("dwp.xlsx", workbook(rows))
    assert dwp.looks_like_rows(read_in)
    read = dwp.read_rows("dwp.xlsx", read_in)
    assert [(r.reference, r.pence, r.fund) for r in read.receipts] == [
        ("770412265", 371, "23"),
        ("770412265", 371, "23"),
        ("A12", -1250, ""),
    ]
    assert len({r.ledger_id for r in read.receipts}) == 3
    rows += [deduction("7", "31/11/2026", 1), deduction("", date(2026, 12, 1), 1)]
    rows += [deduction("7", "1/12/2026", 1.5)]
    with pytest.raises(BadRows) as caught:
        dwp.read_rows("dwp.xlsx", sheets.rows_of("dwp.xlsx", workbook(rows)))
    assert [row.line for row in caught.value.rows] == [5, 6, 7]
    assert not dwp.looks_like_rows([["Id", "Date"], ["1", "2"]])


def test_a_sheet_is_told_by_what_is_in_it() -> None:
    book = workbook([["Id", "Date", "Amount", "Fund"], ["1", date(2026, 12, 1), 5, "52"]])
    read = read_any("anything.bin", book)
    assert isinstance(read, LedgerFile)
    assert (read.format, read.receipts[0].pence) == ("XLSX", 500)
    sheet = workbook([["h"] * 13, deduction("770412265", date(2026, 12, 1), 371)])
    assert read_any("dwp.xlsx", sheet).format == "DWP council tax"
    with pytest.raises(BadFile, match="headings Holdall does not know"):
        read_any("odd.xlsx", workbook([["Dear Sir"], ["or Madam"]]))
    with pytest.raises(BadFile, match="lock file"):
        read_any("~$book.xlsx", b"\x05Priya")


def test_a_providers_report_in_a_sheet_reads_like_its_csv() -> None:
    rows = samples_book.adyen_rows(random.Random(4))
    amounts = [[float(cell) if "." in cell else cell for cell in row] for row in rows]
    read = read_any("adyen.xlsx", workbook([samples_book.ADYEN_HEAD, *amounts]))
    told = read_any("adyen.csv", samples_book.adyen(random.Random(4)))
    assert isinstance(read, SettlementFile)
    assert isinstance(told, SettlementFile)
    assert read.settlements == told.settlements
    amounts[1][2] = int(rows[1][2])
    with pytest.raises(BadFile, match=r"Row 3 of “adyen\.xlsx” keeps .* its last digits are lost"):
        read_any("adyen.xlsx", workbook([samples_book.ADYEN_HEAD, *amounts]))


def test_a_mapping_that_was_told_reads_a_sheet_and_a_csv_alike() -> None:
    mapping = {"date": "When", "amount": "How much", "reference": "Whose", "fund": "What for"}
    rows = [["When", "How much", "Whose", "What for"], [date(2026, 12, 1), 5, "X1", "52"]]
    sheet = read_ledger_file("odd.xlsx", workbook(rows), mapping=mapping)
    text = read_ledger_file(
        "odd.csv", b"When,How much,Whose,What for\n1/12/2026,5.00,X1,52\n", mapping=mapping
    )
    assert sheet.receipts == text.receipts
    assert (sheet.format, text.format, text.tells_fund) == ("XLSX", "Ledger table", True)


def test_the_first_sheet_that_is_shown_and_has_rows_is_read() -> None:
    book = Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.append(["not for reading"])
    hidden.sheet_state = "hidden"
    book.create_sheet("Empty")
    book.create_sheet("Rows").append(["these"])
    out = io.BytesIO()
    book.save(out)
    assert sheets.rows_of("a.xlsx", out.getvalue()) == [["these"]]


def test_a_sheet_of_more_than_can_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = workbook([["a"]] * 20)
    monkeypatch.setattr(sheets, "MOST_ROWS", 19)
    with pytest.raises(BadFile, match="more than 19 rows"):
        sheets.rows_of("a.xlsx", data)
    monkeypatch.setattr(sheets, "LARGEST_UNPACKED", 1_000)
    with pytest.raises(BadFile, match="would unpack"):
        sheets.rows_of("a.xlsx", data)
