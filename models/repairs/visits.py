"""Visits asked for and the places they take; the messages that follow; cold spells that bring dates forward.

`requested` is a wish that holds a place as far as this laptop knows, until the server has granted it;
`granted` is a place held at the scheduler; only `confirmed` is booked. A wish whose places have all gone is
`lost`: then others are offered with a time by which to ring (`re_offered`), or, with none in time, somebody
rings (`call_tenant`).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import Allocation, Instead, Merge, Moves, Policy, Ranked, Step
from models.types import Choice, DateOnly, Json, ShortText, UtcDateTime


class VisitState(StrEnum):
    """The life of a visit that was asked for; a place is held while it is requested, granted or confirmed."""

    REQUESTED = "requested"
    GRANTED = "granted"  # the scheduler holds the place; not booked yet
    CONFIRMED = "confirmed"  # booked
    LOST = "lost"  # every place that was asked for has gone
    RE_OFFERED = "re_offered"  # other places stand in `choices`; somebody asks the tenant by `call_by`
    CALL_TENANT = "call_tenant"  # no place is left in time; somebody rings by `call_by`
    EXPIRED = "expired"  # the day passed before anybody confirmed it
    WITHDRAWN = "withdrawn"


HOLDING = (VisitState.REQUESTED.value, VisitState.GRANTED.value, VisitState.CONFIRMED.value)
TO_CALL = (VisitState.LOST, VisitState.RE_OFFERED, VisitState.CALL_TENANT)
PLANNERS = ("lead",)


def _steps() -> tuple[Step, ...]:
    v = VisitState
    open_steps = [
        *(Step(before, v.REQUESTED) for before in (*TO_CALL, v.WITHDRAWN, v.EXPIRED)),
        *(Step(before, v.WITHDRAWN) for before in (v.REQUESTED, v.GRANTED, v.CONFIRMED, *TO_CALL)),
        *(Step(before, v.LOST) for before in (v.REQUESTED, v.GRANTED)),
        *(Step(v.LOST, after) for after in (v.RE_OFFERED, v.CALL_TENANT)),
        Step(v.RE_OFFERED, v.CALL_TENANT),
        *(Step(before, v.EXPIRED) for before in (v.REQUESTED, v.GRANTED, v.RE_OFFERED)),
    ]
    planned = [
        (v.REQUESTED, v.GRANTED),
        (v.REQUESTED, v.CONFIRMED),
        (v.GRANTED, v.CONFIRMED),
        (v.GRANTED, v.REQUESTED),
        (v.CONFIRMED, v.REQUESTED),
        (v.CONFIRMED, v.LOST),  # the planner took the booking away
    ]
    return (*open_steps, *(Step(before, after, roles=PLANNERS) for before, after in planned))


class NoticeState(StrEnum):
    """How far a message to a tenant got; only the server moves it."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


class NoticeKind(StrEnum):
    """What a message says. None is sent before a visit is confirmed."""

    CONFIRMED = "confirmed"
    MOVED = "moved"
    CANCELLED = "cancelled"


class Slot(Record):
    """A stretch of a day with a number of places for visits, as the scheduler's list stood at `seen_at`."""

    __tablename__ = "repairs_slot"
    __policy__ = Policy(title="visit slot", scope="tenant", write_roles=frozenset(PLANNERS))
    __table_args__ = (Index("ix_repairs_slot_day", "day", "starts"),)

    day: Mapped[date] = mapped_column(DateOnly)
    starts: Mapped[int]  # minutes after midnight, London
    ends: Mapped[int]
    label: Mapped[str] = mapped_column(ShortText(40))  # "Morning, 8 to 12"
    places: Mapped[int]
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # afterwards only a wish
    trade: Mapped[str] = mapped_column(ShortText(60), default="")  # "": any trade
    best: Mapped[bool] = mapped_column(default=False)  # the scheduler's own advice
    source: Mapped[str] = mapped_column(ShortText(20), default="built-in")  # the scheduler it came from
    external_ref: Mapped[str] = mapped_column(ShortText(80), default="")  # as that scheduler names it


class Visit(Record):
    """A visit that was asked for: up to three slots in order of wish, and the one whose place it takes now.

    It is not booked before a planner confirms it. The server grants the place; where it has gone it takes the
    next of the choices that has one, no later than `latest_on`, and where none has, the visit comes back to
    everybody as lost. A later day that the tenant agrees to is asked for with that day in `latest_on`.
    """

    __tablename__ = "repairs_visit"
    __policy__ = Policy(
        title="visit",
        merge={"slot_id": Merge.GUARD},
        moves=Moves(field="state", start=(VisitState.REQUESTED,), steps=_steps()),
        allocation=Allocation(
            resource="repairs_slot",
            resource_id="slot_id",
            limit="places",
            active={"state": HOLDING},
            instead=Instead(order=("day", "starts"), words=("day", "label")),
            within=("day", "latest_on"),
            ranked=Ranked(
                choices="choices",
                wishing=(VisitState.REQUESTED.value,),
                lost=VisitState.LOST.value,
                why="lost_why",
                gives_back=(VisitState.WITHDRAWN.value,),
            ),
        ),
    )
    __table_args__ = (
        Index("ix_repairs_visit_repair", "repair_id"),
        Index("ix_repairs_visit_slot", "slot_id", "state"),
    )

    repair_id: Mapped[str] = mapped_column(ShortText(36))
    slot_id: Mapped[str] = mapped_column(ShortText(36))  # the choice whose place it asks for now
    choices: Mapped[list[str]] = mapped_column(Json)  # slot ids, first wish first, at most three
    state: Mapped[VisitState] = mapped_column(Choice(VisitState), default=VisitState.REQUESTED)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    latest_on: Mapped[date | None] = mapped_column(DateOnly)  # the last day inside what is promised
    call_by: Mapped[datetime | None] = mapped_column(UtcDateTime)  # ring the tenant by then
    lost_why: Mapped[str] = mapped_column(ShortText(200), default="")
    hold_ref: Mapped[str] = mapped_column(ShortText(80), default="")  # the scheduler's name for what it holds
    granted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sequence: Mapped[int] = mapped_column(default=0)  # of the calendar entry: +1 with each move


class Notice(Record):
    """A message to a tenant about a confirmed, moved or cancelled visit; the server writes and sends it."""

    __tablename__ = "repairs_notice"
    __policy__ = Policy(
        title="message",
        write_roles=frozenset(PLANNERS),
        merge=dict.fromkeys(("visit_id", "repair_id", "kind", "to", "channel"), Merge.ONCE),
        moves=Moves(
            field="state",
            start=(NoticeState.QUEUED,),
            steps=(
                Step(NoticeState.QUEUED, NoticeState.SENT, roles=PLANNERS),
                Step(NoticeState.QUEUED, NoticeState.FAILED, roles=PLANNERS),
                Step(NoticeState.SENT, NoticeState.DELIVERED, roles=PLANNERS),
                Step(NoticeState.SENT, NoticeState.FAILED, roles=PLANNERS),
                Step(NoticeState.FAILED, NoticeState.QUEUED, roles=PLANNERS),
            ),
        ),
    )
    __table_args__ = (Index("ix_repairs_notice_visit", "visit_id"),)

    visit_id: Mapped[str] = mapped_column(ShortText(36))
    repair_id: Mapped[str] = mapped_column(ShortText(36))
    kind: Mapped[NoticeKind] = mapped_column(Choice(NoticeKind))
    channel: Mapped[str] = mapped_column(ShortText(10))  # "sms" or "email"
    to: Mapped[str] = mapped_column(ShortText(120))
    fields: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # personalisation of the template
    state: Mapped[NoticeState] = mapped_column(Choice(NoticeState), default=NoticeState.QUEUED)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reference: Mapped[str] = mapped_column(ShortText(80), default="")  # searched for before a resend
    problem: Mapped[str] = mapped_column(ShortText(200), default="")


class ColdSpell(Record):
    """Days of severe weather, as a lead declares them: some dates then come forward."""

    __tablename__ = "repairs_cold_spell"
    __policy__ = Policy(title="cold spell", scope="tenant", write_roles=frozenset(PLANNERS))

    begins_on: Mapped[date] = mapped_column(DateOnly)
    ends_on: Mapped[date | None] = mapped_column(DateOnly)  # None: still cold
    degrees: Mapped[int | None]  # the lowest forecast, Celsius
    source: Mapped[str] = mapped_column(ShortText(120), default="")
