"""Repairs triage: homes, who lives there, repairs with their clocks, photos, emergencies, visits wished for.

A repair's `target_at` is the earliest of its clocks and orders every list. Answers are kept by question, with
the version of the tree they were given to; an answer that is no longer on the path is kept, so going back
loses nothing. What is known of people at risk is kept only with consent and until a day.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import Allocation, Instead, Merge, Moves, Policy, SearchFields, Step
from models.types import Choice, DateOnly, Json, LongText, ShortText, UtcDateTime


class State(StrEnum):
    """Where a repair stands; `draft` and the side exits never reached the people who mend."""

    DRAFT = "draft"
    READY = "ready"
    SCHEDULED = "scheduled"  # a visit is confirmed
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    EMERGENCY_DIVERTED = "emergency_diverted"
    NOT_ELIGIBLE = "not_eligible"
    CONTACT_US = "contact_us"
    CANCELLED = "cancelled"


OPEN = (State.READY, State.SCHEDULED, State.IN_PROGRESS)
EXITS = (State.EMERGENCY_DIVERTED, State.NOT_ELIGIBLE, State.CONTACT_US)


class Kind(StrEnum):
    """Whose home it is; some laws protect tenants only."""

    TENANT = "tenant"
    LEASEHOLD = "leasehold"
    COMMUNAL = "communal"


class Disclosure(StrEnum):
    """What came of asking who lives there. Not the same as "nobody at risk"."""

    NOT_ASKED = "not_asked"
    TOLD = "told"
    WITHHELD = "withheld"  # asked, not disclosed


class Outcome(StrEnum):
    """What came of an emergency call."""

    GIVEN = "given"  # the number was read out
    CUT_OFF = "cut_off"  # the call ended before it could be given
    RETRACTED = "retracted"  # it was no emergency after all


class VisitState(StrEnum):
    """The life of a visit that was asked for; a place is held while it is requested or confirmed."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    LOST = "lost"  # every place that was asked for has gone
    WITHDRAWN = "withdrawn"


HOLDING = (VisitState.REQUESTED.value, VisitState.CONFIRMED.value)
PLANNERS = ("lead",)


def _moves() -> Moves:
    draft_to = (State.READY, State.EMERGENCY_DIVERTED, State.NOT_ELIGIBLE, State.CONTACT_US, State.CANCELLED)
    steps = [Step(State.DRAFT, after) for after in draft_to]
    steps += [Step(exit_, State.DRAFT) for exit_ in (*EXITS, State.READY, State.CANCELLED)]
    steps += [
        Step(State.READY, State.SCHEDULED),
        Step(State.SCHEDULED, State.READY),
        Step(State.READY, State.IN_PROGRESS),
        Step(State.SCHEDULED, State.IN_PROGRESS),
        Step(State.IN_PROGRESS, State.READY),
        Step(State.IN_PROGRESS, State.COMPLETED),
        Step(State.READY, State.COMPLETED),
        Step(State.SCHEDULED, State.COMPLETED),
        Step(State.COMPLETED, State.IN_PROGRESS),
        Step(State.COMPLETED, State.READY),
        Step(State.READY, State.CANCELLED),
        Step(State.SCHEDULED, State.CANCELLED),
        Step(State.CANCELLED, State.READY),
    ]
    return Moves(field="state", start=(State.DRAFT,), steps=tuple(steps))


class Property(Record):
    """A home or block of the council's, as its own list names it."""

    __tablename__ = "repairs_property"
    __policy__ = Policy(
        title="home", scope="tenant", search=SearchFields(title="address", body=("postcode", "uprn"))
    )
    __table_args__ = (Index("ix_repairs_property_place", "place_key"),)

    uprn: Mapped[str | None] = mapped_column(ShortText(12))  # 12 digits with leading zeros
    address: Mapped[str] = mapped_column(ShortText(200))  # "14 Tannery Row, Averwick"
    postcode: Mapped[str] = mapped_column(ShortText(10))  # "AV3 2QT"
    place_key: Mapped[str] = mapped_column(ShortText(220))  # app.repairs.places.place_key
    tenure: Mapped[Kind] = mapped_column(Choice(Kind), default=Kind.TENANT)
    tenant_name: Mapped[str] = mapped_column(ShortText(120), default="")
    telephone: Mapped[str] = mapped_column(ShortText(20), default="")
    block: Mapped[str | None] = mapped_column(ShortText(80))


class Household(Record):
    """Who lives at an address, as far as they said so and agreed that it is kept, until `expires_on`."""

    __tablename__ = "repairs_household"
    __policy__ = Policy(title="household", merge={"risks": Merge.SET})
    __table_args__ = (Index("ix_repairs_household_place", "place_key", "expires_on"),)

    place_key: Mapped[str] = mapped_column(ShortText(220))
    words: Mapped[str] = mapped_column(ShortText(200), default="")  # "Two adults, one child aged 3"
    risks: Mapped[list[str]] = mapped_column(Json, default=list)  # codes of resources/repairs/bands.json
    consent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    consent_by: Mapped[str] = mapped_column(ShortText(100))  # the officer who asked
    expires_on: Mapped[date] = mapped_column(DateOnly)


class Repair(Record):
    """One repair from the first question to the mended thing."""

    __tablename__ = "repairs_repair"
    __policy__ = Policy(
        title="repair",
        merge={
            "reference": Merge.ONCE,
            "target_at": Merge.ASK,
            "description": Merge.ASK,
            "aware_at": Merge.MIN,
            "risks": Merge.SET,
        },
        moves=_moves(),
        search=SearchFields(
            title="title",
            body=("reference", "description", "code", "telephone"),
            detail=("reference", "tenant_name", "address", "postcode"),
        ),
    )
    __table_args__ = (
        Index("ix_repairs_repair_state_target", "state", "target_at", "id"),
        Index("ix_repairs_repair_place", "place_key", "reported_at"),
        Index("ix_repairs_repair_state_updated", "state", "updated_at", "id"),
        Index("ix_repairs_repair_reported", "reported_at", "id"),
    )

    reference: Mapped[str] = mapped_column(ShortText(20))  # app.repairs.places.new_reference
    title: Mapped[str] = mapped_column(ShortText(200), default="New repair")
    state: Mapped[State] = mapped_column(Choice(State), default=State.DRAFT)
    kind: Mapped[Kind] = mapped_column(Choice(Kind), default=Kind.TENANT)
    officer_id: Mapped[str] = mapped_column(ShortText(36))
    officer_name: Mapped[str] = mapped_column(ShortText(100))

    tenant_name: Mapped[str] = mapped_column(ShortText(120), default="")
    address: Mapped[str] = mapped_column(ShortText(200), default="")
    postcode: Mapped[str] = mapped_column(ShortText(10), default="")
    place_key: Mapped[str] = mapped_column(ShortText(220), default="")
    property_id: Mapped[str | None] = mapped_column(ShortText(36))
    telephone: Mapped[str] = mapped_column(ShortText(20), default="")
    text_allowed: Mapped[bool] = mapped_column(default=False)

    tree_version: Mapped[str] = mapped_column(ShortText(60))
    answers: Mapped[dict[str, str]] = mapped_column(Json, default=dict)  # question -> value of the answer
    done_steps: Mapped[list[str]] = mapped_column(
        Json, default=list
    )  # pages outside the tree that were answered
    description: Mapped[str] = mapped_column(LongText(4_000), default="")
    disclosure: Mapped[Disclosure] = mapped_column(Choice(Disclosure), default=Disclosure.NOT_ASKED)
    at_risk: Mapped[bool] = mapped_column(default=False)  # somebody is, or they did not say
    risks: Mapped[list[str]] = mapped_column(Json, default=list)  # codes, only with consent
    household_words: Mapped[str] = mapped_column(ShortText(200), default="")

    outcome: Mapped[str | None] = mapped_column(ShortText(60))  # outcome of the tree
    exit: Mapped[str | None] = mapped_column(ShortText(60))  # exit of the tree
    code: Mapped[str | None] = mapped_column(ShortText(30))  # schedule of rates, an opaque string
    trade: Mapped[str | None] = mapped_column(ShortText(60))
    band: Mapped[str | None] = mapped_column(ShortText(30))
    hazard: Mapped[str | None] = mapped_column(ShortText(40))

    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    aware_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when the clocks start
    target_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # end of the due day, or the moment
    target_rule: Mapped[str | None] = mapped_column(ShortText(40))
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closing_note: Mapped[str] = mapped_column(ShortText(400), default="")


class Clock(Record):
    """One duty with a date that a repair set running, with the reasons for its date as they were then."""

    __tablename__ = "repairs_clock"
    __policy__ = Policy(title="promise", merge={"met_at": Merge.MIN})
    __table_args__ = (Index("ix_repairs_clock_repair", "repair_id", "due_at"),)

    repair_id: Mapped[str] = mapped_column(ShortText(36))
    rule_id: Mapped[str] = mapped_column(ShortText(40))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    why: Mapped[dict[str, Any]] = mapped_column(Json)  # app.repairs.rules.Deadline.as_json
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Photo(Record):
    """A photo of a repair: pixels only, drawn anew, so that no place, camera or name travels with it."""

    __tablename__ = "repairs_photo"
    __policy__ = Policy(
        title="photo",
        merge={"sha256": Merge.ONCE, "thumb_sha256": Merge.ONCE},
        files=("thumb_sha256", "sha256"),
    )
    __table_args__ = (Index("ix_repairs_photo_repair", "repair_id", "position"),)

    repair_id: Mapped[str] = mapped_column(ShortText(36))
    sha256: Mapped[str] = mapped_column(ShortText(64))
    thumb_sha256: Mapped[str] = mapped_column(ShortText(64))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]  # bytes
    caption: Mapped[str] = mapped_column(ShortText(120), default="")
    position: Mapped[int] = mapped_column(default=0)


class Emergency(Record):
    """An emergency that was sent on: when, what, which number, given by whom. Written once."""

    __tablename__ = "repairs_emergency"
    __policy__ = Policy(
        title="emergency",
        merge=dict.fromkeys(
            ("exit", "noticed_at", "number", "outcome", "given_at", "given_by", "given_by_name"), Merge.ONCE
        ),
    )
    __table_args__ = (
        Index("ix_repairs_emergency_noticed", "noticed_at", "id"),
        Index("ix_repairs_emergency_repair", "repair_id"),
    )

    repair_id: Mapped[str] = mapped_column(ShortText(36))
    exit: Mapped[str] = mapped_column(ShortText(60))
    title: Mapped[str] = mapped_column(ShortText(120))
    number: Mapped[str | None] = mapped_column(ShortText(30))  # as it was read out; None while it was not
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noticed_by: Mapped[str] = mapped_column(ShortText(36))
    noticed_by_name: Mapped[str] = mapped_column(ShortText(100))
    outcome: Mapped[Outcome | None] = mapped_column(Choice(Outcome))
    given_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_by: Mapped[str | None] = mapped_column(ShortText(36))
    given_by_name: Mapped[str | None] = mapped_column(ShortText(100))


class Slot(Record):
    """A stretch of a day with a number of places for visits, as the planners' list stood at `seen_at`."""

    __tablename__ = "repairs_slot"
    __policy__ = Policy(title="visit slot", scope="tenant", write_roles=frozenset(PLANNERS))
    __table_args__ = (Index("ix_repairs_slot_day", "day", "starts"),)

    day: Mapped[date] = mapped_column(DateOnly)
    starts: Mapped[int]  # minutes after midnight, London
    ends: Mapped[int]
    label: Mapped[str] = mapped_column(ShortText(40))  # "Morning, 8 to 12"
    places: Mapped[int]
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Visit(Record):
    """A visit that was asked for: up to three slots in order of wish, and the one whose place it takes now.

    It is not booked before a planner confirms it. The server grants the place or refuses with what is left.
    """

    __tablename__ = "repairs_visit"
    __policy__ = Policy(
        title="visit",
        merge={"slot_id": Merge.GUARD},
        moves=Moves(
            field="state",
            start=(VisitState.REQUESTED,),
            steps=(
                Step(VisitState.REQUESTED, VisitState.CONFIRMED, roles=PLANNERS),
                Step(VisitState.CONFIRMED, VisitState.REQUESTED, roles=PLANNERS),
                Step(VisitState.REQUESTED, VisitState.LOST),
                Step(VisitState.LOST, VisitState.REQUESTED),
                Step(VisitState.REQUESTED, VisitState.WITHDRAWN),
                Step(VisitState.CONFIRMED, VisitState.WITHDRAWN),
                Step(VisitState.WITHDRAWN, VisitState.REQUESTED),
            ),
        ),
        allocation=Allocation(
            resource="repairs_slot",
            resource_id="slot_id",
            limit="places",
            active={"state": HOLDING},
            instead=Instead(order=("day", "starts"), words=("day", "label")),
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
