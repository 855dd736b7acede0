"""What a file turned out to hold: statements, lines and receipts, before anything is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.errors import BadFile


class NotAStatement(BadFile):
    """A file that is no bank statement Holdall can read."""


class NotALedger(BadFile):
    """A file that is no ledger extract Holdall can read."""


class BadRows(BadFile):
    """A file with rows that cannot be read; `rows` names each by its line."""

    def __init__(self, title: str, advice: str, rows: tuple[BadRow, ...]) -> None:
        super().__init__(title, advice)
        self.rows = rows


@dataclass(frozen=True)
class BadRow:
    """One row that cannot be trusted: its line in the file (from 1) and why, in words."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}."


@dataclass(frozen=True)
class Balance:
    """A balance printed on a statement: signed pence, its day, and whether it only ends a page."""

    pence: int
    day: date
    currency: str
    intermediate: bool = False


@dataclass(frozen=True, slots=True)
class LineRead:
    """One movement on a statement: signed pence, plus into the account."""

    file_line: int
    booked_on: date
    value_on: date | None
    pence: int
    mark: str
    type_code: str
    customer_reference: str
    bank_reference: str
    words: str


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
    lines: tuple[LineRead, ...]
    problems: tuple[BadRow, ...] = ()
    interim: bool = False

    @property
    def period(self) -> tuple[date, date] | None:
        """The first and the last day the statement speaks of, None when it names no day at all."""
        days = [line.booked_on for line in self.lines]
        days += [balance.day for balance in (self.opening, self.closing) if balance is not None]
        return (min(days), max(days)) if days else None


@dataclass(frozen=True)
class ReceiptRead:
    """One posting in the council's book: signed pence, plus into the account."""

    file_line: int
    ledger_id: str
    posted_on: date
    pence: int
    reference: str
    fund: str
    mop: str
    narrative: str
