"""Dates whose day and month were most likely exchanged: alone and far off, and at home once turned back.

No sum can see such a date. Every function is pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from operator import itemgetter

from app.income.reading import BadRow, SettlementRead

FAR = 20  # days; 2 March and 3 February, the nearest pair of exchanged dates, are 27 days apart
LONGEST_WAIT = 35  # days that a provider may hold a payment before it pays it out
_AROUND = 4  # days beyond the others within which a date is at home


def stray_days(dated: Sequence[tuple[int, date]]) -> list[BadRow]:
    """Return the rows, of (line, day), whose day is more than FAR from all others, but not once turned.

    Needs two other rows to say what is near.
    """
    counts = Counter(map(itemgetter(1), dated))
    days = sorted(counts)
    lonely = {day for place, day in enumerate(days) if counts[day] == 1 and _is_lonely(days, place)}
    if not lonely or len(dated) < 3:
        return []
    others = [day for day in days if day not in lonely]
    found = []
    for line, day in dated:
        if day not in lonely:
            continue
        turned = _turned(day)
        near = [one for one in others or days if one != day]
        if turned is not None and near and _at_home(near, turned):
            found.append(
                BadRow(line, f"{_words(day)} is far from every other day; it may be {_words(turned)}")
            )
    return found


def with_stray_days(payouts: Sequence[SettlementRead]) -> tuple[SettlementRead, ...]:
    """Return payouts with the rows named whose day stands out, and payouts paid before or long after them."""
    dated = [(line.file_line, line.made_on) for one in payouts for line in one.lines]
    stray = {row.line: row for row in stray_days(dated)}
    found = []
    for one in payouts:
        named = [stray[line.file_line] for line in one.lines if line.file_line in stray]
        if one.paid_on is not None and one.lines and not named:
            last = max(one.lines, key=lambda line: line.made_on)
            wait = (one.paid_on - last.made_on).days
            if not 0 <= wait <= LONGEST_WAIT:
                paid, made = _words(one.paid_on), _words(last.made_on)
                told = f"it was paid out on {paid}, but its last line is of {made}"
                named.append(BadRow(last.file_line, told))
        found.append(replace(one, problems=(*one.problems, *named)) if named else one)
    return tuple(found)


def _is_lonely(days: Sequence[date], place: int) -> bool:
    before = place == 0 or (days[place] - days[place - 1]).days > FAR
    after = place + 1 == len(days) or (days[place + 1] - days[place]).days > FAR
    return before and after


def _turned(day: date) -> date | None:
    """Return a date with its day and month exchanged, None where that is the same or no date."""
    if day.day > 12 or day.day == day.month:
        return None
    return date(day.year, day.day, day.month)


def _at_home(days: Sequence[date], day: date) -> bool:
    """Say whether a day lies among sorted days, or just beside them."""
    place = bisect_left(days, day)
    return any(abs((one - day).days) <= _AROUND for one in days[max(0, place - 1) : place + 1])


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
