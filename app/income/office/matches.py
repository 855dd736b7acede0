"""What an officer does with the lines of a statement: accept, reject, split, suspense, confirm, take apart.

Each act gives pence of a bank line to receipts or to suspense, or takes them back. The policy of
models.income is enforced beneath: pence are never taken twice, a second officer is another person, a closed
period does not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.income.board import StatementHead, board, head_of, open_lines, open_receipts
from app.income.evidence import Evidence, rebuild, taken_from, weigh
from app.income.matching import HAND, OpenLine, OpenReceipt, Proposal, WriteOffPart
from app.income.office import suspense
from app.income.office.words import kept, needed
from app.income.ready import WRITE_OFF_REASONS, write_matches
from app.income.rules import needs_second_officer
from models import garbage
from models.changes import Author, Changed
from models.income import (
    ACTIVE,
    BankLine,
    Match,
    MatchKind,
    MatchReceipt,
    MatchState,
    Standing,
    Statement,
    WriteOff,
)


def accept(
    session: Session, statement_id: str, proposal: Proposal, evidence: Evidence | None = None
) -> Changed:
    """Accept a proposal: the line's pence go to its receipts, with the evidence the officer saw.

    Without `evidence` it is weighed now, over all that is open. Raises HoldallError when line or receipt
    was taken in the meantime, or when what was seen is no longer so.
    """
    head = head_of(session, statement_id)
    line, receipts = _still_open(session, head, proposal.line_id, proposal.receipt_ids)
    if evidence is None:
        seen = board(session, statement_id)
        open_lines, above = len(seen.lines), head.second_officer_above
        evidence = weigh(proposal, line, receipts, seen.around, open_lines, above, seen.reports)
    amounts = evidence["amounts"]
    if amounts["bank"] != line.pence or amounts["book"] != [receipt.pence for receipt in receipts]:
        raise HoldallError("The amounts have changed since you looked.", "Look at the fresh proposal.")
    return _match(session, head, line, receipts, proposal.stage, evidence, "")


def accept_ready(session: Session, statement_id: str, proposals: Iterable[Proposal]) -> Changed:
    """Accept every proposal that is certain (`auto`) in one act, each with its evidence; leave the others.

    Raises HoldallError when none is, or when a line or receipt of one was taken in the meantime.
    """
    seen = board(session, statement_id)
    head = _workable(seen.head)
    ready = [proposal for proposal in proposals if proposal.auto]
    if not ready:
        raise HoldallError("No proposal is certain enough.", "Look at them one by one.")
    with garbage.held_back():
        return write_matches(session, head, seen, ready)


def match_by_hand(
    session: Session, statement_id: str, line_id: str, receipt_ids: Sequence[str], note: str = ""
) -> Changed:
    """Give a line's pence to receipts an officer chose; what does not fit stays open on either side.

    This is how a line is split: choose the receipts that belong to it, and put the rest to suspense.
    """
    if not receipt_ids:
        raise HoldallError("No receipt is chosen.", "Choose at least one in the book, then match.")
    head = head_of(session, statement_id)
    line, receipts = _still_open(session, head, line_id, receipt_ids)
    if all((receipt.pence > 0) != (line.pence > 0) for receipt in receipts):
        raise HoldallError(
            "These go opposite ways: one is money in, the other money out.", "Choose receipts like the line."
        )
    if any(part == 0 for part in taken_from(line, receipts)):
        raise HoldallError(
            "The first receipts already use up the whole line.", "Leave out the ones it does not need."
        )
    evidence = rebuild(HAND, "", line, receipts, head.second_officer_above)
    return _match(session, head, line, receipts, HAND, evidence, kept(note, "The note"))


def reject(session: Session, statement_id: str, proposal: Proposal, reason: str = "") -> Changed:
    """Say no to a proposal, so that it is not made again; nothing is taken."""
    head = _workable(head_of(session, statement_id))
    line = _line(session, proposal.line_id)
    author: Author = session.info["author"]
    record = Match(
        account_id=head.account_id,
        statement_id=line.statement_id,
        period_id=_period_of(session, line),
        bank_line_id=line.id,
        kind=MatchKind.RECEIPTS,
        state=MatchState.REJECTED,
        amount_pence=0,
        stage=proposal.stage,
        evidence={"stage": proposal.stage, "name": proposal.name, "receipts": list(proposal.receipt_ids)},
        note=kept(reason, "The reason"),
        matched_by=author.user_id,
        matched_by_name=author.name,
    )
    session.add(record)
    return Changed.of(record)


def to_suspense(session: Session, statement_id: str, line_id: str, note: str) -> Changed:
    """Put what is left of a line to suspense, with the note a colleague will need. Raises HoldallError."""
    words = needed(
        note,
        "The note",
        "Suspense needs a note.",
        "Write what is known: who may have paid, and what was tried.",
    )
    head = head_of(session, statement_id)
    line, _ = _still_open(session, head, line_id, ())
    evidence: Evidence = {
        "stage": "suspense",
        "key": "",
        "fields": [],
        "amounts": {"bank": line.pence, "book": [], "taken": [line.pence], "left": 0},
        "second_officer": {
            "above": head.second_officer_above,
            "needed": needs_second_officer(line.pence, head.second_officer_above),
        },
    }
    return _match(session, head, line, (), "suspense", evidence, words)


def confirm(session: Session, match_id: str) -> Changed:
    """Confirm a match as the second officer. Raises MoveRefused for the officer who made it."""
    match = _match_of(session, match_id)
    if match.state == MatchState.CONFIRMED:
        raise HoldallError(
            f"{match.confirmed_by_name or 'A colleague'} has confirmed this match already.",
            "Look at the fresh list.",
        )
    return _move(session, match, MatchState.CONFIRMED)


def reverse(session: Session, match_id: str, reason: str) -> Changed:
    """Take a match apart, with a reason; its pence are open again and its record stays."""
    words = needed(reason, "The reason", "Taking a match apart needs a reason.", "One sentence is enough.")
    match = _match_of(session, match_id)
    author: Author = session.info["author"]
    match.reversed_reason = words
    match.reversed_by_name = author.name
    match.reversed_at = session.info["now"]
    return suspense.cancel_of_match(session, match_id) | _move(session, match, MatchState.REVERSED)


def _match(
    session: Session,
    head: StatementHead,
    line: OpenLine,
    receipts: Sequence[OpenReceipt],
    stage: str,
    evidence: Evidence,
    note: str,
) -> Changed:
    """Write one match and the share of each receipt in it."""
    author: Author = session.info["author"]
    stored = _line(session, line.id)
    period_id = _period_of(session, stored)
    written_off = [WriteOffPart(*part) for part in evidence.get("write_offs", [])]
    parts = taken_from(line, receipts, written_off) if receipts else (line.pence,)
    match = Match(
        account_id=head.account_id,
        statement_id=stored.statement_id,
        period_id=period_id,
        bank_line_id=line.id,
        kind=MatchKind.RECEIPTS if receipts else MatchKind.SUSPENSE,
        amount_pence=sum(parts) + sum(part.pence for part in written_off),
        stage=stage,
        evidence=evidence,
        note=note,
        needs_second=evidence["second_officer"]["needed"],
        matched_by=author.user_id,
        matched_by_name=author.name,
    )
    shares = [
        MatchReceipt(
            account_id=head.account_id,
            match_id=match.id,
            receipt_id=receipt.id,
            period_id=period_id,
            amount_pence=part,
        )
        for receipt, part in zip(receipts, parts, strict=bool(receipts))
    ]
    offs = [
        WriteOff(
            account_id=head.account_id,
            match_id=match.id,
            period_id=period_id,
            amount_pence=part.pence,
            fund=part.fund,
            reason=WRITE_OFF_REASONS[part.kind],
        )
        for part in written_off
    ]
    session.add_all([match, *shares, *offs])
    held = () if receipts else (suspense.hold_line(session, match, stored),)
    return Changed.of(match, *shares, *offs, *held)


def _still_open(
    session: Session, head: StatementHead, line_id: str, receipt_ids: Sequence[str]
) -> tuple[OpenLine, tuple[OpenReceipt, ...]]:
    """Return the line and the receipts while they are open. Raises HoldallError when one was taken."""
    _workable(head)
    lines = open_lines(session, head, [line_id])
    if not lines:
        raise HoldallError("This bank line is matched already.", "Choose another line; the list is fresh.")
    by_id = {one.id: one for one in open_receipts(session, head.account_id, head.ends_on, receipt_ids)}
    if len(by_id) != len(set(receipt_ids)):
        raise HoldallError("A receipt of this match is taken already.", "Look at the fresh proposal.")
    return lines[0], tuple(by_id[receipt_id] for receipt_id in receipt_ids)


def _workable(head: StatementHead) -> StatementHead:
    if head.standing == Standing.APART:
        raise HoldallError(
            "This statement is kept apart, because its sum does not prove.",
            "Take it unproved on purpose, or import a better file.",
        )
    return head


def _move(session: Session, match: Match, state: MatchState) -> Changed:
    """Move a match, its shares and its write-offs to another state together."""
    author: Author = session.info["author"]
    match.state = state
    if state is MatchState.CONFIRMED:
        match.confirmed_by_name = author.name
        match.confirmed_at = session.info["now"]
    shares: list[MatchReceipt | WriteOff] = [
        *session.scalars(
            select(MatchReceipt).where(MatchReceipt.match_id == match.id, MatchReceipt.deleted.is_(False))
        ),
        *session.scalars(select(WriteOff).where(WriteOff.match_id == match.id, WriteOff.deleted.is_(False))),
    ]
    for share in shares:
        share.state = state
    return Changed.of(match, *shares)


def _match_of(session: Session, match_id: str) -> Match:
    match = session.get(Match, match_id)
    if match is None or match.deleted or match.state not in ACTIVE:
        raise NotFound("This match is not there any more.", "Look at the fresh list.")
    return match


def _line(session: Session, line_id: str) -> BankLine:
    line = session.get(BankLine, line_id)
    if line is None or line.deleted:
        raise NotFound("This bank line is not here any more.", "Its import may have been undone.")
    return line


def _period_of(session: Session, line: BankLine) -> str | None:
    statement = session.get(Statement, line.statement_id)
    return statement.period_id if statement is not None else None
