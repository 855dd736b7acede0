"""A small world for tests of the inclusion slice: one place, one open session, three people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.context import Context
from app.inclusion import register, service
from models.changes import Author
from models.inclusion import SessionKind


@dataclass
class World:
    """The ids of what was made, and the context to go on with."""

    context: Context
    venue: str
    session: str
    people: dict[str, str]

    def mark(self, name: str, session: str | None = None, at: datetime | None = None) -> None:
        """Marks one of the people present."""
        self.context.write(
            "Mark present",
            lambda s: register.mark_present(s, session or self.session, self.people[name], at),
        )


def person(context: Context, name: str, year: int | None = None) -> str:
    """A new person's id."""
    return context.write("New person", lambda s: register.add_person(s, name, year)).id


def new_session(context: Context, venue: str, starts_at: datetime, hours: float = 3, **more: object) -> str:
    """A new open session's id."""
    end = starts_at + timedelta(hours=hours)
    return context.write(
        "Plan", lambda s: service.plan_session(s, venue, SessionKind.DROP_IN, starts_at, end, open_now=True)
    ).id


def other_laptop(context: Context) -> Context:
    """The same store as a second laptop would write to it."""
    author: Author = replace(context.author, device_id="0197d000-0000-7000-8000-000000000009")
    return replace(context, author=author)


def make_world(context: Context) -> World:
    """Hadley Street Library, open since 13:00, with three people on record."""
    venue = context.write("New place", lambda s: service.add_venue(s, "Hadley Street Library", "", "av1 2aa"))
    start = context.now().replace(hour=13, minute=0)
    people = {
        name: person(context, name, year)
        for name, year in (("Gwen Ashdown", 1950), ("Gwilym Wŷnne", 1961), ("Siân Ŵyr-Barton", None))
    }
    return World(context, venue.id, new_session(context, venue.id, start), people)
