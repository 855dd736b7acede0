"""Repairs as rows of the list: groups in the order in which they need somebody."""

from __future__ import annotations

from datetime import date, datetime

from app.repairs.rules import ClockState
from app.repairs.words import rule_name
from app.repairs.worklist import RepairCard, Worklist
from app.wording import LONDON, clock_time, day, local_date, plural, when
from models.repairs import State
from ui.widgets import Item

STATE_WORDS = {
    State.DRAFT: "To finish",
    State.READY: "Saved",
    State.SCHEDULED: "Visit booked",
    State.IN_PROGRESS: "Under way",
    State.COMPLETED: "Mended",
    State.EMERGENCY_DIVERTED: "Sent on as an emergency",
    State.NOT_ELIGIBLE: "Not ours to mend",
    State.CONTACT_US: "With the contact centre",
    State.CANCELLED: "Called off",
}


def due_phrase(card: RepairCard, today: date) -> str:
    """When a repair is due, as a list says it: "Due Monday", "Due today", "3 days late"."""
    due = card.target_on
    if due is None:
        return "No date yet"
    late = (today - due).days
    if card.clock is ClockState.OVERDUE:
        return (
            f"{plural(late, 'day')} late" if late else "Late since " + clock_time(card.target_at or _never())
        )
    if late == 0:
        return "Due today"
    if late == -1:
        return "Due tomorrow"
    if late > -7:
        return f"Due {due:%A}"
    return f"Due {day(due)}"


def _never() -> datetime:
    return datetime.min.replace(tzinfo=LONDON)


def open_item(card: RepairCard, today: date) -> Item:
    """A repair that is on its way."""
    tone, icon = {
        ClockState.OVERDUE: ("danger", "clock"),
        ClockState.DUE_TODAY: ("warn", "clock"),
        ClockState.DUE_SOON: ("warn", "clock"),
    }.get(card.clock or ClockState.OPEN, ("muted", None))
    why = rule_name(card.target_rule)
    detail = f"{due_phrase(card, today)}. {card.address}" if card.address else due_phrase(card, today)
    return Item(
        card.id, card.title, detail, tone, icon, f"{why} · {card.reference}" if why else card.reference
    )


def draft_item(card: RepairCard, today: date) -> Item:
    """A repair that was begun and is not saved."""
    begun = f"Begun {when(card.reported_at, today)}"
    who = f"{begun}. {card.tenant}, {card.address}" if card.address else begun
    return Item(card.id, card.title, who, "info", "pencil", card.reference)


def settled_item(card: RepairCard, today: date) -> Item:
    """A repair that is done or left triage."""
    at = card.completed_at if card.state is State.COMPLETED and card.completed_at else card.reported_at
    words = f"{STATE_WORDS[card.state]} {when(at, today)}"
    return Item(card.id, card.title, f"{words}. {card.address}".rstrip(". "), "muted", None, card.reference)


def groups(seen: Worklist, now: datetime) -> list[tuple[str, list[Item]]]:
    """The groups of the list that have something in them."""
    today = local_date(now)
    waiting = [
        Item(
            e.repair_id,
            e.title,
            f"Noticed {when(e.noticed_at, today)}. Was the number given?",
            "danger",
            "siren",
        )
        for e in seen.emergencies
    ]
    open_emergencies = {e.repair_id for e in seen.emergencies}
    named = [
        ("Emergency, nothing recorded yet", waiting),
        ("Overdue", [open_item(c, today) for c in seen.overdue]),
        ("Every visit has gone: ring the tenant", [open_item(c, today) for c in seen.lost_visits]),
        ("To finish", [draft_item(c, today) for c in seen.to_finish]),
        ("Due today or in the next two working days", [open_item(c, today) for c in seen.due_soon]),
        ("Due later", [open_item(c, today) for c in seen.later]),
        ("Sent on", [settled_item(c, today) for c in seen.sent_on if c.id not in open_emergencies]),
        ("Mended lately", [settled_item(c, today) for c in seen.done]),
    ]
    return [(name, items) for name, items in named if items]
