"""Half a year of sessions in Averwick, which does not exist: enough for a chart, a busy month and today.

The month before today's adds up to figures that are known beforehand (PLACES), so that papers and pictures
of the sample can be checked. Nobody in it exists.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.context import Context
from app.inclusion import codes, month, rules
from app.inclusion.sample_names import FIRST, LAST, TODAY, WORK, Guest
from app.sample_kit import at, sample_id
from app.wording import local_date
from models.changes import bulk_create
from models.inclusion import (
    AgeBand,
    Answer,
    Attendance,
    OutreachSession,
    Person,
    Press,
    SessionKind,
    SessionState,
    Venue,
    folded_name,
)


@dataclass(frozen=True)
class PlacePlan:
    """One place, and what last month holds there: sessions, people, newcomers, unnamed visits, hours."""

    name: str
    address: str
    postcode: str
    kind: SessionKind
    hour: int
    sessions: int
    people: int
    new: int
    visits: int
    hours: int
    note: str = ""


PLACES = (
    PlacePlan(
        "Hadley Street Library", "4 Hadley Street, Averwick", "AV1 2QB", SessionKind.DROP_IN, 13,
        6, 31, 8, 14, 78, "The laptops are in the locked cupboard by the lift. Ask at the desk for the key.",
    ),
    PlacePlan(
        "Tannery Row Community Room", "Tannery Row, Averwick", "AV3 7DN", SessionKind.COURSE, 10,
        4, 19, 5, 0, 47, "The key safe is left of the door.",
    ),
    PlacePlan(
        "Averwick Town Hall, ground floor", "Market Place, Averwick", "AV1 1AA", SessionKind.DROP_IN, 10,
        3, 14, 4, 19, 31,
    ),
    PlacePlan(
        "St Cynog’s Church Hall", "Church Lane, Nether Averwick", "AV5 4HT", SessionKind.WORKSHOP, 13,
        2, 9, 3, 3, 22, "No signal inside.",
    ),
    PlacePlan(
        "Canolfan Llŷn Isaf", "Ffordd yr Ysgol, Llŷn Isaf", "AV8 9RE", SessionKind.DROP_IN, 13,
        2, 8, 2, 5, 19, "Sessions are held in Welsh and English.",
    ),
    PlacePlan("Home visits", "", "", SessionKind.HOME_VISIT, 10, 2, 7, 1, 0, 17),
)  # fmt: skip
EARLIER = (12, 13, 9, 15, 17)  # sessions in the five months before, the oldest first
LENGTH = timedelta(hours=3)
EXTRA = 24  # people who came in earlier months only
_BAND_WEIGHTS = (1, 2, 2, 3, 4, 3, 5, 8, 7, 2)
_TODAY_PRESSES = ("1", "7", "8", "5", "1", "8", "2")  # digits of the pad, in order


@dataclass
class _Writer:
    """The rows that the sample is going to hold, and the source of chance they come from."""

    random: random.Random
    today: date
    now: datetime
    device: str
    lead: tuple[str, str]
    venues: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    attendance: list[dict[str, Any]] = field(default_factory=list)
    presses: list[dict[str, Any]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def place(self, plan: PlacePlan) -> str:
        """A place's id."""
        row = {
            "id": sample_id(self.random),
            "name": plan.name,
            "address": plan.address,
            "postcode": plan.postcode,
            "note": plan.note,
        }
        self.venues.append(row)
        return str(row["id"])

    def person(self, name: str = "", body: str = "", year: int | None = None) -> str:
        """A person's id; a name is made up where none is given."""
        while not name:
            made = f"{self.random.choice(FIRST)} {self.random.choice(LAST)}"
            name = made if made not in self.names else ""
        self.names.add(name)
        code = codes.shown(body) if body else ""
        if not code or code in self.taken or code[-1] not in codes.SIGNS:
            code = codes.new_code(self.random.choice, self.taken)
        self.taken.add(code)
        silent = self.random.random() < 0.12
        answer = self.random.choice((Answer.PREFER_NOT_TO_SAY, Answer.NOT_ASKED)) if silent else Answer.GIVEN
        born = None if silent else year or self.today.year - self._age()
        postcode = self.random.choice(("AV1", "AV2", "AV3", "AV5", "AV8", ""))
        row = {
            "id": sample_id(self.random),
            "name": name,
            "folded": folded_name(name),
            "code": code,
            "year_of_birth": born,
            "year_answer": answer,
            "postcode": postcode,
            "postcode_answer": Answer.GIVEN if postcode else Answer.NOT_ASKED,
        }
        self.people.append(row)
        return str(row["id"])

    def _age(self) -> int:
        low, high = self.random.choices(
            ((16, 25), (26, 44), (45, 59), (60, 74), (75, 91)), weights=(3, 5, 6, 12, 9)
        )[0]
        return self.random.randint(low, high)

    def held(self, plan: PlacePlan, venue: str, start: datetime, **more: Any) -> dict[str, Any]:
        """A session's row, open as every session begins."""
        row = {
            "id": sample_id(self.random),
            "title": rules.session_title(plan.kind, plan.name),
            "venue_id": venue,
            "kind": plan.kind,
            "starts_at": start,
            "ends_at": start + LENGTH,
            "state": SessionState.OPEN,
            "lead_id": self.lead[0],
            "lead_name": self.lead[1],
            "volunteers": self.random.choice((0, 1, 1, 2)),
            **more,
        }
        self.sessions.append(row)
        return row

    def came(
        self, held: dict[str, Any], person: str, offset: int, minutes: int | None, words: str | None = None
    ) -> None:
        """One attendance: `offset` minutes into the session, for `minutes` (None: no leaving time)."""
        came_at = held["starts_at"] + timedelta(minutes=offset)
        some = self.random.choice(WORK) if words is None and self.random.random() < 0.8 else words or ""
        self.attendance.append(
            {
                "id": sample_id(self.random),
                "session_id": held["id"],
                "venue_id": held["venue_id"],
                "person_id": person,
                "came_at": came_at,
                "left_at": None if minutes is None else came_at + timedelta(minutes=minutes),
                "working_on": some,
            }
        )

    def pressed(self, held: dict[str, Any], band: AgeBand, moment: datetime) -> None:
        """One visit without a name."""
        self.presses.append(
            {
                "id": sample_id(self.random),
                "session_id": held["id"],
                "band": band,
                "pressed_at": moment,
                "device_id": self.device,
            }
        )

    def some_presses(self, held: dict[str, Any], count: int) -> None:
        """Visits without a name, spread over a session."""
        bands = [band for band, _ in rules.BANDS]
        for band in self.random.choices(bands, weights=_BAND_WEIGHTS, k=count):
            self.pressed(held, band, held["starts_at"] + timedelta(minutes=self.random.randint(2, 170)))


def fill(context: Context, random: random.Random) -> None:
    """Writes the sample: six months, last month with known figures, this month, and a session that is open
    now. The same rows for the same source of chance, day and minute."""
    now = context.now().replace(second=0, microsecond=0)
    author = context.author
    writer = _Writer(random, context.today(), now, author.device_id, (author.user_id, author.name))
    venues = [writer.place(plan) for plan in PLACES]
    guests = [writer.person(guest.name, guest.body, guest.year) for guest in TODAY]
    groups = _groups(writer, guests)
    _earlier_months(writer, venues, groups)
    _last_month(writer, venues, groups)
    _this_month(writer, venues, groups)
    _today(writer, venues[0], guests)
    context.write("Sample places and people", lambda s: _people(s, writer))
    context.write("Sample sessions", lambda s: _sessions(s, writer))
    context.write("Close sample sessions", lambda s: _close(s, writer))
    _plan_ahead(context, writer, venues)
    _release(context, writer)


@dataclass
class _Groups:
    """Who goes where: people who came before last month, by place, and newcomers of last month."""

    known: list[list[str]]
    new: list[list[str]]
    once: list[list[str]]  # came in earlier months, not in the last


def _groups(writer: _Writer, guests: Sequence[str]) -> _Groups:
    known, new, once = [], [], []
    regulars = [person for person, guest in zip(guests, TODAY, strict=True) if not guest.first]
    for plan in PLACES:
        wanted = plan.people - plan.new
        mine, regulars = regulars[:wanted], regulars[wanted:]
        known.append(mine + [writer.person() for _ in range(wanted - len(mine))])
        new.append([writer.person() for _ in range(plan.new)])
        once.append([writer.person() for _ in range(EXTRA // len(PLACES))])
    return _Groups(known, new, once)


def _weekdays(first: date, after: date) -> list[date]:
    days = [first + timedelta(days=n) for n in range((after - first).days)]
    return [day for day in days if day.weekday() < 5]


def _month_days(writer: _Writer, back: int) -> list[date]:
    name = rules.month_before(rules.month_of(writer.today), back)
    after = rules.month_before(name, -1)
    return _weekdays(rules.month_start(name), min(rules.month_start(after), writer.today))


def _turns(counts: Sequence[int]) -> list[int]:
    """Places in turn, each as often as its count says, spread out: 6, 4, 3 gives 0 1 0 2 1 0 ..."""
    slots = [((n + 0.5) / count, place) for place, count in enumerate(counts) for n in range(count)]
    return [place for _, place in sorted(slots)]


def _dated(days: Sequence[date], turns: Sequence[int]) -> Iterator[tuple[date, int]]:
    for n, place in enumerate(turns):
        yield days[n * len(days) // len(turns)], place


def _earlier_months(writer: _Writer, venues: Sequence[str], groups: _Groups) -> None:
    for n, count in enumerate(EARLIER):
        back = len(EARLIER) + 1 - n
        weights = [plan.sessions * count / 19 for plan in PLACES]
        counts = [max(1, round(weight)) for weight in weights]
        counts[0] += count - sum(counts)
        seen: list[list[dict[str, Any]]] = [[] for _ in PLACES]
        for day, place in _dated(_month_days(writer, back), _turns(counts)):
            plan = PLACES[place]
            held = writer.held(plan, venues[place], at(day, plan.hour))
            seen[place].append(held)
            writer.some_presses(held, writer.random.randint(0, 3))
        for place, sessions in enumerate(seen):
            everyone = groups.known[place] + groups.once[place]
            last = back == 2  # everybody known has been there once before last month
            for person in everyone if last else writer.random.sample(everyone, k=len(everyone) * 2 // 3):
                writer.came(writer.random.choice(sessions), person, writer.random.randint(0, 90), 75)


def _last_month(writer: _Writer, venues: Sequence[str], groups: _Groups) -> None:
    sessions: list[list[dict[str, Any]]] = [[] for _ in PLACES]
    turns = _turns([plan.sessions for plan in PLACES])
    for day, place in _dated(_month_days(writer, 1), turns):
        sessions[place].append(writer.held(PLACES[place], venues[place], at(day, PLACES[place].hour)))
    for place, plan in enumerate(PLACES):
        people = groups.known[place] + groups.new[place]
        visits = _visits(writer.random, people, len(sessions[place]), plan.hours * 60 // 75)
        for (person, number), minutes in zip(
            visits, _minutes(writer.random, plan.hours * 60, len(visits)), strict=True
        ):
            offset = writer.random.randint(0, 175 - minutes)
            writer.came(sessions[place][number], person, offset, minutes)
        for n in range(plan.visits):
            held = sessions[place][n % len(sessions[place])]
            writer.some_presses(held, 1)


def _visits(
    source: random.Random, people: Sequence[str], sessions: int, wanted: int
) -> list[tuple[str, int]]:
    """Who goes to which session: everybody to one at least, about `wanted` visits in all."""
    every = [(person, n) for person in people for n in range(sessions)]
    chosen = {(person, source.randrange(sessions)) for person in people}
    rest = [pair for pair in every if pair not in chosen]
    source.shuffle(rest)
    return sorted([*chosen, *rest[: max(0, wanted - len(chosen))]], key=lambda pair: (pair[1], pair[0]))


def _minutes(source: random.Random, total: int, count: int) -> list[int]:
    """`count` lengths in minutes that add up to `total`, each near the mean."""
    mean, over = divmod(total, count)
    lengths = [mean + (1 if n < over else 0) for n in range(count)]
    for n in range(0, count - 1, 2):
        shift = source.randint(0, min(30, 170 - mean, mean - 20))
        lengths[n] += shift
        lengths[n + 1] -= shift
    return lengths


def _this_month(writer: _Writer, venues: Sequence[str], groups: _Groups) -> None:
    days = _month_days(writer, 0)
    week_ago = writer.today - timedelta(days=7)
    yesterday = days[-1] if days else None
    for n, day in enumerate(days):
        place = 0 if day == week_ago else 4 if day == yesterday else (1, 2, 0, 3, 1, 5)[n % 6]
        if n % 3 == 1 and day not in (week_ago, yesterday):
            continue
        plan = PLACES[place]
        held = writer.held(plan, venues[place], at(day, plan.hour))
        people = groups.known[place] + groups.new[place]
        came = writer.random.sample(people, k=min(len(people), 8))
        if day == week_ago:  # Gwen Ashdown is here every other week, Gwilym Wŷnne not since last month
            regular, rare = groups.known[0][0], groups.known[0][1]
            came = [regular, *(person for person in came if person not in (regular, rare))]
        for person in came:
            length = None if day == yesterday else writer.random.randint(30, 90)
            writer.came(held, person, writer.random.randint(0, 80), length)
        writer.some_presses(held, writer.random.randint(0, 5))


def _today(writer: _Writer, venue: str, guests: Sequence[str]) -> None:
    """The drop-in that is open now: it began an hour before the last full one."""
    start = max(writer.now.replace(minute=0) - timedelta(hours=1), at(writer.today, 0))
    held = writer.held(PLACES[0], venue, start, volunteers=1)
    since = int((writer.now - start).total_seconds() // 60)
    for person, guest in zip(guests, TODAY, strict=True):
        if guest.ago is not None:
            writer.came(held, person, max(0, since - guest.ago), None, guest.working_on)
    for n, digit in enumerate(_TODAY_PRESSES):
        ago = 9 * (len(_TODAY_PRESSES) - 1 - n)
        writer.pressed(held, rules.KEY_BANDS[digit], max(start, writer.now - timedelta(minutes=ago)))


def _people(session: Session, writer: _Writer) -> None:
    bulk_create(session, Venue, writer.venues)
    twin = next(row for row in writer.people if row["name"] == "Hettie Glaze")
    name = str(twin["name"])
    code = codes.new_code(writer.random.choice, writer.taken)
    writer.people.append(
        {**twin, "id": sample_id(writer.random), "name": name, "code": code, "year_of_birth": None}
        | {"year_answer": Answer.NOT_ASKED}
    )
    bulk_create(session, Person, writer.people)


def _sessions(session: Session, writer: _Writer) -> None:
    bulk_create(session, OutreachSession, writer.sessions)
    bulk_create(session, Attendance, writer.attendance)
    bulk_create(session, Press, writer.presses)


def _close(session: Session, writer: _Writer) -> None:
    """Closes every session but today's and the last one before it, which was forgotten."""
    ended = [row for row in writer.sessions if local_date(row["starts_at"]) < writer.today]
    this_month = rules.month_span(rules.month_of(writer.today))[0]
    forgotten = max((row["starts_at"] for row in ended if row["starts_at"] >= this_month), default=None)
    for row in ended:
        if row["starts_at"] != forgotten:
            held = session.get(OutreachSession, row["id"])
            if held is not None:
                held.closed_at, held.closed_by = row["ends_at"], writer.lead[1]
                held.state = SessionState.CLOSED


def _plan_ahead(context: Context, writer: _Writer, venues: Sequence[str]) -> None:
    ahead = _weekdays(writer.today + timedelta(days=1), writer.today + timedelta(days=10))
    rows = []
    for place, day in zip((1, 2, 0, 4), ahead, strict=False):
        plan = PLACES[place]
        row = writer.held(plan, venues[place], at(day, plan.hour))
        rows.append({**row, "state": SessionState.PLANNED})
    context.write("Sample plans", lambda s: bulk_create(s, OutreachSession, rows))


def _release(context: Context, writer: _Writer) -> None:
    """Last month's report, released on the 3rd, when that day has come."""
    day = writer.today.replace(day=3)
    if day > writer.today:
        return
    then = replace(context, clock=lambda: at(day, 11))
    name = rules.month_before(rules.month_of(writer.today))
    low = rules.month_start(rules.month_before(name, 3))
    comment = f"{low:%B} is low because Hadley Street Library was closed for two weeks."
    then.write("Release the month report", lambda s: month.release(s, name, comment))


__all__ = ["PLACES", "Guest", "fill"]
