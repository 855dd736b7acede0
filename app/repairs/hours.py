"""Hours on a wall clock: the nights and the changes of the clocks that an elapsed time runs through.

Hours are counted as they pass, in UTC; what a clock on the wall in London shows beside them is worked
out here for the eye. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from app.wording import LONDON, clock_time, local_date, long_day

NIGHT_FROM, NIGHT_TO = time(22), time(6)
STEP = 6  # hours between two marks


@dataclass(frozen=True)
class Change:
    """A change of the clocks inside a span: when, and by how many hours the wall clock jumps."""

    at: datetime  # UTC
    hours: int

    @property
    def words(self) -> str:
        """What it does to the time on the wall, in a sentence."""
        day = long_day(local_date(self.at))
        if self.hours < 0:
            return f"The clocks go back on {day}, so the time on the clock is an hour earlier."
        return f"The clocks go forward on {day}, so the time on the clock is an hour later."


def change_in(start: datetime, end: datetime) -> Change | None:
    """The change of the clocks in London between two moments, or None. It falls on a full hour of UTC."""
    moment = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while moment < end:
        after = moment + timedelta(hours=1)
        jump = _offset(after) - _offset(moment)
        if jump and start < after <= end:
            return Change(after, round(jump / timedelta(hours=1)))
        moment = after
    return None


def _offset(moment: datetime) -> timedelta:
    return moment.astimezone(LONDON).utcoffset() or timedelta()


def nights(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The parts of a span that lie between 22:00 and 06:00 in London."""
    day = local_date(start) - timedelta(days=1)
    while day <= local_date(end):
        dusk = datetime.combine(day, NIGHT_FROM, LONDON).astimezone(UTC)
        dawn = datetime.combine(day + timedelta(days=1), NIGHT_TO, LONDON).astimezone(UTC)
        if dusk < end and dawn > start:
            yield max(dusk, start), min(dawn, end)
        day += timedelta(days=1)


def marks(start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """The full hours at 0, 6, 12 and 18 on the wall inside a span, as its time or, at midnight, its day."""
    day = local_date(start)
    while day <= local_date(end):
        for hour in range(0, 24, STEP):
            moment = datetime.combine(day, time(hour), LONDON).astimezone(UTC)
            if start < moment < end:
                yield moment, f"{day:%a} {day.day}" if not hour else clock_time(moment)
        day += timedelta(days=1)
