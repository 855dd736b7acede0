"""The board: everything an officer sees of one statement, read in one go and added up to the penny.

The sum: bank - book + on its way = left to explain. "On its way" are receipts no bank line is proposed for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.errors import NotFound
from app.income.evidence import Around, Evidence, weigh
from app.income.matching import OpenLine, OpenReceipt, Payout, Proposal, propose
from app.wording import date_year, day_month
from models.income import (
    ACTIVE,
    Account,
    BankLine,
    Match,
    MatchKind,
    MatchReceipt,
    MatchState,
    Note,
    Period,
    PeriodState,
    Receipt,
    Standing,
    Statement,
    WriteOff,
)


@dataclass(frozen=True)
class StatementHead:
    """What is known of a statement before its lines are read."""

    id: str
    account_id: str
    account_name: str
    currency: str
    number: str
    starts_on: date
    ends_on: date
    opening_pence: int | None
    closing_pence: int | None
    line_count: int
    standing: Standing
    difference_pence: int | None
    hint: str
    unproved_reason: str
    period_id: str
    period_state: PeriodState
    prepared_by: str
    reviewed_by: str
    second_officer_above: int

    @property
    def title(self) -> str:
        """What an officer calls it: Bank statement 241."""
        return f"Bank statement {self.number}" if self.number.strip("0") else "Bank statement"

    @property
    def span(self) -> str:
        """Its days in words: 7 to 11 December 2026."""
        first, last = self.starts_on, self.ends_on
        if first == last:
            return date_year(last)
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day} to {date_year(last)}"
        return f"{day_month(first) if first.year == last.year else date_year(first)} to {date_year(last)}"


@dataclass(frozen=True)
class Sums:
    """The sum at the top of the board, in pence; `left` is always bank - book + on_its_way."""

    bank: int
    book: int
    on_its_way: int

    @property
    def left(self) -> int:
        """What nobody has explained yet."""
        return self.bank - self.book + self.on_its_way


@dataclass(frozen=True)
class Part:
    """One thing that makes up what is left to explain: a line, a difference, or a gap in the statements."""

    kind: str  # line, fee, rest, gap
    subject_id: str
    day: date | None
    words: str
    pence: int
    note: str = ""


@dataclass(frozen=True)
class Board:
    """One statement with all that is open on its account up to its last day."""

    head: StatementHead
    lines: tuple[OpenLine, ...]
    receipts: tuple[OpenReceipt, ...]
    proposals: tuple[Proposal, ...]
    sums: Sums
    parts: tuple[Part, ...]
    all_lines: int
    waiting_for_second: int
    suspense_pence: int
    notes: dict[str, tuple[str, ...]]
    reports: tuple[Payout, ...] = ()

    @property
    def matched_lines(self) -> int:
        """How many lines no longer wait for an officer."""
        return self.all_lines - len(self.lines)

    @cached_property
    def line_by_id(self) -> dict[str, OpenLine]:
        """Open lines by id."""
        return {line.id: line for line in self.lines}

    @cached_property
    def receipt_by_id(self) -> dict[str, OpenReceipt]:
        """Open receipts by id."""
        return {receipt.id: receipt for receipt in self.receipts}

    @cached_property
    def around(self) -> Around:
        """All that is open in the book, indexed for the counting of alternatives."""
        return Around(self.receipts)

    @cached_property
    def proposal_by_line(self) -> dict[str, Proposal]:
        """Proposals by the id of their bank line."""
        return {proposal.line_id: proposal for proposal in self.proposals}

    def receipts_of(self, proposal: Proposal) -> tuple[OpenReceipt, ...]:
        """The receipts of a proposal, in its order."""
        return tuple(self.receipt_by_id[receipt_id] for receipt_id in proposal.receipt_ids)

    def evidence(self, proposal: Proposal) -> Evidence:
        """The evidence for a proposal, weighed against everything else that is open."""
        line = self.line_by_id[proposal.line_id]
        chosen = self.receipts_of(proposal)
        above = self.head.second_officer_above
        return weigh(proposal, line, chosen, self.around, len(self.lines), above, self.reports)


def statements(session: Session, limit: int = 60) -> list[StatementHead]:
    """Return the latest statements, newest first."""
    rows = session.execute(
        _heads().order_by(Statement.ends_on.desc(), Statement.created_at.desc()).limit(limit)
    )
    return [_head(row[0], row[1], row[2]) for row in rows]


def head_of(session: Session, statement_id: str) -> StatementHead:
    """Return one statement's head. Raises NotFound."""
    row = session.execute(_heads().where(Statement.id == statement_id)).first()
    if row is None:
        raise NotFound("This statement is not here.", "It may have been undone. Choose another one.")
    return _head(row[0], row[1], row[2])


def current_statement(session: Session) -> str | None:
    """Return the statement to open first: the latest that is not closed, else the latest of all."""
    heads = statements(session)
    ready = (head.id for head in heads if head.period_state != PeriodState.CLOSED)
    return next(ready, heads[0].id if heads else None)


def board(session: Session, statement_id: str) -> Board:
    """Return the whole board of a statement. Raises NotFound."""
    head = head_of(session, statement_id)
    apart = head.standing == Standing.APART
    lines = open_lines(session, head)
    receipts = () if apart else open_receipts(session, head.account_id, head.ends_on)
    proposals = () if apart else propose(lines, receipts, _rejected(session, head.account_id))
    suspense = _suspense(session, head)
    bank = _bank_says(session, head)
    book = bank if apart else _book_says(session, head) + suspense + _written_off(session, head)
    proposed = {receipt_id for proposal in proposals for receipt_id in proposal.receipt_ids}
    partly = _partly_matched(session, head.account_id)
    on_its_way = sum(r.pence for r in receipts if r.id not in proposed and r.id not in partly)
    sums = Sums(bank, book, on_its_way)
    notes = _notes(session, head.account_id)
    waiting = _count_waiting(session, head)
    total = _count_lines(session, head, lines)
    made = Board(head, lines, receipts, proposals, sums, (), total, waiting, suspense, notes)
    return made if apart else replace(made, parts=_parts(made, partly))


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
        )
        .join(Statement, Statement.id == BankLine.statement_id)
        .outerjoin(taken, taken.c.bank_line_id == BankLine.id)
        .where(left != 0, BankLine.deleted.is_(False), *_up_to(head), *_among(BankLine.id, only))
        .order_by(BankLine.booked_on, Statement.ends_on, BankLine.line_no)
    )
    return tuple(
        OpenLine(row[0], number, row[1], row[2], row[3], (row[4], row[5]))
        for number, row in enumerate(rows, 1)
    )


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
    return tuple(OpenReceipt(*row, number) for number, row in enumerate(rows, 1))


def _heads() -> Select[Statement, Account, Period]:
    return (
        select(Statement, Account, Period)
        .join(Account, Account.id == Statement.account_id)
        .join(Period, Period.id == Statement.period_id)
        .where(Statement.deleted.is_(False))
    )


def _head(statement: Statement, account: Account, period: Period) -> StatementHead:
    return StatementHead(
        statement.id,
        account.id,
        account.name,
        account.currency,
        statement.number,
        statement.starts_on,
        statement.ends_on,
        statement.opening_pence,
        statement.closing_pence,
        statement.line_count,
        statement.standing,
        statement.difference_pence,
        statement.hint,
        statement.unproved_reason or "",
        period.id,
        period.state,
        period.prepared_by_name or "",
        period.reviewed_by_name or "",
        account.second_officer_above,
    )


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


def _bank_says(session: Session, head: StatementHead) -> int:
    if head.closing_pence is not None:
        return head.closing_pence
    own = (BankLine.statement_id == head.id, BankLine.deleted.is_(False))
    moved = session.scalar(select(func.sum(BankLine.amount_pence)).where(*own)) or 0
    return (head.opening_pence or 0) + moved


def _book_says(session: Session, head: StatementHead) -> int:
    account = session.get(Account, head.account_id)
    opening = account.book_opening_pence if account is not None else 0
    posted = session.scalar(
        select(func.sum(Receipt.amount_pence)).where(
            Receipt.account_id == head.account_id,
            Receipt.posted_on <= head.ends_on,
            Receipt.deleted.is_(False),
        )
    )
    return opening + (posted or 0)


def _suspense(session: Session, head: StatementHead) -> int:
    """Return the pence that sit in suspense for lines up to this statement: they are in the book."""
    total = session.scalar(
        select(func.sum(Match.amount_pence))
        .join(Statement, Statement.id == Match.statement_id)
        .where(
            Match.account_id == head.account_id,
            Match.kind == MatchKind.SUSPENSE,
            Match.state.in_(ACTIVE),
            Match.deleted.is_(False),
            Statement.ends_on <= head.ends_on,
        )
    )
    return total or 0


def _written_off(session: Session, head: StatementHead) -> int:
    """Return the pence written off with matches up to this statement (negative for fees)."""
    total = session.scalar(
        select(func.sum(WriteOff.amount_pence))
        .join(Match, Match.id == WriteOff.match_id)
        .join(Statement, Statement.id == Match.statement_id)
        .where(
            WriteOff.account_id == head.account_id,
            WriteOff.state.in_(ACTIVE),
            WriteOff.deleted.is_(False),
            Statement.ends_on <= head.ends_on,
        )
    )
    return total or 0


def _count_lines(session: Session, head: StatementHead, lines: Sequence[OpenLine]) -> int:
    """Return the lines of this statement plus the open ones that earlier statements left behind."""
    own = set(
        session.scalars(
            select(BankLine.id).where(BankLine.statement_id == head.id, BankLine.deleted.is_(False))
        )
    )
    return len(own) + sum(line.id not in own for line in lines)


def _count_waiting(session: Session, head: StatementHead) -> int:
    return (
        session.scalar(
            select(func.count()).where(
                Match.statement_id == head.id,
                Match.state == MatchState.ACCEPTED,
                Match.needs_second.is_(True),
                Match.deleted.is_(False),
            )
        )
        or 0
    )


def _rejected(session: Session, account_id: str) -> frozenset[str]:
    rows = session.scalars(
        select(Match.evidence).where(
            Match.account_id == account_id, Match.state == MatchState.REJECTED, Match.deleted.is_(False)
        )
    )
    return frozenset(str(evidence.get("name", "")) for evidence in rows)


def _partly_matched(session: Session, account_id: str) -> frozenset[str]:
    rows = session.scalars(
        select(MatchReceipt.receipt_id).where(
            MatchReceipt.account_id == account_id,
            MatchReceipt.state.in_(ACTIVE),
            MatchReceipt.deleted.is_(False),
        )
    )
    return frozenset(rows)


def _notes(session: Session, account_id: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    rows = session.execute(
        select(Note.subject_id, Note.text)
        .where(Note.account_id == account_id, Note.deleted.is_(False))
        .order_by(Note.created_at, Note.id)
    )
    for subject_id, text in rows:
        found[subject_id] = (*found.get(subject_id, ()), text)
    return found


def _parts(made: Board, partly: frozenset[str]) -> tuple[Part, ...]:
    """Return what makes up the amount left to explain; the parts add up to it exactly."""
    parts: list[Part] = []

    def note(subject_id: str) -> str:
        return " ".join(made.notes.get(subject_id, ()))

    for line in made.lines:
        proposal = made.proposal_by_line.get(line.id)
        if proposal is None:
            parts.append(Part("line", line.id, line.booked_on, line.words, line.pence, note(line.id)))
            continue
        chosen = made.receipts_of(proposal)
        difference = line.pence - sum(receipt.pence for receipt in chosen)
        if difference:
            words = f"Difference on {line.words}"
            parts.append(Part("fee", chosen[-1].id, line.booked_on, words, difference, note(chosen[-1].id)))
    proposed = {receipt_id for proposal in made.proposals for receipt_id in proposal.receipt_ids}
    for receipt in made.receipts:
        if receipt.id in partly and receipt.id not in proposed:
            words = f"Rest of {receipt.narrative}"
            parts.append(Part("rest", receipt.id, receipt.posted_on, words, -receipt.pence, note(receipt.id)))
    gap = made.sums.left - sum(part.pence for part in parts)
    if gap:
        parts.append(Part("gap", "", None, "Balances from before the first statement here", gap))
    return tuple(parts)


def board_size(session: Session, statement_id: str, limit: int = 5_000) -> int:
    """Return how many lines and receipts a board would read, counted up to `limit`; large ones are jobs."""
    statement = session.get(Statement, statement_id)
    if statement is None:
        return 0
    of_account = (BankLine.account_id == statement.account_id, Receipt.account_id == statement.account_id)
    lines = select(BankLine.id).where(of_account[0]).limit(limit).subquery()
    receipts = select(Receipt.id).where(of_account[1]).limit(limit).subquery()
    counts = [session.scalar(select(func.count()).select_from(part)) or 0 for part in (lines, receipts)]
    return min(sum(counts), limit)
