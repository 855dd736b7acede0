"""What a scheduler can be asked, whoever makes it: availability, reserve, confirm, move, cancel, changes.

An adapter answers or raises one of three: `Gone` (the place is not to be had), `Unsure` (no answer came, so
it may or may not have been done: look before trying again), `Down` (nothing was done; try later).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol


class Gone(Exception):
    """The scheduler will not give this place (any more); its words are the message."""


class NotWanted(Gone):
    """The scheduler will not have this visit at all, whatever the place."""


class Unsure(Exception):
    """No answer came: what was asked may have been done."""


class Down(Exception):
    """The scheduler could not be asked, or refused for a reason of its own; nothing was done."""


@dataclass(frozen=True)
class Window:
    """A stretch of a day on offer: minutes after midnight in London. `places` is how many it has in all,
    where the scheduler says so; else `free` is how many are left."""

    day: date
    starts: int
    ends: int
    label: str = ""
    places: int | None = None
    free: int | None = None
    best: bool = False
    trade: str = ""
    ref: str = ""

    @property
    def when(self) -> tuple[str, int, int]:
        """What makes two windows the same stretch of time."""
        return self.day.isoformat(), self.starts, self.ends


@dataclass(frozen=True)
class Availability:
    """A list of windows from `first` to `last` as it stood at `taken_at`. After `expires_at` it is only good
    for wishes; None: it is good until it changes. `warnings` are what was said beside a success."""

    windows: tuple[Window, ...]
    first: date
    last: date
    taken_at: datetime
    expires_at: datetime | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """What is to be done on a visit, as a scheduler needs it. `visit_id` is the name under which it can be
    found again; `code` is a schedule-of-rates code as it stands, an opaque string."""

    visit_id: str
    reference: str = ""
    code: str = ""
    trade: str = ""
    band: str = ""
    place: str = ""
    words: str = ""
    latest_on: date | None = None


@dataclass(frozen=True)
class Held:
    """What the scheduler has for a visit: its own name for it, and the window, None while it has none."""

    ref: str
    window: Window | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """A visit that the scheduler has, as the worker last knew it."""

    job: Job
    ref: str
    window: Window | None


@dataclass(frozen=True)
class Change:
    """What the planner did to a visit that is held: moved it to `window`, or, with None, took it away."""

    visit_id: str
    window: Window | None
    words: str = ""


@dataclass(frozen=True)
class Changes:
    """What changed at the scheduler since a cursor, and the cursor to ask with next time."""

    items: tuple[Change, ...] = ()
    cursor: str = ""
    warnings: tuple[str, ...] = field(default=())


class Scheduler(Protocol):
    """A scheduler, however it is spoken to. One object serves one council and one thread."""

    name: str  # stands as `source` of the slots it lists
    remote: bool  # whether a question goes over a network, so that an answer can be lost

    def availability(self, first: date, days: int) -> Availability:
        """The windows from `first` on. Raises Down."""

    def find(self, job: Job) -> Held | None:
        """What there is for a visit, however it came about. Raises Down."""

    def reserve(self, job: Job, window: Window) -> Held:
        """Holds a place. Raises Gone, Unsure, Down."""

    def confirm(self, job: Job, ref: str, window: Window) -> Held:
        """Makes what is held a booking and reads it back. Raises Gone, Unsure, Down."""

    def move(self, job: Job, ref: str, window: Window) -> Held:
        """Brings what is held or booked to another window. Raises Gone, Unsure, Down."""

    def cancel(self, job: Job, ref: str) -> None:
        """Lets go of it; of what is not there too. Raises Unsure, Down."""

    def changes(self, cursor: str, known: Sequence[Known]) -> Changes:
        """What the planner did since. Raises Down."""

    def close(self) -> None:
        """Ends a session, if there is one."""
