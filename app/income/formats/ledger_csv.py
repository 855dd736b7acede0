"""Ledger extracts as CSV: columns id, date, amount, reference, fund, mop, narrative, in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from app.income.formats.cells import Row, csv_rows, day_first
from app.income.formats.ledger_sheet import read_mapped
from app.income.reading import NotALedger, ReceiptRead

__all__ = ["COLUMNS", "day_first", "read_ledger"]

COLUMNS = ("id", "date", "amount", "reference", "fund", "mop", "narrative")
_NEEDED = ("id", "date", "amount")


def read_ledger(
    name: str, text: str, tick: Callable[[int, int], None] | None = None, *, leave_bad_rows: bool = False
) -> Sequence[ReceiptRead]:
    """Return the postings of a ledger extract, dates day first.

    Raises NotALedger when the headings are missing. Raises BadRows naming every bad row by its line, so
    that a part of the book is never taken for the whole, unless `leave_bad_rows` leaves them out on purpose.
    """
    rows = _below_blank(csv_rows(text))
    line, headings = next(rows, (0, ()))
    known = {cell.strip().casefold(): cell for cell in headings}
    missing = [column for column in _NEEDED if column not in known]
    if missing:
        raise NotALedger(
            f"“{name}” is not a ledger extract: it has no column called {' or '.join(missing)}.",
            f"The first line must name the columns {', '.join(COLUMNS)}.",
        )
    mapping = {column: known[column] for column in COLUMNS if column in known}
    read = read_mapped(
        name,
        _with_first((line, headings), rows),
        mapping,
        tick,
        total=text.count("\n") + 1,
        leave_bad_rows=leave_bad_rows,
    )
    return read.receipts


def _below_blank(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if any(cell.strip() for cell in row[1]))


def _with_first(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest
