"""Bank files and a ledger matched without a store: what `income reconcile` and the bench do.

Bank lines are numbered from 1 as their file has them; opening and closing balances are no lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat

from app.errors import BadFile
from app.income.files import LedgerFile, SettlementFile, StatementFile, read_any
from app.income.matching import Lines, Outcome, Receipts, Rules, Settings, match
from app.income.payout_reports import payouts_of
from app.income.read_columns import column_of
from app.income.reading import LineRead, NeedsDateOrder, ReceiptRead, SettlementRead
from app.income.rules import prove
from models import garbage

Parts = tuple[tuple[int, str, str], ...]
File = tuple[str, bytes]  # name, what is in it
_DAY_FIRST = {"day_first": True}


@dataclass(frozen=True)
class Reconciled:
    """Lines and receipts that were read, what the matching found, and what a person should know of the files.

    `names` say how each line is called: 7, or general.sta:7 where there are several bank files.
    """

    lines: Lines
    names: list[int | str]
    receipts: Receipts
    outcome: Outcome
    remarks: tuple[str, ...]

    @property
    def difference(self) -> int:
        """What the bank files hold less what the ledger holds, in pence."""
        return sum(self.lines.pence) - sum(self.receipts.pence)


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


class _Gathered:
    """The lines of bank files, in columns that grow by one file after another."""

    def __init__(self) -> None:
        self.days: list[date] = []
        self.pence: list[int] = []
        self.words: list[str] = []
        self.references: list[tuple[str, ...]] = []
        self.parts: list[Parts] = []

    def __len__(self) -> int:
        return len(self.days)

    def add(self, reads: Sequence[LineRead]) -> None:
        """Take the lines of a statement."""
        if not reads:
            return
        customers, banks = column_of(reads, "customer_reference"), column_of(reads, "bank_reference")
        self.days += column_of(reads, "booked_on")
        self.pence += column_of(reads, "pence")
        self.words += column_of(reads, "words")
        if any(customers) or any(banks):
            self.references += [pair if any(pair) else () for pair in zip(customers, banks, strict=True)]
        else:
            self.references += repeat((), len(reads))
        self.parts += column_of(reads, "parts")

    def add_rows(self, rows: Sequence[ReceiptRead]) -> None:
        """Take a headed table that was given as a bank file, whatever its headings are called."""
        self.days += [row.posted_on for row in rows]
        self.pence += [row.pence for row in rows]
        self.words += [row.narrative for row in rows]
        self.references += [(row.reference, "") for row in rows]
        self.parts += repeat((), len(rows))

    def whole(self) -> Lines:
        """Return all that was taken, numbered from 1."""
        numbers = range(1, len(self) + 1)
        ids = [*map(str, numbers)]
        return Lines([ids, numbers, self.days, self.pence, self.words, self.references, self.parts])


def _bank(files: Sequence[File], remarks: list[str]) -> tuple[Lines, list[int | str], list[SettlementRead]]:
    """Return the lines of all bank files, what they are called, and the payouts of providers' reports."""
    reads = [_read(name, data, remarks) for name, data in files]
    _refuse_twice(reads)
    statements = [read for read in reads if not isinstance(read, SettlementFile)]
    lines = _Gathered()
    names: list[int | str] = []
    for read in statements:
        first = len(lines)
        if isinstance(read, StatementFile):
            for statement in read.statements:
                proof = prove(statement)
                if not proof.ok:
                    remarks.append(f"“{read.name}” is not proved. {proof.hint}".strip())
                remarks += [f"“{read.name}”: {problem}" for problem in statement.problems]
                lines.add(statement.lines)
        elif any(receipt.fund for receipt in read.receipts):
            raise BadFile(
                f"“{read.name}” is a ledger extract, not a bank file: its rows have funds.",
                "Give it after --ledger instead.",
            )
        else:
            lines.add_rows(read.receipts)
        own = range(1, len(lines) - first + 1)
        names += own if len(statements) == 1 else [f"{read.name}:{number}" for number in own]
    if not lines:
        raise BadFile("The bank files hold no line.", "Choose a statement of the account.")
    return (
        lines.whole(),
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


def _book(file: File, remarks: list[str]) -> Receipts:
    """Return the receipts of a ledger file. Raises BadFile when it is a bank's or a provider's."""
    read = _read(*file, remarks)
    if not isinstance(read, LedgerFile):
        what = "a bank statement" if isinstance(read, StatementFile) else "a payment provider’s report"
        raise BadFile(f"“{read.name}” is {what}, not a ledger extract.", "Give it after --bank instead.")
    remarks += [f"“{read.name}”: {problem}" for problem in read.problems]
    names = ("ledger_id", "posted_on", "pence", "reference", "narrative", "fund", "mop")
    columns = [column_of(read.receipts, name) for name in names]
    further = [column_of(read.receipts, name) for name in ("psp_reference", "internal_reference")]
    return Receipts([*columns, range(1, len(read.receipts) + 1), *further])
