"""Lists of repairs: what needs somebody now, and every repair by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.repairs import rules
from app.repairs.dated_tables import tables_at
from app.repairs.days import Calendar
from app.repairs.views import EmergencyView, emergency_view
from app.wording import local_date
from models.repairs import OPEN, TO_CALL, Emergency, Repair, State, Visit


@dataclass(frozen=True)
class RepairCard:
    """A repair as a list shows it."""

    id: str
    reference: str
    title: str
    tenant: str
    address: str
    state: State
    band: str
    hazard: str
    target_at: datetime | None
    target_rule: str
    reported_at: datetime
    completed_at: datetime | None
    mine: bool
    clock: rules.ClockState | None

    @property
    def target_on(self) -> date | None:
        """The day in London it is due."""
        return local_date(self.target_at) if self.target_at else None


@dataclass(frozen=True)
class Worklist:
    """What the tab opens on: groups of repairs that need somebody, the most pressing first."""

    emergencies: tuple[EmergencyView, ...]  # the number is not yet known to be given
    to_finish: tuple[RepairCard, ...]
    overdue: tuple[RepairCard, ...]
    due_soon: tuple[RepairCard, ...]
    later: tuple[RepairCard, ...]
    lost_visits: tuple[RepairCard, ...]
    sent_on: tuple[RepairCard, ...]
    done: tuple[RepairCard, ...]

    @property
    def empty(self) -> bool:
        """Whether there is no repair at all."""
        return not any(
            (
                self.to_finish,
                self.overdue,
                self.due_soon,
                self.later,
                self.sent_on,
                self.done,
                self.lost_visits,
            )
        )


def worklist(session: Session, user_id: str, now: datetime, limit: int = 40) -> Worklist:
    """The groups of the tab, each at most `limit` long."""
    calendar = tables_at(session).calendar
    soon = rules.soon_until(now, calendar)
    open_ = and_(Repair.state.in_(OPEN), Repair.deleted.is_(False))
    target = Repair.target_at

    def cards(*where: ColumnElement[bool], newest: bool = False, most: int = limit) -> tuple[RepairCard, ...]:
        order = (Repair.updated_at.desc(), Repair.reported_at.desc()) if newest else (target, Repair.id)
        statement = select(Repair).where(Repair.deleted.is_(False), *where).order_by(*order).limit(most)
        return tuple(card(r, user_id, now, calendar) for r in session.scalars(statement))

    lost = select(Visit.repair_id).where(Visit.state.in_(TO_CALL), Visit.deleted.is_(False))
    waiting = select(Emergency).where(Emergency.outcome.is_(None), Emergency.deleted.is_(False))
    return Worklist(
        emergencies=tuple(
            emergency_view(e) for e in session.scalars(waiting.order_by(Emergency.noticed_at).limit(limit))
        ),
        to_finish=cards(Repair.state == State.DRAFT, Repair.officer_id == user_id, newest=True),
        overdue=cards(open_, target < now),
        due_soon=cards(open_, target >= now, target <= soon),
        later=cards(open_, target > soon),
        lost_visits=cards(open_, Repair.id.in_(lost)),
        sent_on=cards(
            Repair.state.in_((State.EMERGENCY_DIVERTED, State.NOT_ELIGIBLE, State.CONTACT_US)),
            newest=True,
            most=12,
        ),
        done=cards(Repair.state == State.COMPLETED, newest=True, most=12),
    )


def card(r: Repair, user_id: str, now: datetime, calendar: Calendar) -> RepairCard:
    """A repair as a list shows it; what counts as due soon goes by the working days of `calendar`."""
    clock = None
    if r.target_at is not None and r.state in OPEN:
        clock = rules.clock_state(r.target_at, now, r.completed_at, calendar)
    return RepairCard(
        r.id,
        r.reference,
        r.title,
        r.tenant_name,
        f"{r.address} {r.postcode}".strip(),
        r.state,
        r.band or "",
        r.hazard or "",
        r.target_at,
        r.target_rule or "",
        r.reported_at,
        r.completed_at,
        r.officer_id == user_id,
        clock,
    )


def repairs_before(
    session: Session, user_id: str, now: datetime, after: tuple[datetime, str] | None, limit: int = 50
) -> list[RepairCard]:
    """A page of all repairs, newest report first, that come after a key (reported_at, id)."""
    statement = select(Repair).where(Repair.deleted.is_(False))
    if after is not None:
        reported, last = after
        statement = statement.where(
            or_(Repair.reported_at < reported, and_(Repair.reported_at == reported, Repair.id < last))
        )
    order = statement.order_by(Repair.reported_at.desc(), Repair.id.desc()).limit(limit)
    calendar = tables_at(session).calendar
    return [card(r, user_id, now, calendar) for r in session.scalars(order)]
