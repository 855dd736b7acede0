"""What the screens show: the landing page and a register. Plain values, never records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.inclusion import rules
from app.inclusion.people import Pair, canonical_id, first_sessions, joined, look_alikes, names_of, visits_of
from app.inclusion.service import get
from app.wording import LONDON, local_date
from models.inclusion import (
    AgeBand,
    Attendance,
    OutreachSession,
    Person,
    Press,
    SessionKind,
    SessionState,
    Venue,
)

RECENT = 8
PLANNED = 6
VENUES = 100


@dataclass(frozen=True)
class SessionLine:
    """One session in a list: what, where, when, how far it is, how many came by name and without."""

    id: str
    title: str
    venue_id: str
    venue: str
    kind: SessionKind
    starts_at: datetime
    ends_at: datetime
    state: SessionState
    lead: str
    volunteers: int
    people: int = 0
    counted: int = 0


@dataclass(frozen=True)
class VenueLine:
    """One place in a list: its sessions of the last four weeks, and the next one."""

    id: str
    name: str
    address: str
    postcode: str
    note: str
    last_at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True)
class Landing:
    """What the tab opens on."""

    today: tuple[SessionLine, ...]
    left_open: tuple[SessionLine, ...]
    planned: tuple[SessionLine, ...]
    recent: tuple[SessionLine, ...]
    venues: tuple[VenueLine, ...]
    pairs: tuple[Pair, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing yet: no place and no session."""
        return not (self.venues or self.today or self.left_open or self.planned or self.recent)


@dataclass(frozen=True)
class Here:
    """One person in a register."""

    person_id: str
    name: str
    code: str
    first_time: bool
    came_at: datetime
    left_at: datetime | None
    working_on: str


@dataclass(frozen=True)
class Register:
    """A session with everybody in it (the latest arrival first) and its tally."""

    session: SessionLine
    note: str
    nobody_came: bool
    closed_at: datetime | None
    closed_by: str
    reopen_reason: str
    here: tuple[Here, ...]
    tally: Mapping[AgeBand, int]
    last_press: tuple[AgeBand, datetime] | None

    @property
    def counted(self) -> int:
        """Visits without a name."""
        return sum(self.tally.values())

    @property
    def first_times(self) -> int:
        """How many are here for the first time ever."""
        return sum(one.first_time for one in self.here)

    @property
    def without_leaving(self) -> int:
        """How many have no leaving time."""
        return sum(one.left_at is None for one in self.here)

    @property
    def minutes(self) -> int:
        """Minutes of learning so far counted: see rules.minutes_spent."""
        line = self.session
        return sum(
            rules.minutes_spent(
                rules.Visit(one.person_id, (), one.came_at, one.left_at, ""), line.starts_at, line.ends_at
            )
            for one in self.here
        )


def landing(session: Session, now: datetime) -> Landing:
    """The landing page at a moment: today's sessions, those left open on an earlier day, what comes, what
    was, the places, and people who look alike."""
    start, end = _day(now)
    today = _lines(
        session,
        _sessions()
        .where(
            OutreachSession.starts_at >= start,
            OutreachSession.starts_at < end,
            OutreachSession.state != SessionState.CANCELLED,
        )
        .order_by(OutreachSession.starts_at, OutreachSession.id)
        .limit(20),
    )
    left_open = _lines(
        session,
        _sessions()
        .where(OutreachSession.state == SessionState.OPEN, OutreachSession.starts_at < start)
        .order_by(OutreachSession.starts_at.desc())
        .limit(20),
    )
    planned = _lines(
        session,
        _sessions()
        .where(OutreachSession.state == SessionState.PLANNED, OutreachSession.starts_at >= end)
        .order_by(OutreachSession.starts_at)
        .limit(PLANNED),
    )
    recent = recent_sessions(session, start)
    return Landing(today, left_open, planned, recent, venues(session, now), look_alikes(session))


def recent_sessions(
    session: Session, before: datetime, before_id: str = "", limit: int = RECENT
) -> tuple[SessionLine, ...]:
    """Closed sessions that began before a moment, newest first: the page after (`before`, `before_id`)."""
    statement = _sessions().where(OutreachSession.state == SessionState.CLOSED)
    if before_id:
        statement = statement.where(
            (OutreachSession.starts_at < before)
            | ((OutreachSession.starts_at == before) & (OutreachSession.id < before_id))
        )
    else:
        statement = statement.where(OutreachSession.starts_at < before)
    order = (OutreachSession.starts_at.desc(), OutreachSession.id.desc())
    return _lines(session, statement.order_by(*order).limit(limit))


@dataclass(frozen=True)
class PersonCard:
    """One person with their answers and when they came first and last."""

    id: str
    name: str
    code: str
    year_of_birth: int | None
    postcode: str
    sessions: int
    first_at: datetime | None
    last_at: datetime | None


def person(session: Session, person_id: str) -> PersonCard:
    """A person's card, of the record that stands for them; raises NotFound when they are gone."""
    found = get(session, Person, canonical_id(session, person_id))
    row = session.execute(
        select(
            func.count(Attendance.session_id.distinct()),
            func.min(Attendance.came_at),
            func.max(Attendance.came_at),
        )
        .join(Person, Person.id == Attendance.person_id)
        .where((Person.id == found.id) | (Person.merged_into == found.id), Attendance.deleted.is_(False))
    ).one()
    return PersonCard(
        found.id, found.name, found.code, found.year_of_birth, found.postcode, row[0], row[1], row[2]
    )


def venue(session: Session, venue_id: str) -> VenueLine:
    """One place; raises NotFound when it is gone."""
    found = get(session, Venue, venue_id)
    return VenueLine(found.id, found.name, found.address, found.postcode, found.note, None, None)


def next_session(session: Session, now: datetime) -> str | None:
    """The id of the session a sheet is wanted for: today's first that is not over, else the next planned."""
    s = OutreachSession
    return session.scalar(
        select(s.id)
        .where(s.state.in_((SessionState.OPEN, SessionState.PLANNED)), s.ends_at > now, s.deleted.is_(False))
        .order_by(s.starts_at, s.id)
        .limit(1)
    )


def upcoming(session: Session, now: datetime, limit: int = 200) -> tuple[SessionLine, ...]:
    """The sessions that are planned from now on, the next first."""
    return _lines(
        session,
        _sessions()
        .where(OutreachSession.state == SessionState.PLANNED, OutreachSession.starts_at > now)
        .order_by(OutreachSession.starts_at, OutreachSession.id)
        .limit(limit),
    )


def venues(session: Session, now: datetime) -> tuple[VenueLine, ...]:
    """The places in use, by name, with the last session that was held there and the next that is planned."""
    held = OutreachSession
    live = (held.deleted.is_(False), held.state != SessionState.CANCELLED)
    last = dict(
        session.execute(
            select(held.venue_id, func.max(held.starts_at))
            .where(held.starts_at <= now, held.state != SessionState.PLANNED, *live)
            .group_by(held.venue_id)
        ).all()
    )
    following = dict(
        session.execute(
            select(held.venue_id, func.min(held.starts_at))
            .where(held.starts_at > now, *live)
            .group_by(held.venue_id)
        ).all()
    )
    found = session.scalars(
        select(Venue)
        .where(Venue.deleted.is_(False), Venue.active.is_(True))
        .order_by(Venue.name, Venue.id)
        .limit(VENUES)
    )
    return tuple(
        VenueLine(v.id, v.name, v.address, v.postcode, v.note, last.get(v.id), following.get(v.id))
        for v in found
    )


def register(session: Session, session_id: str) -> Register:
    """A session's register; raises NotFound when the session is gone."""
    held = get(session, OutreachSession, session_id)
    line = _lines(session, _sessions().where(OutreachSession.id == session_id))[0]
    same = joined(session)
    visits = visits_of(session, session_id, same)
    people = names_of(session, [v.person_id for v in visits])
    firsts = first_sessions(session, [v.person_id for v in visits], same)
    here = [
        Here(
            v.person_id,
            people[v.person_id][0],
            people[v.person_id][1],
            firsts.get(v.person_id) == session_id,
            v.came_at,
            v.left_at,
            v.working_on,
        )
        for v in visits
        if v.person_id in people
    ]
    here.sort(key=lambda one: (one.came_at, one.person_id), reverse=True)
    return Register(
        line,
        held.note,
        held.nobody_came,
        held.closed_at,
        held.closed_by,
        held.reopen_reason,
        tuple(here),
        tally(session, session_id),
        _last_press(session, session_id),
    )


def tally(session: Session, session_id: str) -> dict[AgeBand, int]:
    """Visits without a name at one session by band; every band is there."""
    rows = session.execute(
        select(Press.band, func.count())
        .where(Press.session_id == session_id, Press.deleted.is_(False))
        .group_by(Press.band)
    )
    counts = {band: 0 for band, _ in rules.BANDS}
    for band, count in rows:
        known = band if band in counts else AgeBand.NOT_SAID
        counts[known] += count
    return counts


def _day(now: datetime) -> tuple[datetime, datetime]:
    """The first moment of the day in London, and of the next, in UTC."""
    day: date = local_date(now)
    start = datetime.combine(day, time(), LONDON)
    after = datetime.combine(day + timedelta(days=1), time(), LONDON)
    return start.astimezone(UTC), after.astimezone(UTC)


def _sessions() -> Select[Any]:
    return select(OutreachSession).where(OutreachSession.deleted.is_(False))


def _lines(session: Session, statement: Select[Any]) -> tuple[SessionLine, ...]:
    found = list(session.scalars(statement))
    wanted = select(Venue.id, Venue.name).where(Venue.id.in_({s.venue_id for s in found}))
    names = {row[0]: row[1] for row in session.execute(wanted)}
    people, counted = _counts(session, [s.id for s in found])
    return tuple(
        SessionLine(
            s.id,
            s.title,
            s.venue_id,
            names.get(s.venue_id, ""),
            s.kind,
            s.starts_at,
            s.ends_at,
            s.state,
            s.lead_name,
            s.volunteers,
            people.get(s.id, 0),
            counted.get(s.id, 0),
        )
        for s in found
    )


def _counts(session: Session, ids: list[str]) -> tuple[dict[str, int], dict[str, int]]:
    """People and counted visits of sessions."""
    people = session.execute(
        select(Attendance.session_id, func.count(func.coalesce(Person.merged_into, Person.id).distinct()))
        .join(Person, Person.id == Attendance.person_id)
        .where(Attendance.session_id.in_(ids), Attendance.deleted.is_(False))
        .group_by(Attendance.session_id)
    )
    counted = session.execute(
        select(Press.session_id, func.count())
        .where(Press.session_id.in_(ids), Press.deleted.is_(False))
        .group_by(Press.session_id)
    )
    return {row[0]: row[1] for row in people}, {row[0]: row[1] for row in counted}


def _last_press(session: Session, session_id: str) -> tuple[AgeBand, datetime] | None:
    row = session.execute(
        select(Press.band, Press.pressed_at)
        .where(Press.session_id == session_id, Press.deleted.is_(False))
        .order_by(Press.pressed_at.desc(), Press.id.desc())
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])
