"""The credit file of the payment network allpay: rows of 43 characters and more, then two totals.

Characters 1-7 the client's prefix, 8-23 the account reference (of one that begins BERN, the 12 after it),
24-32 pounds, 33 a letter for the channel, 34-43 the day. Both totals must be what the rows make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from app.income import rules
from app.income.amounts import BadAmount, pence_from_text
from app.income.formats.cells import Days, bad_rows_title
from app.income.formats.stray_days import stray_days
from app.income.reading import BadRow, BadRows, Control, LedgerRead, NotALedger, ReceiptRead
from app.income.validators import fund_of_reference

FORMAT = "allpay"
WIDTH = 43
CHANNELS = {  # letter -> method of payment
    "P": "15",  # Post Office
    "C": "16",  # cash adjustment
    "Q": "17",  # returned cheque
    "T": "18",  # PayPoint
    "Z": "19",  # Payzone
    "N": "20",  # desktop telephone payment
    "B": "21",  # bills online
}
_RETURNED = "17"
_ROW = re.compile(r".{23}[ \d,-]{6}\.\d\d.\d\d/\d\d/\d{4}")
_TOTAL = re.compile(r"Total Amount Updated onto System:(.*)", re.IGNORECASE)
_COUNT = re.compile(r"Total Transactions updated onto System:(.*)", re.IGNORECASE)
_NAMES = ("total amount of the trailer", "number of transactions in the trailer")


def looks_like(head: str) -> bool:
    """Say whether a text begins with a row of the network's widths."""
    first = next((line for line in head.removeprefix("\ufeff").splitlines() if line.strip()), "")
    return _ROW.match(first) is not None


def read_book(name: str, text: str, tick: Callable[[int, int], None] | None = None) -> LedgerRead:
    """Read the rows and both totals of the trailer; a total that is missing is a control without a figure.

    Where the trailer's amount is only made with the returned cheques taken off, they are money out.
    Raises BadRows naming every row that cannot be read, NotALedger for a file without rows.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    receipts: list[ReceiptRead] = []
    bad: list[BadRow] = []
    problems: list[BadRow] = []
    days = Days()
    ends = (place for place, line in enumerate(lines) if len(line) < 2 or _TOTAL.match(line))
    end = next(ends, len(lines))
    for number, line in enumerate(lines[:end], 1):
        if tick is not None and number % 2000 == 0:
            tick(number, len(lines))
        try:
            receipts.append(_receipt(number, line, days, problems))
        except BadAmount as error:
            bad.append(BadRow(number, str(error)))
    stated, count = _trailer(lines[end:], end + 1, bad)
    if bad:
        raise BadRows(bad_rows_title(name, bad), "Ask the network for the file again.", tuple(bad))
    if not receipts:
        raise NotALedger(f"“{name}” has no payments in it.", "Ask the network for the file again.")
    receipts = _returned_taken_off(receipts, stated)
    problems += stray_days([(receipt.file_line, receipt.posted_on) for receipt in receipts])
    total = sum(receipt.pence for receipt in receipts)
    controls = (Control(_NAMES[0], stated, total), Control(_NAMES[1], count, len(receipts), "rows"))
    return LedgerRead(tuple(_with_ids(receipts)), controls, tuple(problems))


def read_ledger(
    name: str, text: str, tick: Callable[[int, int], None] | None = None
) -> Sequence[ReceiptRead]:
    """Return the postings alone; raises as read_book does."""
    return read_book(name, text, tick).receipts


def _receipt(number: int, line: str, days: Days, problems: list[BadRow]) -> ReceiptRead:
    """Return one payment, its id still open; raises BadAmount with the reason."""
    if len(line) < WIDTH:
        raise BadAmount(f"it has {len(line)} characters instead of {WIDTH}")
    reference = line[7:23].strip()
    if reference.startswith("BERN"):
        reference = reference[4:16].strip()
    if not reference:
        raise BadAmount("the account reference is empty")
    channel = line[32]
    if channel not in CHANNELS:
        problems.append(BadRow(number, f"“{channel}” is no channel that is known, so it has no method"))
    pence = pence_from_text(line[23:32].strip())
    if not pence:
        problems.append(BadRow(number, "its amount is nothing"))
    return ReceiptRead(
        number,
        "",
        days[line[33:43]],
        pence,
        reference,
        fund_of_reference(reference) or "",
        CHANNELS.get(channel, ""),
        line[:7].strip(),
    )


def _trailer(lines: list[str], first: int, bad: list[BadRow]) -> tuple[int | None, int | None]:
    """Return the two totals that the trailer states, None for one it does not; other lines are bad rows."""
    stated: int | None = None
    count: int | None = None
    for number, line in enumerate(lines, first):
        amount, rows = _TOTAL.match(line.strip()), _COUNT.match(line.strip())
        try:
            if amount is not None:
                stated = pence_from_text(amount[1].strip())
            elif rows is not None:
                count = int(rows[1].strip().replace(",", ""))
            elif _ROW.match(line):
                bad.append(BadRow(number, "it is a payment below the trailer"))
        except (BadAmount, ValueError):
            bad.append(BadRow(number, "the total of the trailer is not a figure"))
    return stated, count


def _returned_taken_off(receipts: list[ReceiptRead], stated: int | None) -> list[ReceiptRead]:
    """Return the payments with returned cheques as money out, if that and only that makes the total."""
    plain = sum(receipt.pence for receipt in receipts)
    returned = sum(one.pence for one in receipts if one.mop == _RETURNED and one.pence > 0)
    if not returned or stated is None or plain == stated or plain - 2 * returned != stated:
        return receipts
    return [
        one._replace(pence=-one.pence) if one.mop == _RETURNED and one.pence > 0 else one for one in receipts
    ]


def _with_ids(receipts: list[ReceiptRead]) -> list[ReceiptRead]:
    """Return payments with ids made of what they say and which one of its kind each is."""
    marks = [
        rules.fingerprint("allpay", one.posted_on.isoformat(), str(one.pence), one.reference, one.mop)[:20]
        for one in receipts
    ]
    return [
        one._replace(ledger_id=f"{mark}-{count}")
        for one, mark, count in zip(receipts, marks, rules.occurrences(marks), strict=True)
    ]
