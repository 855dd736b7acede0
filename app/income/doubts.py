"""What a person should look at twice in a statement although its sums hold: dates, above all.

Arithmetic cannot see a day and month exchanged. A date can: it leaves the period its file states, it stands
out of the order the other rows keep, or it parts from its value date by a month. Every function is pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from app.income.reading import BadRow, LineRead, SettlementRead, StatementRead

_VALUE_DAYS = 20  # 2 March and 3 February, the nearest pair of exchanged dates, are 27 days apart
_END_DAYS = 20  # the same for a first or last row, where no neighbour on the far side keeps the order
_PAID_WITHIN = 20  # days; providers pay out within two or three, or every week
_FEWEST = 4  # rows that make an order
_OUT_OF_ORDER = 20  # a file keeps an order when at most one row in so many breaks it


def doubts(statement: StatementRead, today: date | None = None) -> tuple[BadRow, ...]:
    """Return rows to look at, by their line in the file: what the reader remarked, and dates that stand out.

    `today` is the day of reading; without it no date counts as one to come.
    """
    found = list(statement.remarks)
    found += _outside(statement)
    named = {row.line for row in found}
    places, days = [line.file_line for line in statement.lines], [line.booked_on for line in statement.lines]
    for row in (*out_of_order(places, days), *_far_values(statement.lines)):
        if row.line not in named:
            found.append(row)
            named.add(row.line)
    if today is not None:
        found += [row for row in to_come(statement, today) if row.line not in named]
    return tuple(found)


def to_come(statement: StatementRead, today: date) -> list[BadRow]:
    """Return the lines that are booked after the day of reading."""
    return [
        BadRow(line.file_line, f"{_day(line.booked_on)} has not come yet")
        for line in statement.lines
        if line.booked_on > today
    ]


def _outside(statement: StatementRead) -> list[BadRow]:
    """Return the lines that are booked outside the period the file states by itself or by its balances."""
    opening, closing = statement.opening, statement.closing
    if statement.covers is not None:
        first, last = statement.covers
    elif opening is not None and closing is not None and not statement.derived:
        first, last = opening.day, closing.day
    else:
        return []
    if first > last:
        return [BadRow(0, f"it begins on {_day(first)}, after it ends on {_day(last)}")]
    return [
        BadRow(line.file_line, f"{_day(line.booked_on)} lies outside {_day(first)} to {_day(last)}")
        for line in statement.lines
        if not first <= line.booked_on <= last
    ]


def out_of_order(lines: Sequence[int], days: Sequence[date]) -> list[BadRow]:
    """Return the few rows whose date breaks the order that the others keep, or leaves them far behind.

    `lines` and `days` are the rows of a file in its own order. Only dates that are other dates with day and
    month exchanged are named: an old cheque may well come late.
    """
    if len(days) < _FEWEST:
        return []
    ascending = sorted(days)
    if list(days) in (ascending, ascending[::-1]):
        return _far_ends(lines, days)
    counted = [day.toordinal() for day in days]
    kept = max(_longest_run(counted), _longest_run([-day for day in counted]), key=len)
    if (len(days) - len(kept)) * _OUT_OF_ORDER > max(len(days), _OUT_OF_ORDER):
        return []
    inside = set(kept)
    found = [
        BadRow(line, f"{_day(day)} is out of the order that the other rows keep")
        for place, (line, day) in enumerate(zip(lines, days, strict=True))
        if place not in inside and _exchangeable(day)
    ]
    return found + _far_ends([lines[place] for place in kept], [days[place] for place in kept])


def settlement_doubts(payout: SettlementRead) -> tuple[BadRow, ...]:
    """Return the rows of a payout to look at: dated after it was paid, long before it, or out of order."""
    places, days = [line.file_line for line in payout.lines], [line.made_on for line in payout.lines]
    found = out_of_order(places, days)
    named = {row.line for row in found}
    paid = payout.paid_on
    if paid is None:
        return tuple(found)
    for line, day in zip(places, days, strict=True):
        gap = (paid - day).days
        if line in named or -1 <= gap <= _PAID_WITHIN:  # a day's grace for the provider's time zone
            continue
        if gap < -1 or _exchangeable(day) or _exchangeable(paid):
            told = "after it" if gap < 0 else f"{gap} days before it"
            found.append(BadRow(line, f"{_day(day)} is {told} was paid out on {_day(paid)}"))
    return tuple(found)


def _longest_run(values: Sequence[int]) -> list[int]:
    """Return the places of a longest never-falling subsequence (patience sorting)."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        at = bisect_right(ends, value)
        before.append(places[at - 1] if at else -1)
        if at == len(ends):
            ends.append(value)
            places.append(place)
        else:
            ends[at], places[at] = value, place
    run = []
    place = places[-1] if places else -1
    while place >= 0:
        run.append(place)
        place = before[place]
    return run[::-1]


def _far_values(lines: Sequence[LineRead]) -> list[BadRow]:
    far = timedelta(days=_VALUE_DAYS)
    return [
        BadRow(
            line.file_line,
            f"its value date {_day(line.value_on)} is {abs((line.value_on - line.booked_on).days)} days from "
            f"{_day(line.booked_on)}",
        )
        for line in lines
        if line.value_on is not None
        and line.value_on != line.booked_on
        and abs(line.value_on - line.booked_on) > far
        and (_exchangeable(line.value_on) or _exchangeable(line.booked_on))
    ]


def _far_ends(lines: Sequence[int], days: Sequence[date]) -> list[BadRow]:
    """Return a first or last row that is dated far from its neighbour, in a file whose rows stand close."""
    if len(days) < _FEWEST:
        return []
    found = []
    for end, neighbour, inside in ((0, 1, days[1:]), (-1, -2, days[:-1])):
        day, beside = days[end], days[neighbour]
        gap = abs((day - beside).days)
        if gap <= _END_DAYS or not _exchangeable(day):
            continue
        if gap > 3 * max(abs((after - before).days) for before, after in pairwise(inside)):
            told = f"{_day(day)} is {gap} days from {_day(beside)}, the date beside it"
            found.append(BadRow(lines[end], told))
    return found


def _exchangeable(day: date) -> bool:
    """Say whether day and month of a date, exchanged, make another date."""
    return day.day <= 12 and day.day != day.month


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
