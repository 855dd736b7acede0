"""What the papers read of a statement's days: movements of bank and book, totals, write-offs, named codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.income.board import Board, StatementHead, in_suspense, written_off
from models.income import (
    ACTIVE,
    Account,
    BankLine,
    Fund,
    Match,
    MatchKind,
    MatchReceipt,
    Method,
    Receipt,
    Statement,
    WriteOff,
)


@dataclass(frozen=True)
class Movement:
    """One side of a statement's days in pence: opening + every step = closing. `other` closes a gap."""

    opening: int
    money_in: int
    money_out: int
    suspense: int
    written_off: int
    closing: int

    @property
    def other(self) -> int:
        """What the steps leave unexplained; 0 when the store is whole."""
        steps = self.money_in + self.money_out + self.suspense + self.written_off
        return self.closing - self.opening - steps


@dataclass(frozen=True)
class CodeTotal:
    """Postings under one code: its name where the council keeps one, how many, their pence, those matched."""

    code: str
    name: str
    count: int
    pence: int
    matched_pence: int


@dataclass(frozen=True)
class WrittenOff:
    """A write-off as the papers show it."""

    day: date
    words: str
    fund: str
    reason: str
    pence: int
    by: str
    confirmed_by: str


@dataclass(frozen=True)
class StageTotal:
    """What was matched in one way: how many matches, how many of them confirmed, and their pence."""

    stage: str
    count: int
    confirmed: int
    pence: int


def matched_by_stage(session: Session, statement_id: str) -> list[StageTotal]:
    """Return the matches to receipts that hold on a statement, by the stage that found them."""
    rows = session.execute(
        select(
            Match.stage,
            func.count(),
            func.count(Match.confirmed_by_name),
            func.sum(Match.amount_pence),
        )
        .where(
            Match.statement_id == statement_id,
            Match.kind == MatchKind.RECEIPTS,
            Match.state.in_(ACTIVE),
            Match.deleted.is_(False),
        )
        .group_by(Match.stage)
        .order_by(Match.stage)
    )
    return [StageTotal(*row) for row in rows]


def put_to_suspense(session: Session, statement_id: str) -> list[tuple[date, str, str, int]]:
    """Return the lines of a statement put to suspense: (day, the bank's words, the note, pence)."""
    rows = session.execute(
        select(BankLine.booked_on, BankLine.words, Match.note, Match.amount_pence)
        .join(BankLine, BankLine.id == Match.bank_line_id)
        .where(
            Match.statement_id == statement_id,
            Match.kind == MatchKind.SUSPENSE,
            Match.state.in_(ACTIVE),
            Match.deleted.is_(False),
        )
        .order_by(BankLine.booked_on, BankLine.line_no, Match.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def bank_movement(session: Session, head: StatementHead) -> Movement:
    """Return the bank's side of one statement; lines that an earlier import brought are its `other`."""
    pence = BankLine.amount_pence
    money_in, money_out = _both_ways(
        session, pence, BankLine.statement_id == head.id, BankLine.deleted.is_(False)
    )
    opening = head.opening_pence or 0
    closing = head.closing_pence if head.closing_pence is not None else opening + money_in + money_out
    return Movement(opening, money_in, money_out, 0, 0, closing)


def book_movement(session: Session, seen: Board) -> Movement:
    """Return the book's side over the same days; its closing is the board's, suspense included."""
    head = seen.head
    account = session.get(Account, head.account_id)
    own = (Receipt.account_id == head.account_id, Receipt.deleted.is_(False))
    before = sum(_both_ways(session, Receipt.amount_pence, *own, Receipt.posted_on < head.starts_on))
    money_in, money_out = _both_ways(
        session,
        Receipt.amount_pence,
        *own,
        Receipt.posted_on >= head.starts_on,
        Receipt.posted_on <= head.ends_on,
    )
    until = Statement.ends_on <= head.ends_on
    held = in_suspense(session, head.account_id, until)
    held_before = in_suspense(session, head.account_id, Statement.ends_on < head.starts_on)
    off = written_off(session, head.account_id, until)
    off_before = written_off(session, head.account_id, Statement.ends_on < head.starts_on)
    opening = (account.book_opening_pence if account is not None else 0) + before + held_before + off_before
    return Movement(opening, money_in, money_out, held - held_before, off - off_before, seen.sums.book)


def totals_by(session: Session, head: StatementHead, column: InstrumentedAttribute[str]) -> list[CodeTotal]:
    """Return the postings of a statement's days by fund (Receipt.fund) or by method (Receipt.mop)."""
    taken = (
        select(MatchReceipt.receipt_id, func.sum(MatchReceipt.amount_pence).label("pence"))
        .where(
            MatchReceipt.account_id == head.account_id,
            MatchReceipt.state.in_(ACTIVE),
            MatchReceipt.deleted.is_(False),
        )
        .group_by(MatchReceipt.receipt_id)
        .subquery()
    )
    rows = session.execute(
        select(
            column,
            func.count(),
            func.sum(Receipt.amount_pence),
            func.sum(func.coalesce(taken.c.pence, 0)),
        )
        .outerjoin(taken, taken.c.receipt_id == Receipt.id)
        .where(
            Receipt.account_id == head.account_id,
            Receipt.posted_on >= head.starts_on,
            Receipt.posted_on <= head.ends_on,
            Receipt.deleted.is_(False),
        )
        .group_by(column)
        .order_by(column)
    )
    names = code_names(session, Fund if column is Receipt.fund else Method)
    return [CodeTotal(code, names.get(code, ""), count, pence, done) for code, count, pence, done in rows]


def code_names(session: Session, model: type[Fund] | type[Method]) -> dict[str, str]:
    """Return the names of the council's funds or methods by their codes."""
    rows = session.execute(select(model.code, model.name).where(model.deleted.is_(False)))
    return {row[0]: row[1] for row in rows}


def write_offs(session: Session, statement_ids: Sequence[str]) -> list[WrittenOff]:
    """Return the active write-offs of matches on some statements, by day."""
    rows = session.execute(
        select(WriteOff, Match, BankLine)
        .join(Match, Match.id == WriteOff.match_id)
        .join(BankLine, BankLine.id == Match.bank_line_id)
        .where(
            Match.statement_id.in_(statement_ids),
            WriteOff.state.in_(ACTIVE),
            WriteOff.deleted.is_(False),
        )
        .order_by(BankLine.booked_on, BankLine.line_no, WriteOff.id)
    )
    return [
        WrittenOff(
            line.booked_on,
            line.words,
            off.fund,
            off.reason,
            off.amount_pence,
            match.matched_by_name,
            match.confirmed_by_name or "",
        )
        for off, match, line in rows
    ]


def _both_ways(
    session: Session, pence: InstrumentedAttribute[int], *where: ColumnElement[bool]
) -> tuple[int, int]:
    """Return the sums of what is above and below zero."""
    row = session.execute(
        select(
            func.sum(case((pence > 0, pence), else_=0)), func.sum(case((pence < 0, pence), else_=0))
        ).where(*where)
    ).one()
    return row[0] or 0, row[1] or 0
