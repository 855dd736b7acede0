"""Visits asked for: up to three wishes, one place, and nothing called booked before it is confirmed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.repairs.records import now_of, repair_of
from models.changes import Changed
from models.repairs import HOLDING, Slot, State, Visit, VisitState

MOST_CHOICES = 3


def ask_visits(session: Session, repair_id: str, slot_ids: Sequence[str]) -> Changed:
    """Asks for one visit in up to three slots, the first wish first; it is not booked before it is confirmed.

    The visit takes a place in the first of them that has one left here. Raises HoldallError for none or too
    many, for a slot that is unknown, and when no place is left in any of them.
    """
    repair = repair_of(session, repair_id)
    wishes = list(dict.fromkeys(slot_ids))
    if not 1 <= len(wishes) <= MOST_CHOICES:
        raise HoldallError("Choose one to three visits.", "The first one chosen is asked for first.")
    if any(session.get(Slot, slot_id) is None for slot_id in wishes):
        raise NotFound("One of these visits is not in the list any more.", "Choose again from the list.")
    visit = visit_of(session, repair.id)
    mine = visit.slot_id if visit is not None and visit.state in HOLDING else None
    free = [s for s in wishes if s == mine or places_left(session, s) > 0]
    if not free:
        raise HoldallError("No place is left in any of these visits.", "Choose others, or ring the planners.")
    if visit is None:
        visit = Visit(repair_id=repair.id, slot_id=free[0], choices=wishes, asked_at=now_of(session))
        session.add(visit)
    else:
        if visit.state is VisitState.CONFIRMED:
            visit.state = VisitState.WITHDRAWN
            session.flush()
        visit.choices, visit.slot_id, visit.asked_at = wishes, free[0], now_of(session)
        visit.state = VisitState.REQUESTED
    return Changed.of(repair, visit)


def ask_next_visit(session: Session, visit_id: str) -> Changed:
    """Asks for the next wish after the place of the present one has gone; without one the visit is lost."""
    visit = session.get(Visit, visit_id)
    if visit is None:
        raise NotFound("This visit is not on this laptop.", "Sync and look again.")
    later = visit.choices[visit.choices.index(visit.slot_id) + 1 :] if visit.slot_id in visit.choices else []
    free = [slot_id for slot_id in later if places_left(session, slot_id) > 0]
    if free:
        visit.slot_id = free[0]
    else:
        visit.state = VisitState.LOST
    return Changed.of(visit)


def withdraw_visit(session: Session, repair_id: str) -> Changed:
    """Takes back the visit that was asked for; its place is free again."""
    visit = visit_of(session, repair_id)
    if visit is None or visit.state not in HOLDING:
        return Changed()
    visit.state = VisitState.WITHDRAWN
    return Changed.of(visit, repair_of(session, repair_id))


def confirm_visit(session: Session, repair_id: str) -> Changed:
    """A planner confirms the visit; only now it is booked."""
    repair, visit = repair_of(session, repair_id), visit_of(session, repair_id)
    if visit is None or visit.state is not VisitState.REQUESTED:
        raise HoldallError("No visit is waiting to be confirmed here.", "Ask for one first.")
    visit.state = VisitState.CONFIRMED
    if repair.state is State.READY:
        repair.state = State.SCHEDULED
    return Changed.of(repair, visit)


def visit_of(session: Session, repair_id: str) -> Visit | None:
    """The visit of a repair, whatever its state, or None."""
    session.flush()
    statement = select(Visit).where(Visit.repair_id == repair_id, Visit.deleted.is_(False))
    return session.scalars(statement.order_by(Visit.id.desc()).limit(1)).first()


def places_left(session: Session, slot_id: str) -> int:
    """How many places a slot has left, as far as this laptop knows."""
    session.flush()
    slot = session.get(Slot, slot_id)
    taken = session.scalar(
        select(func.count()).where(
            Visit.slot_id == slot_id, Visit.state.in_(HOLDING), Visit.deleted.is_(False)
        )
    )
    return slot.places - (taken or 0) if slot else 0
