"""Visits of the sample council as far as a server would have brought them: one lost, held, booked, passed.

The sample has no server, so these stand as its planner would have left them. Ids come from a source of their
own, so the rest of the sample stays as it is.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.repairs.days import working_days_after
from app.repairs.tables import tables
from app.repairs.visit_views import places_left
from app.sample_kit import at, sample_id, working_days_before
from app.wording import LONDON, local_date, weekday_day
from models.changes import Author
from models.repairs import (
    PLANNERS,
    Notice,
    NoticeKind,
    NoticeState,
    Repair,
    Slot,
    State,
    Visit,
    VisitState,
)

SHOWN = "AV-20417"  # the repair of the pictures keeps its wishes
PLANNER = ("u-3", "J. Marlow")  # of app.workspace.SAMPLE_PEOPLE, so that a server takes it
SEED = "visits"
RING_UNTIL = 15  # a call-by time of today is set before this hour


def fill(context: Context) -> None:
    """Moves some of the visits that were asked for; nothing where there are too few."""
    user_id, name = PLANNER
    author: Author = replace(
        context.author, user_id=user_id, name=name, roles=context.author.roles.union(PLANNERS)
    )
    maker = _Maker(replace(context, author=author))
    for label, step in (
        ("Sample: what became of the visits", maker.fill),
        ("Sample: a message goes, another place is offered", maker.second),
        ("Sample: the message arrives", maker.third),
    ):
        maker.context.write(label, step)  # each move in an act of its own, as a server takes them


class _Maker:
    """Moves the visits in the order of their repairs, in three acts."""

    notice_id = lost_id = passed_id = ""

    def __init__(self, context: Context) -> None:
        self.context, self.now, self.today = context, context.now(), context.today()
        self.source = random.Random(f"{SEED}/{self.today}")  # noqa: S311  a sample, not a secret

    def fill(self, session: Session) -> None:
        """One of each; the rest still waits."""
        rows = session.execute(
            select(Visit, Repair)
            .join(Repair, Repair.id == Visit.repair_id)
            .where(Visit.state == VisitState.REQUESTED, Repair.state == State.READY)
            .where(Repair.reference != SHOWN, Visit.deleted.is_(False), Repair.deleted.is_(False))
            .order_by(Repair.target_at.desc(), Repair.reference)
        )
        asked = [(visit, repair) for visit, repair in rows]
        for tell in (self._booked, self._held, self._lost):
            if asked:
                tell(session, *asked.pop(0))
        for visit, repair in asked:
            self._take(session, visit, repair, 1)
        self._passed(session)

    def _first(self, session: Session, visit: Visit, repair: Repair) -> list[Slot]:
        """Slots with a place left inside what is promised, soonest first; those after it where none is."""
        statement = select(Slot).where(
            Slot.deleted.is_(False), Slot.day > self.today, Slot.id != visit.slot_id
        )
        slots = list(session.scalars(statement.order_by(Slot.day, Slot.starts, Slot.ends)))
        left = places_left(session, [slot.id for slot in slots])
        free = [slot for slot in slots if left[slot.id] > 0]
        due = local_date(repair.target_at) if repair.target_at else None
        inside = [slot for slot in free if due is None or slot.day <= due]
        return inside or free

    def _take(self, session: Session, visit: Visit, repair: Repair, skip: int) -> Slot:
        """Puts the visit on a slot of the next days, as first of its wishes."""
        free = self._first(session, visit, repair)
        slot = free[min(skip, len(free) - 1)]
        inside = {each.id for each in free}
        others = [choice for choice in visit.choices if choice != slot.id and choice in inside]
        visit.slot_id, visit.choices = slot.id, [slot.id, *others][:3]
        visit.latest_on = max(slot.day, local_date(repair.target_at)) if repair.target_at else None
        session.flush()
        return slot

    def _booked(self, session: Session, visit: Visit, repair: Repair) -> None:
        """Confirmed by the planner this morning; the text arrived."""
        slot = self._take(session, visit, repair, 3)
        sent = min(at(self.today, 9, 42), self.now)
        visit.state, visit.confirmed_at = VisitState.CONFIRMED, sent
        repair.state = State.SCHEDULED
        notice = Notice(
            id=sample_id(self.source),
            visit_id=visit.id,
            repair_id=repair.id,
            kind=NoticeKind.CONFIRMED,
            channel="sms",
            to=repair.telephone,
            fields={"repair_ref": repair.reference, "appointment_time": _words(slot)},
            queued_at=sent,
        )
        session.add(notice)
        self.notice_id = notice.id

    def _held(self, session: Session, visit: Visit, repair: Repair) -> None:
        """The scheduler holds a place; nobody has confirmed it."""
        self._take(session, visit, repair, 4)
        visit.state, visit.granted_at = VisitState.GRANTED, self.now - timedelta(hours=1)

    def _lost(self, session: Session, visit: Visit, repair: Repair) -> None:
        """Every place that was asked for has gone; others are left in time, and somebody rings by then."""
        gone = self._take(session, visit, repair, 2)
        visit.state, visit.lost_why = VisitState.LOST, f"{_words(gone)} has gone"
        self.lost_id = visit.id

    def second(self, session: Session) -> None:
        """The message goes; others are offered for what was lost; the day of a wish has passed."""
        if notice := session.get(Notice, self.notice_id):
            notice.state, notice.sent_at = NoticeState.SENT, notice.queued_at
        if passed := session.get(Visit, self.passed_id):
            passed.state = VisitState.EXPIRED
        if visit := session.get(Visit, self.lost_id):
            others: list[Slot] = []
            for slot in self._first(session, visit, session.get_one(Repair, visit.repair_id)):
                if all(slot.day != other.day or slot.label != other.label for other in others):
                    others.append(slot)
            visit.state, visit.choices = VisitState.RE_OFFERED, [slot.id for slot in others[:3]]
            visit.call_by = self._call_by()

    def third(self, session: Session) -> None:
        """The message arrives."""
        if notice := session.get(Notice, self.notice_id):
            notice.state = NoticeState.DELIVERED

    def _call_by(self) -> datetime:
        if self.now.astimezone(LONDON).hour < RING_UNTIL:
            return at(self.today, 16)
        return at(working_days_after(self.today, 1, tables().calendar), 10)

    def _passed(self, session: Session) -> None:
        """A visit that was asked for and never confirmed; its day was yesterday."""
        visited = select(Visit.repair_id).where(Visit.deleted.is_(False))
        statement = select(Repair).where(
            Repair.state == State.READY, Repair.deleted.is_(False), Repair.id.not_in(visited)
        )
        repair = session.scalars(statement.order_by(Repair.reference).limit(1)).first()
        day: date = working_days_before(self.today, 1)[0]
        if repair is None or repair.reported_at.date() >= day:
            return
        slot = Slot(
            id=sample_id(self.source),
            day=day,
            starts=12 * 60,
            ends=17 * 60,
            label="Afternoon, 12 to 5",
            places=4,
            seen_at=repair.reported_at,
        )
        visit = Visit(
            id=sample_id(self.source),
            repair_id=repair.id,
            slot_id=slot.id,
            choices=[slot.id],
            asked_at=repair.reported_at,
            latest_on=day,
        )
        session.add_all([slot, visit])
        self.passed_id = visit.id


def _words(slot: Slot) -> str:
    return f"{weekday_day(slot.day)}, {slot.label[:1].lower()}{slot.label[1:]}"
