"""Tables as CSV and XLSX that no spreadsheet runs: a text that would begin a formula gets one apostrophe.

Money and numbers stay numbers. Read back by app.sheet_reading and a reader of CSV, each text is as it was.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_STARTS = re.compile(r"'*[=+\-@\t\r]")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MONEY = "#,##0.00"
_DAY = "dd/mm/yyyy"


@dataclass(frozen=True)
class Pounds:
    """An amount for a cell: signed pence, shown as pounds with two places."""

    pence: int

    def __str__(self) -> str:
        return f"{'-' if self.pence < 0 else ''}{abs(self.pence) // 100}.{abs(self.pence) % 100:02d}"


Cell = str | int | date | Pounds | None
Table = Iterable[Sequence[Cell]]


def guarded(text: str) -> str:
    """Return a text that no spreadsheet runs, with one apostrophe more where it would begin a formula.

    A text that begins with an apostrophe and such a sign gets one too, so that reading takes off just that.
    """
    return f"'{text}" if _STARTS.match(text) else text


def csv_bytes(rows: Table, headings: Sequence[str], before: Table = ()) -> bytes:
    """Return a CSV in UTF-8 with its mark, as spreadsheets expect; `before` are rows above the headings."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in before:
        writer.writerow([_text(cell) for cell in row])
    writer.writerow([guarded(heading) for heading in headings])
    for row in rows:
        writer.writerow([_text(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(rows: Table, headings: Sequence[str], before: Table = (), title: str = "Sheet") -> bytes:
    """Return a workbook of one sheet. Texts are typed as texts and never as formulas."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\\*?:/\[\]]", " ", title)[:31])
    for row in (*before, headings, *rows):
        cells = []
        for value in row:
            if isinstance(value, Pounds):
                cell = WriteOnlyCell(sheet, Decimal(value.pence).scaleb(-2))
                cell.number_format = _MONEY
            elif isinstance(value, str):
                cell = WriteOnlyCell(sheet, _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", guarded(value)))
                cell.data_type = "s"
            else:
                cell = WriteOnlyCell(sheet, value)
                if isinstance(value, date):
                    cell.number_format = _DAY
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guarded(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)
