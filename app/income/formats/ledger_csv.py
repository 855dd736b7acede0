"""Ledger extracts as CSV: columns id, date, amount, reference, fund, mop, narrative, in any order."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime

from app.income.amounts import BadAmount, pence_from_text
from app.income.reading import BadRow, BadRows, NotALedger, ReceiptRead

COLUMNS = ("id", "date", "amount", "reference", "fund", "mop", "narrative")
_NEEDED = ("id", "date", "amount")
_FORMULA = re.compile(r"'(?=[=+\-@\t\r])")
_GUARDED = re.compile(r'="([^"]*)"')
_MANGLED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{2}|\d{4})")
_FORMATS = ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y")
_MOST_NAMED = 8


def read_ledger(
    name: str, text: str, tick: Callable[[int, int], None] | None = None, *, leave_bad_rows: bool = False
) -> tuple[ReceiptRead, ...]:
    """Return the postings of a ledger extract, dates day first.

    Raises NotALedger when the headings are missing. Raises BadRows naming every bad row by its line, so
    that a part of the book is never taken for the whole, unless `leave_bad_rows` leaves them out on purpose.
    """
    rows = _rows(name, text)
    total = text.count("\n") + 1
    receipts: list[ReceiptRead] = []
    bad: list[BadRow] = []
    seen: dict[str, int] = {}
    try:
        for index, (line, row) in enumerate(rows):
            if tick is not None and index % 2000 == 0:
                tick(line, total)
            try:
                receipt = _receipt(line, row)
            except BadAmount as error:
                bad.append(BadRow(line, str(error)))
                continue
            if receipt.ledger_id in seen:
                bad.append(
                    BadRow(line, f"id {receipt.ledger_id} is in line {seen[receipt.ledger_id]} already")
                )
                continue
            seen[receipt.ledger_id] = line
            receipts.append(receipt)
    except csv.Error as error:
        raise NotALedger(f"“{name}” breaks off in the middle of a row ({error}).", _ASK) from error
    if bad and not leave_bad_rows:
        raise BadRows(
            _bad_title(name, bad), "Mend them in the ledger and ask for the file again.", tuple(bad)
        )
    if not receipts:
        raise NotALedger(f"“{name}” has headings but no rows.", _ASK)
    return tuple(receipts)


_ASK = "Ask the ledger for the file again. Nothing was imported."


def _bad_title(name: str, bad: list[BadRow]) -> str:
    named = " ".join(str(row) for row in bad[:_MOST_NAMED])
    more = f" And {len(bad) - _MOST_NAMED} more." if len(bad) > _MOST_NAMED else ""
    count = "1 row" if len(bad) == 1 else f"{len(bad)} rows"
    return f"{count} of “{name}” cannot be read, so nothing was imported. {named}{more}"


def _rows(name: str, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line in the file, cells by column) below the headings; empty rows are passed over."""
    text = text.lstrip("\ufeff")
    head_line = next((line for line in text.split("\n") if line.strip()), "")
    delimiter = max(",;\t|", key=head_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    heads: list[str] = []
    for cells in reader:
        folded = [cell.strip().casefold() for cell in cells]
        if not any(folded):
            continue
        if not heads:
            missing = [column for column in _NEEDED if column not in folded]
            if missing:
                raise NotALedger(
                    f"“{name}” is not a ledger extract: it has no column called {' or '.join(missing)}.",
                    f"The first line must name the columns {', '.join(COLUMNS)}.",
                )
            heads = folded
            continue
        if folded == heads:
            continue  # some ledgers print their headings again on every page
        yield reader.line_num, dict(zip(heads, cells))


def _receipt(line: int, row: dict[str, str]) -> ReceiptRead:
    """Return one posting; raises BadAmount with the reason when a cell cannot be read."""
    ledger_id = _text(row, "id")
    if not ledger_id:
        raise BadAmount("the id is empty")
    reference = _text(row, "reference")
    if _MANGLED.fullmatch(reference):
        raise BadAmount(f"a spreadsheet turned the reference into “{reference}”, so it cannot be trusted")
    return ReceiptRead(
        line,
        ledger_id[:64],
        day_first(_text(row, "date")),
        pence_from_text(_text(row, "amount")),
        reference[:64],
        _text(row, "fund")[:16],
        _text(row, "mop")[:16],
        _text(row, "narrative")[:200],
    )


def _text(row: dict[str, str], column: str) -> str:
    """Return a cell without its spreadsheet guard: one apostrophe before = + - @, or ="0123"."""
    cell = row.get(column, "").strip()
    guarded = _GUARDED.fullmatch(cell)
    return guarded[1] if guarded else _FORMULA.sub("", cell, count=1) if cell.startswith("'") else cell


def day_first(text: str) -> date:
    """Return a date written the British way (8/12/2026, 08.12.26) or as 2026-12-08 or 8 Dec 2026.

    Raises BadAmount with the reason; a month above twelve is never swapped in silence.
    """
    slashed = _SLASHED.fullmatch(text.split(" ", maxsplit=1)[0]) if text else None
    if slashed is not None:
        day, month, year = int(slashed[1]), int(slashed[2]), int(slashed[3])
        year += 2000 if year < 100 else 0
        try:
            return date(year, month, day)
        except ValueError:
            if month > 12 and day <= 12:
                raise BadAmount(f"the date {text} has its month first; Holdall reads day first") from None
            raise BadAmount(f"the date {text} is in no calendar") from None
    for pattern in _FORMATS:
        try:
            return datetime.strptime(text[:20].strip(), pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise BadAmount(f"“{text[:24]}” is not a date" if text else "the date is empty")
