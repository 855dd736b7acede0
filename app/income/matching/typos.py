"""The stage `typo`: one slip of a finger apart, the bank's reference is one that exists in the book.

A swap of neighbours or one wrong digit; the amount agrees to the penny and the days are usual. It is
certain only when the wrong one fails its check digit, the right one passes, no second account of the book
is one slip away, and no other line or receipt could be meant.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from app.income.matching.amounts import telling_words
from app.income.matching.neighbours import LONGEST, check_of
from app.income.matching.pool import Pool
from app.income.matching.shapes import TYPO
from app.income.validators import passes

SHORTEST = 7  # shorter references are one slip from too many others
_CHECKED, _NAMED, _NEIGHBOURS, _UNCHECKED = 97, 95, 85, 80
_Slip = tuple[str, tuple[str, ...]]  # a reference as it was typed, the accounts of the book one slip away


class _Option(NamedTuple):
    """A receipt that a line may be for: its place, the reference said and meant, how many could be meant."""

    receipt: int
    said: str
    meant: str
    neighbours: int


def mistyped(pool: Pool) -> dict[int, list[_Slip]]:
    """Return, for each line whose long references are all unknown, the accounts one slip from them."""
    found: dict[int, list[_Slip]] = {}
    by_key = pool.by_key
    near = {
        key: pool.neighbours.of(key)
        for key in pool.lines_by_key
        if SHORTEST <= len(key) <= LONGEST and key not in by_key
    }
    for line in {*chain.from_iterable(map(pool.lines_by_key.__getitem__, near))}:
        keys = pool.line_keys[line]
        if len(keys) == 1 or not any(key in by_key and len(key) >= SHORTEST for key in keys):
            found[line] = [(key, near[key]) for key in keys if key in near]
    return found


def claimed(pool: Pool, lines: dict[int, list[_Slip]]) -> set[int]:
    """Return the receipts that a line with a mistyped reference may have paid."""
    found: set[int] = set()
    for line, slips in lines.items():
        pence = pool.bank[line]
        for _, neighbours in slips:
            for meant in neighbours:
                found.update(
                    place
                    for place in pool.by_key[meant]
                    if pool.book[place] == pence and pool.rivals(line, place)
                )
    return found


def typos(pool: Pool, accounts: Container[str] = ()) -> None:
    """Propose the receipt whose reference is one slip from the line's, when amount and days agree.

    `accounts` are further references known to exist, besides those of the book.
    """
    posted = {pool.book[place] for place in pool.free_receipts}
    lines = [line for line in pool.free_lines if pool.bank[line] in posted]
    options = {line: found for line in lines if (found := list(_options(pool, line)))}
    wanted: dict[int, set[int]] = {}  # receipt: lines that could be it
    for line, found in options.items():
        for option in found:
            wanted.setdefault(option.receipt, set()).add(line)
    for line, found in options.items():
        free = [option for option in found if pool.receipt_free[option.receipt]]
        if not free:
            continue
        best = free[0] if len(free) == 1 else min(free, key=partial(_unlikely, pool, line))
        others = len({option.receipt for option in free}) - 1
        others += sum(pool.line_free[other] for other in wanted[best.receipt]) - 1
        certain = not pool.names_another(line, (best.receipt,)) and _alone(pool, line, best)
        pool.take(
            TYPO,
            line,
            (best.receipt,),
            best.said,
            score=_score(pool, line, best, accounts),
            alternatives=others,
            certain=certain,
            meant=best.meant,
        )


def _unlikely(pool: Pool, line: int, option: _Option) -> tuple[int, bool, int, int]:
    """Return what an option comes last by: its days, a digit wrong and not two swapped, how short it is."""
    far = abs(pool.lag(line, option.receipt))
    return (far, not _swapped(option.said, option.meant), -len(option.said), option.receipt)


def _alone(pool: Pool, line: int, option: _Option) -> bool:
    """Whether no other line and no other receipt, used or not, has this account and amount nearby."""
    pence, meant = pool.bank[line], option.meant
    equal = [p for p in pool.by_key[meant] if pool.book[p] == pence and pool.rivals(line, p)]
    if equal != [option.receipt]:
        return False
    return not any(
        pool.bank[other] == pence and pool.rivals(other, option.receipt)
        for other in pool.lines_by_key.get(meant, ())
        if other != line
    )


def _options(pool: Pool, line: int) -> Iterator[_Option]:
    """Yield the receipts that the line may be for, were its reference mistyped."""
    pence = pool.bank[line]
    slips = pool.mistyped.get(line)
    if slips is None:  # it names an account of the book, but not one that was posted near it
        slips = [
            (key, pool.neighbours.of(key))
            for key in pool.line_keys[line]
            if SHORTEST <= len(key) <= LONGEST
            and not any(pool.rivals(line, place) for place in pool.by_key.get(key, ()))
        ]
    for said, neighbours in slips:
        for meant in neighbours:
            for place in pool.by_key[meant]:
                if pool.receipt_free[place] and pool.book[place] == pence and pool.usual(line, place):
                    yield _Option(place, said, meant, len(neighbours))


def _score(pool: Pool, line: int, option: _Option, accounts: Container[str]) -> int:
    said, meant = option.said, option.meant
    if said in pool.by_key or said in accounts:
        return _UNCHECKED
    check = check_of(meant) or check_of(said)
    mended = check is not None and passes(check, said) != passes(check, meant)
    if mended and option.neighbours == 1:
        return _CHECKED
    if not mended and option.neighbours > 1:
        return _UNCHECKED
    named = telling_words(pool, line, option.receipt)
    return _NAMED if named else _NEIGHBOURS


def _swapped(said: str, meant: str) -> bool:
    return len(said) == len(meant) and sorted(said) == sorted(meant)


def slip_words(said: str, meant: str) -> str:
    """Return what happened between two references, in words: two neighbouring digits changed places."""
    if _swapped(said, meant):
        return "two neighbouring digits changed places"
    if len(said) == len(meant):
        return "one digit is different"
    return "one digit is missing" if len(said) < len(meant) else "one digit is there twice"


def differing(said: str, meant: str) -> Sequence[int]:
    """Return the places at which two references of one length differ."""
    return [place for place, pair in enumerate(zip(said, meant)) if pair[0] != pair[1]]
