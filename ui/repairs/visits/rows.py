"""Visits as the list shows them, in groups by what they need, and their words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.repairs.visit_views import DAY_PASSED, VisitBoard, VisitCard
from app.wording import clock_time, local_date, weekday_day
from models.repairs import VisitState
from ui.widgets import Item

RING, WAITING, HELD, BOOKED, PASSED = "ring", "waiting", "held", "booked", "passed"


@dataclass(frozen=True)
class Shown:
    """A visit and the group it stands in."""

    card: VisitCard
    group: str


def shown(board: VisitBoard) -> dict[str, Shown]:
    """Every visit of the board by its id, in the order of the list."""
    pairs = (
        (RING, board.to_ring),
        (WAITING, board.waiting),
        (HELD, board.held),
        (BOOKED, board.booked),
        (PASSED, board.passed),
    )
    return {card.visit.id: Shown(card, group) for group, cards in pairs for card in cards}


def groups(found: Iterable[Shown], now: datetime) -> list[tuple[str, list[Item]]]:
    """The groups that have something in them; what is booked stands under its day."""
    made: dict[str, list[Item]] = {}
    for one in found:
        made.setdefault(_heading(one), []).append(item(one, now))
    return list(made.items())


def _heading(one: Shown) -> str:
    slot = one.card.slot
    if one.group == BOOKED:
        return f"Booked, {weekday_day(slot.day)}" if slot is not None else "Booked"
    return {
        RING: "To ring",
        WAITING: "Waiting for a place",
        HELD: "Held, not booked yet",
        PASSED: "The day has passed",
    }[one.group]


def item(one: Shown, now: datetime) -> Item:
    """One line of the list: whom to ring by when, or what is done when."""
    card = one.card
    who = card.tenant or card.where
    if one.group == RING:
        by, tone = call_by(card, now)
        return Item(card.visit.id, who, f"{by}{card.title}", tone, "phone", card.telephone or card.reference)
    slot = card.slot
    part = f"{slot.label}. " if slot is not None and one.group == BOOKED else ""
    when = f"{slot.words}. " if slot is not None and one.group != BOOKED else part
    if one.group == PASSED:
        return Item(card.visit.id, card.title, f"{when}{who}", "danger", "circle-x", card.reference)
    if one.group == BOOKED and failed(card):
        return Item(
            card.visit.id, card.title, "The message did not arrive", "danger", "phone", card.reference
        )
    return Item(card.visit.id, card.title, f"{when}{who}", "muted", None, card.reference)


def call_by(card: VisitCard, now: datetime) -> tuple[str, str]:
    """By when to ring, before other words ("By 16:00 today. "), and its tone: red once it is too late."""
    by = card.visit.call_by
    if by is None:
        return "", "danger"
    day, today = local_date(by), local_date(now)
    if by < now:
        since = f"{clock_time(by)} today" if day == today else weekday_day(day)
        return f"Late since {since}. ", "danger"
    return f"By {clock_time(by)} {'today' if day == today else f'on {day:%A}'}. ", "warn"


def failed(card: VisitCard) -> bool:
    """Whether the message about a visit did not reach the tenant."""
    return "did not arrive" in card.visit.message


def told_words(card: VisitCard, group: str) -> str:
    """What the tenant was told by a message."""
    if card.visit.message:
        return f"{card.visit.message.rstrip('.')}."
    if group == BOOKED:
        return "No message is known here. Ring them if they may not know."
    if group in (RING, PASSED):
        return "Nothing yet. They hear it from you."
    return "Nothing yet. They are told once it is booked, never before."


def note_words(one: Shown, note: str) -> str:
    """What stands under the day: how far the visit is. A day that passed says so, whatever its state; what
    the tenant was told of a booked one stands by itself."""
    if one.group == PASSED and one.card.visit.state is not VisitState.EXPIRED:
        return f"{DAY_PASSED}. Ring the tenant and ask for other days."
    return "A planner has confirmed it." if one.group == BOOKED else note
