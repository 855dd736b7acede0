"""Working hours in London: by when somebody has to have rung. Pure functions of their arguments.

Bank holidays come from the dated file in resources/repairs (GOV.UK, England and Wales); past its end only
weekends and the days that the council names are left out.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


@cache
def bank_holidays() -> frozenset[date]:
    """The bank holidays that are known."""
    text = resources.files("resources").joinpath("repairs", "holidays.json").read_text("utf-8")
    days = json.loads(text)["divisions"]["england-and-wales"]["days"]
    return frozenset(date.fromisoformat(day["day"]) for day in days)


def today(now: datetime) -> date:
    """The day in London."""
    return now.astimezone(LONDON).date()


def is_working(day: date, closed: Collection[date]) -> bool:
    """Whether the office works on a day."""
    return day.weekday() < 5 and day not in closed and day not in bank_holidays()


def call_by(now: datetime, hours: int, opens: int, closes: int, closed: Collection[date]) -> datetime:
    """The moment (UTC) when so many working hours will have passed; `opens` and `closes` are minutes after
    midnight."""
    left = timedelta(hours=hours)
    here = now.astimezone(LONDON)
    for _ in range(400):  # days; a council that never opens is refused by its settings
        opened, shut = moment(here.date(), opens), moment(here.date(), closes)
        begins = max(here, opened)
        if is_working(here.date(), closed) and begins < shut:
            room = shut.astimezone(UTC) - begins.astimezone(UTC)
            if room >= left:
                return begins.astimezone(UTC) + left
            left -= room
        here = datetime.combine(here.date() + timedelta(days=1), time(), LONDON)
    return now.astimezone(UTC) + left


def moment(day: date, minutes: int) -> datetime:
    """So many minutes after midnight of a day in London."""
    midnight = datetime.combine(day, time(), LONDON)
    if minutes >= 1_440:
        return midnight + timedelta(days=1)
    return midnight.replace(hour=minutes // 60, minute=minutes % 60)
