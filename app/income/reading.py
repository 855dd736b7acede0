"""What a file turned out to hold: statements, lines and receipts, before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.errors import BadFile


class NotAStatement(BadFile):
    """A file that is no bank statement Holdall can read."""


class NotALedger(BadFile):
    """A file that is no ledger extract Holdall can read."""


class NeedsDateOrder(NotAStatement):
    """A file whose dates may be day first or month first; `examples` are some, `account` as it writes it."""

    def __init__(self, name: str, examples: tuple[str, ...], account: str = "") -> None:
        super().__init__(
            f"The dates of “{name}”, such as {examples[0]}, may be day first or month first.",
            "Say which it is. Nothing was imported.",
        )
        self.examples = examples
        self.account = account


class NeedsColumns(NotAStatement):
    """A file in columns that cannot be told apart; `headings` are its own, `account` as it writes it."""

    def __init__(self, name: str, title: str, headings: tuple[str, ...], account: str = "") -> None:
        super().__init__(f"“{name}” {title}", "Say which column is which. Nothing was imported.")
        self.headings = headings
        self.account = account


class NotASettlement(BadFile):
    """A file that is no payment provider's report Holdall can read."""


class Unproved(BadFile):
    """A file whose own totals are not what its rows make; it may be taken on purpose, with a reason."""


class BadRows(BadFile):
    """A file with rows that cannot be read; `rows` names each by its line."""

    def __init__(self, title: str, advice: str, rows: tuple[BadRow, ...]) -> None:
        super().__init__(title, advice)
        self.rows = rows


@dataclass(frozen=True)
class BadRow:
    """One row that cannot be trusted: its line in the file (from 1; 0 is all of it) and why, in words."""

    line: int
    message: str

    def __str__(self) -> str:
        told = f"Line {self.line}: {self.message}" if self.line else self.message
        return f"{told[:1].upper()}{told[1:]}."


@dataclass(frozen=True)
class Balance:
    """A balance printed on a statement: signed pence, its day, and whether it only ends a page."""

    pence: int
    day: date
    currency: str
    intermediate: bool = False


class LineRead(NamedTuple):
    """One movement on a statement: signed pence, plus into the account.

    `parts` are the single payments of a batched entry: (pence, reference, words), adding up to `pence`.
    A named tuple, because files hold 100,000 of them and it is made three times as fast as a dataclass.
    """

    file_line: int
    booked_on: date
    value_on: date | None
    pence: int
    mark: str
    type_code: str
    customer_reference: str
    bank_reference: str
    words: str
    balance: int | None = None  # the running balance printed beside it, in pence
    parts: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True)
class Control:
    """A total that a file states and that its lines must make: its name in words, stated and counted.

    `unit` is "pence" or "rows". A trailer that is missing is a control with `stated` None.
    """

    name: str
    stated: int | None
    counted: int
    unit: str = "pence"

    @property
    def holds(self) -> bool:
        """Whether the file states it and the lines make it."""
        return self.stated == self.counted


@dataclass(frozen=True)
class StatementRead:
    """One statement as its file gives it; a missing balance is None, never a guess."""

    reference: str
    account: str
    number: str
    page: str
    currency: str
    opening: Balance | None
    closing: Balance | None
    lines: Sequence[LineRead]
    problems: tuple[BadRow, ...] = ()
    interim: bool = False
    controls: tuple[Control, ...] = ()
    covers: tuple[date, date] | None = None  # the period its file states, where it states one
    remarks: tuple[BadRow, ...] = ()  # what was read but should be looked at; the sums do not suffer by it
    pages: tuple[StatementRead, ...] = ()  # the pages it was joined from, where there was more than one
    derived: bool = False  # whether the opening balance was worked out from the first running balance

    @property
    def period(self) -> tuple[date, date] | None:
        """The first and the last day the statement speaks of, None when it names no day at all."""
        days = [line.booked_on for line in self.lines]
        days += [balance.day for balance in (self.opening, self.closing) if balance is not None]
        return (min(days), max(days)) if days else None


class ReceiptRead(NamedTuple):
    """One posting in the council's book: signed pence, plus into the account; VAT lies within them."""

    file_line: int
    ledger_id: str
    posted_on: date
    pence: int
    reference: str
    fund: str
    mop: str
    narrative: str
    psp_reference: str = ""
    internal_reference: str = ""
    office: str = ""
    vat_code: str = ""
    vat_pence: int = 0
    rules: str = ""  # names of the import rules that touched it


@dataclass(frozen=True)
class LedgerRead:
    """What a book's file holds: its postings, the totals it states, and warnings about rows that were read.

    `tells_fund` is False for an extract that has no column for the fund at all.
    """

    receipts: Sequence[ReceiptRead]
    controls: tuple[Control, ...] = ()
    problems: tuple[BadRow, ...] = ()
    tells_fund: bool = True


class SettlementLineRead(NamedTuple):
    """One line of a payment provider's report: gross and net signed, the fee as a positive cost, in pence."""

    file_line: int
    kind: str  # charge, refund, dispute, fee, other
    made_on: date
    gross: int
    fee: int
    net: int
    reference: str
    psp_reference: str
    words: str


@dataclass(frozen=True)
class SettlementRead:
    """One payout of a payment provider, in pence: net = gross - fees - refunds - disputes + other.

    `stated_net` is what the report itself says was paid out, None where it says nothing.
    """

    provider: str
    payout_id: str
    paid_on: date | None
    currency: str
    gross: int
    fees: int
    refunds: int
    disputes: int
    other: int
    stated_net: int | None
    lines: tuple[SettlementLineRead, ...]
    problems: tuple[BadRow, ...] = ()
    merchant: str = ""  # where a provider numbers payouts by merchant account

    @property
    def net(self) -> int:
        """What its lines say was paid out."""
        return self.gross - self.fees - self.refunds - self.disputes + self.other
