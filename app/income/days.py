"""Working days of banks in England and Wales, so that "credited one working day later" is true."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_MONDAY, _FRIDAY, _SATURDAY = 0, 4, 5
_HOLIDAYS_A_YEAR = 8


def easter_sunday(year: int) -> date:
    """Return Easter Sunday of a Gregorian year (the anonymous computus of 1876)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    skipped, century_rest = divmod(century, 4)
    correction = (century + 8) // 25
    epact = (19 * golden + century - skipped - (century - correction + 1) // 3 + 15) % 30
    weekday = (32 + 2 * century_rest + 2 * (rest // 4) - epact - rest % 4) % 7
    moon = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * moon + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """Return the usual bank holidays of England and Wales in a year, with their substitute days.

    Holidays proclaimed once (a coronation, say) are not known here; they only lengthen a phrase by a day.
    """
    easter = easter_sunday(year)
    days = {
        easter - timedelta(days=2),
        easter + timedelta(days=1),
        _monday_on_or_after(date(year, 5, 1)),
        _monday_on_or_after(date(year, 5, 25)),
        _monday_on_or_after(date(year, 8, 25)),
    }
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while fixed.weekday() >= _SATURDAY or fixed in days:
            fixed += timedelta(days=1)
        days.add(fixed)
    return frozenset(days)


def is_working_day(day: date) -> bool:
    """Say whether banks work on this day."""
    return day.weekday() <= _FRIDAY and day not in bank_holidays(day.year)


@lru_cache(maxsize=4096)
def working_day_number(day: date) -> int:
    """Return how many working days there were from the first Monday of the calendar up to this day.

    The difference of two numbers is the count of working days after one day up to the other.
    """
    weeks, weekday = divmod(day.toordinal() - 1, 7)  # the first of January of the year 1 was a Monday
    weekdays = weeks * 5 + min(weekday + 1, 5)
    before = _HOLIDAYS_A_YEAR * (day.year - 1)  # each holiday falls on a weekday, or its substitute does
    return weekdays - before - sum(holiday <= day for holiday in bank_holidays(day.year))


def working_days_between(start: date, end: date) -> int:
    """Return how many working days lie after `start` up to `end`; negative when `end` comes first."""
    if end < start:
        return -working_days_between(end, start)
    whole_weeks, rest = divmod((end - start).days, 7)
    if whole_weeks > 53:  # a year-old cheque: weeks are exact enough, and kept evidence has them so
        return whole_weeks * 5 + rest
    return working_day_number(end) - working_day_number(start)


def _monday_on_or_after(day: date) -> date:
    return day + timedelta(days=(_MONDAY - day.weekday()) % 7)
