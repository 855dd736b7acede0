"""Digital-inclusion sessions: places, sessions, the register of named people, and visits counted unnamed.

Two kinds of counting stand side by side and are never added together: *people* are named and come again,
*presses* of the tally pad are visits that left no name. Attendance and presses are rows of their own, so
that two laptops at one session come together without losing or doubling anybody:
- the same person marked on both laptops is two rows and one person (app.inclusion.rules.folded_visits)
- a press is one row for ever; taking it back is its tombstone
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column, validates

from models.base import Record
from models.policy import Merge, Moves, Policy, SearchFields, Step
from models.roles import FIELD
from models.types import Choice, DateOnly, Json, LongText, ShortText, UtcDateTime

# Letters that Unicode does not take apart into a base letter and a mark.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "ʼ": "'"}
)


class SessionKind(StrEnum):
    """What sort of session it is."""

    DROP_IN = "drop_in"
    ONE_TO_ONE = "one_to_one"
    COURSE = "course"
    WORKSHOP = "workshop"
    DEVICE_GIFTING = "device_gifting"
    DEVICE_LENDING = "device_lending"
    OUTREACH_STALL = "outreach_stall"
    HOME_VISIT = "home_visit"
    OTHER = "other"


class SessionState(StrEnum):
    """How far a session has come."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """What came of a question: an answer, or one of the four non-answers, which are never mixed in store."""

    GIVEN = "given"
    PREFER_NOT_TO_SAY = "prefer_not_to_say"
    NOT_KNOWN = "not_known"
    NOT_ASKED = "not_asked"
    NOT_APPLICABLE = "not_applicable"


class AgeBand(StrEnum):
    """Age in years. The cuts at 26 and 60 are the ones the Digital Inclusion Innovation Fund asks for."""

    UNDER_16 = "u16"
    FROM_16 = "16_25"
    FROM_26 = "26_34"
    FROM_35 = "35_44"
    FROM_45 = "45_54"
    FROM_55 = "55_59"
    FROM_60 = "60_64"
    FROM_65 = "65_74"
    FROM_75 = "75_plus"
    NOT_SAID = "not_said"


def folded_name(name: str) -> str:
    """A name as it is searched: " gwilym wynne " for Gwilym Wŷnne. Marks and case fall away, a word begins
    after every space and hyphen, apostrophes close up; a space stands before and after each word."""
    plain = unicodedata.normalize("NFD", name.casefold().translate(_PLAIN))
    kept = "".join(c for c in plain if not unicodedata.combining(c) and c != "'")
    words = "".join(c if c.isalnum() else " " for c in kept.translate(_PLAIN)).split()
    return f" {' '.join(words)} " if words else " "


class Venue(Record):
    """A place where sessions are held."""

    __tablename__ = "inclusion_venue"
    __policy__ = Policy(
        title="place", search=SearchFields("name", body=("address", "postcode", "note"), detail=("postcode",))
    )

    name: Mapped[str] = mapped_column(ShortText(120))
    address: Mapped[str] = mapped_column(ShortText(300), default="")
    postcode: Mapped[str] = mapped_column(ShortText(8), default="")
    note: Mapped[str] = mapped_column(LongText(4_000), default="")  # where the key is, which door
    active: Mapped[bool] = mapped_column(default=True)


class OutreachSession(Record):
    """One session at one place. Closed, it is read only here until somebody reopens it with a reason."""

    __tablename__ = "inclusion_session"
    __policy__ = Policy(
        title="session",
        write_roles=FIELD,
        moves=Moves(
            field="state",
            start=(SessionState.PLANNED, SessionState.OPEN),
            steps=(
                Step(SessionState.PLANNED, SessionState.OPEN),
                Step(SessionState.PLANNED, SessionState.CANCELLED),
                Step(SessionState.OPEN, SessionState.CLOSED),
                Step(SessionState.OPEN, SessionState.CANCELLED),
                Step(SessionState.OPEN, SessionState.PLANNED),
                Step(SessionState.CLOSED, SessionState.OPEN),
                Step(SessionState.CANCELLED, SessionState.PLANNED),
            ),
        ),
        search=SearchFields("title", body=("note",), detail=("lead_name",)),
    )
    __table_args__ = (
        Index("ix_inclusion_session_starts_at_id", "starts_at", "id"),
        Index("ix_inclusion_session_state_starts_at", "state", "starts_at"),
        Index("ix_inclusion_session_venue_id_starts_at", "venue_id", "starts_at"),
    )

    title: Mapped[str] = mapped_column(ShortText(200))  # "Drop-in, Hadley Street Library"
    venue_id: Mapped[str] = mapped_column(ShortText(36))
    kind: Mapped[SessionKind] = mapped_column(Choice(SessionKind))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[SessionState] = mapped_column(Choice(SessionState), default=SessionState.PLANNED)
    lead_id: Mapped[str] = mapped_column(ShortText(36), default="")
    lead_name: Mapped[str] = mapped_column(ShortText(120), default="")
    volunteers: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(LongText(20_000), default="")
    nobody_came: Mapped[bool] = mapped_column(default=False)  # said by a person, so that 0 is no slip
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(ShortText(120), default="")
    reopen_reason: Mapped[str] = mapped_column(ShortText(500), default="")
    cancel_reason: Mapped[str] = mapped_column(ShortText(500), default="")


class Person(Record):
    """A named person who comes to sessions. The code is what stands on paper; it says nothing about them."""

    __tablename__ = "inclusion_person"
    __policy__ = Policy(
        title="person",
        write_roles=FIELD,
        merge={"code": Merge.ONCE, "name": Merge.ASK, "merged_into": Merge.ASK},
        search=SearchFields("name", body=("code",), detail=("code",)),
    )
    __table_args__ = (Index("ix_inclusion_person_folded_id", "folded", "id"),)

    name: Mapped[str] = mapped_column(ShortText(120))
    folded: Mapped[str] = mapped_column(ShortText(200), default=" ")  # see folded_name; follows `name`
    code: Mapped[str] = mapped_column(ShortText(10), index=True)
    year_of_birth: Mapped[int | None]
    year_answer: Mapped[Answer] = mapped_column(Choice(Answer), default=Answer.NOT_ASKED)
    postcode: Mapped[str] = mapped_column(ShortText(8), default="")  # whole, or its first part alone
    postcode_answer: Mapped[Answer] = mapped_column(Choice(Answer), default=Answer.NOT_ASKED)
    merged_into: Mapped[str | None] = mapped_column(ShortText(36), index=True)  # the same person's record

    @validates("name")
    def _fold(self, key: str, value: Any) -> Any:
        """Keeps the searched form beside the name, whoever changes it."""
        if isinstance(value, str):
            self.folded = folded_name(value)
        return value


class NotTheSame(Record):
    """A person's word that two records that look alike are two people, so that nobody is asked again."""

    __tablename__ = "inclusion_not_same"
    __policy__ = Policy(
        title="answer about two people",
        write_roles=FIELD,
        merge={"one_id": Merge.APPEND, "other_id": Merge.APPEND},
    )

    one_id: Mapped[str] = mapped_column(ShortText(36), index=True)  # the smaller id of the two
    other_id: Mapped[str] = mapped_column(ShortText(36))


class Attendance(Record):
    """One marking of one person as present. Never changed but for the leaving time and what they work on."""

    __tablename__ = "inclusion_attendance"
    __policy__ = Policy(
        title="attendance",
        write_roles=FIELD,
        merge={
            "session_id": Merge.APPEND,
            "venue_id": Merge.APPEND,
            "person_id": Merge.APPEND,
            "came_at": Merge.APPEND,
        },
    )
    __table_args__ = (
        Index("ix_inclusion_attendance_session_id_person_id", "session_id", "person_id"),
        Index("ix_inclusion_attendance_person_id_came_at", "person_id", "came_at"),
        Index("ix_inclusion_attendance_venue_id_person_id_came_at", "venue_id", "person_id", "came_at"),
        Index("ix_inclusion_attendance_came_at", "came_at"),
    )

    session_id: Mapped[str] = mapped_column(ShortText(36))
    venue_id: Mapped[str] = mapped_column(ShortText(36))  # the session's, so that search ranks by place
    person_id: Mapped[str] = mapped_column(ShortText(36))
    came_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    working_on: Mapped[str] = mapped_column(ShortText(200), default="")


class Press(Record):
    """One press of the tally pad: one visit without a name."""

    __tablename__ = "inclusion_press"
    __policy__ = Policy(
        title="counted visit",
        write_roles=FIELD,
        merge={
            "session_id": Merge.APPEND,
            "band": Merge.APPEND,
            "pressed_at": Merge.APPEND,
            "device_id": Merge.APPEND,
        },
    )
    __table_args__ = (
        Index("ix_inclusion_press_session_id_band", "session_id", "band"),
        Index("ix_inclusion_press_pressed_at", "pressed_at"),
    )

    session_id: Mapped[str] = mapped_column(ShortText(36))
    band: Mapped[AgeBand] = mapped_column(Choice(AgeBand))
    pressed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    device_id: Mapped[str] = mapped_column(ShortText(36), default="")  # Undo takes back only its own presses


class Release(Record):
    """A month report as it was handed on: what later versions must not give away by subtraction."""

    __tablename__ = "inclusion_release"
    __policy__ = Policy(
        title="released month report",
        merge={
            "month": Merge.APPEND,
            "number": Merge.APPEND,
            "released_on": Merge.APPEND,
            "released_by": Merge.APPEND,
            "figures": Merge.APPEND,
        },
    )
    __table_args__ = (Index("ix_inclusion_release_month_number", "month", "number"),)

    month: Mapped[str] = mapped_column(ShortText(7))  # "2026-11"
    number: Mapped[int]  # 1, 2, ... on the paper as its version
    released_on: Mapped[date] = mapped_column(DateOnly)
    released_by: Mapped[str] = mapped_column(ShortText(120))
    figures: Mapped[dict[str, Any]] = mapped_column(Json)  # table -> row -> true count; never printed
