"""What was settled on a statement: matched lines and lines in suspense, with who did it and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.income.evidence import Evidence
from models.income import ACTIVE, BankLine, Match, MatchKind, MatchReceipt, MatchState, Receipt


@dataclass(frozen=True)
class Settled:
    """A bank line whose pence went to receipts or to suspense, for the list of what is matched."""

    match_id: str
    line_id: str
    booked_on: date
    words: str
    pence: int
    kind: MatchKind
    state: MatchState
    stage: str
    note: str
    matched_by_id: str
    matched_by: str
    confirmed_by: str
    needs_second: bool
    receipts: tuple[tuple[date, str, int], ...]
    evidence: Evidence

    @property
    def waits(self) -> bool:
        """Whether a second officer still has to confirm it."""
        return self.needs_second and self.state == MatchState.ACCEPTED


def settled(session: Session, statement_id: str, limit: int = 200) -> list[Settled]:
    """Return what was matched or put to suspense on a statement, those that wait for somebody first."""
    rows = session.execute(
        select(Match, BankLine.booked_on, BankLine.words)
        .join(BankLine, BankLine.id == Match.bank_line_id)
        .where(Match.statement_id == statement_id, Match.state.in_(ACTIVE), Match.deleted.is_(False))
        .order_by(BankLine.booked_on, BankLine.line_no)
        .limit(limit)
    ).all()
    receipts: dict[str, list[tuple[date, str, int]]] = defaultdict(list)
    parts = session.execute(
        select(MatchReceipt.match_id, Receipt.posted_on, Receipt.narrative, MatchReceipt.amount_pence)
        .join(Receipt, Receipt.id == MatchReceipt.receipt_id)
        .where(MatchReceipt.match_id.in_([row[0].id for row in rows]), MatchReceipt.state.in_(ACTIVE))
        .order_by(Receipt.posted_on, Receipt.line_no)
    )
    for match_id, posted_on, narrative, pence in parts:
        receipts[match_id].append((posted_on, narrative, pence))
    found = [_settled(match, day, words, tuple(receipts[match.id])) for match, day, words in rows]
    return sorted(found, key=lambda one: not one.waits)


def _settled(
    match: Match, booked_on: date, words: str, receipts: tuple[tuple[date, str, int], ...]
) -> Settled:
    return Settled(
        match.id,
        match.bank_line_id,
        booked_on,
        words,
        match.amount_pence,
        match.kind,
        match.state,
        match.stage,
        match.note,
        match.matched_by,
        match.matched_by_name,
        match.confirmed_by_name or "",
        match.needs_second,
        receipts,
        match.evidence,
    )
