"""The council's book, and the matches that give pence of a bank line to receipts, suspense or a write-off."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.income.statements import CLOSED_PERIOD
from models.policy import Allocation, Merge, Moves, Policy, SearchFields, Step
from models.types import Choice, DateOnly, Json, LongText, Pence, ShortText, UtcDateTime


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
    psp_reference: Mapped[str] = mapped_column(ShortText(36), default="")
    internal_reference: Mapped[str] = mapped_column(ShortText(36), default="")  # one payment's lines share it
    office: Mapped[str] = mapped_column(ShortText(2), default="")
    vat_code: Mapped[str] = mapped_column(ShortText(2), default="")
    vat_pence: Mapped[int] = mapped_column(Pence, default=0)  # within amount_pence, the same sign
    rules: Mapped[str] = mapped_column(ShortText(500), default="")  # names of the rules that touched it
    given: Mapped[str] = mapped_column(ShortText(32), default="")  # its fingerprint before rules changed it


class Match(Record):
    """Pence of one bank line given to receipts or to suspense, with the evidence it was given on."""

    __tablename__ = "income_match"
    __policy__ = Policy(
        title="match",
        frozen_by=CLOSED_PERIOD,
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
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reversed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reversed_by_name: Mapped[str | None] = mapped_column(ShortText(100))
    reversed_reason: Mapped[str | None] = mapped_column(LongText(4_000))


class MatchReceipt(Record):
    """Pence of one receipt that a match took; it shares the state of its match."""

    __tablename__ = "income_match_receipt"
    __policy__ = Policy(
        title="matched receipt",
        frozen_by=CLOSED_PERIOD,
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


class WriteOff(Record):
    """Pence of a match that no receipt explains: a provider's fee, or a small difference; it has a reason.

    In every match: what the bank line gave = receipts + write-offs. It shares the state of its match.
    """

    __tablename__ = "income_write_off"
    __policy__ = Policy(
        title="write-off",
        frozen_by=CLOSED_PERIOD,
        merge={"amount_pence": Merge.ONCE, "fund": Merge.ONCE, "reason": Merge.ONCE},
    )

    account_id: Mapped[str] = mapped_column(ShortText(36))
    match_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    period_id: Mapped[str | None] = mapped_column(ShortText(36))
    amount_pence: Mapped[int] = mapped_column(Pence)  # negative for a fee that was kept back
    fund: Mapped[str] = mapped_column(ShortText(5))
    reason: Mapped[str] = mapped_column(LongText(4_000))
    state: Mapped[MatchState] = mapped_column(Choice(MatchState), default=MatchState.ACCEPTED)


class Settlement(Record):
    """A payout as its payment provider's report gives it: net = gross - fees - refunds - disputes + other."""

    __tablename__ = "income_settlement"
    __policy__ = Policy(
        title="payout",
        merge={"net_pence": Merge.ONCE, "gross_pence": Merge.ONCE, "unproved_reason": Merge.ONCE},
    )

    account_id: Mapped[str | None] = mapped_column(ShortText(36), index=True)
    file_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    provider: Mapped[str] = mapped_column(ShortText(30))  # Adyen, GOV.UK Pay, GoCardless, Stripe
    payout_id: Mapped[str] = mapped_column(ShortText(64), index=True)  # what the bank's words may name
    paid_on: Mapped[date | None] = mapped_column(DateOnly)
    currency: Mapped[str] = mapped_column(ShortText(3), default="GBP")
    gross_pence: Mapped[int] = mapped_column(Pence)
    fees_pence: Mapped[int] = mapped_column(Pence)  # these three as positive costs
    refunds_pence: Mapped[int] = mapped_column(Pence)
    disputes_pence: Mapped[int] = mapped_column(Pence)
    other_pence: Mapped[int] = mapped_column(Pence, default=0)  # signed: corrections, reserves, deposits
    net_pence: Mapped[int] = mapped_column(Pence)
    line_count: Mapped[int]
    difference_pence: Mapped[int | None] = mapped_column(Pence)  # its report's net less its lines' net
    unproved_by: Mapped[str | None] = mapped_column(ShortText(100))  # who took it though it does not prove
    unproved_reason: Mapped[str | None] = mapped_column(LongText(4_000))


class SettlementLine(Record):
    """One payment, refund, dispute or fee of a payout."""

    __tablename__ = "income_settlement_line"
    __policy__ = Policy(title="line of a payout", merge={"net_pence": Merge.ONCE})

    settlement_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    line_no: Mapped[int]
    kind: Mapped[str] = mapped_column(ShortText(20))  # charge, refund, dispute, fee, other
    made_on: Mapped[date] = mapped_column(DateOnly)
    gross_pence: Mapped[int] = mapped_column(Pence)  # signed: refunds and lost disputes are negative
    fee_pence: Mapped[int] = mapped_column(Pence)  # a positive cost
    net_pence: Mapped[int] = mapped_column(Pence)
    reference: Mapped[str] = mapped_column(ShortText(64))  # what the council gave: the account or order
    psp_reference: Mapped[str] = mapped_column(ShortText(64), index=True)
    words: Mapped[str] = mapped_column(ShortText(200))


class Note(Record):
    """Words an officer left on a line, a receipt or a suspense item, for the colleague who looks next."""

    __tablename__ = "income_note"
    __policy__ = Policy(
        title="note",
        merge={"text": Merge.APPEND},
        search=SearchFields(title="text"),
    )

    account_id: Mapped[str] = mapped_column(ShortText(36))
    subject_id: Mapped[str] = mapped_column(ShortText(36), index=True)  # what the words are about
    text: Mapped[str] = mapped_column(LongText(4_000))
    written_by: Mapped[str] = mapped_column(ShortText(100))
