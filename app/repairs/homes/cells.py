"""Cells of a property list, each brought into one shape or refused in a few words. Nothing is guessed."""

from __future__ import annotations

import re
from datetime import date, datetime

from app.errors import HoldallError
from app.repairs.places import tidy_telephone

OLDEST_YEAR, NEWEST_YEAR = 1500, 2100
_YES = frozenset({"y", "yes", "true", "1", "x", "gas", "mains", "mains gas", "open"})
_NO = frozenset({"n", "no", "false", "0", "none", "no gas", "electric", "closed"})
_UNKNOWN = frozenset({"", "-", "n/a", "na", "unknown", "not known", "?", "tbc", "null", "none known"})
_GUARDED = re.compile(r'="([^"]*)"')
_FORMULA = re.compile(r"'(?='*[=+\-@\t\r])")
_SPACES = re.compile(r"[\s\u00a0]+")
_SLASHED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{2}|\d{4})")
_WRITTEN = ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y")


class Odd(Exception):
    """A cell that cannot be taken; its words finish a sentence that names the column and the row."""


def words_of(cell: str) -> str:
    """A cell's words with one space between them and without a spreadsheet's guard."""
    if cell[:1] == "'":
        cell = _FORMULA.sub("", cell, count=1)
    elif cell[:1] == "=":
        guarded = _GUARDED.fullmatch(cell)
        cell = guarded[1] if guarded else cell
    if "  " in cell or not cell.isascii() or "\t" in cell or "\n" in cell:
        cell = _SPACES.sub(" ", cell)
    return cell.strip()


def short(longest: int, text: str) -> str:
    """A text that fits its column; raises Odd when it is longer."""
    if len(text) > longest:
        raise Odd(f"has {len(text):,} characters; {longest} fit")
    return text


def yes_or_no(text: str) -> bool | None:
    """Whether a cell says yes; None where it is not known. Raises Odd for other words."""
    plain = text.casefold()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    if plain in _UNKNOWN:
        return None
    raise Odd(f"says “{text[:24]}”, which is neither yes nor no")


def year(text: str) -> int | None:
    """A year of four digits; None where it is not known. Raises Odd for what is none."""
    if text.casefold() in _UNKNOWN:
        return None
    digits = text.removesuffix(".0")
    if not (digits.isascii() and digits.isdigit() and OLDEST_YEAR <= int(digits) <= NEWEST_YEAR):
        raise Odd(f"says “{text[:24]}”, which is not a year")
    return int(digits)


def day(text: str) -> date | None:
    """A day as the British write it, in ISO, or as 8 Dec 2027; None where there is none.

    Raises Odd for what is no day; a month above twelve is never swapped in silence.
    """
    if text.casefold() in _UNKNOWN:
        return None
    word = text.split("T", maxsplit=1)[0] if "T" in text[8:12] else text
    slashed = _SLASHED.fullmatch(word.split(" ", maxsplit=1)[0])
    try:
        if slashed is not None:
            number, month, of = int(slashed[1]), int(slashed[2]), int(slashed[3])
            return date(of + 2000 if of < 100 else of, month, number)
        if re.match(r"\d{4}-\d\d-\d\d", word):
            return date.fromisoformat(word[:10])
    except ValueError:
        raise Odd(f"says “{text[:24]}”, a day that is in no calendar (the day comes first)") from None
    for pattern in _WRITTEN:
        try:
            return datetime.strptime(word[:20].strip(), pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise Odd(f"says “{text[:24]}”, which is not a day")


def telephone(text: str) -> str:
    """A telephone in its one shape, with the zero that a spreadsheet took away; raises Odd."""
    if text.casefold() in _UNKNOWN:
        return ""
    if re.fullmatch(r"[17]\d{9}(\.0)?", text):
        text = "0" + text.removesuffix(".0")
    try:
        return tidy_telephone(text)
    except HoldallError:
        raise Odd(f"says “{text[:24]}”, which is not a UK telephone number") from None
