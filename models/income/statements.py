"""Bank accounts, the files that came in, statements with their lines, and the periods they are closed in."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import FrozenBy, Merge, Moves, Policy, SearchFields, Step
from models.types import Choice, DateOnly, Json, LongText, Pence, ShortText, UtcDateTime


class FileKind(StrEnum):
    """What an imported file was taken for."""

    STATEMENT = "statement"
    LEDGER = "ledger"
    SETTLEMENT = "settlement"  # what a payment provider took, kept back and paid out


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
    REOPENED = "reopened"  # it was closed before; why it is open again stands on it


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
    accepts_alone_to: Mapped[int] = mapped_column(Pence, default=5_000_00)  # nothing above is ready by itself
    suspense_fund: Mapped[str] = mapped_column(ShortText(5), default="SP")
    gl_code: Mapped[str] = mapped_column(ShortText(30), default="")
    columns: Mapped[Any] = mapped_column(
        Json, nullable=True
    )  # what its bank's CSV calls what; see app.income


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
                Step(PeriodState.OPEN, PeriodState.PREPARED, names="prepared_by"),
                Step(PeriodState.PREPARED, PeriodState.OPEN),
                Step(
                    PeriodState.PREPARED,
                    PeriodState.REVIEWED,
                    roles=("lead", "finance"),
                    distinct_from="prepared_by",
                ),
                Step(PeriodState.REVIEWED, PeriodState.OPEN, roles=("lead", "finance")),
                Step(PeriodState.REVIEWED, PeriodState.CLOSED, roles=("lead", "finance")),
                Step(PeriodState.CLOSED, PeriodState.REOPENED, roles=("lead", "finance")),
                Step(PeriodState.REOPENED, PeriodState.PREPARED, names="prepared_by"),
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


class PeriodEvent(Record):
    """One step of a period: what it became, by whom, when and why; written once."""

    __tablename__ = "income_period_event"
    __policy__ = Policy(
        title="step of a period",
        merge={"state": Merge.ONCE, "made_at": Merge.ONCE, "reason": Merge.ONCE, "made_by": Merge.ONCE},
    )

    account_id: Mapped[str] = mapped_column(ShortText(36))
    period_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    state: Mapped[PeriodState] = mapped_column(Choice(PeriodState))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(ShortText(36))
    made_by_name: Mapped[str] = mapped_column(ShortText(100))
    reason: Mapped[str] = mapped_column(LongText(4_000), default="")
    left_pence: Mapped[int] = mapped_column(Pence, default=0)  # left to explain at that moment


CLOSED_PERIOD = FrozenBy("income_period", "period_id", "state", (PeriodState.CLOSED.value,))


class Statement(Record):
    """One bank statement as its file gave it, with the outcome of its proof."""

    __tablename__ = "income_statement"
    __policy__ = Policy(
        title="bank statement",
        frozen_by=CLOSED_PERIOD,
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
    parts: Mapped[Any] = mapped_column(Json, nullable=True)  # of a batched entry: [[pence, reference, words]]
