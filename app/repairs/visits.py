"""Visits asked for: up to three wishes inside what is promised, one place, and nothing called booked before
it is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import calendar_file
from app.errors import HoldallError, NotFound
from app.repairs import visit_views
from app.repairs.records import author_of, now_of, repair_of
from app.repairs.visit_views import VisitCard
from app.wording import LONDON, local_date, weekday_day
from models.changes import Changed
from models.repairs import HOLDING, Contact, ContactKind, Repair, Slot, State, Visit, VisitState

MOST_CHOICES = 3
STATUS = {
    VisitState.CONFIRMED: calendar_file.Status.CONFIRMED,
    VisitState.WITHDRAWN: calendar_file.Status.CANCELLED,
    VisitState.LOST: calendar_file.Status.CANCELLED,
    VisitState.EXPIRED: calendar_file.Status.CANCELLED,
}


def last_day(repair: Repair) -> date | None:
    """The last day on which a visit keeps what is promised; None while nothing is."""
    return local_date(repair.target_at) if repair.target_at else None


def ask_visits(
    session: Session, repair_id: str, slot_ids: Sequence[str], agreed_late: bool = False
) -> Changed:
    """Asks for one visit in up to three slots, the first wish first; it is not booked before it is confirmed.

    The visit takes a place in the first of them that has one left here. Slots after the promised day are
    refused unless the tenant has agreed to the later day (`agreed_late`). Raises HoldallError for none or
    too many, for a slot that is unknown or too late, and when no place is left in any of them.
    """
    repair = repair_of(session, repair_id)
    wishes = list(dict.fromkeys(slot_ids))
    if not 1 <= len(wishes) <= MOST_CHOICES:
        raise HoldallError("Choose one to three visits.", "The first one chosen is asked for first.")
    slots = [_slot(session, slot_id) for slot_id in wishes]
    latest = last_day(repair)
    late = [slot for slot in slots if latest is not None and slot.day > latest]
    if late and not agreed_late:
        assert latest is not None  # noqa: S101  only then anything is late
        raise HoldallError(
            f"{weekday_day(late[0].day)} is after what is promised: {weekday_day(latest)}.",
            "Choose an earlier one, or agree the later day with the tenant first.",
        )
    if late:
        latest = max(slot.day for slot in late)
    visit = visit_of(session, repair.id)
    mine = visit.slot_id if visit is not None and visit.state in HOLDING else None
    left = visit_views.places_left(session, wishes)
    free = [s for s in wishes if s == mine or left.get(s, 0) > 0]
    if not free:
        raise HoldallError("No place is left in any of these visits.", "Choose others, or ring the planners.")
    if visit is None:
        visit = Visit(
            repair_id=repair.id,
            slot_id=free[0],
            choices=wishes,
            asked_at=now_of(session),
            latest_on=latest,
        )
        session.add(visit)
        return Changed.of(repair, visit)
    if visit.state in (VisitState.CONFIRMED, VisitState.GRANTED):
        visit.state = VisitState.WITHDRAWN
        session.flush()
    visit.choices, visit.slot_id, visit.asked_at, visit.latest_on = wishes, free[0], now_of(session), latest
    visit.call_by, visit.lost_why = None, ""
    visit.state = VisitState.REQUESTED
    if repair.state is State.SCHEDULED:
        repair.state = State.READY
    return Changed.of(repair, visit)


def _slot(session: Session, slot_id: str) -> Slot:
    slot = session.get(Slot, slot_id)
    if slot is None or slot.deleted:
        raise NotFound("One of these visits is not in the list any more.", "Choose again from the list.")
    return slot


def ask_next_visit(session: Session, visit_id: str) -> Changed:
    """Asks for the next wish after the place of the present one has gone; without one the visit is lost."""
    visit = _visit(session, visit_id)
    later = visit.choices[visit.choices.index(visit.slot_id) + 1 :] if visit.slot_id in visit.choices else []
    left = visit_views.places_left(session, later)
    free = [slot_id for slot_id in later if left.get(slot_id, 0) > 0]
    if free:
        visit.slot_id = free[0]
    else:
        visit.state = VisitState.LOST
    return Changed.of(visit)


def choose_instead(session: Session, visit_id: str, slot_id: str) -> Changed:
    """The tenant takes another slot in place of one that has gone: it is asked for, and not booked yet."""
    visit = _visit(session, visit_id)
    return ask_visits(session, visit.repair_id, [slot_id])


def could_not_reach(session: Session, visit_id: str, words: str = "") -> Changed:
    """Notes that somebody rang the tenant about a lost place and did not get hold of them; the task stays."""
    visit, author = _visit(session, visit_id), author_of(session)
    repair = repair_of(session, visit.repair_id)
    note = Contact(
        repair_id=repair.id,
        place_key=repair.place_key,
        kind=ContactKind.CALLED,
        at=now_of(session),
        by=author.user_id,
        by_name=author.name,
        words=words.strip() or "Rang about the visit, nobody answered.",
    )
    session.add(note)
    return Changed.of(repair, note)


def withdraw_visit(session: Session, repair_id: str) -> Changed:
    """Takes back the visit that was asked for; its place is free again."""
    visit = visit_of(session, repair_id)
    if visit is None or visit.state in (VisitState.WITHDRAWN, VisitState.EXPIRED):
        return Changed()
    visit.state = VisitState.WITHDRAWN
    repair = repair_of(session, repair_id)
    if repair.state is State.SCHEDULED:
        repair.state = State.READY
    return Changed.of(visit, repair)


def confirm_visit(session: Session, repair_id: str) -> Changed:
    """A planner confirms the visit; only now it is booked."""
    repair, visit = repair_of(session, repair_id), visit_of(session, repair_id)
    if visit is None or visit.state not in (VisitState.REQUESTED, VisitState.GRANTED):
        raise HoldallError("No visit is waiting to be confirmed here.", "Ask for one first.")
    visit.state, visit.confirmed_at = VisitState.CONFIRMED, now_of(session)
    if repair.state is State.READY:
        repair.state = State.SCHEDULED
    return Changed.of(repair, visit)


def move_visit(session: Session, visit_id: str, slot_id: str) -> Changed:
    """A planner moves a held or booked visit to another slot; the tenant is told of the move.

    Raises HoldallError when it is neither, and when no place is left there.
    """
    visit, slot = _visit(session, visit_id), _slot(session, slot_id)
    if visit.state not in (VisitState.GRANTED, VisitState.CONFIRMED):
        raise HoldallError(
            "Only a visit that is held or booked can be moved.", "Ask for another visit instead."
        )
    if slot_id == visit.slot_id:
        return Changed()
    if visit_views.places_left(session, [slot_id])[slot_id] < 1:
        raise HoldallError(f"No place is left on {weekday_day(slot.day)}, {slot.label}.", "Choose another.")
    visit.slot_id, visit.choices, visit.sequence = slot_id, [slot_id], visit.sequence + 1
    if visit.latest_on is not None and slot.day > visit.latest_on:
        visit.latest_on = slot.day
    return Changed.of(visit, repair_of(session, visit.repair_id))


def take_away(session: Session, visit_id: str, why: str) -> Changed:
    """A planner takes a held or booked visit away, with a reason; somebody rings the tenant."""
    visit = _visit(session, visit_id)
    if not why.strip():
        raise HoldallError("Say why the visit is taken away.", "The tenant is told when they are rung.")
    if visit.state not in HOLDING:
        raise HoldallError("This visit holds no place any more.", "There is nothing to take away.")
    visit.state, visit.lost_why = VisitState.LOST, why.strip()[:200]
    repair = repair_of(session, visit.repair_id)
    if repair.state is State.SCHEDULED:
        repair.state = State.READY
    return Changed.of(visit, repair)


def _visit(session: Session, visit_id: str) -> Visit:
    visit = session.get(Visit, visit_id)
    if visit is None or visit.deleted:
        raise NotFound("This visit is not on this laptop.", "Sync and look again.")
    return visit


def visit_of(session: Session, repair_id: str) -> Visit | None:
    """The visit of a repair, whatever its state, or None."""
    session.flush()
    statement = select(Visit).where(Visit.repair_id == repair_id, Visit.deleted.is_(False))
    return session.scalars(statement.order_by(Visit.id.desc()).limit(1)).first()


def places_left(session: Session, slot_id: str) -> int:
    """How many places a slot has left, as far as this laptop knows."""
    session.flush()
    return visit_views.places_left(session, [slot_id]).get(slot_id, 0)


def event_of(card: VisitCard, council: str) -> calendar_file.Event | None:
    """A visit as a calendar entry: tentative until it is booked; None without a day. It names the repair and
    the place, and nobody who lives there."""
    slot = card.slot
    if slot is None:
        return None
    status = STATUS.get(card.visit.state, calendar_file.Status.TENTATIVE)
    booked = "" if card.visit.booked else " (not booked yet)"
    return calendar_file.Event(
        f"{card.visit.id}@{council}",
        _moment(slot.day, slot.starts),
        _moment(slot.day, slot.ends),
        f"{card.title}{booked}",
        card.where,
        f"Repair {card.reference}",
        status,
        card.visit.sequence,
    )


def _moment(day: date, minutes: int) -> datetime:
    """A time of a day in London, by the wall clock."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON) + timedelta(minutes=minutes)
