"""How figures, days and times are written for people: one place, so that screen and paper agree."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from models.blobs import Whereabouts

LONDON = ZoneInfo("Europe/London")
MINUS = "\u2212"
LONGEST_NAME = 120
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)  # what Windows takes for a machine part
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def money(pence: int) -> str:
    """An amount with its sign and two places: £1,234.50, −£77.20."""
    return f"{MINUS if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def pounds(pence: int) -> str:
    """An amount for a column, without the pound sign: 1,234.50, −77.20."""
    return money(pence).replace("£", "")


def day(value: date) -> str:
    """A day for a column: 8 Dec."""
    return f"{value.day} {value:%b}"


def day_month(value: date) -> str:
    """A day in running text: 8 December."""
    return f"{value.day} {value:%B}"


def date_year(value: date) -> str:
    """A day with its year: 8 December 2026."""
    return f"{value.day} {value:%B %Y}"


def long_day(value: date) -> str:
    """A day as a promise names it: Tuesday 5 January 2027."""
    return f"{value:%A} {value.day} {value:%B %Y}"


def weekday_day(value: date) -> str:
    """A day with its weekday and no year: Tuesday 5 January."""
    return f"{value:%A} {value.day} {value:%B}"


def clock_time(moment: datetime) -> str:
    """The time of day in London: 14:21."""
    return f"{moment.astimezone(LONDON):%H:%M}"


def local_date(moment: datetime) -> date:
    """The day in London at a moment."""
    return moment.astimezone(LONDON).date()


def when(moment: datetime, today: date) -> str:
    """A moment as people say it: today at 09:38, yesterday at 16:40, 9 December."""
    the_day = local_date(moment)
    if the_day == today:
        return f"today at {clock_time(moment)}"
    if (today - the_day).days == 1:
        return f"yesterday at {clock_time(moment)}"
    return day_month(the_day) if the_day.year == today.year else date_year(the_day)


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: 1 line, 12 lines, 2 matches."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(items: list[str]) -> str:
    """Items as a sentence lists them: a, b and c."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def file_words(where: Whereabouts, noun: str = "Photo") -> str:
    """Why a photo or picture is not on show, or does not travel; empty when there is nothing to say."""
    whose = f"{where.from_name}’s laptop" if where.from_name else "the laptop that has it"
    if where.here:
        return f"Kept here, not sent. {where.problem}" if where.problem else ""
    if where.problem:
        return f"{noun} not here: the server did not take it from {whose}"
    if where.state == "damaged":
        return f"{noun} damaged on this laptop: it is fetched again"
    if where.percent:
        return f"Fetching the {noun.lower()}, {where.percent} %"
    if where.size:
        return f"{noun} on its way, {size(where.size)}"
    return f"{noun} not yet here: {whose} has not sent it"


def size(count: int) -> str:
    """A number of bytes: 640 kB, 1.9 MB."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000)):,} kB"


def file_name(words: str, ending: str) -> str:
    """Words as the name of a file that every system takes: letters, digits and hyphens, no longer than
    `LONGEST_NAME`, and no folder, hidden file or device of Windows whatever the words are."""
    name = "".join(c if c.isalnum() else "-" for c in words.lower())
    name = re.sub("-+", "-", name).strip("-")[: LONGEST_NAME - len(ending)].strip("-") or "paper"
    return f"{name}{'-' if DEVICES.fullmatch(name) else ''}{ending}"


def cell(text: str) -> str:
    """Words for a cell of a spreadsheet: an apostrophe goes before a sign that would begin a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
