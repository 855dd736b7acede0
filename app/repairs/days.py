"""Counting days: weekends, bank holidays from a dated file, and every skipped day with its reason.

Day 0 is the day a clock starts; day 1 is the next day that counts; a date is met until the end of day N.
Pure: no clock, no file is read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

SATURDAY = 5
STALE_DAYS = 400  # a list of bank holidays older than this says so
MOST_DAYS = 3_650  # a clock longer than ten years is a mistake in a table


class Unit(StrEnum):
    """What an amount of time counts."""

    HOURS = "hours"  # elapsed, through nights, weekends and a change of the clocks
    WORKING_DAYS = "working_days"  # neither weekends nor bank holidays
    WEEKDAYS = "weekdays"  # no weekends; bank holidays count
    CALENDAR_DAYS = "calendar_days"


@dataclass(frozen=True)
class Holiday:
    """A bank holiday; `substitute` when it stands in for one that fell on a weekend."""

    title: str
    substitute: bool = False


@dataclass(frozen=True)
class Calendar:
    """The bank holidays of one division, with the span of days in which the list is complete."""

    division: str
    title: str
    known_from: date
    known_until: date
    holidays: Mapping[date, Holiday]
    source: str = ""
    as_of: date | None = None  # the day the list was read at its source

    def stale(self, today: date) -> str:
        """A sentence when the list has not been renewed for more than 400 days; else empty."""
        if self.as_of is None or (today - self.as_of).days <= STALE_DAYS:
            return ""
        return (
            f"The list of bank holidays is from {self.as_of.day} {self.as_of:%B %Y}. "
            "A holiday that was proclaimed since would move a date: have the list renewed."
        )

    def why_skipped(self, day: date, unit: Unit) -> str:
        """Why a day does not count in this unit: "Saturday", "Christmas Day"; empty when it counts."""
        if unit in (Unit.CALENDAR_DAYS, Unit.HOURS):
            return ""
        if day.weekday() >= SATURDAY:
            return f"{day:%A}"
        if unit is Unit.WORKING_DAYS and (holiday := self.holidays.get(day)):
            return holiday.title
        return ""

    def is_working_day(self, day: date) -> bool:
        """Whether the day is neither at a weekend nor a bank holiday."""
        return not self.why_skipped(day, Unit.WORKING_DAYS)


@dataclass(frozen=True)
class CountedDay:
    """One day of a count: its number (0 for the start, None when skipped) and why it was skipped."""

    day: date
    number: int | None
    why: str = ""


@dataclass(frozen=True)
class Count:
    """A whole count of days, from day 0 to the day it is due."""

    due: date
    days: tuple[CountedDay, ...]
    warning: str = ""

    @property
    def skipped(self) -> tuple[CountedDay, ...]:
        """The days that did not count, in order."""
        return tuple(d for d in self.days if d.number is None)


def count_days(day0: date, amount: int, unit: Unit, calendar: Calendar) -> Count:
    """Counts `amount` days of `unit` after day 0 and says which days were passed over.

    0 calendar days is the same day. Raises ValueError for hours, for another amount below 1 and for one over
    ten years.
    """
    least = 0 if unit is Unit.CALENDAR_DAYS else 1
    if unit is Unit.HOURS or not least <= amount <= MOST_DAYS:
        raise ValueError(f"{amount} {unit} cannot be counted in days")
    days = [CountedDay(day0, 0)]
    day, number = day0, 0
    while number < amount:
        day += timedelta(days=1)
        why = calendar.why_skipped(day, unit)
        if not why:
            number += 1
        days.append(CountedDay(day, None if why else number, why))
    return Count(day, tuple(days), _warning(day0, day, unit, calendar))


def _warning(day0: date, due: date, unit: Unit, calendar: Calendar) -> str:
    """A sentence when the count leaves the span in which bank holidays are known."""
    if unit is not Unit.WORKING_DAYS:
        return ""
    if due > calendar.known_until:
        end = calendar.known_until
        return (
            f"Bank holidays are known to {end.day} {end:%B %Y} only. "
            "A later one would move this date: check it when the list is renewed."
        )
    if day0 < calendar.known_from:
        return (
            f"Bank holidays before {calendar.known_from.day} {calendar.known_from:%B %Y} are not in the list."
        )
    return ""


def working_days_after(day: date, amount: int, calendar: Calendar) -> date:
    """The day `amount` working days after a day; the day itself for 0."""
    return day if amount < 1 else count_days(day, amount, Unit.WORKING_DAYS, calendar).due


def in_season(day: date, first: str, last: str) -> bool:
    """Whether a day lies in a yearly season, both ends included; `first` and `last` are "MM-DD"."""
    key = f"{day:%m-%d}"
    return first <= key <= last if first <= last else key >= first or key <= last
