"""The files of the slice: a month's printed figures as CSV, and planned sessions as an iCalendar file.

Both hold nothing that the paper does not: a count that is kept back there is kept back here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from app import calendar_file
from app.inclusion import suppression
from app.inclusion.month import Month, Printed
from app.inclusion.reading import SessionLine
from app.wording import cell


def month_csv(figures: Month, safe: Printed) -> bytes:
    """Place by place, as on the paper; UTF-8 with a mark, so that spreadsheets read Welsh letters."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(["Place", "Sessions", "People, named", "First time", "Visits, no name", "Hours"])
    columns = (safe.people, safe.first_time, safe.visits, safe.hours)
    for n, place in enumerate(figures.places):
        rows.writerow([cell(place.name), place.sessions, *(_plain(column.cells[n]) for column in columns)])
    rows.writerow(["All places", figures.sessions, *(_plain(column.total) for column in columns)])
    return out.getvalue().encode("utf-8-sig")


def _plain(count: int | None) -> str:
    return suppression.HIDDEN if count is None else str(count)


def calendar(lines: Iterable[SessionLine], made_at: datetime) -> bytes:
    """Sessions as an iCalendar file with one event each."""
    events = [
        calendar_file.Event(f"{line.id}@holdall", line.starts_at, line.ends_at, line.title, line.venue)
        for line in lines
    ]
    return calendar_file.write(events, "Inclusion", made_at)
