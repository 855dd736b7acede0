"""Income reconciliation: bank statements, the council's book, and the matches that join the two.

Words as finance officers use them: a *line* is one movement on a bank statement, a *receipt* one posting in
the council's ledger (negative for a refund), a *match* gives pence of a line to receipts or to suspense.
Amounts are signed pence, plus into the account. Lines and receipts are never changed after import.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import Allocation, FrozenBy, Merge, Moves, Policy, SearchFields, Step
from models.types import Choice, DateOnly, Json, LongText, Pence, ShortText, UtcDateTime


class FileKind(StrEnum):
    """What an imported file was taken for."""

    STATEMENT = "statement"
    LEDGER = "ledger"


class Standing(StrEnum):
    """How far a statement may be trusted."""

    PROVED = "proved"  # opening + movements = closing
    APART = "apart"  # the arithmetic fails or cannot be done: kept, but nothing is matched against it
    UNPROVED = "unproved"  # taken on purpose all the same, and marked for ever


class PeriodState(StrEnum):
    """How far a period has come on its way to being closed."""

    OPEN = "open"
    PREPARED = "prepared"
    REVIEWED = "reviewed"
    CLOSED = "closed"


class MatchKind(StrEnum):
    """Where the pence of a bank line went."""

    RECEIPTS = "receipts"
    SUSPENSE = "suspense"


class MatchState(StrEnum):
    """The life of a match; accepted and confirmed ones hold the pence they took."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"  # a second officer looked at it
    REJECTED = "rejected"  # an officer said no to a proposal, which is then not made again
    REVERSED = "reversed"


ACTIVE = (MatchState.ACCEPTED.value, MatchState.CONFIRMED.value)


class Account(Record):
    """A bank account of the council and the level its book stood at when Holdall began."""

    __tablename__ = "income_account"
    __policy__ = Policy(title="bank account", merge={"book_opening_pence": Merge.ASK})

    name: Mapped[str] = mapped_column(ShortText(80))
    key: Mapped[str] = mapped_column(ShortText(64), index=True)  # see app.income.rules.account_key
    currency: Mapped[str] = mapped_column(ShortText(3), default="GBP")
    book_opening_pence: Mapped[int] = mapped_column(Pence, default=0)
    book_opening_on: Mapped[date | None] = mapped_column(DateOnly)
    second_officer_above: Mapped[int] = mapped_column(Pence, default=500_00)


class ImportedFile(Record):
    """A file that was imported: named, weighed and kept whole in the store's blobs."""

    __tablename__ = "income_file"
    __policy__ = Policy(title="imported file", merge={"sha256": Merge.ONCE}, files=("sha256",))

    account_id: Mapped[str | None] = mapped_column(ShortText(36), index=True)
    kind: Mapped[FileKind] = mapped_column(Choice(FileKind))
    name: Mapped[str] = mapped_column(ShortText(200))
    sha256: Mapped[str] = mapped_column(ShortText(64), index=True)
    size: Mapped[int]
    format: Mapped[str] = mapped_column(ShortText(20))
    encoding: Mapped[str] = mapped_column(ShortText(30))
    imported_by: Mapped[str] = mapped_column(ShortText(100))


class Period(Record):
    """A span of days of one account that is prepared by one officer, reviewed by another, then closed."""

    __tablename__ = "income_period"
    __policy__ = Policy(
        title="period",
        moves=Moves(
            start=(PeriodState.OPEN,),
            field="state",
            steps=(
                Step(PeriodState.OPEN, PeriodState.PREPARED),
                Step(PeriodState.PREPARED, PeriodState.OPEN),
                Step(
                    PeriodState.PREPARED,
                    PeriodState.REVIEWED,
                    roles=("lead", "finance"),
                    distinct_from="prepared_by",
                ),
                Step(PeriodState.REVIEWED, PeriodState.OPEN, roles=("lead", "finance")),
                Step(PeriodState.REVIEWED, PeriodState.CLOSED, roles=("lead", "finance")),
                Step(PeriodState.CLOSED, PeriodState.OPEN, roles=("lead", "finance")),
            ),
        ),
    )

    account_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    starts_on: Mapped[date] = mapped_column(DateOnly)
    ends_on: Mapped[date] = mapped_column(DateOnly)
    state: Mapped[PeriodState] = mapped_column(Choice(PeriodState), default=PeriodState.OPEN)
    prepared_by: Mapped[str | None] = mapped_column(ShortText(36))
    prepared_by_name: Mapped[str | None] = mapped_column(ShortText(100))
    reviewed_by: Mapped[str | None] = mapped_column(ShortText(36))
    reviewed_by_name: Mapped[str | None] = mapped_column(ShortText(100))
    reopened_reason: Mapped[str | None] = mapped_column(LongText(4_000))


_FROZEN = FrozenBy("income_period", "period_id", "state", (PeriodState.CLOSED.value,))


class Statement(Record):
    """One bank statement as its file gave it, with the outcome of its proof."""

    __tablename__ = "income_statement"
    __policy__ = Policy(
        title="bank statement",
        frozen_by=_FROZEN,
        merge={
            "closing_pence": Merge.ONCE,
            "opening_pence": Merge.ONCE,
            "unproved_by": Merge.ONCE,
            "unproved_reason": Merge.ONCE,
        },
        moves=Moves(
            start=(Standing.PROVED, Standing.APART),
            field="standing",
            steps=(Step(Standing.APART, Standing.UNPROVED),),
        ),
    )
    __table_args__ = (Index("ix_income_statement_order", "account_id", "ends_on", "id"),)

    account_id: Mapped[str] = mapped_column(ShortText(36))
    file_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    period_id: Mapped[str | None] = mapped_column(ShortText(36), index=True)
    number: Mapped[str] = mapped_column(ShortText(20))
    page: Mapped[str] = mapped_column(ShortText(20))
    reference: Mapped[str] = mapped_column(ShortText(35))
    currency: Mapped[str] = mapped_column(ShortText(3))
    starts_on: Mapped[date] = mapped_column(DateOnly)
    ends_on: Mapped[date] = mapped_column(DateOnly)
    opening_pence: Mapped[int | None] = mapped_column(Pence)
    closing_pence: Mapped[int | None] = mapped_column(Pence)
    line_count: Mapped[int]
    known_count: Mapped[int] = mapped_column(default=0)  # lines that another statement had brought already
    standing: Mapped[Standing] = mapped_column(Choice(Standing))
    difference_pence: Mapped[int | None] = mapped_column(Pence)
    hint: Mapped[str] = mapped_column(ShortText(500))
    unproved_by: Mapped[str | None] = mapped_column(ShortText(100))
    unproved_reason: Mapped[str | None] = mapped_column(LongText(4_000))
    unproved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BankLine(Record):
    """One movement on a bank statement; its pence are what matches take from."""

    __tablename__ = "income_bank_line"
    __policy__ = Policy(
        title="bank line",
        merge={"amount_pence": Merge.ONCE, "fingerprint": Merge.ONCE},
        search=SearchFields(title="words", body=("customer_reference", "bank_reference")),
    )
    __table_args__ = (
        Index("ix_income_bank_line_order", "statement_id", "line_no"),
        Index("ix_income_bank_line_same", "account_id", "booked_on", "fingerprint"),
    )

    account_id: Mapped[str] = mapped_column(ShortText(36))
    statement_id: Mapped[str] = mapped_column(ShortText(36))
    line_no: Mapped[int]  # 1 for the first movement of the statement
    booked_on: Mapped[date] = mapped_column(DateOnly)
    value_on: Mapped[date | None] = mapped_column(DateOnly)
    amount_pence: Mapped[int] = mapped_column(Pence)
    mark: Mapped[str] = mapped_column(ShortText(2))  # C, D, RC or RD as the bank wrote it
    type_code: Mapped[str] = mapped_column(ShortText(8))
    customer_reference: Mapped[str] = mapped_column(ShortText(35))
    bank_reference: Mapped[str] = mapped_column(ShortText(35))
    words: Mapped[str] = mapped_column(LongText(4_000))
    fingerprint: Mapped[str] = mapped_column(ShortText(32))
    occurrence: Mapped[int]  # 2 for the second honest line that looks the same on the same day


class Receipt(Record):
    """One posting in the council's book, as the ledger extract gave it."""

    __tablename__ = "income_receipt"
    __policy__ = Policy(
        title="receipt",
        merge={"amount_pence": Merge.ONCE, "fingerprint": Merge.ONCE},
        search=SearchFields(title="narrative", body=("reference", "ledger_id"), detail=("reference",)),
    )
    __table_args__ = (
        Index("ix_income_receipt_order", "account_id", "posted_on", "id"),
        Index("ix_income_receipt_ledger", "account_id", "ledger_id"),
    )

    account_id: Mapped[str] = mapped_column(ShortText(36))
    file_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    line_no: Mapped[int]  # the row's line in its file
    ledger_id: Mapped[str] = mapped_column(ShortText(64))
    posted_on: Mapped[date] = mapped_column(DateOnly)
    amount_pence: Mapped[int] = mapped_column(Pence)
    reference: Mapped[str] = mapped_column(ShortText(64))
    fund: Mapped[str] = mapped_column(ShortText(16))
    mop: Mapped[str] = mapped_column(ShortText(16))
    narrative: Mapped[str] = mapped_column(ShortText(200))
    fingerprint: Mapped[str] = mapped_column(ShortText(32))


class Match(Record):
    """Pence of one bank line given to receipts or to suspense, with the evidence it was given on."""

    __tablename__ = "income_match"
    __policy__ = Policy(
        title="match",
        frozen_by=_FROZEN,
        merge={"amount_pence": Merge.ONCE, "evidence": Merge.ONCE, "matched_by": Merge.ONCE},
        moves=Moves(
            start=(MatchState.ACCEPTED, MatchState.REJECTED),
            field="state",
            steps=(
                Step(MatchState.ACCEPTED, MatchState.CONFIRMED, distinct_from="matched_by"),
                Step(MatchState.ACCEPTED, MatchState.REVERSED),
                Step(MatchState.CONFIRMED, MatchState.REVERSED),
                Step(MatchState.REJECTED, MatchState.REVERSED),
            ),
        ),
        allocation=Allocation(
            resource="income_bank_line",
            resource_id="bank_line_id",
            amount="amount_pence",
            limit="amount_pence",
            active={"state": ACTIVE},
        ),
    )
    __table_args__ = (
        Index("ix_income_match_line", "bank_line_id", "state"),
        Index("ix_income_match_statement", "statement_id", "state"),
        Index("ix_income_match_account", "account_id", "kind", "state"),
    )

    account_id: Mapped[str] = mapped_column(ShortText(36))
    statement_id: Mapped[str] = mapped_column(ShortText(36))
    period_id: Mapped[str | None] = mapped_column(ShortText(36))
    bank_line_id: Mapped[str] = mapped_column(ShortText(36))
    kind: Mapped[MatchKind] = mapped_column(Choice(MatchKind))
    state: Mapped[MatchState] = mapped_column(Choice(MatchState), default=MatchState.ACCEPTED)
    amount_pence: Mapped[int] = mapped_column(Pence)  # same sign as the bank line
    stage: Mapped[str] = mapped_column(ShortText(20))
    evidence: Mapped[Any] = mapped_column(Json)
    note: Mapped[str] = mapped_column(LongText(4_000), default="")
    needs_second: Mapped[bool] = mapped_column(default=False)
    matched_by: Mapped[str] = mapped_column(ShortText(36))
    matched_by_name: Mapped[str] = mapped_column(ShortText(100))
    confirmed_by_name: Mapped[str | None] = mapped_column(ShortText(100))
    reversed_reason: Mapped[str | None] = mapped_column(LongText(4_000))


class MatchReceipt(Record):
    """Pence of one receipt that a match took; it shares the state of its match."""

    __tablename__ = "income_match_receipt"
    __policy__ = Policy(
        title="matched receipt",
        frozen_by=_FROZEN,
        merge={"amount_pence": Merge.ONCE},
        allocation=Allocation(
            resource="income_receipt",
            resource_id="receipt_id",
            amount="amount_pence",
            limit="amount_pence",
            active={"state": ACTIVE},
        ),
    )
    __table_args__ = (
        Index("ix_income_match_receipt_receipt", "receipt_id", "state"),
        Index("ix_income_match_receipt_match", "match_id"),
    )

    account_id: Mapped[str] = mapped_column(ShortText(36))
    match_id: Mapped[str] = mapped_column(ShortText(36))
    receipt_id: Mapped[str] = mapped_column(ShortText(36))
    period_id: Mapped[str | None] = mapped_column(ShortText(36))
    amount_pence: Mapped[int] = mapped_column(Pence)
    state: Mapped[MatchState] = mapped_column(Choice(MatchState), default=MatchState.ACCEPTED)


class Note(Record):
    """Words an officer left on a bank line or a receipt, for the colleague who looks next."""

    __tablename__ = "income_note"
    __policy__ = Policy(
        title="note",
        merge={"text": Merge.APPEND},
        search=SearchFields(title="text"),
    )

    account_id: Mapped[str] = mapped_column(ShortText(36))
    subject_id: Mapped[str] = mapped_column(ShortText(36), index=True)  # a bank line's or a receipt's id
    text: Mapped[str] = mapped_column(LongText(4_000))
    written_by: Mapped[str] = mapped_column(ShortText(100))
