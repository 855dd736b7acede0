"""The first rows of a file whose columns nobody has named yet, for a person to say which is what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import sheet_reading as sheets
from app.errors import HoldallError
from app.income.files import decode
from app.income.formats import csv_rows
from app.income.reading import NotAStatement

_DATE = re.compile(r"\d{1,4}[-/. ](\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{2,4}")
_MONEY = re.compile(r"[-+(£]*\d[\d,]*\.\d\d\)?( ?(CR|DR))?")
SHOWN = 10  # rows of a preview
_FEWEST = 2  # rows and columns that make a table


@dataclass(frozen=True)
class Preview:
    """The first rows of a table as (line in the file, cells); `delimiter` is "" for a spreadsheet."""

    name: str
    delimiter: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    width: int

    def guess(self, headed: bool) -> dict[str, int]:
        """Return which columns are plainly what, by what is in them: date, narrative, amount, balance.

        A person looks at it before anything is read; what is not plain is left out.
        """
        body = [cells for _, cells in self.rows[1 if headed else 0 :]]
        kinds = ["".join(sorted({_kind(row[n]) for row in body if n < len(row)})) for n in range(self.width)]
        found: dict[str, int] = {}
        if "d" in kinds:
            found["date"] = kinds.index("d")
        words = [n for n, kind in enumerate(kinds) if "w" in kind]
        if words:
            found["narrative"] = max(words, key=lambda n: sum(len(row[n]) for row in body if n < len(row)))
        money = [n for n, kind in enumerate(kinds) if kind == "m"]
        found.update(zip(("amount", "balance"), money if len(money) <= 2 else (), strict=False))
        return found

    def layout(self, columns: Mapping[str, Any], header_row: int, day_first: bool) -> dict[str, Any]:
        """Return what app.income.formats.bank_csv reads a file by: places of columns, counted from 0.

        `header_row` is the line of the headings, 0 for none; the lines of the statement begin after it.
        """
        layout: dict[str, Any] = {**columns, "header_row": header_row, "day_first": day_first}
        return {**layout, "delimiter": self.delimiter} if self.delimiter else layout


def _kind(cell: str) -> str:
    """Say what a cell looks like: d a date, m money, w words, "" nothing."""
    if not cell:
        return ""
    if _DATE.fullmatch(cell):
        return "d"
    return "m" if _MONEY.fullmatch(cell) else "w"


def preview(name: str, data: bytes) -> Preview | None:
    """Return the first rows of a CSV file or spreadsheet; None when it is no table at all."""
    rows: csv_rows.Rows
    try:
        if sheets.is_sheet(data):
            delimiter, rows = "", list(enumerate(sheets.rows_of(name, data), 1))
        else:
            text, _ = decode(data, name, NotAStatement)
            delimiter = csv_rows.delimiter_of(text)
            rows = csv_rows.rows_of(name, "\n".join(text.split("\n")[:200]), delimiter)
    except HoldallError:
        return None
    filled = [(line, tuple(cell.strip() for cell in cells)) for line, cells in rows if any(cells)]
    widths = Counter(len(cells) for _, cells in filled)
    if not widths:
        return None
    width, often = widths.most_common(1)[0]
    if width < _FEWEST or often < _FEWEST or often * 2 < len(filled):
        return None
    return Preview(name, delimiter, tuple(filled[:SHOWN]), max(len(cells) for _, cells in filled[:SHOWN]))
