"""What screens and papers see of visits: slots with the places left, a visit with its state in words, and the
board of all visits by what they need. Nothing is called booked before it is confirmed."""

from __future__ import annotations

from calendar import day_name
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.repairs.dated_tables import tables_at
from app.repairs.days import working_days_after
from app.wording import clock_time, day_month, local_date, weekday_day, when
from models.outbox import PENDING, OutboxOp
from models.repairs import (
    HOLDING,
    TO_CALL,
    Notice,
    NoticeState,
    Repair,
    Slot,
    State,
    Visit,
    VisitState,
)

DAY_PASSED = "The day has passed without an answer from the planners"
SLOT_DAYS = 10  # working days of slots that are offered
VISIT_TYPE = "repairs_visit"
VISIT_CHIPS = {  # words, tone and icon of a chip
    VisitState.REQUESTED: ("Not booked yet", "warn", "clock"),
    VisitState.GRANTED: ("Held, not booked yet", "warn", "clock"),
    VisitState.CONFIRMED: ("Booked", "good", "check"),
    VisitState.LOST: ("The place has gone", "danger", "circle-x"),
    VisitState.RE_OFFERED: ("Gone: ring with another", "danger", "phone"),
    VisitState.CALL_TENANT: ("Gone: ring the tenant", "danger", "phone"),
    VisitState.EXPIRED: ("The day has passed", "danger", "circle-x"),
    VisitState.WITHDRAWN: ("Taken back", "neutral", "undo-2"),
}


@dataclass(frozen=True)
class SlotView:
    """A stretch of a day that can be asked for, with the places left as far as is known here."""

    id: str
    day: date
    label: str
    left: int
    seen_at: datetime
    starts: int = 0  # minutes after midnight, London
    ends: int = 0
    places: int = 0
    trade: str = ""
    best: bool = False
    expires_at: datetime | None = None

    def stale(self, now: datetime) -> bool:
        """Whether the list it stands in is too old to say that a place is left: it is a wish only."""
        return self.expires_at is not None and self.expires_at < now

    @property
    def words(self) -> str:
        """ "Monday 21 December, morning, 8 to 12"."""
        return f"{weekday_day(self.day)}, {self.label[:1].lower()}{self.label[1:]}"


@dataclass(frozen=True)
class VisitView:
    """The visit that was asked for: wishes in order, the one whose place it takes, whether it is booked."""

    id: str
    state: VisitState
    choices: tuple[SlotView, ...]
    asking: str  # the slot whose place it takes now
    repair_id: str = ""
    sent: bool = True  # the server has it as it stands here
    latest_on: date | None = None
    call_by: datetime | None = None
    lost_why: str = ""
    message: str = ""  # what became of the message to the tenant: "Text sent 14:05"
    sequence: int = 0

    @property
    def booked(self) -> bool:
        """Whether a planner has confirmed it."""
        return self.state is VisitState.CONFIRMED

    @property
    def to_ring(self) -> bool:
        """Whether somebody has to ring the tenant about it."""
        return self.state in TO_CALL

    @property
    def slot(self) -> SlotView | None:
        """The slot whose place it takes now."""
        return next((c for c in self.choices if c.id == self.asking), None)


@dataclass(frozen=True)
class VisitCard:
    """A visit as the board lists it, with what somebody who rings has to know."""

    visit: VisitView
    slot: SlotView | None
    repair_id: str
    reference: str
    title: str
    tenant: str
    telephone: str
    where: str
    target_on: date | None


@dataclass(frozen=True)
class VisitBoard:
    """All visits that need or promise something, the most pressing first."""

    to_ring: tuple[VisitCard, ...]
    waiting: tuple[VisitCard, ...]  # asked for
    held: tuple[VisitCard, ...]
    booked: tuple[VisitCard, ...]  # from today on, by day
    passed: tuple[VisitCard, ...]  # asked for or held until the day had passed

    @property
    def empty(self) -> bool:
        """Whether there is none at all."""
        return not (self.to_ring or self.waiting or self.held or self.booked or self.passed)


def slot_view(slot: Slot, left: int) -> SlotView:
    """A slot as a screen shows it."""
    return SlotView(
        slot.id,
        slot.day,
        slot.label,
        left,
        slot.seen_at,
        slot.starts,
        slot.ends,
        slot.places,
        slot.trade,
        slot.best,
        slot.expires_at,
    )


def visit_view(session: Session, repair_id: str) -> VisitView | None:
    """The visit of a repair with its wishes in order, or None."""
    session.flush()
    statement = select(Visit).where(Visit.repair_id == repair_id, Visit.deleted.is_(False))
    visit = session.scalars(statement.order_by(Visit.id.desc()).limit(1)).first()
    if visit is None or visit.state is VisitState.WITHDRAWN:
        return None
    return views_of(session, [visit])[0]


def views_of(session: Session, visits: Sequence[Visit]) -> list[VisitView]:
    """Visits as screens show them, in the same order, in a few queries."""
    wanted = {slot_id for v in visits for slot_id in (*v.choices, v.slot_id)}
    slots = {s.id: s for s in session.scalars(select(Slot).where(Slot.id.in_(wanted)))}
    left = places_left(session, wanted)
    pending = _pending(session, {v.id for v in visits})
    messages = _messages(session, {v.id for v in visits})
    found = []
    for v in visits:
        ids = list(dict.fromkeys((*v.choices, v.slot_id) if v.slot_id not in v.choices else v.choices))
        found.append(
            VisitView(
                v.id,
                v.state,
                tuple(slot_view(slots[i], left.get(i, 0)) for i in ids if i in slots),
                v.slot_id,
                v.repair_id,
                v.id not in pending,
                v.latest_on,
                v.call_by,
                v.lost_why,
                messages.get(v.id, ""),
                v.sequence,
            )
        )
    return found


def places_left(session: Session, slot_ids: Iterable[str]) -> dict[str, int]:
    """How many places slots have left, as far as this laptop knows."""
    ids = list(slot_ids)
    counted = session.execute(
        select(Visit.slot_id, func.count())
        .where(Visit.slot_id.in_(ids), Visit.state.in_(HOLDING), Visit.deleted.is_(False))
        .group_by(Visit.slot_id)
    )
    taken = {row.slot_id: int(row[1]) for row in counted}
    rows = session.execute(select(Slot.id, Slot.places).where(Slot.id.in_(ids)))
    return {slot_id: places - taken.get(slot_id, 0) for slot_id, places in rows}


def free_slots(session: Session, today: date, limit: int = 24, trade: str = "") -> tuple[SlotView, ...]:
    """Slots of the next working days that have a place left here, soonest first; none for today. With a
    trade only those for it and for any."""
    until = working_days_after(today, SLOT_DAYS, tables_at(session).calendar)
    return _slots(session, Slot.day > today, Slot.day <= until, free=True, limit=limit, trade=trade)


def slots_between(session: Session, first: date, last: date) -> tuple[SlotView, ...]:
    """Every slot of these days, also those that are full."""
    return _slots(session, Slot.day >= first, Slot.day <= last, free=False, limit=2_000, trade="")


def _slots(
    session: Session, *where: ColumnElement[bool], free: bool, limit: int, trade: str
) -> tuple[SlotView, ...]:
    taken = (
        select(Visit.slot_id, func.count().label("n"))
        .where(Visit.state.in_(HOLDING), Visit.deleted.is_(False))
        .group_by(Visit.slot_id)
        .subquery()
    )
    left = Slot.places - func.coalesce(taken.c.n, 0)
    statement = select(Slot, left).outerjoin(taken, taken.c.slot_id == Slot.id)
    statement = statement.where(Slot.deleted.is_(False), *where)
    if free:
        statement = statement.where(left > 0)
    if trade:
        statement = statement.where(or_(Slot.trade == "", Slot.trade == trade))
    ordered = statement.order_by(Slot.day, Slot.starts, Slot.ends).limit(limit)
    return tuple(slot_view(s, n) for s, n in session.execute(ordered))


def _pending(session: Session, ids: set[str]) -> set[str]:
    """The visits whose last word has not reached the server."""
    statement = select(OutboxOp.record_id).where(
        OutboxOp.type == VISIT_TYPE, OutboxOp.record_id.in_(ids), OutboxOp.state.in_(PENDING)
    )
    return set(session.scalars(statement))


def _messages(session: Session, ids: set[str]) -> dict[str, str]:
    """What became of the newest message of each visit, in words."""
    statement = select(Notice).where(Notice.visit_id.in_(ids), Notice.deleted.is_(False))
    return {n.visit_id: message_words(n) for n in session.scalars(statement.order_by(Notice.queued_at))}


def message_words(notice: Notice) -> str:
    """ "Text sent 14:05 on 14 December", "Text failed. Ring instead"."""
    name = "Text" if notice.channel == "sms" else "E-mail"
    if notice.state is NoticeState.QUEUED:
        return f"{name} waits to be sent"
    if notice.state is NoticeState.FAILED:
        return f"{name} did not arrive. {notice.problem or 'Ring instead.'}"
    verb = "arrived" if notice.state is NoticeState.DELIVERED else "sent"
    if notice.sent_at is None:
        return f"{name} {verb}"
    return f"{name} {verb}, {clock_time(notice.sent_at)} on {day_month(local_date(notice.sent_at))}"


def visit_note(visit: VisitView | None, now: datetime, today: date) -> str:
    """What stands under the wishes of a repair: how far it is, what the tenant was told, what to do."""
    if visit is None:
        return "No visit is asked for. We ring the tenant with a day."
    if visit.booked:
        return " ".join(["A planner has confirmed it.", *([f"{visit.message}."] if visit.message else [])])
    if visit.to_ring or visit.state is VisitState.EXPIRED:
        gone = DAY_PASSED if visit.state is VisitState.EXPIRED else "The place that was asked for has gone"
        why = visit.lost_why or gone
        by = (
            f" by {clock_time(visit.call_by)} on {weekday_day(local_date(visit.call_by))}"
            if visit.call_by
            else ""
        )
        return f"{why.rstrip('.')}. Ring the tenant{by} and ask for other days."
    if visit.state is VisitState.GRANTED:
        return "The place is held. It is booked once a planner has confirmed it."
    seen = max((c.seen_at for c in visit.choices), default=None)
    sent = "" if visit.sent else " The wish has not been sent yet."
    if seen is None:
        return f"Sync decides which one they get.{sent}"
    moment = f"{clock_time(seen)} today" if local_date(seen) == today else when(seen, today)
    shown = f"The places shown are from {moment}."
    if any(c.stale(now) for c in visit.choices):
        shown = f"The list is from {moment} and may be out of date: these are wishes only."
    return f"{shown} Sync decides which one they get, and tells you if all have gone.{sent}"


# -- the board -------------------------------------------------------------------------------------


def visit_board(session: Session, now: datetime, limit: int = 200) -> VisitBoard:
    """All visits of repairs that are not done, by what they need; at most `limit` in a group."""
    today = local_date(now)
    closed = (State.COMPLETED, State.CANCELLED)

    def cards(*states: VisitState) -> list[VisitCard]:
        statement = (
            select(Visit, Repair, Slot)
            .join(Repair, Repair.id == Visit.repair_id)
            .outerjoin(Slot, Slot.id == Visit.slot_id)
            .where(Visit.state.in_(states), Visit.deleted.is_(False), Repair.deleted.is_(False))
            .where(Repair.state.not_in(closed))
            .order_by(Slot.day, Slot.starts, Visit.asked_at, Visit.id)
            .limit(limit)
        )
        rows = session.execute(statement).all()
        seen = views_of(session, [visit for visit, _, _ in rows])
        return [_card(view, repair, slot) for view, (_, repair, slot) in zip(seen, rows, strict=True)]

    far = now + timedelta(days=3_650)
    asked = cards(VisitState.REQUESTED)
    held = cards(VisitState.GRANTED)
    over = [c for c in (*asked, *held) if c.slot is not None and c.slot.day < today]
    booked = [c for c in cards(VisitState.CONFIRMED) if c.slot is None or c.slot.day >= today]
    return VisitBoard(
        tuple(sorted(cards(*TO_CALL), key=lambda c: (c.visit.call_by or far, c.reference))),
        tuple(c for c in asked if c not in over),
        tuple(c for c in held if c not in over),
        tuple(booked),
        (*over, *cards(VisitState.EXPIRED)),
    )


def visits_to_ring(session: Session) -> int:
    """How many tenants somebody has to ring about a visit."""
    statement = (
        select(func.count())
        .select_from(Visit)
        .join(Repair, Repair.id == Visit.repair_id)
        .where(Visit.state.in_(TO_CALL), Visit.deleted.is_(False), Repair.deleted.is_(False))
        .where(Repair.state.not_in((State.COMPLETED, State.CANCELLED)))
    )
    return session.scalar(statement) or 0


def _card(view: VisitView, repair: Repair, slot: Slot | None) -> VisitCard:
    return VisitCard(
        view,
        next((c for c in view.choices if slot is not None and c.id == slot.id), None),
        repair.id,
        repair.reference,
        repair.title,
        repair.tenant_name,
        repair.telephone,
        f"{repair.address} {repair.postcode}".strip(),
        local_date(repair.target_at) if repair.target_at else None,
    )


def ring_words(card: VisitCard, today: date) -> str:
    """What somebody who rings has to do: "Ring Ffion Wŷn-Harte by 16:00 today: Monday 21 December, morning,
    8 to 12 has gone. Left in time: Tuesday 22 December, morning, 8 to 12"."""
    visit = card.visit
    who = card.tenant or card.where
    by = ""
    if visit.call_by is not None:
        day = local_date(visit.call_by)
        by = f" by {clock_time(visit.call_by)} {'today' if day == today else f'on {weekday_day(day)}'}"
    gone = visit.lost_why.rstrip(".") or "the place that was asked for has gone"
    left = [c.words for c in alternatives(visit)]
    rest = f"Left in time: {'; or '.join(left)}." if left else "No other place is left in time."
    if gone.split(maxsplit=1)[0] not in day_name:
        gone = f"{gone[0].lower()}{gone[1:]}"
    return f"Ring {who}{by}: {gone}. {rest}"


def alternatives(visit: VisitView) -> tuple[SlotView, ...]:
    """The slots that can be offered in place of one that has gone, in order."""
    if visit.state is not VisitState.RE_OFFERED:
        return ()
    return tuple(c for c in visit.choices if c.id != visit.asking and c.left > 0)
