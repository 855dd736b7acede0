"""Two weeks of visit slots as a grid: days down, windows across, the places left and taken in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.repairs.dated_tables import tables_at
from app.repairs.days import Unit
from app.repairs.visit_views import SlotView, slots_between
from app.wording import plural, weekday_day

WEEK_DAYS = 14  # calendar days from tomorrow on


@dataclass(frozen=True)
class Window:
    """A part of the day that visits are planned in; minutes after midnight, London."""

    starts: int
    ends: int
    label: str


@dataclass(frozen=True)
class Place:
    """One window of one day: its slots (one for each trade), and the places in all of them."""

    day: date
    window: Window
    slots: tuple[SlotView, ...]

    @property
    def left(self) -> int:
        """Places nobody has asked for; never below 0."""
        return sum(max(0, slot.left) for slot in self.slots)

    @property
    def places(self) -> int:
        """Places in all."""
        return sum(slot.places for slot in self.slots)

    @property
    def free(self) -> SlotView | None:
        """The slot that a visit would take: the first with a place left, one for a trade of its own first."""
        able = [slot for slot in self.slots if slot.left > 0]
        return min(able, key=lambda slot: slot.trade == "", default=None)

    @property
    def words(self) -> str:
        """ "Tuesday 22 December, morning, 8 to 12, 2 of 4 places left"."""
        label = self.window.label
        where = f"{weekday_day(self.day)}, {label[:1].lower()}{label[1:]}"
        return f"{where}, {self.left} of {plural(self.places, 'place')} left"


@dataclass(frozen=True)
class Day:
    """One day of the grid: a place for each window, None where nobody works then."""

    day: date
    places: tuple[Place | None, ...]
    closed: str = ""  # the bank holiday on which nobody comes


@dataclass(frozen=True)
class Weeks:
    """The grid. Empty without slots."""

    windows: tuple[Window, ...]
    days: tuple[Day, ...]

    @property
    def left(self) -> int:
        """Places left in all of it."""
        return sum(place.left for day in self.days for place in day.places if place is not None)


def weeks_of(session: Session, today: date, trade: str | None = None) -> Weeks:
    """The slots of the fourteen days after today. With a trade only those for it and for any."""
    first, last = today + timedelta(days=1), today + timedelta(days=WEEK_DAYS)
    slots = slots_between(session, first, last)
    if trade is not None:
        slots = tuple(slot for slot in slots if slot.trade in ("", trade))
    holidays = tables_at(session).calendar
    closed = {
        day: holidays.why_skipped(day, Unit.WORKING_DAYS)
        for day in (first + timedelta(days=n) for n in range(WEEK_DAYS))
        if day.weekday() < 5
    }
    return grid(slots, {day: why for day, why in closed.items() if why})


def grid(slots: Sequence[SlotView], closed: dict[date, str]) -> Weeks:
    """Slots as a grid; days that are closed stand in it by name, other days without a slot do not."""
    if not slots:
        return Weeks((), ())
    windows = sorted(
        {Window(slot.starts, slot.ends, slot.label) for slot in slots},
        key=lambda w: (w.ends - w.starts > 6 * 60, w.starts, w.ends, w.label),
    )
    by_place: dict[tuple[date, Window], list[SlotView]] = {}
    for slot in slots:
        by_place.setdefault((slot.day, Window(slot.starts, slot.ends, slot.label)), []).append(slot)
    worked = {slot.day for slot in slots}
    days = []
    for day in sorted({*worked, *closed}):
        places = tuple(
            Place(day, window, tuple(found)) if (found := by_place.get((day, window))) else None
            for window in windows
        )
        days.append(Day(day, places, closed.get(day, "") if day not in worked else ""))
    return Weeks(tuple(windows), tuple(days))
