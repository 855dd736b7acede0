"""A repair from the first question on: its clocks, photos, emergencies, and who rang about it again.

A repair's `target_at` is the earliest of its clocks and orders every list. Answers are kept by question, with
the version of the tree they were given to; an answer that is no longer on the path is kept, so going back
loses nothing. What is known of people at risk is kept only with consent and until a day.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import Merge, Moves, Policy, SearchFields, Step
from models.types import Choice, Json, LongText, ShortText, UtcDateTime


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


class ContactKind(StrEnum):
    """Why somebody and the council were in touch about a repair that was reported already."""

    CHASE = "chase"  # they ask what has become of it: failure demand
    UPDATE = "update"  # they tell something new
    NO_ACCESS = "no_access"  # somebody came and nobody let them in
    CALLED = "called"  # an officer rang them, as after a lost place


class ChaseReason(StrEnum):
    """What a chase was about; empty of blame, for the failure-demand report."""

    NO_DATE = "no_date"
    MISSED_VISIT = "missed_visit"
    NOT_MENDED = "not_mended"
    CAME_BACK = "came_back"
    OTHER = "other"


class Outcome(StrEnum):
    """What came of an emergency call."""

    GIVEN = "given"  # the number was read out
    CUT_OFF = "cut_off"  # the call ended before it could be given
    RETRACTED = "retracted"  # it was no emergency after all


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
    email: Mapped[str] = mapped_column(ShortText(254), default="")
    email_allowed: Mapped[bool] = mapped_column(default=False)

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
    heard: Mapped[dict[str, Any] | None] = mapped_column(
        Json
    )  # what free text gave: words, rules that fired, the leaves offered, the one chosen
    location_words: Mapped[str] = mapped_column(ShortText(200), default="")  # "second door on the left"
    follows_id: Mapped[str | None] = mapped_column(ShortText(36))  # the repair that this one goes on from
    second_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # another contractor was asked for
    access_refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # no compensation from here on


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
    case_id: Mapped[str | None] = mapped_column(ShortText(36))  # the hazard case it belongs to
    not_required: Mapped[str] = mapped_column(ShortText(200), default="")  # why the duty fell away
    delay_reason: Mapped[str] = mapped_column(ShortText(400), default="")  # recorded; moves no date


class Photo(Record):
    """A photo of a repair: pixels only, drawn anew, so that no place, camera or name travels with it."""

    __tablename__ = "repairs_photo"
    __policy__ = Policy(
        title="photo",
        merge={"sha256": Merge.ONCE, "thumb_sha256": Merge.ONCE},
        files=("thumb_sha256", "sha256"),
    )
    __table_args__ = (Index("ix_repairs_photo_repair", "repair_id", "position"),)

    repair_id: Mapped[str] = mapped_column(ShortText(36))  # "" for a photo of a hazard case alone
    sha256: Mapped[str] = mapped_column(ShortText(64))
    thumb_sha256: Mapped[str] = mapped_column(ShortText(64))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]  # bytes
    caption: Mapped[str] = mapped_column(ShortText(120), default="")
    position: Mapped[int] = mapped_column(default=0)
    case_id: Mapped[str | None] = mapped_column(ShortText(36))  # the hazard case it is evidence of
    look_hash: Mapped[str] = mapped_column(ShortText(16), default="")  # dHash of 8 by 8, in hexadecimal
    hint: Mapped[str] = mapped_column(ShortText(20), default="")  # "blurred" or "dark": a hint, no verdict


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
    heard_rule: Mapped[str] = mapped_column(ShortText(60), default="")  # what noticed it in free text
    heard_words: Mapped[str] = mapped_column(ShortText(200), default="")  # the words it fired on
    number: Mapped[str | None] = mapped_column(ShortText(30))  # as it was read out; None while it was not
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noticed_by: Mapped[str] = mapped_column(ShortText(36))
    noticed_by_name: Mapped[str] = mapped_column(ShortText(100))
    outcome: Mapped[Outcome | None] = mapped_column(Choice(Outcome))
    given_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_by: Mapped[str | None] = mapped_column(ShortText(36))
    given_by_name: Mapped[str | None] = mapped_column(ShortText(100))


class Contact(Record):
    """Somebody was in touch about a repair that is reported already. It is never a repair of its own."""

    __tablename__ = "repairs_contact"
    __policy__ = Policy(
        title="contact",
        merge=dict.fromkeys(("kind", "reason", "at", "by", "by_name"), Merge.ONCE),
    )
    __table_args__ = (
        Index("ix_repairs_contact_repair", "repair_id", "at"),
        Index("ix_repairs_contact_place", "place_key", "at"),
        Index("ix_repairs_contact_at", "at", "id"),
    )

    repair_id: Mapped[str] = mapped_column(ShortText(36))
    place_key: Mapped[str] = mapped_column(ShortText(220), default="")
    kind: Mapped[ContactKind] = mapped_column(Choice(ContactKind))
    reason: Mapped[ChaseReason | None] = mapped_column(Choice(ChaseReason))  # of a chase
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(ShortText(36))
    by_name: Mapped[str] = mapped_column(ShortText(100))
    words: Mapped[str] = mapped_column(LongText(4_000), default="")
