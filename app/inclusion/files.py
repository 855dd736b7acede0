"""The files of the slice: a month's printed figures as CSV, and planned sessions as an iCalendar file.

Both hold nothing that the paper does not: a count that is kept back there is kept back here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

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
    """Sessions as an iCalendar file (RFC 5545) with one event each; times are UTC."""
    found = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Holdall//Inclusion//EN"]
    for line in lines:
        found += [
            "BEGIN:VEVENT",
            f"UID:{line.id}@holdall",
            f"DTSTAMP:{_moment(made_at)}",
            f"DTSTART:{_moment(line.starts_at)}",
            f"DTEND:{_moment(line.ends_at)}",
            f"SUMMARY:{_escaped(line.title)}",
            f"LOCATION:{_escaped(line.venue)}",
            "END:VEVENT",
        ]
    found.append("END:VCALENDAR")
    return "".join(f"{_folded(text)}\r\n" for text in found).encode("utf-8")


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    plain = " ".join(text.split())
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(text: str) -> str:
    """A content line in pieces of at most 75 bytes, each after the first begun by a space (RFC 5545, 3.1)."""
    pieces: list[str] = []
    piece = ""
    for sign in text:
        if len((piece + sign).encode()) > 75 - (1 if pieces else 0):
            pieces.append(piece)
            piece = ""
        piece += sign
    return "\r\n ".join([*pieces, piece])
