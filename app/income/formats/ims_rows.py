"""Rows of an income management system: fifteen fields in a fixed order, without headings.

Reference, InternalReference, PspReference, OfficeCode, EntryDate, TransactionDate, AccountReference,
UserCode, FundCode, MopCode, Amount, VatCode, VatRate, VatAmount, Narrative. Commas may stand in quotes.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence

from app.income.amounts import BadAmount
from app.income.formats.cells import (
    Days,
    bad_rows_title,
    csv_rows,
    pence_of,
    signed,
    sound_reference,
    text_of,
)
from app.income.formats.stray_days import stray_days
from app.income.reading import BadRow, BadRows, LedgerRead, NotALedger, ReceiptRead
from app.income.vat import vat_remark

FORMAT = "IMS rows"
FIELDS = 15
_DAY = re.compile(r"(\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{2,4})([ T]\d{1,2}:\d\d(:\d\d(\.\d+)?)?Z?)?")
Tick = Callable[[int, int], None]
_ASK = "Ask for the file again. Nothing was imported."


def looks_like(head: str) -> bool:
    """Say whether the first row of a text has fifteen fields with days and an amount in their places."""
    lines = head.removeprefix("\ufeff").splitlines()
    try:
        row = next((row for row in csv.reader(lines[:3]) if any(row)), [])
    except csv.Error:
        return False
    if len(row) != FIELDS or not (_DAY.fullmatch(row[4].strip()) or _DAY.fullmatch(row[5].strip())):
        return False
    try:
        pence_of(row[10].strip())
    except BadAmount:
        return False
    return True


def read_book(name: str, text: str, tick: Tick | None = None) -> LedgerRead:
    """Read the rows. A posting's day is its entry date, the day it was keyed into the book.

    Raises NotALedger for a text without rows, BadRows naming every row that cannot be read. A VAT amount that
    is not its rate within a penny is a warning; it is kept as it was posted.
    """
    total = text.count("\n") + 1
    receipts: list[ReceiptRead] = []
    bad: list[BadRow] = []
    problems: list[BadRow] = []
    seen: dict[str, int] = {}
    days = Days()
    try:
        for index, (line, cells) in enumerate(csv_rows(text, ",")):
            if tick is not None and index % 2000 == 0:
                tick(line, total)
            if not any(cell.strip() for cell in cells):
                continue
            try:
                receipt, remark = _receipt(line, cells, days)
            except BadAmount as error:
                bad.append(BadRow(line, str(error)))
                continue
            if remark:
                problems.append(BadRow(line, remark))
            before = seen.setdefault(receipt.ledger_id, line)
            if before != line:
                bad.append(BadRow(line, f"reference {receipt.ledger_id} is in line {before} already"))
                continue
            receipts.append(receipt)
    except csv.Error as error:
        raise NotALedger(f"“{name}” breaks off in the middle of a row ({error}).", _ASK) from error
    if bad:
        raise BadRows(bad_rows_title(name, bad), "Mend them at their source and ask again.", tuple(bad))
    if not receipts:
        raise NotALedger(f"“{name}” has no rows in it.", _ASK)
    problems += stray_days([(receipt.file_line, receipt.posted_on) for receipt in receipts])
    return LedgerRead(tuple(receipts), (), tuple(problems))


def read_ledger(name: str, text: str, tick: Tick | None = None) -> Sequence[ReceiptRead]:
    """Return the postings alone; raises as read_book does."""
    return read_book(name, text, tick).receipts


def _receipt(line: int, cells: Sequence[str], days: Days) -> tuple[ReceiptRead, str]:
    """Return one posting and a remark on its VAT; raises BadAmount with the reason."""
    while len(cells) > FIELDS and not cells[-1].strip():
        cells = cells[:-1]  # a comma too many at the end
    if len(cells) != FIELDS:
        raise BadAmount(f"it has {len(cells)} fields instead of {FIELDS}")
    words = [text_of(cell) for cell in cells]
    if not words[0]:
        raise BadAmount("the reference is empty")
    pence = pence_of(words[10])
    vat_pence = signed(words[13])
    made = ReceiptRead(
        line,
        sound_reference(words[0], "reference", 36),
        days[words[4] or words[5]],
        pence,
        sound_reference(words[6], "account reference", 64),
        _code(words[8], "fund code", 5),
        _code(words[9], "method of payment", 5),
        words[14][:200],
        sound_reference(words[2], "provider’s reference", 36),
        sound_reference(words[1], "internal reference", 36),
        _code(words[3], "office code", 2),
        _code(words[11], "VAT code", 2),
        vat_pence,
    )
    if words[5]:
        days[words[5]]  # a day in no calendar is a bad row, wherever it stands
    return made, vat_remark(pence, words[12], vat_pence)


def _code(text: str, what: str, longest: int) -> str:
    if len(text) > longest:
        raise BadAmount(f"the {what} “{text[:24]}” is longer than {longest} characters")
    return text
