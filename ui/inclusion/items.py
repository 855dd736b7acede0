"""What the Inclusion tab shows, as rows and words: pure functions from what was read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.inclusion import rules
from app.inclusion.month import Month, Printed
from app.inclusion.reading import Here, Landing, Register, SessionLine, VenueLine
from app.inclusion.suppression import shown
from app.wording import clock_time, day_month, local_date, long_day, plural, weekday_day
from models.inclusion import SessionState, folded_name
from ui.widgets import Column, Item, Row

HERE_COLUMNS = (
    Column("", 36),  # the tick
    Column("Name", 220),
    Column("Code", 74, muted=True, optional=True),
    Column("Came", 60),
    Column("Left", 58, muted=True),
    Column("Working on", 200, stretch=True),
)
PLACE_COLUMNS = (
    Column("Place", 200, stretch=True),
    Column("Sessions", 80, figures=True),
    Column("People, named", 110, figures=True),
    Column("First time", 90, figures=True),
    Column("Visits, no name", 116, figures=True),
    Column("Hours", 66, figures=True),
)
STATE_CHIPS = {
    SessionState.PLANNED: ("Planned", "info", "calendar"),
    SessionState.OPEN: ("Open", "good", "circle-dot"),
    SessionState.CLOSED: ("Closed", "plain", "lock"),
    SessionState.CANCELLED: ("Cancelled", "warn", "circle-x"),
}


@dataclass(frozen=True)
class Offer:
    """One line under the search box: a person who may be meant, or the way to add a new one."""

    person_id: str  # empty for "add a new person"
    name: str
    code: str = ""
    facts: str = ""
    here_now: bool = False

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        if not self.person_id:
            return f"Add {self.name} as a new person" if self.name else "Add a new person"
        return ", ".join(part for part in (self.name, self.code, self.facts) if part)


def offers(known: Sequence[rules.Known], typed: str, today: date) -> list[Offer]:
    """The lines for what is typed: people first, then the way to add one."""
    lines = [
        Offer(one.person_id, one.name, one.code, _offer_facts(one, today), one.here_now) for one in known
    ]
    return [*lines, Offer("", " ".join(typed.split())[:60])]


def _offer_facts(one: rules.Known, today: date) -> str:
    if one.here_now:
        return "here already"
    if one.last_here is None:
        return "not seen at this place"
    last = local_date(one.last_here)
    return f"last here {day_month(last)}" + ("" if last.year == today.year else f" {last.year}")


def marked_name(name: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """A name in pieces, each with whether it is what was typed: the beginning of a word."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for found in re.finditer(r"[^\s\-]+", name):
        folded = folded_name(found[0]).strip()
        length = max((len(word) for word in words if folded.startswith(word)), default=0)
        if length:
            pieces += [(name[end : found.start()], False), (found[0][:length], True)]
            end = found.start() + length
    return [piece for piece in (*pieces, (name[end:], False)) if piece[0]]


def here_rows(found: Register, last: str | None) -> list[Row]:
    """The register's rows; the last act carries Undo, everybody else who is still here Leave."""
    closed = found.session.state is SessionState.CLOSED
    return [_here_row(one, one.person_id == last, closed) for one in found.here]


def _here_row(one: Here, last: bool, closed: bool) -> Row:
    gone = "" if one.left_at is None else clock_time(one.left_at)
    act = "" if closed or (gone and not last) else "Undo" if last else "Leave…"
    return Row(
        one.person_id,
        ("", one.name, one.code, clock_time(one.came_at), gone, one.working_on),
        tone="last" if last and not closed else None,
        act=act,
    )


def here_words(found: Register) -> str:
    """How many are in the register: "12 people by name, 2 for the first time"."""
    words = f"{plural(len(found.here), 'person', 'people')} by name"
    return f"{words}, {found.first_times} for the first time" if found.first_times else words


def session_facts(line: SessionLine) -> str:
    """The line under a register's title."""
    helpers = f" with {plural(line.volunteers, 'volunteer')}" if line.volunteers else ""
    lead = f", led by {line.lead}{helpers}" if line.lead else ""
    return f"{long_day(local_date(line.starts_at))}{lead}"


def hours_words(line: SessionLine) -> str:
    """From when to when: "13:00 to 16:00"."""
    return f"{clock_time(line.starts_at)} to {clock_time(line.ends_at)}"


def time_left(line: SessionLine, now: datetime) -> tuple[str, int, int]:
    """How far a session is, in words, and minutes gone of minutes in all."""
    total = max(1, int((line.ends_at - line.starts_at).total_seconds() // 60))
    gone = int((now - line.starts_at).total_seconds() // 60)
    if gone < 0:
        return f"Begins at {clock_time(line.starts_at)}", 0, total
    if gone < total:
        left = int((line.ends_at - now).total_seconds() // 60)
        return f"{rules.duration_words(left)} left", gone, total
    return f"{rules.duration_words(gone - total)} over", total, total


def came_words(line: SessionLine) -> str:
    """Who came, two numbers side by side: "12 people by name, 7 counted"."""
    if not line.people and not line.counted:
        return "nobody yet" if line.state is SessionState.OPEN else "nobody came"
    people = f"{plural(line.people, 'person', 'people')} by name"
    return f"{people}, {line.counted:,} counted" if line.counted else people


def landing_groups(page: Landing, today: date) -> list[tuple[str, list[Item]]]:
    """The lists of the landing page: what comes, what was, the places."""
    groups = [
        ("Coming", [_coming(line) for line in page.planned]),
        ("Places", [_place(venue, today) for venue in page.venues]),
        ("Held lately", [_held(line) for line in page.recent]),
    ]
    return [group for group in groups if group[1]]


def _coming(line: SessionLine) -> Item:
    when = f"{weekday_day(local_date(line.starts_at))}, {hours_words(line)}"
    return Item(line.id, line.title, when)


def _held(line: SessionLine) -> Item:
    return Item(line.id, line.title, f"{weekday_day(local_date(line.starts_at))}, {came_words(line)}")


def _place(venue: VenueLine, today: date) -> Item:
    facts = [part for part in (venue.postcode,) if part]
    if venue.next_at is not None:
        facts.append(f"next on {weekday_day(local_date(venue.next_at))}")
    elif venue.last_at is not None:
        facts.append(f"last on {weekday_day(local_date(venue.last_at))}")
    else:
        facts.append("no session yet")
    return Item(venue.id, venue.name, ", ".join(facts))


def landing_facts(page: Landing) -> str:
    """The line under the tab's title."""
    parts = [plural(len(page.venues), "place")] if page.venues else []
    if page.planned:
        parts.append(f"{plural(len(page.planned), 'session')} planned")
    return ", ".join(parts)


def needs(page: Landing) -> list[str]:
    """What waits for this person, as short sentences."""
    found = []
    if page.left_open:
        found.append(f"{plural(len(page.left_open), 'session')} left open")
    if page.pairs:
        found.append(f"{plural(len(page.pairs), 'pair')} of records that may be one person")
    return found


def place_rows(figures: Month, safe: Printed) -> list[Row]:
    """The month's table, place by place, as it may be printed."""
    columns = (safe.people, safe.first_time, safe.visits, safe.hours)
    return [
        Row(place.name, (place.name, f"{place.sessions:,}", *(shown(c.cells[n]) for c in columns)))
        for n, place in enumerate(figures.places)
    ] + [
        Row(
            "total",
            ("All places", f"{figures.sessions:,}", *(shown(c.total) for c in columns)),
            strong=True,
        )
    ]
