"""Dates as files write them, with the order of day and month decided once over a whole file.

A part above twelve settles the order; a date that contradicts it, or is in no calendar, is named and never
turned into another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from app.income.reading import BadRow, NeedsDateOrder
from app.wording import date_year

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_SOLID = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SHORT = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})")
_PARTED = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ']([0-9]{4}|[0-9]{1,2})")
_SPELT = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[-/. ]*([a-z]{3,9})\.?[-/., ]*([0-9]{4}|[0-9]{2})")
_SPELT_FIRST = re.compile(r"([a-z]{3,9})\.?[-/. ]*([0-9]{1,2})(?:st|nd|rd|th)?[-/., ]+([0-9]{4}|[0-9]{2})")
_CLOCK = re.compile(r"(?:[T ]\s*[0-9]{1,2}:[0-9]{2}.*|T[0-9]{4,6}.*)$", re.IGNORECASE)
_LONGEST_RUN = 35  # days: a month's statement, and a few more
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+", re.IGNORECASE)


def full_year(year: int) -> int:
    """Return a year of two digits as one of four: 80 to 99 are the last century's."""
    return year if year >= 100 else year + (1900 if year >= 80 else 2000)


def calendar_day(year: int, month: int, day: int) -> date | None:
    """Return a day, None when no calendar has it."""
    try:
        return date(full_year(year), month, day)
    except ValueError:
        return None


class Days:
    """The dates of one file by their text: `known` those that are days, `why` the reason for the others.

    `short` says that six digits are YYMMDD. `runs` are the dates of each account in the order of its rows:
    where every date might be read both ways, the order is taken that alone keeps all runs in order of date
    and each within 35 days, and `inferred` is set. Raises NeedsDateOrder when both orders do, or
    neither, and `day_first` is None.
    """

    def __init__(
        self,
        name: str,
        texts: Iterable[str],
        day_first: bool | None = None,
        account: str = "",
        *,
        short: bool = False,
        runs: Sequence[Sequence[str]] = (),
    ) -> None:
        self.known: dict[str, date] = {}
        self.why: dict[str, str] = {}
        self.day_first = day_first
        self.inferred = False
        parted: dict[str, tuple[int, int, int]] = {}
        for text in set(texts):
            body = _CLOCK.sub("", _WEEKDAY.sub("", text.strip()))
            found = _PARTED.fullmatch(body.replace("' ", "'0"))
            if found is not None and not _ISO.fullmatch(body):
                parted[text] = (int(found[1]), int(found[2]), int(found[3]))
                continue
            day = short_day(body) if short else certain_day(body)
            if day is None:
                self.why[text] = _why_not(body)
            else:
                self.known[text] = day
        if parted:
            self._decide(name, parted, account, runs)

    def remark(self, line: int) -> tuple[BadRow, ...]:
        """Return the warning that the order was worked out from the rows, none where the file tells it."""
        if not self.inferred:
            return ()
        text, day = next((text, day) for text, day in self.known.items() if day.day != day.month)
        first, other = ("day", "month") if self.day_first else ("month", "day")
        told = (
            f"every date may be read {first} first or {other} first; {first} first was taken, for only so "
            f"the rows are in order and within {_LONGEST_RUN} days: {text.strip()} is {date_year(day)}"
        )
        return (BadRow(line, told),)

    def _decide(
        self, name: str, parted: dict[str, tuple[int, int, int]], account: str, runs: Sequence[Sequence[str]]
    ) -> None:
        """Read dates like 8/12/2026 in the order that the file shows, naming those that contradict it."""
        day_first_shown = [t for t, (a, b, _) in parted.items() if a > 12 >= b]
        month_first_shown = [t for t, (a, b, _) in parted.items() if b > 12 >= a]
        if self.day_first is None:
            if len(day_first_shown) != len(month_first_shown):
                self.day_first = len(day_first_shown) > len(month_first_shown)
            elif day_first_shown:
                self.day_first = True  # a tie: the British order, and every other one is named
            elif all(a == b for a, b, _ in parted.values()):
                self.day_first = True  # 5/5/2026 is the same day either way
            elif (only := self._only_order(parted, runs)) is not None:
                self.day_first, self.inferred = only, True
            else:
                examples = tuple(sorted(t.strip() for t, (a, b, _) in parted.items() if a != b)[:3])
                raise NeedsDateOrder(name, examples, account)
        against = sorted(day_first_shown if self.day_first else month_first_shown)
        for text, (first, second, year) in parted.items():
            day, month = (first, second) if self.day_first else (second, first)
            found = calendar_day(year, month, day)
            if found is not None:
                self.known[text] = found
            elif month > 12 >= day:
                order, other = ("month", "day") if self.day_first else ("day", "month")
                shown = f" (as in {against[0].strip()})" if against else ""
                self.why[text] = (
                    f"the date {text.strip()} has its {order} first; the file writes {other} first{shown}"
                )
            else:
                self.why[text] = f"the date {text.strip()} is in no calendar"

    def _only_order(
        self, parted: dict[str, tuple[int, int, int]], runs: Sequence[Sequence[str]]
    ) -> bool | None:
        """Return whether day first (True) or month first (False) is the only likely order, None if neither.

        `parted` are dates that no calendar has against either order.
        """
        likely = []
        for day_first in (True, False):
            days = dict(self.known)
            for text, (a, b, year) in parted.items():
                days[text] = date(full_year(year), *((b, a) if day_first else (a, b)))
            if runs and all(_is_likely([days[text] for text in run if text in days]) for run in runs):
                likely.append(day_first)
        return likely[0] if len(likely) == 1 else None


def _is_likely(days: Sequence[date]) -> bool:
    """Say whether days are in order, up or down, and within the span of one statement."""
    ascending = sorted(days)
    in_order = list(days) in (ascending, ascending[::-1])
    return in_order and (not days or (ascending[-1] - ascending[0]).days <= _LONGEST_RUN)


def certain_day(text: str) -> date | None:
    """Return the day of a date that has one reading only: 2026-12-08, 20261208, 8 Dec 2026, Dec 8, 2026."""
    found = _ISO.fullmatch(text) or _SOLID.fullmatch(text)
    if found is not None:
        return calendar_day(int(found[1]), int(found[2]), int(found[3])) if found[1] >= "1900" else None
    folded = text.casefold()
    spelt = _SPELT.fullmatch(folded)
    if spelt is not None:
        return _spelt(spelt[1], spelt[2], spelt[3])
    spelt = _SPELT_FIRST.fullmatch(folded)
    return _spelt(spelt[2], spelt[1], spelt[3]) if spelt is not None else None


def short_day(text: str) -> date | None:
    """Return the day of YYMMDD, None when the text is none."""
    found = _SHORT.fullmatch(text)
    return calendar_day(int(found[1]), int(found[2]), int(found[3])) if found is not None else None


def _spelt(day: str, month: str, year: str) -> date | None:
    if month[:3] not in _MONTHS:
        return None
    return calendar_day(int(year), _MONTHS.index(month[:3]) + 1, int(day))


def _why_not(text: str) -> str:
    if not text:
        return "the date is empty"
    if _ISO.fullmatch(text) or _SOLID.fullmatch(text) or _SPELT.fullmatch(text.casefold()):
        return f"the date {text} is in no calendar"
    return f"“{text[:24]}” is not a date"
