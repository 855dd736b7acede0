"""Appointments as an iCalendar file (RFC 5545) that any calendar reads: times in London, moves by number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from app.wording import LONDON

LONGEST_LINE = 75  # octets, without the line's end (RFC 5545, 3.1)
_ZONE = (  # the clock changes as they have been since 1996
    "BEGIN:VTIMEZONE",
    "TZID:Europe/London",
    "BEGIN:DAYLIGHT",
    "DTSTART:19960331T010000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0100",
    "TZNAME:BST",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "DTSTART:19961027T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0000",
    "TZNAME:GMT",
    "END:STANDARD",
    "END:VTIMEZONE",
)


class Status(StrEnum):
    """How firm an appointment is."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Event:
    """One appointment. The same `uid` with a higher `sequence` moves it in the calendars that have it."""

    uid: str  # "<id>@<council>"
    starts_at: datetime  # with a zone
    ends_at: datetime
    summary: str
    location: str = ""
    description: str = ""
    status: Status = Status.CONFIRMED
    sequence: int = 0


def write(events: Iterable[Event], product: str, made_at: datetime) -> bytes:
    """The file, METHOD:PUBLISH; `product` is the part of Holdall it comes from ("Repairs"). UTF-8, CRLF,
    lines folded at 75 octets and never inside a character."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Holdall//{product}//EN", "METHOD:PUBLISH", *_ZONE]
    for event in events:
        lines += _event(event, made_at)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode("utf-8")


def _event(event: Event, made_at: datetime) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{_escaped(event.uid)}",
        f"DTSTAMP:{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;TZID=Europe/London:{_local(event.starts_at)}",
        f"DTEND;TZID=Europe/London:{_local(event.ends_at)}",
        f"SEQUENCE:{event.sequence}",
        f"STATUS:{event.status}",
        f"SUMMARY:{_escaped(event.summary)}",
    ]
    if event.location:
        lines.append(f"LOCATION:{_escaped(event.location)}")
    if event.description:
        lines.append(f"DESCRIPTION:{_escaped(event.description)}")
    return [*lines, "END:VEVENT"]


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%Y%m%dT%H%M%S}"


def _escaped(text: str) -> str:
    r"""Text as RFC 5545, 3.3.11 wants it: a line's end as \n, no other control character."""
    plain = "\n".join(" ".join(line.split()) for line in text.splitlines())
    plain = "".join(sign for sign in plain if sign == "\n" or sign.isprintable() or sign == " ")
    plain = plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\n", "\\n")


def _folded(text: str) -> str:
    """A content line in pieces of at most 75 octets, each after the first begun by a space."""
    pieces: list[str] = []
    piece, size = "", 0
    for sign in text:
        width = len(sign.encode())
        if size + width > LONGEST_LINE - (1 if pieces else 0):
            pieces.append(piece)
            piece, size = "", 0
        piece += sign
        size += width
    return "\r\n ".join([*pieces, piece])
