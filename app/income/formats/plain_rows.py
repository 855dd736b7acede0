"""Rows of a text that are a line each, kept as lines and cut into cells when somebody asks for them.

A file of 100,000 rows is cut two thousand rows at a time, into columns, and few of its rows ever stand alone.
A cell in quotation marks stands in its line without them, with `HIDDEN` for each delimiter in it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat
from typing import Any, TypeVar, overload

AT_ONCE = 2_000  # rows that are looked at together
HIDDEN = "\0"  # no file of text has it; see app.income.files.decode
_Row = TypeVar("_Row", bound=tuple[int, Sequence[str]])


class PlainRows(Sequence[tuple[int, list[str]]]):
    """Lines as rows: the number of each in its file, and the cells that `csv.reader` would give."""

    def __init__(self, lines: list[str], delimiter: str, first: int = 1) -> None:
        self.lines = lines
        self.delimiter = delimiter
        self.numbers = range(first, first + len(lines))

    @overload
    def __getitem__(self, place: int) -> tuple[int, list[str]]: ...

    @overload
    def __getitem__(self, place: slice) -> PlainRows: ...

    def __getitem__(self, place: int | slice) -> tuple[int, list[str]] | PlainRows:
        """Return one row, or rows that follow one another."""
        if isinstance(place, slice):
            numbers = self.numbers[place]
            return PlainRows(self.lines[place], self.delimiter, numbers.start)
        return self.numbers[place], self._cells(self.lines[place])

    def __len__(self) -> int:
        """Return how many rows there are, blank ones among them."""
        return len(self.lines)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Walk over all rows."""
        return zip(self.numbers, map(self._cells, self.lines))

    def column(self, at: int) -> list[str]:
        """Return the cell at a place of each row that has one there."""
        cut = map(str.split, filter(None, self.lines), repeat(self.delimiter), repeat(at + 1))
        column = [cells[at] for cells in cut if len(cells) > at]
        if HIDDEN in "".join(column):
            return [cell.replace(HIDDEN, self.delimiter) for cell in column]
        return column

    def columns(self) -> list[Sequence[str]]:
        """Return the columns of rows of one length; none where their lengths differ."""
        marks = set(map(str.count, self.lines, repeat(self.delimiter)))
        width = max(marks, default=0) + 1
        if len(marks) != 1 or (width == 1 and "" in self.lines):
            return []
        told = self.delimiter.join(self.lines)
        cells = told.split(self.delimiter)
        if HIDDEN in told:
            for row, line in enumerate(self.lines):
                if HIDDEN in line:
                    cells[row * width : (row + 1) * width] = self._cells(line)
        return [cells[at::width] for at in range(width)]

    def _cells(self, line: str) -> list[str]:
        cells = line.split(self.delimiter) if line else []
        return [cell.replace(HIDDEN, self.delimiter) for cell in cells] if HIDDEN in line else cells


def plain_rows(text: str, delimiter: str) -> PlainRows | None:
    """Return the rows of a text; None where one may be several lines, or hold a cell too long for `csv`."""
    if '"' in text:
        plain = _without_quotes(text, delimiter)
        if plain is None:
            return None
        text = plain
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    if max(map(len, lines), default=0) > csv.field_size_limit():
        return None
    return PlainRows(lines, delimiter)


def _without_quotes(text: str, delimiter: str) -> str | None:
    """Return a text with its quoted cells as PlainRows keeps them; None where one is more than that.

    That is one that breaks, holds a quotation mark or is empty, as its line might then look like a blank one.
    """
    if HIDDEN in text:
        return None
    mark = re.escape(delimiter)
    # it begins with the quotation mark, which is quickly found, and then looks at what is before that
    quoted = re.compile(f'"(?<![^{mark}\n]")([^"\n]+)"(?![^{mark}\n])')
    plain = quoted.sub(lambda cell: cell[1].replace(delimiter, HIDDEN), text)
    return None if '"' in plain else plain


def column_of(rows: Sequence[tuple[int, Sequence[str]]], at: int) -> list[str]:
    """Return the cell at a place of each row that has one there."""
    if isinstance(rows, PlainRows):
        return rows.column(at)
    return [cells[at] for _, cells in rows if len(cells) > at]


def columns_of(rows: Sequence[tuple[int, Sequence[str]]]) -> list[Sequence[str]]:
    """Return the columns of rows of one length; none where their lengths differ."""
    if isinstance(rows, PlainRows):
        return rows.columns()
    try:
        return list(zip(*(cells for _, cells in rows), strict=True))
    except ValueError:
        return []


def numbers_of(rows: Sequence[tuple[int, Any]]) -> Sequence[int]:
    """Return the line in its file of each row."""
    return rows.numbers if isinstance(rows, PlainRows) else [line for line, _ in rows]


def at_once(rows: Iterable[_Row]) -> Iterator[Sequence[_Row]]:
    """Yield rows two thousand at a time."""
    if isinstance(rows, Sequence):
        for start in range(0, len(rows), AT_ONCE):
            yield rows[start : start + AT_ONCE]
        return
    walk = iter(rows)
    while some := list(islice(walk, AT_ONCE)):
        yield some
