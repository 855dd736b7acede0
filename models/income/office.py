"""Money on its way through the office: suspense, journals, eReturns of paying-in sites, and refunds."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import Allocation, FrozenBy, Merge, Moves, Policy, SearchFields, Step
from models.types import Choice, DateOnly, Json, LongText, Pence, ShortText, UtcDateTime

_APPROVERS = ("lead", "finance")


class SuspenseState(StrEnum):
    """Whether a suspense item still is one."""

    HELD = "held"
    CANCELLED = "cancelled"  # its match was taken apart, or its import reversed


class Suspense(Record):
    """Money that is in the book without a known owner: from a bank line, or from an imported row.

    What remains of it is `amount_pence` less its active allocations.
    """

    __tablename__ = "income_suspense"
    __policy__ = Policy(
        title="suspense item",
        merge={"amount_pence": Merge.ONCE, "owner_name": Merge.LWW, "chase_on": Merge.LWW},
        moves=Moves(
            start=(SuspenseState.HELD,),
            field="state",
            steps=(
                Step(SuspenseState.HELD, SuspenseState.CANCELLED),
                Step(SuspenseState.CANCELLED, SuspenseState.HELD),
            ),
        ),
        search=SearchFields(title="narrative", body=("reference",), detail=("reference",)),
    )
    __table_args__ = (Index("ix_income_suspense_order", "state", "held_on", "id"),)

    account_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    match_id: Mapped[str | None] = mapped_column(ShortText(36), index=True)  # the match that put it here
    receipt_id: Mapped[str | None] = mapped_column(ShortText(36), index=True)  # or the posting without a fund
    held_on: Mapped[date] = mapped_column(DateOnly)  # the day of the money; ages count from here
    amount_pence: Mapped[int] = mapped_column(Pence)
    reference: Mapped[str] = mapped_column(ShortText(64), default="")
    narrative: Mapped[str] = mapped_column(ShortText(200))
    office: Mapped[str] = mapped_column(ShortText(2), default="")
    mop: Mapped[str] = mapped_column(ShortText(5), default="")
    state: Mapped[SuspenseState] = mapped_column(Choice(SuspenseState), default=SuspenseState.HELD)
    owner_id: Mapped[str | None] = mapped_column(ShortText(36))  # who chases it
    owner_name: Mapped[str] = mapped_column(ShortText(100), default="")
    chase_on: Mapped[date | None] = mapped_column(DateOnly)


class JournalKind(StrEnum):
    """Why money moves between funds."""

    SUSPENSE = "suspense"  # out of suspense to its owners
    TRANSFER = "transfer"  # a posting that belongs to another fund or account
    WRITE_OFF = "write_off"
    UNDO = "undo"  # the same lines turned round


class JournalState(StrEnum):
    """A journal is posted once a second person approved it."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    UNDONE = "undone"  # another journal turned it round


JOURNAL_HOLDS = (JournalState.PROPOSED.value, JournalState.APPROVED.value)


class Journal(Record):
    """A move between funds whose lines add up to nothing; approved by another than who made it."""

    __tablename__ = "income_journal"
    __policy__ = Policy(
        title="journal",
        merge={"made_by": Merge.ONCE, "kind": Merge.ONCE, "reason": Merge.ONCE},
        moves=Moves(
            start=(JournalState.PROPOSED,),
            field="state",
            steps=(
                Step(JournalState.PROPOSED, JournalState.APPROVED, roles=_APPROVERS, distinct_from="made_by"),
                Step(JournalState.PROPOSED, JournalState.REFUSED),
                Step(JournalState.APPROVED, JournalState.UNDONE, roles=_APPROVERS),
            ),
        ),
    )

    account_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    kind: Mapped[JournalKind] = mapped_column(Choice(JournalKind))
    state: Mapped[JournalState] = mapped_column(Choice(JournalState), default=JournalState.PROPOSED)
    made_on: Mapped[date] = mapped_column(DateOnly)
    reason: Mapped[str] = mapped_column(LongText(4_000))
    made_by: Mapped[str] = mapped_column(ShortText(36))
    made_by_name: Mapped[str] = mapped_column(ShortText(100))
    decided_by_name: Mapped[str | None] = mapped_column(ShortText(100))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undoes: Mapped[str | None] = mapped_column(ShortText(36), index=True)  # the journal this one turns round
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JournalLine(Record):
    """One leg of a journal: credit to a fund and account, or debit (negative) from one.

    A leg that takes from a posting names it (`receipt_id`): the legs of all journals never take more than it.
    """

    __tablename__ = "income_journal_line"
    __policy__ = Policy(
        title="journal line",
        frozen_by=FrozenBy("income_journal", "journal_id", "state", ("refused", "undone")),
        merge={"amount_pence": Merge.ONCE, "fund": Merge.ONCE, "account_reference": Merge.ONCE},
        allocation=Allocation(
            resource="income_receipt",
            resource_id="receipt_id",
            amount="amount_pence",
            limit="amount_pence",
            active={"state": JOURNAL_HOLDS},
        ),
    )

    account_id: Mapped[str] = mapped_column(ShortText(36))
    journal_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    line_no: Mapped[int]
    fund: Mapped[str] = mapped_column(ShortText(5))
    account_reference: Mapped[str] = mapped_column(ShortText(30), default="")
    mop: Mapped[str] = mapped_column(ShortText(5), default="JN")
    amount_pence: Mapped[int] = mapped_column(Pence)
    vat_code: Mapped[str] = mapped_column(ShortText(2), default="")
    vat_pence: Mapped[int] = mapped_column(Pence, default=0)
    narrative: Mapped[str] = mapped_column(ShortText(100), default="")
    receipt_id: Mapped[str | None] = mapped_column(ShortText(36), index=True)
    state: Mapped[JournalState] = mapped_column(Choice(JournalState), default=JournalState.PROPOSED)


class SuspenseAllocation(Record):
    """Pence of a suspense item that a journal gives to its owner; no laptop can give them twice."""

    __tablename__ = "income_suspense_allocation"
    __policy__ = Policy(
        title="allocation of suspense",
        merge={"amount_pence": Merge.ONCE},
        allocation=Allocation(
            resource="income_suspense",
            resource_id="suspense_id",
            amount="amount_pence",
            limit="amount_pence",
            active={"state": JOURNAL_HOLDS},
        ),
    )

    account_id: Mapped[str] = mapped_column(ShortText(36))
    suspense_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    journal_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    amount_pence: Mapped[int] = mapped_column(Pence)
    state: Mapped[JournalState] = mapped_column(Choice(JournalState), default=JournalState.PROPOSED)


class EReturnKind(StrEnum):
    """What a paying-in site sends."""

    CASH = "cash"
    CHEQUE = "cheque"


class EReturnState(StrEnum):
    """The life of an eReturn."""

    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    AUTHORISED = "authorised"
    VOIDED = "voided"  # given up before it was submitted
    DELETED = "deleted"  # refused after it was submitted


_DONE = ("submitted", "authorised", "voided", "deleted")


class EReturn(Record):
    """What a site paid in: cash by denomination or cheques one by one, over lines that add up to the same.

    `denominations`: {"5000": pence, ... "1": pence}, value in pence by the value of one note or coin.
    """

    __tablename__ = "income_ereturn"
    __policy__ = Policy(
        title="eReturn",
        merge={"denominations": Merge.ASK, "slip": Merge.ASK},
        moves=Moves(
            start=(EReturnState.IN_PROGRESS,),
            field="state",
            steps=(
                Step(EReturnState.IN_PROGRESS, EReturnState.SUBMITTED, names="submitted_by"),
                Step(EReturnState.SUBMITTED, EReturnState.IN_PROGRESS),
                Step(
                    EReturnState.SUBMITTED,
                    EReturnState.AUTHORISED,
                    roles=_APPROVERS,
                    distinct_from="submitted_by",
                ),
                Step(EReturnState.SUBMITTED, EReturnState.DELETED),
                Step(EReturnState.IN_PROGRESS, EReturnState.VOIDED),
            ),
        ),
        search=SearchFields(title="number", body=("slip", "site"), detail=("site",)),
    )
    __table_args__ = (Index("ix_income_ereturn_order", "state", "taken_on", "id"),)

    account_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    number: Mapped[str] = mapped_column(ShortText(13))
    kind: Mapped[EReturnKind] = mapped_column(Choice(EReturnKind))
    state: Mapped[EReturnState] = mapped_column(Choice(EReturnState), default=EReturnState.IN_PROGRESS)
    site: Mapped[str] = mapped_column(ShortText(80))
    office: Mapped[str] = mapped_column(ShortText(2), default="")
    taken_on: Mapped[date] = mapped_column(DateOnly)
    slip: Mapped[str] = mapped_column(ShortText(50), default="")  # a bag's number, or a paying-in slip's
    denominations: Mapped[Any] = mapped_column(Json, nullable=True)
    submitted_by: Mapped[str | None] = mapped_column(ShortText(36))
    submitted_by_name: Mapped[str | None] = mapped_column(ShortText(100))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_name: Mapped[str | None] = mapped_column(ShortText(100))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(LongText(4_000), default="")


_PART_OF_ERETURN = FrozenBy("income_ereturn", "ereturn_id", "state", _DONE)


class EReturnLine(Record):
    """What part of an eReturn was paid for: a fund, an account, an amount."""

    __tablename__ = "income_ereturn_line"
    __policy__ = Policy(
        title="line of an eReturn", frozen_by=_PART_OF_ERETURN, merge={"amount_pence": Merge.ASK}
    )

    ereturn_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    line_no: Mapped[int]
    fund: Mapped[str] = mapped_column(ShortText(5))
    reference: Mapped[str] = mapped_column(ShortText(30), default="")
    description: Mapped[str] = mapped_column(ShortText(100), default="")
    vat_code: Mapped[str] = mapped_column(ShortText(2), default="")
    amount_pence: Mapped[int] = mapped_column(Pence, default=0)


class EReturnCheque(Record):
    """One cheque of an eReturn."""

    __tablename__ = "income_ereturn_cheque"
    __policy__ = Policy(title="cheque", frozen_by=_PART_OF_ERETURN, merge={"amount_pence": Merge.ASK})

    ereturn_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    item_no: Mapped[int]
    name: Mapped[str] = mapped_column(ShortText(100))
    amount_pence: Mapped[int] = mapped_column(Pence)


class RefundState(StrEnum):
    """The life of a refund."""

    REQUESTED = "requested"
    AUTHORISED = "authorised"
    PAID = "paid"  # the provider said so; now it is in the book
    FAILED = "failed"
    REFUSED = "refused"


class Refund(Record):
    """Money to give back of one posting; never more than the posting, never authorised by who asked."""

    __tablename__ = "income_refund"
    __policy__ = Policy(
        title="refund",
        merge={"amount_pence": Merge.ONCE, "requested_by": Merge.ONCE, "reason": Merge.ONCE},
        moves=Moves(
            start=(RefundState.REQUESTED,),
            field="state",
            steps=(
                Step(
                    RefundState.REQUESTED,
                    RefundState.AUTHORISED,
                    roles=_APPROVERS,
                    distinct_from="requested_by",
                ),
                Step(RefundState.REQUESTED, RefundState.REFUSED),
                Step(RefundState.AUTHORISED, RefundState.PAID),
                Step(RefundState.AUTHORISED, RefundState.FAILED),
            ),
        ),
        allocation=Allocation(
            resource="income_receipt",
            resource_id="receipt_id",
            amount="amount_pence",
            limit="amount_pence",
            active={"state": ("requested", "authorised", "paid")},
        ),
    )

    account_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    receipt_id: Mapped[str] = mapped_column(ShortText(36), index=True)
    amount_pence: Mapped[int] = mapped_column(Pence)  # positive, what goes back
    reason: Mapped[str] = mapped_column(LongText(4_000))
    state: Mapped[RefundState] = mapped_column(Choice(RefundState), default=RefundState.REQUESTED)
    psp_reference: Mapped[str] = mapped_column(ShortText(36), default="")
    requested_on: Mapped[date] = mapped_column(DateOnly)
    requested_by: Mapped[str] = mapped_column(ShortText(36))
    requested_by_name: Mapped[str] = mapped_column(ShortText(100))
    decided_by_name: Mapped[str | None] = mapped_column(ShortText(100))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
