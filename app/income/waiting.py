"""How many things of the income office wait for one person, counted without reading any of them."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.income import (
    JOURNAL_HOLDS,
    EReturn,
    EReturnState,
    Journal,
    JournalState,
    Refund,
    RefundState,
    Rule,
    RuleState,
    Suspense,
    SuspenseAllocation,
    SuspenseState,
)


def waiting(session: Session, user_id: str) -> dict[str, int]:
    """Return counts by section: suspense not yet placed, eReturns and journals that wait for this person
    to look at a colleague's work, and rules that were learned and wait for a word.

    Sections where nothing waits are left out.
    """
    counts = {
        "suspense": open_suspense(session),
        "ereturns": _count(
            session,
            EReturn.state == EReturnState.SUBMITTED,
            EReturn.submitted_by != user_id,
            EReturn.deleted.is_(False),
        ),
        "journals": _count(
            session,
            Journal.state == JournalState.PROPOSED,
            Journal.made_by != user_id,
            Journal.deleted.is_(False),
        )
        + _count(
            session,
            Refund.state == RefundState.REQUESTED,
            Refund.requested_by != user_id,
            Refund.deleted.is_(False),
        ),
        "codes": _count(session, Rule.state == RuleState.PROPOSED, Rule.deleted.is_(False)),
    }
    return {name: count for name, count in counts.items() if count}


def open_suspense(session: Session) -> int:
    """Return how many suspense items have pence that no journal has taken."""
    taken = (
        select(func.sum(SuspenseAllocation.amount_pence))
        .where(
            SuspenseAllocation.suspense_id == Suspense.id,
            SuspenseAllocation.state.in_(JOURNAL_HOLDS),
            SuspenseAllocation.deleted.is_(False),
        )
        .correlate(Suspense)
        .scalar_subquery()
    )
    return _count(
        session,
        Suspense.state == SuspenseState.HELD,
        Suspense.deleted.is_(False),
        Suspense.amount_pence != func.coalesce(taken, 0),
    )


def _count(session: Session, *wanted: object) -> int:
    return session.scalar(select(func.count()).where(*wanted)) or 0  # type: ignore[arg-type]
