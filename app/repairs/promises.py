"""The dates of one repair: what they are worked out from, how they are written down, what becomes of them.

A clock that was written down keeps the reasons for its date, so it explains itself after the tables moved. A
delay is recorded with its reason and moves no date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.repairs import right_to_repair, rules
from app.repairs.dated_tables import tables_at
from app.repairs.days import Calendar
from app.repairs.records import repair_of
from app.repairs.rules import ClockState, Cold, Deadline
from app.repairs.trees import exit_of, tree_of
from app.wording import local_date
from models.base import mark_deleted
from models.changes import Changed
from models.repairs import Clock, ColdSpell, Repair


@dataclass(frozen=True)
class ClockView:
    """One duty of a repair as screens show it; `id` is "" while the repair is not saved."""

    id: str
    deadline: Deadline
    met_at: datetime | None = None
    not_required: str = ""  # why the duty fell away
    delay_reason: str = ""  # why it is late, as it was recorded

    def state(self, now: datetime, calendar: Calendar) -> ClockState:
        """How it stands at a moment."""
        return rules.clock_state(self.deadline.due_at, now, self.met_at, calendar, self.not_required)


def situation_of(session: Session, repair: Repair) -> rules.Situation:
    """The situation that decides the dates of a repair; raises HoldallError before the last question."""
    outcome = tree_of(session, repair).outcomes.get(repair.outcome or "")
    if outcome is None:
        raise HoldallError("The questions are not answered yet.", "Go on asking: the date follows.")
    return rules.Situation(
        outcome,
        repair.kind.value,
        repair.at_risk,
        frozenset(repair.risks),
        repair.aware_at,
        frozenset(outcome.facts),
        cold_on(session, local_date(repair.aware_at)),
    )


def cold_on(session: Session, day: date) -> Cold | None:
    """The severe weather that leads declared for a day, with the lowest forecast; None for none."""
    statement = select(ColdSpell.degrees).where(
        ColdSpell.deleted.is_(False),
        ColdSpell.begins_on <= day,
        or_(ColdSpell.ends_on.is_(None), ColdSpell.ends_on >= day),
    )
    found = list(session.scalars(statement))
    if not found:
        return None
    return Cold(min((degrees for degrees in found if degrees is not None), default=None))


def deadlines_of(session: Session, repair: Repair) -> tuple[Deadline, ...]:
    """The dates of a repair as the tables give them today; empty while questions are open."""
    known = tables_at(session)
    if repair.exit is not None:
        exit_ = exit_of(tree_of(session, repair), repair.exit)
        if exit_ is None or not exit_.emergency:
            return ()
        return rules.emergency_deadlines(repair.aware_at, exit_.hazard, repair.kind, known)
    if repair.outcome is None:
        return ()
    found = rules.promise(situation_of(session, repair), known).deadlines
    first = next((d for d in found if d.rule.law == right_to_repair.LAW), None)
    if first is None or repair.second_asked_at is None:
        return found
    second = right_to_repair.second_period(first, repair.second_asked_at, known)
    return tuple(sorted((*found, second), key=lambda d: d.due_at))


def clocks_of(session: Session, repair_id: str) -> list[Clock]:
    """The clocks of a repair that are written down, the earliest first."""
    session.flush()
    statement = select(Clock).where(Clock.repair_id == repair_id, Clock.deleted.is_(False))
    return list(session.scalars(statement.order_by(Clock.due_at, Clock.id)))


def clock_views(session: Session, repair_id: str) -> tuple[ClockView, ...]:
    """The same for screens."""
    return tuple(
        ClockView(c.id, Deadline.from_json(c.why), c.met_at, c.not_required, c.delay_reason)
        for c in clocks_of(session, repair_id)
    )


def write_clocks(session: Session, repair: Repair, dates: Sequence[Deadline]) -> Changed:
    """Writes the clocks of a repair anew; those that no longer run become tombstones."""
    by_rule = {clock.rule_id: clock for clock in clocks_of(session, repair.id)}
    changed = Changed()
    for each in dates:
        clock = by_rule.pop(each.rule.id, None) or Clock(repair_id=repair.id, rule_id=each.rule.id)
        clock.due_at, clock.why = each.due_at, each.as_json()
        session.add(clock)
        changed |= Changed.of(clock)
    for clock in by_rule.values():
        mark_deleted(clock)
        changed |= Changed.of(clock)
    return changed


def meet_all(session: Session, repair: Repair, moment: datetime) -> Changed:
    """The repair is done: every duty that still runs is met at this moment."""
    met = [c for c in clocks_of(session, repair.id) if c.met_at is None and not c.not_required]
    for clock in met:
        clock.met_at = moment
    return Changed.of(repair, *met)


def set_target(session: Session, repair: Repair) -> Changed:
    """The earliest duty that was not dropped is the repair's own date."""
    left = [c for c in clocks_of(session, repair.id) if not c.not_required]
    if left:
        repair.target_at, repair.target_rule = left[0].due_at, left[0].rule_id
    return Changed.of(repair)


def drop_duty(session: Session, clock_id: str, why: str) -> Changed:
    """Records why a duty is not required; its date stays in the record. Raises NotFound, and HoldallError
    without a reason."""
    clock = _clock(session, clock_id)
    clock.not_required = _reason(why, "Why is it not required?")
    return Changed.of(clock) | set_target(session, repair_of(session, clock.repair_id))


def record_delay(session: Session, clock_id: str, why: str) -> Changed:
    """Records why a duty is late. The date does not move: the law gives no more time for a reason."""
    clock = _clock(session, clock_id)
    clock.delay_reason = _reason(why, "Why is it late?")
    return Changed.of(clock, repair_of(session, clock.repair_id))


def _clock(session: Session, clock_id: str) -> Clock:
    clock = session.get(Clock, clock_id)
    if clock is None or clock.deleted:
        raise NotFound("This duty does not run any more.", "Look at the dates of the repair again.")
    return clock


def _reason(why: str, question: str) -> str:
    text = " ".join(why.split())
    if not text:
        raise HoldallError("A reason is missing.", f"{question} Write it in a few words.")
    return text
