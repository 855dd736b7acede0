"""The stage `typo`: one slip of a finger apart, the bank's reference is one that exists in the book.

A swap of neighbours or one wrong digit; the amount agrees to the penny and the days are usual. It is
certain only when the wrong one fails its check digit, the right one passes, no second account of the book
is one slip away, and no other line or receipt could be meant.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from app.income.matching.amounts import telling_words
from app.income.matching.pool import Pool
from app.income.matching.shapes import TYPO
from app.income.repair import repairs_shaped, swaps
from app.income.validators import SAMPLE, ReferenceCheck, passes

SHORTEST = 7  # shorter references are one slip from too many others
LONGEST = 16
_DIGITS = tuple("0123456789")
_LETTERED = ("BJ", "FP")  # how references with letters begin
_CHECKED, _NAMED, _NEIGHBOURS, _UNCHECKED = 97, 95, 85, 80
_CHECKS: tuple[tuple[int, str, ReferenceCheck], ...] = (  # length, how it begins, what checks it
    (9, "7", SAMPLE["council-tax"]),
    (9, "5", SAMPLE["council-tax"]),
    (11, "6", SAMPLE["housing-rents"]),
    (14, "", SAMPLE["library"]),
    (10, "BJ", SAMPLE["parking"]),
    (10, "FP", SAMPLE["fixed-penalty"]),
)


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
    for line, keys in enumerate(pool.line_keys):
        if not keys or any(key in by_key and len(key) >= SHORTEST for key in keys):
            continue
        near = [(key, one_slip(key, by_key)) for key in keys if SHORTEST <= len(key) <= LONGEST]
        if near:
            found[line] = near
    return found


def claimed(pool: Pool, lines: dict[int, list[_Slip]]) -> set[int]:
    """Return the receipts that a line with a mistyped reference may have paid."""
    found: set[int] = set()
    for line, slips in lines.items():
        pence = pool.lines[line].pence
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
    options = {line: found for line in pool.free_lines if (found := list(_options(pool, line)))}
    wanted: dict[int, set[int]] = {}  # receipt: lines that could be it
    for line, found in options.items():
        for option in found:
            wanted.setdefault(option.receipt, set()).add(line)
    rightly = _lines_with(pool, {option.meant for found in options.values() for option in found})
    for line, found in options.items():
        free = [option for option in found if pool.receipt_free[option.receipt]]
        if not free:
            continue
        best = min(
            free,
            key=lambda one: (
                abs(pool.lag(line, one.receipt)),
                not _swapped(one.said, one.meant),
                -len(one.said),
                one.receipt,
            ),
        )
        others = len({option.receipt for option in free}) - 1
        others += sum(pool.line_free[other] for other in wanted[best.receipt]) - 1
        certain = not pool.names_another(line, (best.receipt,)) and _alone(pool, line, best, rightly)
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


def _alone(pool: Pool, line: int, option: _Option, rightly: dict[str, list[int]]) -> bool:
    """Whether no other line and no other receipt, used or not, has this account and amount nearby."""
    pence, meant = pool.lines[line].pence, option.meant
    equal = [p for p in pool.by_key[meant] if pool.book[p] == pence and pool.rivals(line, p)]
    if equal != [option.receipt]:
        return False
    return not any(
        pool.lines[other].pence == pence and pool.rivals(other, option.receipt)
        for other in rightly.get(meant, ())
        if other != line
    )


def _lines_with(pool: Pool, wanted: set[str]) -> dict[str, list[int]]:
    """Return the lines that have these keys."""
    found: dict[str, list[int]] = {}
    for line, keys in enumerate(pool.line_keys):
        for key in keys:
            if key in wanted:
                found.setdefault(key, []).append(line)
    return found


def _options(pool: Pool, line: int) -> Iterator[_Option]:
    """Yield the receipts that the line may be for, were its reference mistyped."""
    pence = pool.lines[line].pence
    slips = pool.mistyped.get(line)
    if slips is None:  # it names an account of the book, but not one that was posted near it
        slips = [
            (key, one_slip(key, pool.by_key))
            for key in pool.line_keys[line]
            if SHORTEST <= len(key) <= LONGEST
            and not any(pool.rivals(line, place) for place in pool.by_key.get(key, ()))
        ]
    for said, neighbours in slips:
        for meant in neighbours:
            for place in pool.by_key[meant]:
                if pool.receipt_free[place] and pool.book[place] == pence and pool.usual(line, place):
                    yield _Option(place, said, meant, len(neighbours))


def one_slip(key: str, exists: Container[str]) -> tuple[str, ...]:
    """Return the existing references of one swap or one wrong digit; of any one slip for an odd length."""
    found = dict.fromkeys([other for other in swaps(key) if other in exists])
    for place, now in enumerate(key):
        if now.isdigit():
            head, tail = key[:place], key[place + 1 :]
            for other in [head + digit + tail for digit in _DIGITS]:
                if other in exists and other != key:
                    found[other] = None
    if found or check_of(key) is not None or not (key.isdigit() or key.startswith(_LETTERED)):
        return tuple(found)
    return repairs_shaped(key, exists)


def check_of(key: str) -> ReferenceCheck | None:
    """Return the check that references of this length and beginning have, None where none is known."""
    return next((check for size, start, check in _CHECKS if len(key) == size and key.startswith(start)), None)


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
    named = telling_words(pool, pool.lines[line].words, pool.receipts[option.receipt])
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
