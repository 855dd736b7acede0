"""What to say to the tenant of a repair, in words a person would use: never a visit as booked that is not,
and never a date as coming that has passed.

Pure: a repair as it was read and a moment go in, sentences come out.
"""

from __future__ import annotations

from datetime import date, datetime

from app.repairs.places import is_mobile
from app.repairs.right_to_repair import LAW, Stage
from app.repairs.rules import Deadline
from app.repairs.views import RepairView
from app.repairs.visit_views import SlotView
from app.repairs.words import due_short
from app.wording import date_year, local_date, weekday_day
from models.repairs import Disclosure, State, VisitState

BREATHING_RISKS = frozenset({"baby", "under5", "breathing", "over65", "pregnant", "oxygen"})
ASKED = (VisitState.REQUESTED, VisitState.GRANTED)
LOOKS = ("AW-SIG-INV", "AW-SIG-RENEW", "AW-EMG-INV")


def tenant_words(view: RepairView, now: datetime, telephone: str) -> str:
    """The whole of it; "" for a repair without a date. `telephone` is the council's repairs line."""
    if view.first is None:
        return ""
    if view.state is State.COMPLETED and view.completed_at is not None:
        done = date_year(local_date(view.completed_at))
        return f"It was mended on {done}. If it is not right, ring {telephone} and say {view.reference}."
    if view.state is State.CANCELLED:
        return f"This repair was called off. If you still need it, ring {telephone} and say {view.reference}."
    runs, late = next_date(view), missed_date(view, now) is not None
    parts = [_missed(runs) if late else _promised(runs, view.trade)]
    parts.append(_visit(view, local_date(now), late))
    right = view.right(now) if late else None
    if right is not None and right.stage is Stage.MAY_ASK and runs.rule.law == LAW:
        parts.append("You may have another contractor: tell me and I ask for one now.")
    parts.append(_worse(view, telephone))
    return " ".join(parts)


def next_date(view: RepairView) -> Deadline:
    """The earliest date of a repair that is not met yet; the promised one when all are."""
    assert view.first is not None  # noqa: S101  asked of repairs with a date
    open_ = [c.deadline for c in view.clocks if c.met_at is None and not c.not_required]
    return min(open_, key=lambda d: d.due_at, default=view.first)


def missed_date(view: RepairView, now: datetime) -> Deadline | None:
    """The date that has passed without being met; None while none has, and once the repair has ended."""
    if view.first is None or view.state in (State.COMPLETED, State.CANCELLED):
        return None
    runs = next_date(view)
    return runs if now > runs.due_at else None


def _promised(runs: Deadline, trade: str) -> str:
    who = "surveyor" if runs.rule.id in LOOKS else trade.lower() or "person"
    article = "an" if who[:1] in "aeiou" else "a"
    return f"We will send {article} {who} by {due_short(runs)}."


def _missed(runs: Deadline) -> str:
    return f"We promised to {runs.rule.duty} by {due_short(runs)}, and we have not. I am sorry."


def _visit(view: RepairView, today: date, late: bool) -> str:
    texting = view.text_allowed and is_mobile(view.telephone)
    tell = "text you" if texting else "write to you" if view.email_allowed and view.email else "ring you"
    visit = view.visit
    slot = (visit.slot or next(iter(visit.choices), None)) if visit is not None else None
    if visit is None or slot is None or slot.day < today:
        return f"I will find out today when we can come, and {tell} with a day." if late else _a_day(tell)
    if visit.booked:
        return f"A visit is booked for {_when(slot, today)}."
    if visit.state in ASKED:
        return f"I have asked for {_when(slot, today)} and will {tell} once it is booked."
    return _a_day(tell)


def _a_day(tell: str) -> str:
    return f"We will {tell} with a day."


def _when(slot: SlotView, today: date) -> str:
    """ "Monday morning" within a week, else "Monday 4 January morning"."""
    part = "" if slot.label == "Any time" else f" {slot.label.split(',')[0].lower()}"
    return f"{slot.day:%A}{part}" if (slot.day - today).days < 7 else f"{weekday_day(slot.day)}{part}"


def _worse(view: RepairView, telephone: str) -> str:
    at_risk = bool(BREATHING_RISKS.intersection(view.risks)) or view.disclosure is Disclosure.WITHHELD
    if view.hazard == "damp_mould" and at_risk:
        return f"If anybody starts to wheeze, ring {telephone} and we come within 24 hours."
    return f"If it gets worse or somebody is in danger, ring {telephone}, day or night."
