"""Postings of the book as somebody looks for one: by words, reference or amount, and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.income.amounts import BadAmount, pence_from_text
from app.income.office.books import spoken_for
from models.income import Account, Method, Receipt

MOST = 50


@dataclass(frozen=True)
class Posting:
    """One posting as a list shows it; `left_pence` is what refunds and journals have not taken of it."""

    id: str
    account_name: str
    posted_on: date
    pence: int
    left_pence: int
    fund: str
    reference: str
    mop: str
    narrative: str
    refundable: bool
    incurs_fee: bool


def find_postings(session: Session, words: str, limit: int = MOST) -> list[Posting]:
    """Return postings that hold every word in their narrative, reference or id, or are of that amount.

    The newest come first; without words it is the newest of all.
    """
    wanted = select(Receipt, Account.name).join(Account, Account.id == Receipt.account_id)
    wanted = wanted.where(Receipt.deleted.is_(False))
    if words.strip():
        wanted = wanted.where(_holds(words))
    order = (Receipt.posted_on.desc(), Receipt.id.desc())
    return [
        _posting(session, row[0], row[1]) for row in session.execute(wanted.order_by(*order).limit(limit))
    ]


def posting(session: Session, receipt_id: str) -> Posting:
    """Return one posting. Raises NotFound."""
    wanted = select(Receipt, Account.name).join(Account, Account.id == Receipt.account_id)
    row = session.execute(wanted.where(Receipt.id == receipt_id, Receipt.deleted.is_(False))).first()
    if row is None:
        raise NotFound("This posting is not here any more.", "Its import may have been reversed.")
    return _posting(session, row[0], row[1])


def _holds(words: str) -> ColumnElement[bool]:
    within = (Receipt.narrative, Receipt.reference, Receipt.ledger_id)
    said = [or_(*(column.icontains(word, autoescape=True) for column in within)) for word in words.split()]
    try:
        pence = pence_from_text(words)
    except BadAmount:
        return and_(*said)
    return or_(and_(*said), Receipt.amount_pence.in_((pence, -pence)))


def _posting(session: Session, receipt: Receipt, account_name: str) -> Posting:
    taken = spoken_for(session, receipt.id)
    sign = 1 if receipt.amount_pence >= 0 else -1
    method = session.scalars(
        select(Method).where(Method.code == receipt.mop, Method.deleted.is_(False)).limit(1)
    ).first()
    return Posting(
        receipt.id,
        account_name,
        receipt.posted_on,
        receipt.amount_pence,
        receipt.amount_pence - sign * taken,
        receipt.fund,
        receipt.reference,
        receipt.mop,
        receipt.narrative,
        method.refundable if method is not None else True,
        method.incurs_fee if method is not None else False,
    )
