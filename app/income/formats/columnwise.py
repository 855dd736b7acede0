"""Plain columns read at once: what a cell at a time would give, where no cell of them is odd.

A file of 100,000 rows has a few odd ones; the rows around those are read the slow way, cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.sheet_reading import Figure

_PLAIN_FIGURES = re.compile(r"(?>-?[0-9]{1,11}\.[0-9]{2}\n)++")


def plain_words(column: Sequence[str]) -> list[str] | None:
    """Return what `text_of` gives for each cell of a column; None where one is guarded or breaks."""
    cells = [*map(str.strip, column)]
    told = "\n" + "\n".join(cells)
    if "\n'" in told or "\n=" in told or told.count("\n") > len(cells):
        return None
    return cells


def has_figures(column: Sequence[str]) -> bool:
    """Say whether a spreadsheet keeps a cell of a column as a number."""
    return Figure in set(map(type, column))


def plain_pence(column: Sequence[str]) -> list[int] | None:
    """Return the signed pence of amounts that are all written 1234.56 or -1234.56; None where one is not."""
    told = "\n".join(column)
    if told.count("\n") >= len(column) or not _PLAIN_FIGURES.fullmatch(told + "\n"):
        return None
    return [*map(int, told.replace(".", "").split("\n"))]


def longest(column: Sequence[str]) -> int:
    """Return how many characters the longest cell of a column has."""
    return max(map(len, column))
