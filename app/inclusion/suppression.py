"""Small numbers kept back so that nobody can be picked out, not even by taking one figure from another.

The threshold is 5: counts of 1 to 4 are hidden (primary). Then, wherever a published total would give a
hidden count away, the smallest other counts are hidden too (secondary). Zeros are shown. The steps are
those of table suppression as UK controllers publish them; on top of "hidden counts add up to the threshold
at least" we also ask that they add up to more than their number, because a reader knows that none is 0.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

THRESHOLD = 5
BASE = 5
HIDDEN = "[c]"  # "confidential", the sign that official statistics use


@dataclass(frozen=True)
class Column:
    """A column of counts as it may be printed: None where a count is hidden; `total` None when it is too."""

    cells: tuple[int | None, ...]
    total: int | None

    @property
    def hidden(self) -> frozenset[int]:
        """The positions that are hidden."""
        return frozenset(n for n, cell in enumerate(self.cells) if cell is None)

    def words(self) -> list[str]:
        """The cells as they are printed."""
        return [shown(cell) for cell in self.cells]


def shown(count: int | None) -> str:
    """A count as it is printed."""
    return HIDDEN if count is None else f"{count:,}"


def is_small(count: int, threshold: int = THRESHOLD) -> bool:
    """Whether a count alone points at too few people."""
    return 0 < count < threshold


def suppress(
    counts: Sequence[int], threshold: int = THRESHOLD, also: Collection[int] = (), hide_all: bool = False
) -> Column:
    """One column of counts with a published total, made safe.

    `also` names positions to hide from the start (a released version differs from them by too little, or
    another column hides the same people). `hide_all` hides every count but zeros, and the total: for a
    column whose total another table had to hide. Ties go to the first.
    """
    hidden = {n for n, count in enumerate(counts) if is_small(count, threshold)}
    hidden |= {n for n in also if counts[n] > 0}
    if hide_all:
        return Column(tuple(0 if count == 0 else None for count in counts), None)
    while hidden and not _safe([counts[n] for n in hidden], threshold):
        left = [n for n, count in enumerate(counts) if count > 0 and n not in hidden]
        if not left:
            return Column(tuple(0 if count == 0 else None for count in counts), None)
        hidden.add(min(left, key=lambda n: (counts[n], n)))
    return Column(tuple(None if n in hidden else count for n, count in enumerate(counts)), sum(counts))


def _safe(hidden: Sequence[int], threshold: int) -> bool:
    """Whether hidden counts stay unknown although their sum can be worked out."""
    return len(hidden) > 1 and sum(hidden) >= max(threshold, len(hidden) + 1)


def gives_away(whole: Column, part: Column) -> bool:
    """Whether two columns over the same rows, read together, give a hidden count away.

    `part` counts some of the people of `whole` (newcomers among people), so that it is never the larger in
    a row. A reader can try every table that fits both columns; this says whether they would find one
    possible value alone for some hidden count, without trying them all.
    """
    if whole.total is None or part.total is None:
        return False
    puzzle = _Puzzle(whole, part)
    return any(puzzle.settled_whole(n) for n in whole.hidden) or any(
        puzzle.settled_part(n) for n in part.hidden
    )


class _Puzzle:
    """What a reader of two columns knows: hidden counts are at least 1, sums are given, part <= whole."""

    def __init__(self, whole: Column, part: Column) -> None:
        self.whole, self.part = whole, part
        self.sum_whole = (whole.total or 0) - sum(cell or 0 for cell in whole.cells)
        self.sum_part = (part.total or 0) - sum(cell or 0 for cell in part.cells)

    def settled_whole(self, row: int) -> bool:
        """Whether only one value fits a hidden count of the whole."""
        fitting = (v for v in range(1, self.sum_whole + 1) if self._fits({row: v}, row, None, 0))
        return len(list(islice(fitting, 2))) < 2

    def settled_part(self, row: int) -> bool:
        """Whether only one value fits a hidden count of the part."""
        fitting = (v for v in range(1, self.sum_part + 1) if self._fits({row: v}, None, row, v))
        return len(list(islice(fitting, 2))) < 2

    def _fits(self, least: Mapping[int, int], exact: int | None, taken: int | None, value: int) -> bool:
        """Whether some table fits: `least` bounds hidden counts of the whole from below (1 otherwise), row
        `exact` takes no more than its bound, row `taken` of the part holds `value`."""
        cells, hidden = self.whole.cells, self.whole.hidden
        if taken is not None and taken not in hidden and (cells[taken] or 0) < value:
            return False
        spare = self.sum_whole - sum(least.get(n, 1) for n in hidden)
        free = hidden - {exact}
        if spare < 0 or (spare and not free):
            return False
        others = self.part.hidden - {taken}
        room = sum(least.get(n, 1) if n in hidden else cells[n] or 0 for n in others)
        room += spare if others & free else 0
        return len(others) <= self.sum_part - value <= room


def too_close(
    released: Mapping[str, int], now: Mapping[str, int], threshold: int = THRESHOLD
) -> frozenset[str]:
    """The keys whose count differs from a released one by 1 to threshold - 1: the difference itself would
    be a small count (differencing). A key that was not released counts as 0 there."""
    return frozenset(
        key for key in {*released, *now} if is_small(abs(now.get(key, 0) - released.get(key, 0)), threshold)
    )


def rounded(count: int, base: int = BASE) -> int:
    """A count rounded to the nearest `base`, half up: the other way to protect a table. Totals are rounded
    from true totals, so that they may not add up."""
    return (2 * count + base) // (2 * base) * base
