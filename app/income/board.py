"""The board: everything an officer sees of one statement, read in one go and added up to the penny.

The sum: bank - book + on its way = left to explain. "On its way" are receipts no bank line is proposed for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.income.evidence import Around, Evidence, weigh
from app.income.heads import StatementHead, current_statement, head_of, statements
from app.income.matching import OpenLine, OpenReceipt, Payout, Proposal, Settings, propose
from app.income.office.kept_rules import running
from app.income.open_items import open_lines, open_receipts
from app.income.payout_reports import payouts_in_store
from models.income import (
    ACTIVE,
    Account,
    BankLine,
    Match,
    MatchKind,
    MatchReceipt,
    MatchState,
    Method,
    Note,
    Receipt,
    RuleUse,
    Standing,
    Statement,
    WriteOff,
)

__all__ = [
    "Board",
    "Part",
    "StatementHead",
    "Sums",
    "board",
    "board_size",
    "current_statement",
    "head_of",
    "open_lines",
    "open_receipts",
    "statements",
]


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


def board(session: Session, statement_id: str) -> Board:
    """Return the whole board of a statement. Raises NotFound."""
    head = head_of(session, statement_id)
    apart = head.standing == Standing.APART
    lines = open_lines(session, head)
    receipts = () if apart else open_receipts(session, head.account_id, head.ends_on)
    reports = () if apart else payouts_in_store(session, head.account_id, lines)
    proposals = () if apart else _proposals(session, head, lines, receipts, reports)
    until = Statement.ends_on <= head.ends_on
    suspense = in_suspense(session, head.account_id, until)
    bank = _bank_says(session, head)
    aside = suspense + written_off(session, head.account_id, until)
    book = bank if apart else _book_says(session, head) + aside
    proposed = {receipt_id for proposal in proposals for receipt_id in proposal.receipt_ids}
    partly = _partly_matched(session, head.account_id)
    on_its_way = sum(r.pence for r in receipts if r.id not in proposed and r.id not in partly)
    sums = Sums(bank, book, on_its_way)
    notes = _notes(session, head.account_id)
    waiting = _count_waiting(session, head)
    total = _count_lines(session, head, lines)
    made = Board(head, lines, receipts, proposals, sums, (), total, waiting, suspense, notes, reports)
    return made if apart else replace(made, parts=_parts(made, partly))


def _proposals(
    session: Session,
    head: StatementHead,
    lines: Sequence[OpenLine],
    receipts: Sequence[OpenReceipt],
    reports: Sequence[Payout],
) -> tuple[Proposal, ...]:
    """Return the proposals by the account's limit, the running bank rules and where fees are charged."""
    account = session.get(Account, head.account_id)
    rules = running(session, RuleUse.BANK, head.account_id)
    fees = session.execute(select(Method.code, Method.fee_fund).where(Method.fee_fund != ""))
    funds = {str(code): str(fund) for code, fund in fees}
    limit = account.accepts_alone_to if account is not None else Settings().accepts_alone_to
    return propose(
        lines,
        receipts,
        _rejected(session, head.account_id),
        Settings(accepts_alone_to=limit, fee_funds=funds),
        reports=reports,
        rules=rules if len(rules) else None,
    )


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


def in_suspense(session: Session, account_id: str, which: ColumnElement[bool]) -> int:
    """Return the pence that matches hold in suspense for statements `which`: the book has them."""
    total = session.scalar(
        select(func.sum(Match.amount_pence))
        .join(Statement, Statement.id == Match.statement_id)
        .where(
            Match.account_id == account_id,
            Match.kind == MatchKind.SUSPENSE,
            Match.state.in_(ACTIVE),
            Match.deleted.is_(False),
            which,
        )
    )
    return total or 0


def written_off(session: Session, account_id: str, which: ColumnElement[bool]) -> int:
    """Return the pence written off with matches on the statements `which` (negative for fees)."""
    total = session.scalar(
        select(func.sum(WriteOff.amount_pence))
        .join(Match, Match.id == WriteOff.match_id)
        .join(Statement, Statement.id == Match.statement_id)
        .where(
            WriteOff.account_id == account_id,
            WriteOff.state.in_(ACTIVE),
            WriteOff.deleted.is_(False),
            which,
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
