"""Periods: prepared by one officer, reviewed by another, closed, and opened again with a reason.

Every step leaves a PeriodEvent: what the period became, by whom, when, why, and what was left to explain.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.income.board import Board, StatementHead, board
from app.income.office.words import needed
from app.wording import date_year, plural
from models.changes import Author, Changed
from models.income import (
    EReturn,
    EReturnState,
    Journal,
    JournalState,
    Match,
    MatchState,
    Period,
    PeriodEvent,
    PeriodState,
    Standing,
    Statement,
    Suspense,
    SuspenseAllocation,
)

LONGEST_LABEL = 60


def prepare(session: Session, statement_id: str) -> Changed:
    """Mark the period prepared: nothing is left to explain, or every part of it has a note.

    Raises HoldallError naming what still has none.
    """
    seen = board(session, statement_id)
    _explained(seen, "prepared")
    period = _period(session, seen.head)
    author: Author = session.info["author"]
    period.prepared_by = author.user_id
    period.prepared_by_name = author.name
    return _step(session, period, PeriodState.PREPARED, seen.sums.left)


def review(session: Session, statement_id: str) -> Changed:
    """Mark the period reviewed by a second officer. Raises MoveRefused for the one who prepared it."""
    seen = board(session, statement_id)
    period = _period(session, seen.head)
    author: Author = session.info["author"]
    changed = _step(session, period, PeriodState.REVIEWED, seen.sums.left)
    period.reviewed_by = author.user_id
    period.reviewed_by_name = author.name
    return changed


def close(session: Session, statement_id: str) -> Changed:
    """Close a reviewed period: nothing in it changes any more.

    Raises HoldallError while anything is unexplained, or while a match, a journal or an eReturn of the
    period waits for a second officer.
    """
    seen = board(session, statement_id)
    period = _period(session, seen.head)
    _explained(seen, "closed")
    waiting = waits(session, period)
    if waiting:
        raise HoldallError(
            f"The period cannot be closed yet: {waiting[0]}.", "A second officer decides on it, then close."
        )
    return _step(session, period, PeriodState.CLOSED, seen.sums.left)


def reopen(session: Session, statement_id: str, reason: str) -> Changed:
    """Open a period again, with a reason that stays on it; one that was closed is marked reopened."""
    words = needed(
        reason, "The reason", "Reopening a period needs a reason.", "Write what has to change and who asked."
    )
    seen = board(session, statement_id)
    period = _period(session, seen.head)
    period.reopened_reason = words
    closed = period.state is PeriodState.CLOSED
    state = PeriodState.REOPENED if closed else PeriodState.OPEN
    return _step(session, period, state, seen.sums.left, words)


def trail(session: Session, period_id: str) -> list[PeriodEvent]:
    """Return every step of a period, in the order they were made."""
    return list(
        session.scalars(
            select(PeriodEvent)
            .where(PeriodEvent.period_id == period_id, PeriodEvent.deleted.is_(False))
            .order_by(PeriodEvent.made_at, PeriodEvent.id)
        )
    )


def waits(session: Session, period: Period) -> list[str]:
    """Return what of a period waits for a second officer, each as half a sentence; empty: nothing."""
    counts = (
        (_matches_waiting(session, period), "match", "matches", "for a second officer"),
        (_journals_waiting(session, period), "journal", "", "for approval"),
        (_ereturns_waiting(session, period), "eReturn", "", "for authorisation"),
    )
    return [
        f"{plural(count, one, many)} {'waits' if count == 1 else 'wait'} {what}"
        for count, one, many, what in counts
        if count
    ]


def why_open(session: Session, statement_id: str) -> list[str]:
    """Return why the period of a statement cannot be closed yet, in sentences; empty when it can be."""
    seen = board(session, statement_id)
    period = _period(session, seen.head)
    told = []
    try:
        _explained(seen, "closed")
    except HoldallError as reason:
        told.append(reason.title)
    told += [f"{words[0].upper()}{words[1:]}." for words in waits(session, period)]
    if period.state not in (PeriodState.REVIEWED, PeriodState.CLOSED):
        told.append("It has not been prepared by one officer and reviewed by another.")
    return told


def refuse_closed(session: Session, account_id: str, day: date, what: str) -> None:
    """Raise HoldallError when a day of an account belongs to a closed period; `what` as in "a refund"."""
    closed = session.scalars(
        select(Period).where(
            Period.account_id == account_id,
            Period.starts_on <= day,
            Period.ends_on >= day,
            Period.state == PeriodState.CLOSED,
            Period.deleted.is_(False),
        )
    ).first()
    if closed is not None:
        raise HoldallError(
            f"{date_year(day)} belongs to a period that is closed, so {what} cannot be posted on it.",
            "Choose a later day, or have the period reopened with a reason.",
        )


def _explained(seen: Board, become: str) -> None:
    """Raise HoldallError naming what of a board has no explanation; `become` as in "prepared"."""
    if seen.head.standing == Standing.APART:
        raise HoldallError(
            f"This statement is kept apart, so its period cannot be {become}.",
            "Take it unproved first, or import a proved one.",
        )
    if any(part.kind == "gap" for part in seen.parts):
        raise HoldallError(
            f"The balances before the first statement do not agree, so the period cannot be {become}.",
            "Import the statements or ledger rows that are missing.",
        )
    bare = [part for part in seen.parts if not part.note]
    if bare:
        named = bare[0].words[:LONGEST_LABEL]
        told = f"and {len(bare) - 1} more have" if len(bare) > 1 else "has"
        raise HoldallError(
            f"“{named}” {told} no explanation yet.",
            "Match it, put it to suspense, or write a note on it.",
        )


def _step(session: Session, period: Period, state: PeriodState, left_pence: int, reason: str = "") -> Changed:
    """Move a period to a state and write the step down."""
    author: Author = session.info["author"]
    period.state = state
    event = PeriodEvent(
        account_id=period.account_id,
        period_id=period.id,
        state=state,
        made_at=session.info["now"],
        made_by=author.user_id,
        made_by_name=author.name,
        reason=reason,
        left_pence=left_pence,
    )
    session.add(event)
    return Changed.of(period, event)


def _period(session: Session, head: StatementHead) -> Period:
    period = session.get(Period, head.period_id)
    if period is None:
        raise NotFound("This statement has no period.", "Import it again.")
    return period


def _matches_waiting(session: Session, period: Period) -> int:
    """Count matches on statements up to the period's last day that a second officer has not confirmed."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Match)
            .join(Statement, Statement.id == Match.statement_id)
            .where(
                Match.account_id == period.account_id,
                Match.state == MatchState.ACCEPTED,
                Match.needs_second.is_(True),
                Match.deleted.is_(False),
                Statement.ends_on <= period.ends_on,
            )
        )
        or 0
    )


def _journals_waiting(session: Session, period: Period) -> int:
    """Count proposed journals that were made up to the last day, or take from suspense held up to it."""
    takes = (
        select(SuspenseAllocation.journal_id)
        .join(Suspense, Suspense.id == SuspenseAllocation.suspense_id)
        .where(Suspense.held_on <= period.ends_on, SuspenseAllocation.deleted.is_(False))
    )
    return (
        session.scalar(
            select(func.count()).where(
                Journal.account_id == period.account_id,
                Journal.state == JournalState.PROPOSED,
                Journal.deleted.is_(False),
                or_(Journal.made_on <= period.ends_on, Journal.id.in_(takes)),
            )
        )
        or 0
    )


def _ereturns_waiting(session: Session, period: Period) -> int:
    """Count eReturns of takings up to the last day that were submitted and not yet authorised."""
    return (
        session.scalar(
            select(func.count()).where(
                EReturn.account_id == period.account_id,
                EReturn.state == EReturnState.SUBMITTED,
                EReturn.taken_on <= period.ends_on,
                EReturn.deleted.is_(False),
            )
        )
        or 0
    )
