"""The scheduler that needs no other: its windows are those of the council's week, its places the places of
Holdall's own slots. What sync granted is held; there is nobody else to ask, and no answer can be lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sync.server.scheduling.adapter import Availability, Changes, Held, Job, Known, Window
from sync.server.scheduling.hours import bank_holidays
from sync.server.scheduling.settings import Scheduling, Template

NAME = "built-in"


class BuiltIn:
    """The council's week as a scheduler."""

    name = NAME
    remote = False

    def __init__(self, settings: Scheduling, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now

    def availability(self, first: date, days: int) -> Availability:
        """The windows of the week on each day that the council works."""
        found = []
        closed = {*self._settings.closed, *bank_holidays()}
        for ahead in range(days):
            day = first + timedelta(days=ahead)
            if day not in closed:
                found += [_window(day, one) for one in self._settings.week if one.weekday == day.weekday()]
        return Availability(tuple(found), first, first + timedelta(days=days - 1), self._now())

    def find(self, job: Job) -> Held | None:
        """Nothing: whatever is held stands in the visit itself."""
        return None

    def reserve(self, job: Job, window: Window) -> Held:
        """The place that sync granted."""
        return Held(job.visit_id, window)

    def confirm(self, job: Job, ref: str, window: Window) -> Held:
        """The same, booked."""
        return Held(ref, window)

    def move(self, job: Job, ref: str, window: Window) -> Held:
        """The same elsewhere: sync granted that place too."""
        return Held(ref, window)

    def cancel(self, job: Job, ref: str) -> None:
        """The place was free from the moment the visit let go of it."""

    def changes(self, cursor: str, known: Sequence[Known]) -> Changes:
        """None: planners work on their laptops."""
        return Changes(cursor=cursor)

    def close(self) -> None:
        """Nothing is open."""


def _window(day: date, one: Template) -> Window:
    ref = f"{day.isoformat()} {one.starts:04d}-{one.ends:04d} {one.trade}".strip()
    label = one.label or f"{_clock(one.starts)} to {_clock(one.ends)}"
    return Window(day, one.starts, one.ends, label, places=one.places, trade=one.trade, ref=ref)


def _clock(minutes: int) -> str:
    """A time as people write it: 8am, 12.30pm."""
    hour, minute = divmod(minutes % 1_440, 60)
    half = "am" if hour < 12 else "pm"
    return f"{hour % 12 or 12}{f'.{minute:02d}' if minute else ''}{half}"
