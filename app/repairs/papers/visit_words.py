"""What a paper says of a visit: "booked" only when it is."""

from __future__ import annotations

from app.repairs.visit_views import VisitView
from app.wording import weekday_day
from models.repairs import VisitState

ASKED = (VisitState.REQUESTED, VisitState.GRANTED)


def booked_words(visit: VisitView) -> str:
    """The day and time of a booked visit: "Monday 21 December, morning, 8 to 12"."""
    slot = next((c for c in visit.choices if c.id == visit.asking), None)
    return f"{weekday_day(slot.day)}, {slot.label.lower()}" if slot else "the day the scheduler told you"


def wishes_words(visit: VisitView) -> str:
    """The days that were asked for, in order of wish."""
    return "; or ".join(f"{weekday_day(c.day)}, {c.label.lower()}" for c in visit.choices)


def visit_line(visit: VisitView | None) -> str:
    """A visit in one line: booked, asked for and not booked, gone, or none."""
    if visit is None:
        return "None asked for"
    if visit.booked:
        return f"Booked: {booked_words(visit)}"
    if visit.state in ASKED:
        return f"Requested, not booked: {wishes_words(visit)}"
    if visit.state is VisitState.EXPIRED:
        return "Not booked: the day that was asked for has passed"
    return "Not booked: the day that was asked for has gone"
