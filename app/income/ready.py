"""The acceptance of many certain proposals in one act, each with the evidence it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.income.board import Board, StatementHead
from app.income.evidence import taken_from
from app.income.matching import Proposal, WriteOffPart
from models.changes import Author, Changed, bulk_create
from models.ids import new_id
from models.income import BankLine, Match, MatchKind, MatchReceipt, MatchState, Period, PeriodState, WriteOff
from models.income import Statement as BankStatement

WRITE_OFF_REASONS = {
    "fee": "Fees that the payment provider kept back from the payout.",
    "other": "Corrections and reserves in the payment provider’s report.",
}


def write_matches(
    session: Session, head: StatementHead, seen: Board, proposals: Sequence[Proposal]
) -> Changed:
    """Write a match for every proposal of a board that was read in this session, in bulk.

    Raises HoldallError when a line or receipt is not open any more, or lies in a closed period.
    """
    author: Author = session.info["author"]
    homes = _homes(session, [proposal.line_id for proposal in proposals])
    matches: list[dict[str, Any]] = []
    shares: list[dict[str, Any]] = []
    offs: list[dict[str, Any]] = []
    used: set[str] = set()
    for proposal in proposals:
        line = seen.line_by_id.get(proposal.line_id)
        held = used.intersection((proposal.line_id, *proposal.receipt_ids))
        if line is None or held or any(one not in seen.receipt_by_id for one in proposal.receipt_ids):
            raise HoldallError("A line or receipt of these is taken already.", "Look at the fresh list.")
        used.update((proposal.line_id, *proposal.receipt_ids))
        receipts = seen.receipts_of(proposal)
        statement_id, period_id = homes[line.id]
        evidence = seen.evidence(proposal)
        parts = taken_from(line, receipts, proposal.write_offs)
        common = {"account_id": head.account_id, "period_id": period_id, "state": MatchState.ACCEPTED}
        match_id = new_id()
        matches.append(
            {
                **common,
                "id": match_id,
                "statement_id": statement_id,
                "bank_line_id": line.id,
                "kind": MatchKind.RECEIPTS,
                "amount_pence": sum(parts) + sum(part.pence for part in proposal.write_offs),
                "stage": proposal.stage,
                "evidence": evidence,
                "needs_second": evidence["second_officer"]["needed"],
                "matched_by": author.user_id,
                "matched_by_name": author.name,
            }
        )
        shares += [
            {**common, "match_id": match_id, "receipt_id": receipt.id, "amount_pence": pence}
            for receipt, pence in zip(receipts, parts, strict=True)
        ]
        offs += [{**common, "match_id": match_id, **_off(part)} for part in proposal.write_offs]
    changed = bulk_create(session, Match, matches) | bulk_create(session, MatchReceipt, shares)
    return changed | bulk_create(session, WriteOff, offs) if offs else changed


def _off(part: WriteOffPart) -> dict[str, Any]:
    return {"amount_pence": part.pence, "fund": part.fund[:5], "reason": WRITE_OFF_REASONS[part.kind]}


def _homes(session: Session, line_ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Return statement and period of each line. Raises HoldallError when one lies in a closed period."""
    found: dict[str, tuple[str, str | None]] = {}
    for start in range(0, len(line_ids), 500):
        rows = session.execute(
            select(BankLine.id, BankLine.statement_id, BankStatement.period_id, Period.state)
            .join(BankStatement, BankStatement.id == BankLine.statement_id)
            .outerjoin(Period, Period.id == BankStatement.period_id)
            .where(BankLine.id.in_(line_ids[start : start + 500]))
        )
        for line_id, statement_id, period_id, state in rows:
            if state == PeriodState.CLOSED:
                raise HoldallError("A line of these lies in a closed period.", "Reopen the period first.")
            found[line_id] = (statement_id, period_id)
    return found
