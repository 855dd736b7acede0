"""Rows of a file in columns, with the line each begins in: comma, semicolon, tab or bar between cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from app.income.formats.plain_rows import plain_rows
from app.income.reading import NotAStatement

RowList = list[tuple[int, list[str]]]
Rows = Sequence[tuple[int, list[str]]]

_DELIMITERS = ",;\t|"
_GUARDED = re.compile(r'="([^"]*)"')
_FORMULA = re.compile(r"'(?=[=+\-@\t\r])")
_OPEN_QUOTE = 40  # lines in one cell: more than any bank's words, so a quotation mark was never closed


def delimiter_of(text: str) -> str:
    """Return what parts the cells: the mark that stands alike in most of the first lines that have any."""
    lines = [line for line in text[:8_192].split("\n")[:40] if line.strip()]
    best, most = ",", 0
    for mark in _DELIMITERS:
        counts = [line.count(mark) for line in lines]
        usual = max(set(counts) - {0}, key=lambda n: (counts.count(n), n), default=0)
        weight = counts.count(usual) * min(usual, 3) if usual else 0
        if weight > most:
            best, most = mark, weight
    return best


def rows_of(name: str, text: str, delimiter: str, *, careful: bool = True) -> Rows:
    """Return every row with its line in the file (from 1).

    Raises NotAStatement where quoting breaks off; unless `careful`, a quotation mark may stay open, as one
    does where only the head of a file is looked at.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = plain_rows(text, delimiter)
    if plain is not None:
        return plain
    rows: RowList = []
    add = rows.append
    line = 1
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for cells in reader:
            add((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotAStatement(
            f"“{name}” breaks off in the middle of a row at line {line} ({error}).", "Ask for the file again."
        ) from error
    for line, cells in rows if careful else ():
        if any(cell.count("\n") > _OPEN_QUOTE for cell in cells):
            raise NotAStatement(
                f"A quotation mark in line {line} of “{name}” is never closed, so its rows run together.",
                "Ask for the file again.",
            )
    return rows


def unguarded(cell: str) -> str:
    """Return a cell without its spreadsheet guard: one apostrophe before = + - @, or ="0123"."""
    cell = cell.strip()
    if cell[:1] not in {"'", "="}:
        return cell
    guarded = _GUARDED.fullmatch(cell)
    return guarded[1] if guarded else _FORMULA.sub("", cell, count=1)


def filled(cells: Sequence[str]) -> int:
    """Return how many cells say anything."""
    return sum(1 for cell in cells if cell.strip())
