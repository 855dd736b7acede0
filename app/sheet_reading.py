"""Spreadsheets (XLSX) as rows of text, each cell as a person reads it; formulas by their last value.

Sizes are capped before anything is unpacked, and XML goes through defusedxml, which openpyxl uses.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from app.errors import BadFile

FORMAT = "XLSX"
MOST_ROWS = 300_000
MOST_COLUMNS = 200
LARGEST_UNPACKED = 600_000_000  # bytes of XML that a workbook may unpack to
LARGEST_RATIO = 250  # times its packed size: real sheets of equal rows reach 60
LONGEST_CELL = 4_000
KEPT_DIGITS = 15  # of a number; what stands after them is nought
Tick = Callable[[int, int], None]
_PADDED = re.compile(r"0+")
_PLACES = re.compile(r"0\.(0+)")
_ASK = "Open it in the spreadsheet program, save it again as .xlsx or CSV, and try that."


class Figure(str):
    """The text of a cell that its spreadsheet keeps as a number, so that zeros in front may be lost."""

    __slots__ = ()


def is_sheet(data: bytes) -> bool:
    """Say whether a file is a zip that has a workbook of a spreadsheet in it."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return "xl/workbook.xml" in packed.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return b"xl/" in data[:4_000]


def rows_of(name: str, data: bytes, tick: Tick | None = None) -> list[list[str]]:
    """Return the rows of the first visible sheet that has any; blank rows at the end are left off.

    Cells that the sheet keeps as numbers are `Figure`s. Raises BadFile in one sentence for a lock file, a
    protected, damaged or oversized workbook, and for one with nothing in it.
    """
    _refuse_what_is_none(name, data)
    from openpyxl import load_workbook  # 0.2 s, which the first window does not need

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                rows = [] if sheet.sheet_state != "visible" else _rows(name, sheet, tick)
                if rows:
                    return rows
        finally:
            book.close()
    except BadFile:
        raise
    except Exception as error:  # openpyxl raises whatever it stumbles on: KeyError, ValueError, ParseError
        raise BadFile(f"“{name}” is a damaged spreadsheet: it cannot be read to its end.", _ASK) from error
    raise BadFile(f"“{name}” is a spreadsheet with nothing in it.", "Check that it is the right file.")


def _refuse_what_is_none(name: str, data: bytes) -> None:
    """Raise BadFile for what is no workbook, or one that unpacks to more than a sheet of this kind can be."""
    if name.startswith("~$"):
        raise BadFile(
            f"“{name}” is the lock file of a spreadsheet that is open somewhere, not the sheet itself.",
            f"Close the spreadsheet and choose “{name[2:]}”.",
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(f"“{name}” is an old spreadsheet (.xls) or one with a password.", _ASK)
    if not data.startswith(b"PK"):
        raise BadFile(f"“{name}” is not a spreadsheet, whatever its name says.", _ASK)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = packed.namelist()
            unpacked = sum(info.file_size for info in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise BadFile(f"“{name}” is a damaged spreadsheet: its end is missing.", _ASK) from error
    if "xl/workbook.xml" not in names:
        raise BadFile(f"“{name}” is a zip file without a spreadsheet in it.", _ASK)
    if unpacked > LARGEST_UNPACKED or unpacked > LARGEST_RATIO * max(len(data), 20_000):
        raise BadFile(
            f"“{name}” would unpack to {unpacked // 1_000_000:,} MB, more than a sheet of this kind can be.",
            "Ask for fewer rows at a time. Nothing was imported.",
        )


def _rows(name: str, sheet: Any, tick: Tick | None) -> list[list[str]]:
    """Return one sheet's rows as text, without the blank ones at its end."""
    sheet.reset_dimensions()  # what a sheet says of its own size is not always so
    rows: list[list[str]] = []
    last = 0
    for place, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        if place > MOST_ROWS:
            raise BadFile(
                f"“{name}” has more than {MOST_ROWS:,} rows.",
                "Ask for fewer rows at a time, or for a CSV file.",
            )
        if tick is not None and place % 500 == 0:
            tick(place, max(place, sheet.max_row or place))
        row = [text_of_cell(cell.value, getattr(cell, "number_format", "General")) for cell in cells]
        while row and not row[-1]:
            row.pop()
        rows.append(row)
        if row:
            last = place
    return rows[:last]


def text_of_cell(value: Any, number_format: str = "General") -> str:
    """Return a cell's value as a person reads it: ISO days, plain figures, zeros where it shows them."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:LONGEST_CELL]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds") if value.time() != time(0) else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return _figure(value, number_format)


def _figure(value: Any, number_format: str) -> Figure:
    """Return a number's figures: the fifteen digits a spreadsheet keeps, and no power of ten."""
    if isinstance(value, int):
        text = str(value)
        if _PADDED.fullmatch(number_format) and value >= 0:
            text = text.zfill(len(number_format))
        return Figure(text)
    text = format(value, ".15g")
    if "e" in text or "n" in text:  # a power of ten, nan or inf
        return Figure(format(value, ".0f") if "n" not in text and abs(value) >= 1 else text)
    places = _PLACES.search(number_format)
    if places is not None and len(text.partition(".")[2]) < len(places[1]):
        whole, _, part = text.partition(".")
        text = f"{whole}.{part.ljust(len(places[1]), '0')}"
    return Figure(text)


def as_text(name: str, rows: Sequence[Sequence[str]]) -> str:
    """Return rows as the CSV text of the same table, for formats that are read from text.

    Raises BadFile for a number of more digits than a spreadsheet keeps: it is another than was meant.
    """
    for line, row in enumerate(rows, 1):
        for cell in row:
            if isinstance(cell, Figure) and len(cell) > KEPT_DIGITS and cell.isdigit():
                raise BadFile(
                    f"Row {line} of “{name}” keeps {cell} as a number, so its last digits are lost.",
                    "Ask for the report as CSV, or with its references as text.",
                )
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def numbered(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield (row of the sheet, from 1; its cells), as readers of tables take them."""
    return iter(enumerate(rows, 1))
