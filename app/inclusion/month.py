"""A month in figures: what is true, what may be printed, and what a released report holds fast.

A named person counts once in a month and stands at the place they went to first; visits without a name
are counted beside them and never added to people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.inclusion import rules, suppression
from app.inclusion.people import first_sessions, joined
from app.inclusion.service import Done, author_of, now_of
from app.inclusion.suppression import Column
from app.wording import clock_time, local_date
from models.changes import Changed
from models.inclusion import (
    AgeBand,
    Attendance,
    OutreachSession,
    Person,
    Press,
    Release,
    SessionKind,
    SessionState,
    Venue,
)

SPAN = 6  # months in the chart, the reported one last
_BACK = range(SPAN - 1, -1, -1)
HELD = (SessionState.OPEN, SessionState.CLOSED)


@dataclass(frozen=True)
class Place:
    """One place in a month: true counts, and minutes of learning of named people."""

    name: str
    sessions: int
    people: int
    first_time: int
    visits: int
    minutes: int


@dataclass(frozen=True)
class Held:
    """One session in the list at the end of a report; no counts of people."""

    day: str  # ISO
    time: str  # "13:00 to 16:00"
    place: str
    kind: str


@dataclass(frozen=True)
class Month:
    """The true figures of a month. They are kept with a release and never printed as they are."""

    month: str
    places: tuple[Place, ...]
    ages_people: tuple[int, ...]  # in the order of rules.BANDS
    ages_visits: tuple[int, ...]
    trend: tuple[tuple[str, int], ...]  # month -> sessions, the reported month last
    held: tuple[Held, ...]
    left_open: int  # sessions of the month that nobody has closed yet

    @property
    def sessions(self) -> int:
        """Sessions held."""
        return sum(place.sessions for place in self.places)

    @property
    def minutes(self) -> int:
        """Minutes of learning of named people."""
        return sum(place.minutes for place in self.places)

    def counts(self) -> dict[str, int]:
        """Every count that a later version could be compared with, by a name of its own."""
        named: dict[str, int] = {}
        for place in self.places:
            named |= {
                f"people/{place.name}": place.people,
                f"first/{place.name}": place.first_time,
                f"visits/{place.name}": place.visits,
            }
        wide = zip(rules.WIDE_BANDS, widened(self.ages_people), widened(self.ages_visits), strict=True)
        for (words, _), people, visits in wide:
            named |= {f"people/{words}": people, f"visits/{words}": visits}
        named["people"] = sum(self.ages_people)
        named["visits"] = sum(self.ages_visits)
        return named


@dataclass(frozen=True)
class Printed:
    """What may be printed of a month: each column made safe, linked columns together."""

    people: Column
    first_time: Column
    visits: Column
    hours: Column
    ages_people: Column  # by rules.WIDE_BANDS
    ages_visits: Column

    @property
    def hides(self) -> bool:
        """Whether anything is held back."""
        columns = (self.people, self.first_time, self.visits, self.ages_people, self.ages_visits)
        return any(column.hidden or column.total is None for column in columns)


def printed(month: Month, threshold: int = suppression.THRESHOLD) -> Printed:
    """The figures of a month as they may be printed.

    Columns that count the same people hide together: both people columns share their total, a row without
    people shows neither newcomers nor hours. Where both columns together would settle a hidden count, the
    total of newcomers is kept back too.
    """
    ages = widened(month.ages_people), widened(month.ages_visits)
    people, ages_people = _linked([p.people for p in month.places], ages[0], threshold)
    visits, ages_visits = _linked([p.visits for p in month.places], ages[1], threshold)
    gone = people.total is None
    newcomers = [p.first_time for p in month.places]
    first_time = suppression.suppress(newcomers, threshold, also=people.hidden, hide_all=gone)
    if suppression.gives_away(people, first_time):
        first_time = Column(first_time.cells, None)
    hours = Column(
        tuple(
            None if n in people.hidden else rules.whole_hours(place.minutes)
            for n, place in enumerate(month.places)
        ),
        None if gone else rules.whole_hours(month.minutes),
    )
    return Printed(people, first_time, visits, hours, ages_people, ages_visits)


def widened(counts: Sequence[int]) -> list[int]:
    """Counts by rules.BANDS as counts by rules.WIDE_BANDS, as the paper has them."""
    order = [band for band, _ in rules.BANDS]
    return [sum(counts[order.index(band)] for band in bands) for _, bands in rules.WIDE_BANDS]


def _linked(one: Sequence[int], other: Sequence[int], threshold: int) -> tuple[Column, Column]:
    """Two columns over the same people: where one has to hide the total, both hide everything."""
    made = suppression.suppress(one, threshold), suppression.suppress(other, threshold)
    if made[0].total is None or made[1].total is None:
        return (
            suppression.suppress(one, threshold, hide_all=True),
            suppression.suppress(other, threshold, hide_all=True),
        )
    return made


# The true figures


@dataclass(frozen=True)
class _Sat:
    """One session of the month, as it is read."""

    id: str
    venue_id: str
    kind: SessionKind
    starts_at: datetime
    ends_at: datetime
    state: SessionState


def figures(session: Session, month: str) -> Month:
    """The true figures of a month; a session belongs to the month it begins in. Months without a session
    have no places."""
    start, after = rules.month_span(month)
    sat = _sessions(session, start, after)
    people, minutes = _people(session, sat)
    visits = _visits(session, sat)
    names = {row[0]: row[1] for row in session.execute(select(Venue.id, Venue.name))}
    by_venue = _by_first_place(session, sat, people)
    places = []
    for venue_id in {one.venue_id for one in sat}:
        there = [one for one in sat if one.venue_id == venue_id]
        found = by_venue.get(venue_id, {})
        places.append(
            Place(
                names.get(venue_id, "A place no longer on record"),
                len(there),
                len(found),
                sum(found.values()),
                sum(sum(visits.get(one.id, {}).values()) for one in there),
                sum(minutes.get(one.id, 0) for one in there),
            )
        )
    places.sort(key=lambda p: (-p.sessions, -p.people, p.name))
    every = [person for found in by_venue.values() for person in found]
    return Month(
        month,
        tuple(places),
        _ages(session, every, rules.month_start(month)),
        _bands(visits),
        tuple((rules.month_before(month, n), _count(session, rules.month_before(month, n))) for n in _BACK),
        tuple(_held(one, names) for one in sat),
        sum(one.state is SessionState.OPEN for one in sat),
    )


def _sessions(session: Session, start: datetime, after: datetime) -> list[_Sat]:
    s = OutreachSession
    rows = session.execute(
        select(s.id, s.venue_id, s.kind, s.starts_at, s.ends_at, s.state)
        .where(s.starts_at >= start, s.starts_at < after, s.state.in_(HELD), s.deleted.is_(False))
        .order_by(s.starts_at, s.id)
    )
    return [_Sat(*row) for row in rows]


def _count(session: Session, month: str) -> int:
    start, after = rules.month_span(month)
    s = OutreachSession
    where = (s.starts_at >= start, s.starts_at < after, s.state.in_(HELD), s.deleted.is_(False))
    return session.scalar(select(func.count()).select_from(s).where(*where)) or 0


def _people(session: Session, sat: Sequence[_Sat]) -> tuple[dict[str, list[rules.Visit]], dict[str, int]]:
    """Session id -> its visits, each person once; session id -> minutes of all of them."""
    same = joined(session)
    rows: dict[str, list[rules.Marking]] = {}
    ids = [one.id for one in sat]
    a = Attendance
    for begin in range(0, len(ids), 500):
        found = session.execute(
            select(a.session_id, a.id, a.person_id, a.came_at, a.left_at).where(
                a.session_id.in_(ids[begin : begin + 500]), a.deleted.is_(False)
            )
        )
        for session_id, row_id, person_id, came_at, left_at in found:
            marking = rules.Marking(row_id, same.get(person_id, person_id), came_at, left_at)
            rows.setdefault(session_id, []).append(marking)
    visits = {session_id: rules.folded_visits(found) for session_id, found in rows.items()}
    minutes = {
        one.id: sum(rules.minutes_spent(v, one.starts_at, one.ends_at) for v in visits.get(one.id, ()))
        for one in sat
    }
    return visits, minutes


def _by_first_place(
    session: Session, sat: Sequence[_Sat], visits: Mapping[str, list[rules.Visit]]
) -> dict[str, dict[str, bool]]:
    """Venue id -> person id -> whether they came for the first time ever; each person stands at the place
    they went to first in the month."""
    first_here: dict[str, tuple[datetime, str, str]] = {}
    for one in sat:
        for visit in visits.get(one.id, ()):
            key = (visit.came_at, one.id, one.venue_id)
            first_here[visit.person_id] = min(first_here.get(visit.person_id, key), key)
    ever = first_sessions(session, list(first_here), joined(session))
    placed: dict[str, dict[str, bool]] = {}
    for person_id, (_, session_id, venue_id) in first_here.items():
        placed.setdefault(venue_id, {})[person_id] = ever.get(person_id) == session_id
    return placed


def _visits(session: Session, sat: Sequence[_Sat]) -> dict[str, dict[AgeBand, int]]:
    ids = [one.id for one in sat]
    found: dict[str, dict[AgeBand, int]] = {}
    for begin in range(0, len(ids), 500):
        rows = session.execute(
            select(Press.session_id, Press.band, func.count())
            .where(Press.session_id.in_(ids[begin : begin + 500]), Press.deleted.is_(False))
            .group_by(Press.session_id, Press.band)
        )
        for session_id, band, count in rows:
            known = band if band in rules.BAND_WORDS else AgeBand.NOT_SAID
            bands = found.setdefault(session_id, {})
            bands[known] = bands.get(known, 0) + count
    return found


def _bands(visits: Mapping[str, Mapping[AgeBand, int]]) -> tuple[int, ...]:
    return tuple(sum(found.get(band, 0) for found in visits.values()) for band, _ in rules.BANDS)


def _ages(session: Session, people: Sequence[str], on: date) -> tuple[int, ...]:
    counts = {band: 0 for band, _ in rules.BANDS}
    for begin in range(0, len(people), 500):
        years = select(Person.year_of_birth).where(Person.id.in_(people[begin : begin + 500]))
        for year in session.scalars(years):
            counts[rules.band_of(year, on)] += 1
    return tuple(counts[band] for band, _ in rules.BANDS)


def _held(one: _Sat, names: Mapping[str, str]) -> Held:
    return Held(
        local_date(one.starts_at).isoformat(),
        f"{clock_time(one.starts_at)} to {clock_time(one.ends_at)}",
        names.get(one.venue_id, ""),
        rules.KIND_WORDS.get(one.kind, "Session"),
    )


# Releases


@dataclass(frozen=True)
class Released:
    """A month report as it was handed on."""

    number: int
    released_on: date
    released_by: str
    comment: str
    month: Month


def latest_release(session: Session, month: str) -> Released | None:
    """The newest release of a month's report; None when it was never released."""
    row = session.scalars(
        select(Release)
        .where(Release.month == month, Release.deleted.is_(False))
        .order_by(Release.number.desc(), Release.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    plain = row.figures
    return Released(
        row.number, row.released_on, row.released_by, str(plain.get("comment", "")), _from_plain(plain)
    )


def release(session: Session, month: str, comment: str = "") -> Done:
    """Hands a month report on: its figures are held fast, and the paper made from them stays the same.

    Raises HoldallError when the month is not over or has open sessions or none, and when a count differs
    from the released version by 1 to 4: subtracting the two papers would give those people away.
    """
    if rules.month_span(month)[1] > now_of(session):
        raise HoldallError("This month is not over yet.", "Look at the draft now, and release it afterwards.")
    now = figures(session, month)
    if not now.sessions:
        raise HoldallError("No session was held in this month.", "Choose another month.")
    if now.left_open:
        raise HoldallError(
            "A session of this month is still open."
            if now.left_open == 1
            else f"{now.left_open} sessions of this month are still open.",
            "Close what is open, then release the report.",
        )
    before = latest_release(session, month)
    if before is not None and (why := blocked(before.month, now)):
        raise HoldallError(*why)
    author = author_of(session)
    made = Release(
        month=month,
        number=before.number + 1 if before else 1,
        released_on=local_date(now_of(session)),
        released_by=author.name,
        figures={**_plain(now), "comment": comment.strip()},
    )
    session.add(made)
    return Done(made.id, Changed.of(made))


def blocked(released: Month, now: Month) -> tuple[str, str] | None:
    """Why a new version may not be released beside the old one (title, advice); None when it may."""
    close = suppression.too_close(released.counts(), now.counts())
    if not close:
        return None
    return (
        "The figures differ from the released ones by fewer than 5 people or visits.",
        "Whoever held both papers could tell who came later. The released version stands.",
    )


def _plain(month: Month) -> dict[str, Any]:
    """The figures as JSON values."""
    plain: dict[str, Any] = asdict(month)
    return plain


def _from_plain(plain: Mapping[str, Any]) -> Month:
    return Month(
        str(plain["month"]),
        tuple(Place(**place) for place in plain["places"]),
        tuple(plain["ages_people"]),
        tuple(plain["ages_visits"]),
        tuple((str(name), int(count)) for name, count in plain["trend"]),
        tuple(Held(**held) for held in plain["held"]),
        int(plain["left_open"]),
    )
