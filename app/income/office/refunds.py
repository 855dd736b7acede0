"""Refunds and card fees: money that goes back of one posting, and what a provider kept of a card payment.

A refund is asked for by one officer and authorised by another; when the provider has paid it, a negative
posting stands in the book. What is asked for is held from then on, so a posting is never refunded twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.income.office.books import books_of, refuse_overdrawn, spoken_for
from app.income.office.journal_views import JournalRow
from app.income.office.periods import refuse_closed
from app.income.office.words import needed
from app.income.reading import ReceiptRead
from app.income.rules import receipt_fingerprint, stable_id
from app.wording import local_date, money
from models.changes import Author, Changed
from models.income import (
    Account,
    Method,
    Note,
    Receipt,
    Refund,
    RefundState,
    Suspense,
    SuspenseState,
)

FEE_KIND = "fee"  # of the method that card fees are posted with


@dataclass(frozen=True)
class RefundView:
    """A refund with the posting it goes back on; `pence` is positive, what goes back.

    `notes` say why it was refused or failed.
    """

    id: str
    account_id: str
    account_name: str
    receipt_id: str
    receipt_pence: int
    posted_on: date | None
    reference: str
    fund: str
    narrative: str
    pence: int
    reason: str
    state: RefundState
    psp_reference: str
    requested_on: date
    requested_by: str
    requested_by_name: str
    decided_by_name: str
    decided_at: datetime | None
    notes: tuple[str, ...]

    @property
    def waits(self) -> bool:
        """Whether a second person still has to decide on it."""
        return self.state == RefundState.REQUESTED


@dataclass(frozen=True)
class FeePosted:
    """A card fee in the book: `pence` is positive, what the provider kept; `narrative` names the payment."""

    id: str
    posted_on: date
    ledger_id: str
    fund: str
    narrative: str
    psp_reference: str
    pence: int


def request(session: Session, receipt_id: str, pence: int, reason: str) -> Changed:
    """Ask for a refund of some pence of a posting, all of them or part.

    Raises HoldallError when it is nothing, has no reason, is more than refunds and journals left of the
    posting, or its method of payment is not refundable.
    """
    words = needed(
        reason, "The reason", "A refund needs a reason.", "Write why the money goes back; it is read again."
    )
    receipt = _receipt(session, receipt_id)
    if pence <= 0:
        raise HoldallError("A refund is more than nothing.", "Write the amount that goes back.")
    if receipt.amount_pence <= 0:
        raise HoldallError("Only money that came in is refunded.", "Choose the payment itself.")
    _refundable(session, receipt)
    left = receipt.amount_pence - spoken_for(session, receipt_id)
    if pence > left:
        raise HoldallError(
            f"{money(pence)} is more than the {money(left)} that is left of this posting.",
            "Ask for less; other refunds and journals have the rest.",
        )
    author: Author = session.info["author"]
    made = Refund(
        account_id=receipt.account_id,
        receipt_id=receipt.id,
        amount_pence=pence,
        reason=words,
        requested_on=local_date(session.info["now"]),
        requested_by=author.user_id,
        requested_by_name=author.name,
    )
    session.add(made)
    return Changed.of(made)


def authorise(session: Session, refund_id: str) -> Changed:
    """Authorise a refund as the second person. Raises MoveRefused for the one who asked for it, and
    HoldallError where refunds and journals that laptops made apart ask for more than the posting."""
    record = _in_state(session, refund_id, RefundState.REQUESTED)
    refuse_overdrawn(session, record.receipt_id)
    return _move(session, record, RefundState.AUTHORISED)


def refuse(session: Session, refund_id: str, reason: str) -> Changed:
    """Refuse a refund, or withdraw one's own, with a reason; its pence are free again."""
    record = _in_state(session, refund_id, RefundState.REQUESTED)
    return _with_reason(session, record, reason, RefundState.REFUSED, "Refusing a refund needs a reason.")


def failed(session: Session, refund_id: str, reason: str) -> Changed:
    """Note that the provider could not pay an authorised refund, with what it said."""
    record = _in_state(session, refund_id, RefundState.AUTHORISED)
    return _with_reason(session, record, reason, RefundState.FAILED, "A failed refund needs a reason.")


def paid(session: Session, refund_id: str, psp_reference: str, day: date) -> Changed:
    """Note that the provider paid an authorised refund, and post it: negative, on the fund it came in on.

    The posting's id follows from the refund's. VAT goes back in proportion; several refunds of one posting
    never give back more or less VAT than it had. Raises HoldallError without the provider's reference,
    with one that another refund has, or on a day of a closed period.
    """
    record = _in_state(session, refund_id, RefundState.AUTHORISED)
    named = psp_reference.strip()
    if not named:
        raise HoldallError(
            "A paid refund needs the provider's reference.", "Copy it from the provider's refund."
        )
    if _is_used(session, named):
        raise HoldallError(
            f"Another refund has the reference {named[:36]} already.",
            "Each refund of the provider has a reference of its own.",
        )
    refuse_closed(session, record.account_id, day, "a refund")
    receipt = _receipt(session, record.receipt_id)
    vat = _vat_of(session, receipt, record)
    record.psp_reference = named
    changed = _move(session, record, RefundState.PAID, decides=False)
    read = ReceiptRead(
        0,
        f"{receipt.ledger_id[:40]}-RF{record.id[-6:]}",
        day,
        -record.amount_pence,
        receipt.reference,
        receipt.fund,
        receipt.mop,
        f"Refund: {receipt.narrative}"[:200],
        named,
        receipt.internal_reference or receipt.id,
        receipt.office,
        receipt.vat_code,
        -vat,
    )
    posting = _posting(session, receipt, stable_id(record.requested_on, "refund", record.id), read)
    return changed | Changed.of(posting)


def card_fee(session: Session, receipt_id: str, pence: int) -> Changed:
    """Post what the provider kept of a card payment: a negative line in the method's fee fund, today.

    `pence` is the fee as a positive cost. Raises HoldallError when it is nothing, the method of payment
    incurs none, or the same fee stands in the book already.
    """
    receipt = _receipt(session, receipt_id)
    if pence <= 0:
        raise HoldallError("A card fee is more than nothing.", "Write what the provider kept.")
    method = _method(session, receipt.mop)
    if method is None or not method.incurs_fee or not method.fee_fund:
        raise HoldallError(
            f"The method of payment {receipt.mop or 'of this posting'} incurs no fee.",
            "Choose a card payment, or set the method's fee fund.",
        )
    fee_id = stable_id(receipt.posted_on, "fee", receipt.id, str(pence))
    known = session.get(Receipt, fee_id)
    if known is not None and not known.deleted:
        raise HoldallError(
            f"A fee of {money(pence)} is posted for this payment already.", "Look at its lines in the book."
        )
    today = local_date(session.info["now"])
    refuse_closed(session, receipt.account_id, today, "a fee")
    if known is not None:  # it was posted before and taken back
        known.deleted = False
        return Changed.of(known)
    kind = select(Method.code).where(
        Method.kind == FEE_KIND, Method.disabled.is_(False), Method.deleted.is_(False)
    )
    mop = session.scalars(kind.order_by(Method.code)).first() or receipt.mop
    read = ReceiptRead(
        0,
        f"{receipt.ledger_id[:40]}-FEE{fee_id[-6:]}",
        today,
        -pence,
        receipt.reference,
        method.fee_fund,
        mop,
        f"Card fee: {receipt.narrative}"[:200],
        receipt.psp_reference,
        receipt.internal_reference or receipt.id,
        receipt.office,
        *books_of(session).vat(JournalRow(method.fee_fund, "", -pence, "")),
    )
    return Changed.of(_posting(session, receipt, fee_id, read))


def refunds(session: Session, state: RefundState | str | None = None, limit: int = 200) -> list[RefundView]:
    """Return refunds, those that wait for a decision first, then the newest; `state` None: all."""
    where: list[ColumnElement[bool]] = [Refund.deleted.is_(False)]
    if state is not None:
        where.append(Refund.state == RefundState(state))
    first = case((Refund.state == RefundState.REQUESTED, 0), else_=1)
    rows = session.execute(
        select(Refund, Receipt, Account.name)
        .outerjoin(Receipt, Receipt.id == Refund.receipt_id)
        .outerjoin(Account, Account.id == Refund.account_id)
        .where(*where)
        .order_by(first, Refund.requested_on.desc(), Refund.created_at.desc(), Refund.id.desc())
        .limit(limit)
    ).all()
    notes = _notes(session, [row[0].id for row in rows])
    return [_view(row[0], row[1], row[2] or "", notes.get(row[0].id, ())) for row in rows]


def refunds_between(session: Session, account_id: str, first: date, last: date) -> list[RefundView]:
    """Return the refunds of an account that were asked for, decided on or posted in a span of days.

    They stand in the order in which they were asked for.
    """
    rows = session.execute(
        select(Refund, Receipt, Account.name)
        .outerjoin(Receipt, Receipt.id == Refund.receipt_id)
        .outerjoin(Account, Account.id == Refund.account_id)
        .where(Refund.account_id == account_id, Refund.deleted.is_(False))
        .order_by(Refund.requested_on, Refund.created_at, Refund.id)
    ).all()
    posted = {receipt.id for receipt in _own_postings(session, account_id, first, last)}

    def belongs(record: Refund) -> bool:
        days = [record.requested_on, *([local_date(record.decided_at)] if record.decided_at else [])]
        posting = stable_id(record.requested_on, "refund", record.id)
        return posting in posted or any(first <= one <= last for one in days)

    kept = [row for row in rows if belongs(row[0])]
    notes = _notes(session, [row[0].id for row in kept])
    return [_view(row[0], row[1], row[2] or "", notes.get(row[0].id, ())) for row in kept]


def fees_between(session: Session, account_id: str, first: date, last: date) -> list[FeePosted]:
    """Return the card fees that were posted by hand to an account in a span of days, in order."""
    return [
        FeePosted(
            *(posting.id, posting.posted_on, posting.ledger_id, posting.fund, posting.narrative),
            psp_reference=posting.psp_reference,
            pence=-posting.amount_pence,
        )
        for posting in _own_postings(session, account_id, first, last)
        if posting.ledger_id.endswith(f"-FEE{posting.id[-6:]}")
    ]


def _own_postings(session: Session, account_id: str, first: date, last: date) -> Sequence[Receipt]:
    """Return what the office took from an account by itself, with no file, in a span of days."""
    wanted = select(Receipt).where(
        Receipt.account_id == account_id,
        Receipt.file_id == "",
        Receipt.amount_pence < 0,
        Receipt.posted_on >= first,
        Receipt.posted_on <= last,
        Receipt.deleted.is_(False),
    )
    return session.scalars(wanted.order_by(Receipt.posted_on, Receipt.created_at, Receipt.ledger_id)).all()


def _view(record: Refund, receipt: Receipt | None, account_name: str, notes: Sequence[str]) -> RefundView:
    return RefundView(
        record.id,
        record.account_id,
        account_name,
        record.receipt_id,
        receipt.amount_pence if receipt is not None else 0,
        receipt.posted_on if receipt is not None else None,
        receipt.reference if receipt is not None else "",
        receipt.fund if receipt is not None else "",
        receipt.narrative if receipt is not None else "",
        record.amount_pence,
        record.reason,
        record.state,
        record.psp_reference,
        record.requested_on,
        record.requested_by,
        record.requested_by_name,
        record.decided_by_name or "",
        record.decided_at,
        tuple(notes),
    )


def _notes(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    rows = session.execute(
        select(Note.subject_id, Note.text)
        .where(Note.subject_id.in_(ids), Note.deleted.is_(False))
        .order_by(Note.created_at, Note.id)
    )
    for subject_id, text in rows:
        found[subject_id] = (*found.get(subject_id, ()), text)
    return found


def _receipt(session: Session, receipt_id: str) -> Receipt:
    receipt = session.get(Receipt, receipt_id)
    if receipt is None or receipt.deleted:
        raise NotFound("This posting is not here any more.", "Its import may have been reversed.")
    return receipt


def _in_state(session: Session, refund_id: str, state: RefundState) -> Refund:
    record = session.get(Refund, refund_id)
    if record is None or record.deleted:
        raise NotFound("This refund is not here any more.", "Look at the fresh list.")
    if record.state != state:
        raise HoldallError(
            f"This refund is {record.state.value}, not {state.value}.", "Look at the fresh list."
        )
    return record


def _method(session: Session, code: str) -> Method | None:
    found = select(Method).where(Method.code == code, Method.deleted.is_(False))
    return session.scalars(found).first()


def _refundable(session: Session, receipt: Receipt) -> None:
    """Raise HoldallError when a posting may not be refunded as it is.

    A store without any methods knows none yet, so there each posting passes.
    """
    held = select(func.count()).where(
        Suspense.receipt_id == receipt.id,
        Suspense.state == SuspenseState.HELD,
        Suspense.deleted.is_(False),
    )
    if session.scalar(held):
        raise HoldallError(
            "This posting is in suspense.", "Give it to its owner from the suspense list, then refund it."
        )
    method = _method(session, receipt.mop)
    known = session.scalar(select(func.count()).select_from(Method).where(Method.deleted.is_(False)))
    if known and (method is None or not method.refundable):
        name = method.name if method is not None else receipt.mop
        raise HoldallError(
            f"Payments by {name or 'an unknown method'} are not refundable.",
            "Send the money back another way, and journal it.",
        )


def _is_used(session: Session, psp_reference: str) -> bool:
    found = select(func.count()).where(Refund.psp_reference == psp_reference, Refund.deleted.is_(False))
    return bool(session.scalar(found))


def _vat_of(session: Session, receipt: Receipt, record: Refund) -> int:
    """Return the VAT in a refund, so that all refunds of a posting together give back its share exactly."""
    before = (
        session.scalar(
            select(func.sum(Refund.amount_pence)).where(
                Refund.receipt_id == receipt.id,
                Refund.state == RefundState.PAID,
                Refund.id != record.id,
                Refund.deleted.is_(False),
            )
        )
        or 0
    )
    return _share(receipt, before + record.amount_pence) - _share(receipt, before)


def _share(receipt: Receipt, pence: int) -> int:
    """Return the VAT in the first so many pence of a posting, half a penny to even."""
    whole = receipt.amount_pence
    share, rest = divmod(receipt.vat_pence * pence, whole)
    return share + (1 if 2 * rest > whole or (2 * rest == whole and share % 2) else 0)


def _posting(session: Session, receipt: Receipt, posting_id: str, read: ReceiptRead) -> Receipt:
    """Add a posting that belongs to another one's payment and no file brought."""
    account = session.get_one(Account, receipt.account_id)
    made = Receipt(
        id=posting_id,
        account_id=receipt.account_id,
        file_id="",
        line_no=0,
        ledger_id=read.ledger_id,
        posted_on=read.posted_on,
        amount_pence=read.pence,
        reference=read.reference,
        fund=read.fund,
        mop=read.mop,
        narrative=read.narrative,
        fingerprint=receipt_fingerprint(account.key, read),
        psp_reference=read.psp_reference,
        internal_reference=read.internal_reference,
        office=read.office,
        vat_code=read.vat_code,
        vat_pence=read.vat_pence,
    )
    session.add(made)
    return made


def _move(session: Session, record: Refund, state: RefundState, *, decides: bool = True) -> Changed:
    author: Author = session.info["author"]
    record.state = state
    if decides:
        record.decided_by_name = author.name
        record.decided_at = session.info["now"]
    return Changed.of(record)


def _with_reason(session: Session, record: Refund, reason: str, state: RefundState, title: str) -> Changed:
    words = needed(reason, "The reason", title, "One sentence is enough.")
    author: Author = session.info["author"]
    note = Note(account_id=record.account_id, subject_id=record.id, text=words, written_by=author.name)
    session.add(note)
    return _move(session, record, state, decides=state is RefundState.REFUSED) | Changed.of(note)
