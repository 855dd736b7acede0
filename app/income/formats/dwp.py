"""The council tax sheet of the Department for Work and Pensions: one deduction a row, below one heading row.

By column: 6 the account (spaces left out), 11 the day, 12 pence, 13 a minus sign where money goes back.
A reference of 77 and seven digits is council tax; the fund of any other is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from app.income import rules
from app.income.amounts import LARGEST_PENCE, BadAmount
from app.income.formats.cells import Days, bad_rows_title, sound_reference, text_of
from app.income.formats.stray_days import stray_days
from app.income.reading import BadRow, BadRows, LedgerRead, NotALedger, ReceiptRead

FORMAT = "DWP council tax"
COUNCIL_TAX = "23"
_ACCOUNT, _DAY, _PENCE, _SIGN = 5, 10, 11, 12
_COUNCIL_TAX = re.compile(r"77\d{7}", re.ASCII)
_WHOLE = re.compile(r"\d{1,15}", re.ASCII)
_DATED = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}/\d{1,2}/\d{2,4}")


def looks_like_rows(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the second row of a sheet has account, day, pence and sign in their columns."""
    if len(rows) < 2:
        return False
    row = [*rows[1], *[""] * (_SIGN + 1 - len(rows[1]))]
    account, day, pence, sign = (row[place].strip() for place in (_ACCOUNT, _DAY, _PENCE, _SIGN))
    return (
        bool(account)
        and _DATED.fullmatch(day) is not None
        and _WHOLE.fullmatch(pence) is not None
        and sign in {"", "-", "+"}
    )


def read_rows(
    name: str, rows: Sequence[Sequence[str]], tick: Callable[[int, int], None] | None = None
) -> LedgerRead:
    """Read the sheet's rows. Raises BadRows naming every row that cannot be read, NotALedger without rows."""
    receipts: list[ReceiptRead] = []
    bad: list[BadRow] = []
    made: dict[str, int] = {}
    days = Days()
    for line, cells in enumerate(rows[1:], 2):
        if tick is not None and line % 2000 == 0:
            tick(line, len(rows))
        if not any(cell.strip() for cell in cells):
            continue
        try:
            receipts.append(_receipt(line, [*cells, *[""] * (_SIGN + 1 - len(cells))], days, made))
        except BadAmount as error:
            bad.append(BadRow(line, str(error)))
    if bad:
        raise BadRows(bad_rows_title(name, bad), "Ask the department for the file again.", tuple(bad))
    if not receipts:
        raise NotALedger(f"“{name}” has headings but no rows.", "Ask for the file again.")
    problems = stray_days([(receipt.file_line, receipt.posted_on) for receipt in receipts])
    return LedgerRead(tuple(receipts), (), tuple(problems))


def _receipt(line: int, cells: Sequence[str], days: Days, made: dict[str, int]) -> ReceiptRead:
    reference = sound_reference("".join(text_of(cells[_ACCOUNT]).split()), "account reference", 64)
    if not reference:
        raise BadAmount("the account reference is empty")
    day, text, sign = days[cells[_DAY].strip()], cells[_PENCE].strip(), text_of(cells[_SIGN]).strip()
    if not _WHOLE.fullmatch(text) or int(text) > LARGEST_PENCE:
        raise BadAmount(f"“{text[:24]}” is not a whole number of pence")
    if sign not in {"", "-", "+"}:
        raise BadAmount(f"“{sign[:24]}” stands where a minus sign may stand")
    pence = -int(text) if sign == "-" else int(text)
    mark = rules.fingerprint("dwp", day.isoformat(), str(pence), reference)[:20]
    made[mark] = made.get(mark, 0) + 1
    fund = COUNCIL_TAX if _COUNCIL_TAX.fullmatch(reference) else ""
    return ReceiptRead(line, f"{mark}-{made[mark]}", day, pence, reference, fund, "", "DWP deduction")
