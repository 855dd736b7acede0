"""Bank lines and receipts with pence left: what matching works on, read from the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.income.heads import StatementHead
from app.income.matching import OpenLine, OpenReceipt
from models.income import ACTIVE, BankLine, Match, MatchReceipt, Receipt, Standing, Statement


def open_lines(
    session: Session, head: StatementHead, only: Sequence[str] | None = None
) -> tuple[OpenLine, ...]:
    """Return lines with pence left, of this statement and of earlier ones of its account, in date order.

    `only` limits it to some ids; their numbers then count among those alone.
    """
    taken = (
        select(Match.bank_line_id, func.sum(Match.amount_pence).label("pence"))
        .where(Match.account_id == head.account_id, Match.state.in_(ACTIVE), Match.deleted.is_(False))
        .group_by(Match.bank_line_id)
        .subquery()
    )
    left = BankLine.amount_pence - func.coalesce(taken.c.pence, 0)
    rows = session.execute(
        select(
            BankLine.id,
            BankLine.booked_on,
            left,
            BankLine.words,
            BankLine.customer_reference,
            BankLine.bank_reference,
            BankLine.parts,
        )
        .join(Statement, Statement.id == BankLine.statement_id)
        .outerjoin(taken, taken.c.bank_line_id == BankLine.id)
        .where(left != 0, BankLine.deleted.is_(False), *_up_to(head), *_among(BankLine.id, only))
        .order_by(BankLine.booked_on, Statement.ends_on, BankLine.line_no)
    )
    return tuple(
        OpenLine(row[0], number, row[1], row[2], row[3], (row[4], row[5]), parts_of(row[6]))
        for number, row in enumerate(rows, 1)
    )


def parts_of(kept: list[list[Any]] | None) -> tuple[tuple[int, str, str], ...]:
    """Return the payments of a batched entry as the store keeps them: pence, reference, words each."""
    return tuple((int(pence), str(reference), str(words)) for pence, reference, words in kept or ())


def open_receipts(
    session: Session, account_id: str, until: date, only: Sequence[str] | None = None
) -> tuple[OpenReceipt, ...]:
    """Return receipts of the account with pence left, posted up to a day, in date order; `only` some ids."""
    taken = (
        select(MatchReceipt.receipt_id, func.sum(MatchReceipt.amount_pence).label("pence"))
        .where(
            MatchReceipt.account_id == account_id,
            MatchReceipt.state.in_(ACTIVE),
            MatchReceipt.deleted.is_(False),
        )
        .group_by(MatchReceipt.receipt_id)
        .subquery()
    )
    left = Receipt.amount_pence - func.coalesce(taken.c.pence, 0)
    rows = session.execute(
        select(
            Receipt.id,
            Receipt.posted_on,
            left,
            Receipt.reference,
            Receipt.narrative,
            Receipt.fund,
            Receipt.mop,
            Receipt.psp_reference,
            Receipt.internal_reference,
        )
        .outerjoin(taken, taken.c.receipt_id == Receipt.id)
        .where(
            left != 0,
            Receipt.account_id == account_id,
            Receipt.posted_on <= until,
            Receipt.deleted.is_(False),
            *_among(Receipt.id, only),
        )
        .order_by(Receipt.posted_on, Receipt.line_no, Receipt.id)
    )
    return tuple(OpenReceipt(*row[:7], number, row[7], row[8]) for number, row in enumerate(rows, 1))


def _up_to(head: StatementHead) -> tuple[ColumnElement[bool], ...]:
    """Conditions for the lines that count on this board: its own, and earlier trusted ones of its account."""
    if head.standing == Standing.APART:
        return (Statement.id == head.id,)
    return (
        Statement.account_id == head.account_id,
        Statement.ends_on <= head.ends_on,
        Statement.standing != Standing.APART,
        Statement.deleted.is_(False),
    )


def _among(column: InstrumentedAttribute[str], ids: Sequence[str] | None) -> tuple[ColumnElement[bool], ...]:
    return () if ids is None else (column.in_(ids),)
