"""Rows of a text without quotation marks, kept as lines and cut into cells when somebody asks for them.

A file of 100,000 rows is cut two thousand rows at a time, into columns, and few of its rows ever stand alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat
from typing import Any, TypeVar, overload

AT_ONCE = 2_000  # rows that are looked at together
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
        line = self.lines[place]
        return self.numbers[place], line.split(self.delimiter) if line else []

    def __len__(self) -> int:
        """Return how many rows there are, blank ones among them."""
        return len(self.lines)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Walk over all rows."""
        return zip(self.numbers, csv.reader(self.lines, delimiter=self.delimiter))

    def column(self, at: int) -> list[str]:
        """Return the cell at a place of each row that has one there."""
        cut = map(str.split, filter(None, self.lines), repeat(self.delimiter), repeat(at + 1))
        return [cells[at] for cells in cut if len(cells) > at]

    def columns(self) -> list[Sequence[str]]:
        """Return the columns of rows of one length; none where their lengths differ."""
        marks = set(map(str.count, self.lines, repeat(self.delimiter)))
        width = max(marks, default=0) + 1
        if len(marks) != 1 or (width == 1 and "" in self.lines):
            return []
        cells = self.delimiter.join(self.lines).split(self.delimiter)
        return [cells[at::width] for at in range(width)]


def plain_rows(text: str, delimiter: str) -> PlainRows | None:
    """Return the rows of a text, None where a quotation mark or a cell too long for `csv` may be in it."""
    if '"' in text:
        return None
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    if max(map(len, lines), default=0) > csv.field_size_limit():
        return None
    return PlainRows(lines, delimiter)


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
