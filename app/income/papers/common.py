"""What the income papers share: their hue and frame, columns of money, moments and options in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from app.context import Context
from app.errors import HoldallError
from app.report import Block, Column, Document, Table, Text
from app.wording import LONDON, clock_time, date_year, day_month, local_date

HUE = "#1E6B3A"
AMOUNT = Column("Amount", figures=True, width=0.9)
MOST_ROWS = 500  # of one list on paper: some twenty pages


def paper(context: Context, title: str, subtitle: str, reference: str, blocks: Sequence[Block]) -> Document:
    """Return a document in the frame of the income papers."""
    return Document(
        title=title,
        subtitle=subtitle,
        council=context.council.name,
        telephone=context.council.telephone,
        reference=reference,
        made_on=context.today(),
        hue=HUE,
        blocks=tuple(blocks),
        author=context.author.name,
    )


def moment(at: datetime | None) -> str:
    """Return a moment for a column, in London time: 17 Dec 2026, 14:21; nothing for none."""
    if at is None:
        return ""
    day = local_date(at)
    return f"{day.day} {day:%b} {day.year}, {clock_time(at)}"


def stamp(at: datetime) -> str:
    """Return a moment in running text, in London time: 17 December 2026 at 14:21."""
    return f"{date_year(local_date(at))} at {clock_time(at)}"


def span(first: date, last: date) -> str:
    """Return a span of days in words: 7 to 11 December 2026."""
    if first == last:
        return date_year(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {date_year(last)}"
    return f"{day_month(first) if first.year == last.year else date_year(first)} to {date_year(last)}"


def short_day(value: date) -> str:
    """Return a day for a column where years matter: 8 Dec 2026."""
    return f"{value.day} {value:%b} {value.year}"


def day_option(options: Mapping[str, str], name: str) -> date | None:
    """Return a day given as an option (2026-12-07), None when it is not given. Raises HoldallError."""
    text = options.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HoldallError(
            f"“{text[:40]}” is not a day for “{name}”.", "Write it as year, month and day: 2026-12-07."
        ) from None


def moment_option(options: Mapping[str, str], name: str) -> datetime | None:
    """Return a moment given as an option (2026-11-30T17:00, London time), None when it is not given.

    Raises HoldallError for text that is no moment.
    """
    text = options.get(name, "").strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise HoldallError(
            f"“{text[:40]}” is not a moment for “{name}”.", "Write it as 2026-11-30T17:00, in London time."
        ) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=LONDON)


def capped(rows: Sequence[Sequence[str]], most: int, noun: str) -> tuple[list[Sequence[str]], str]:
    """Return at most so many rows, and a sentence that says how many are left out ("" when none)."""
    if len(rows) <= most:
        return list(rows), ""
    return list(rows[:most]), (
        f"The first {most:,} of {len(rows):,} {noun} are printed here; all of them are in the store."
    )


def listing(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], total: str, empty: str, noun: str
) -> list[Block]:
    """Return a list of rows whose last column adds up to `total`, the second heading its row.

    Past `MOST_ROWS` it says how many there are and what they come to, and the table bears no total, for its
    rows do not make it.
    """
    shown, left_out = capped(rows, MOST_ROWS, noun)
    sum_row = ("All", *[""] * (len(columns) - 2), total)
    whole = rows and not left_out
    table = Table(columns, shown, total=sum_row if whole else None, empty=empty, row_header=1)
    return (
        [Text(f"{left_out} Together they come to {total}.", lead="Not all."), table] if left_out else [table]
    )
