"""Cells of tables as people and spreadsheets write them: guards taken off, days, pence, and rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from app.income.amounts import BadAmount, pence_from_text
from app.income.formats.plain_rows import plain_rows
from app.income.reading import BadRow

MOST_NAMED = 8
MANGLED = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)  # what a spreadsheet makes of a long number
_FORMULA = re.compile(r"'(?='*[=+\-@\t\r])")
_GUARDED = re.compile(r'="([^"]*)"')
_SLASHED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{2}|\d{4})")
_FORMATS = ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y")
_LONGEST_DAY = 12
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_WORD = re.compile(r"[^a-z0-9£%]+")

Row = tuple[int, Sequence[str]]  # the line of its file (from 1) and its cells


def unguarded(cell: str) -> str:
    """Return a cell without its spreadsheet guard: one apostrophe before = + - @ TAB CR, or ="0123"."""
    first = cell[:1]
    if first == "'":
        return cell[1:] if _FORMULA.match(cell) else cell
    guarded = _GUARDED.fullmatch(cell) if first == "=" else None
    return guarded[1] if guarded else cell


def text_of(cell: str) -> str:
    """Return a cell's words without spaces around them and without its guard."""
    cell = cell.strip()
    return unguarded(cell) if cell[:1] in {"'", "="} else cell


def pence_of(cell: str) -> int:
    """Return the signed pence of an amount in pounds; raises BadAmount. Plain figures take a short way."""
    if cell[-3:-2] == "." and len(cell) < 16:
        digits = cell[:-3] + cell[-2:]
        body = digits[1:] if digits[:1] == "-" else digits
        if body.isascii() and body.isdigit():
            return int(digits)
    return pence_from_text(unguarded(cell))


def signed(text: str, sign: int = 1) -> int:
    """Return the pence of a cell times a sign, 0 for an empty cell; raises BadAmount."""
    text = text.strip()
    return sign * pence_of(text) if text else 0


def sound_reference(text: str, what: str, longest: int) -> str:
    """Return a reference that a spreadsheet has not spoilt; raises BadAmount with the reason."""
    if MANGLED.fullmatch(text):
        raise BadAmount(f"a spreadsheet turned the {what} into “{text}”, so it cannot be trusted")
    if len(text) > longest:
        raise BadAmount(f"the {what} has {len(text)} characters; {longest} fit")
    return text


def day_first(text: str) -> date:
    """Return a date written the British way (8/12/2026, 08.12.26) or as 2026-12-08 or 8 Dec 2026.

    A time of day after it is left off. Raises BadAmount with the reason; a month above twelve is never
    swapped in silence.
    """
    word = text.split("T", maxsplit=1)[0] if "T" in text[8:12] else text
    slashed = _SLASHED.fullmatch(word.split(" ", maxsplit=1)[0]) if word else None
    if slashed is not None:
        day, month, year = int(slashed[1]), int(slashed[2]), int(slashed[3])
        year += 2000 if year < 100 else 0
        try:
            return date(year, month, day)
        except ValueError:
            if month > 12 and day <= 12:
                raise BadAmount(f"the date {text} has its month first; Holdall reads day first") from None
            raise BadAmount(f"the date {text} is in no calendar") from None
    if word[:10].isascii() and word[4:5] == "-" and word[7:8] == "-":
        word = word[:10]
    for pattern in _FORMATS:
        try:
            return datetime.strptime(word[:20].strip(), pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    if re.fullmatch(r"\d{4}-\d\d-\d\d", word):
        raise BadAmount(f"the date {text} is in no calendar")
    raise BadAmount(f"“{text[:24]}” is not a date" if text else "the date is empty")


class Days(dict[str, date]):
    """Days read once: a file of 100,000 rows has a few dozen different ones. Raises as day_first does."""

    def __missing__(self, text: str) -> date:
        day = day_first(text_of(text))
        if len(text) <= _LONGEST_DAY:  # with a time of day beside it, hardly any comes twice
            self[text] = day
        return day


def folded(heading: str) -> str:
    """Return a heading for comparing: words in small letters, whatever stands between them."""
    spaced = _HUMP.sub(" ", text_of(heading))
    return " ".join(_NOT_WORD.sub(" ", spaced.casefold()).split())


def delimiter_of(line: str) -> str:
    """Return what parts the cells of a line: comma, semicolon, tab or bar."""
    return max(",;\t|", key=line.count)


def csv_rows(text: str, delimiter: str = "") -> Iterable[Row]:
    """Return (line, cells) of a CSV text; the line is where the row ends. Raises csv.Error.

    A row that begins in line 4 and has a line break in quotes ends in line 5, and is named by it.
    """
    text = text.removeprefix("\ufeff")
    if not delimiter:
        heads = (line for line in io.StringIO(text[:20_000]) if line.strip())
        delimiter = delimiter_of(next(heads, ""))
    if text.count("\r") == text.count("\r\n"):
        plain = plain_rows(text.replace("\r\n", "\n"), delimiter)
        if plain is not None:
            return plain
    return _quoted_rows(text, delimiter)


def _quoted_rows(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for cells in reader:
        yield reader.line_num, cells


def bad_rows_title(name: str, bad: Sequence[BadRow], what: str = "row") -> str:
    """Return the sentences that name rows which cannot be read, the first few by their reasons."""
    named = " ".join(str(row) for row in bad[:MOST_NAMED])
    more = f" And {len(bad) - MOST_NAMED} more." if len(bad) > MOST_NAMED else ""
    count = f"1 {what}" if len(bad) == 1 else f"{len(bad)} {what}s"
    return f"{count} of “{name}” cannot be read, so nothing was imported. {named}{more}"
