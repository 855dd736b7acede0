"""Bank files and a ledger matched without a store: what `income reconcile` and the bench do.

Bank lines are numbered from 1 as their file has them; opening and closing balances are no lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from app.errors import BadFile
from app.income.files import LedgerFile, SettlementFile, StatementFile, read_any
from app.income.matching import OpenLine, OpenReceipt, Outcome, Rules, Settings, match
from app.income.payout_reports import payouts_of
from app.income.reading import LineRead, NeedsDateOrder, ReceiptRead, SettlementRead
from app.income.rules import prove
from models import garbage

File = tuple[str, bytes]  # name, what is in it
_FIELDS = itemgetter(1, 3, 8, 6, 7, 10)  # of a LineRead: day, pence, words, both references, parts
_DAY_FIRST = {"day_first": True}


@dataclass(frozen=True)
class Reconciled:
    """Lines and receipts that were read, what the matching found, and what a person should know of the files.

    `names` say how each line is called: 7, or general.sta:7 where there are several bank files.
    """

    lines: list[OpenLine]
    names: list[int | str]
    receipts: list[OpenReceipt]
    outcome: Outcome
    remarks: tuple[str, ...]

    @property
    def difference(self) -> int:
        """What the bank files hold less what the ledger holds, in pence."""
        return sum(line.pence for line in self.lines) - sum(receipt.pence for receipt in self.receipts)


def reconcile(
    banks: Sequence[File],
    ledger: File,
    *,
    settings: Settings | None = None,
    rules: Rules | None = None,
    clock: Callable[[], float] | None = None,
) -> Reconciled:
    """Read bank files, payment providers' reports among them, and a ledger, and match them.

    Raises BadFile in one sentence for a file that cannot be read or is none of its kind.
    """
    with garbage.held_back():
        remarks: list[str] = []
        lines, names, reports = _bank(banks, remarks)
        receipts = _book(ledger, remarks)
        found = payouts_of([(str(place), one) for place, one in enumerate(reports, 1)], lines)
        outcome = match(
            lines, receipts, settings=settings or Settings(), reports=found, rules=rules, clock=clock
        )
    return Reconciled(lines, names, receipts, outcome, tuple(remarks))


def _bank(
    files: Sequence[File], remarks: list[str]
) -> tuple[list[OpenLine], list[int | str], list[SettlementRead]]:
    """Return the lines of all bank files, what they are called, and the payouts of providers' reports."""
    reads = [_read(name, data, remarks) for name, data in files]
    _refuse_twice(reads)
    statements = [read for read in reads if not isinstance(read, SettlementFile)]
    lines: list[OpenLine] = []
    names: list[int | str] = []
    for read in statements:
        first = len(lines)
        if isinstance(read, StatementFile):
            for statement in read.statements:
                proof = prove(statement)
                if not proof.ok:
                    remarks.append(f"“{read.name}” is not proved. {proof.hint}".strip())
                remarks += [f"“{read.name}”: {problem}" for problem in statement.problems]
                _add_lines(lines, statement.lines)
        elif any(receipt.fund for receipt in read.receipts):
            raise BadFile(
                f"“{read.name}” is a ledger extract, not a bank file: its rows have funds.",
                "Give it after --ledger instead.",
            )
        else:
            _add_rows(lines, read.receipts)
        own = range(1, len(lines) - first + 1)
        names += own if len(statements) == 1 else [f"{read.name}:{number}" for number in own]
    if not lines:
        raise BadFile("The bank files hold no line.", "Choose a statement of the account.")
    return (
        lines,
        names,
        [one for read in reads if isinstance(read, SettlementFile) for one in read.settlements],
    )


def _read(name: str, data: bytes, remarks: list[str]) -> StatementFile | LedgerFile | SettlementFile:
    try:
        return read_any(name, data)
    except NeedsDateOrder:
        remarks.append(f"The dates of “{name}” were read day first, as nothing in them says otherwise.")
        return read_any(name, data, layout=_DAY_FIRST)


def _refuse_twice(reads: Sequence[StatementFile | LedgerFile | SettlementFile]) -> None:
    seen: dict[str, str] = {}
    for read in reads:
        if read.sha256 in seen:
            raise BadFile(
                f"“{read.name}” and “{seen[read.sha256]}” are the same file.", "Give each bank file once."
            )
        seen[read.sha256] = read.name


def _add_lines(lines: list[OpenLine], reads: Sequence[LineRead]) -> None:
    for number, (day, pence, words, customer, bank, parts) in enumerate(map(_FIELDS, reads), len(lines) + 1):
        references = (customer, bank) if customer or bank else ()
        lines.append(OpenLine(str(number), number, day, pence, words, references, parts))


def _add_rows(lines: list[OpenLine], rows: Sequence[ReceiptRead]) -> None:
    """Take a headed table that was given as a bank file, whatever its headings are called."""
    for number, row in enumerate(rows, len(lines) + 1):
        lines.append(
            OpenLine(str(number), number, row.posted_on, row.pence, row.narrative, (row.reference, ""))
        )


def _book(file: File, remarks: list[str]) -> list[OpenReceipt]:
    """Return the receipts of a ledger file. Raises BadFile when it is a bank's or a provider's."""
    read = _read(*file, remarks)
    if not isinstance(read, LedgerFile):
        what = "a bank statement" if isinstance(read, StatementFile) else "a payment provider’s report"
        raise BadFile(f"“{read.name}” is {what}, not a ledger extract.", "Give it after --bank instead.")
    remarks += [f"“{read.name}”: {problem}" for problem in read.problems]
    return [
        OpenReceipt(row[1], row[2], row[3], row[4], row[7], row[5], row[6], number, row[8], row[9])
        for number, row in enumerate(read.receipts, 1)
    ]
