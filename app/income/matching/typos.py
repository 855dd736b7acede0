"""The stage `typo`: one slip of a finger apart, the bank's reference is one that exists in the book.

A swap of neighbours or one wrong digit; the amount agrees to the penny and the days are usual. It is
certain only when the wrong one fails its check digit, the right one passes, no second account of the book
is one slip away, and no other line or receipt could be meant.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from app.income.matching.amounts import telling_words
from app.income.matching.pool import Pool
from app.income.matching.shapes import TYPO
from app.income.repair import repairs_shaped, swaps
from app.income.validators import SAMPLE, ReferenceCheck, passes

SHORTEST = 7  # shorter references are one slip from too many others
LONGEST = 16
_DIGITS = tuple("0123456789")
_CHECKED, _NAMED, _NEIGHBOURS, _UNCHECKED = 97, 95, 85, 80
_CHECKS: tuple[tuple[int, str, ReferenceCheck], ...] = (  # length, how it begins, what checks it
    (9, "7", SAMPLE["council-tax"]),
    (9, "5", SAMPLE["council-tax"]),
    (11, "6", SAMPLE["housing-rents"]),
    (14, "", SAMPLE["library"]),
    (10, "BJ", SAMPLE["parking"]),
    (10, "FP", SAMPLE["fixed-penalty"]),
)


def typos(pool: Pool, accounts: Container[str] = ()) -> None:
    """Propose the receipt whose reference is one slip from the line's, when amount and days agree.

    `accounts` are further references known to exist, besides those of the book.
    """
    wanted: dict[int, list[tuple[int, str, str, int]]] = {}  # receipt: lines that could be it
    options: dict[int, list[tuple[int, str, str, int]]] = {}
    for line in pool.free_lines:
        found = list(_options(pool, line))
        if found:
            options[line] = found
        for receipt, said, meant, neighbours in found:
            wanted.setdefault(receipt, []).append((line, said, meant, neighbours))
    for line, found in options.items():
        free = [one for one in found if pool.receipt_free[one[0]]]
        if not free:
            continue
        receipt, said, meant, neighbours = min(
            free,
            key=lambda one: (abs(pool.lag(line, one[0])), not _swapped(*one[1:3]), -len(one[1]), one[0]),
        )
        others = len({one[0] for one in free}) - 1
        others += len({one[0] for one in wanted[receipt] if pool.line_free[one[0]]}) - 1
        score = _score(pool, line, receipt, said, meant, neighbours, accounts)
        certain = pool.usual(line, receipt) and not pool.names_another(line, (receipt,))
        certain = certain and not _meant_elsewhere(pool, line, receipt, meant)
        pool.take(
            TYPO, line, (receipt,), said, score=score, alternatives=others, certain=certain, meant=meant
        )


def _meant_elsewhere(pool: Pool, line: int, receipt: int, meant: str) -> bool:
    """Whether a free line near the receipt has the reference as it should be, and the same amount."""
    if not pool.line_key_count[meant]:
        return False
    pence = pool.lines[line].pence
    return any(
        other != line and pool.line_free[other] and meant in pool.line_keys[other]
        for other in pool.lines_of_amount[pence]
        if pool.rivals(other, receipt)
    )


def _options(pool: Pool, line: int) -> Iterable[tuple[int, str, str, int]]:
    """Yield receipt, reference said, reference meant, and how many accounts of the book are one slip away."""
    pence = pool.lines[line].pence
    for key in pool.line_keys[line]:
        if not SHORTEST <= len(key) <= LONGEST or not any(ch.isdigit() for ch in key):
            continue
        if key in pool.by_key and any(pool.rivals(line, place) for place in pool.by_key[key]):
            continue
        neighbours = one_slip(key, pool.by_key)
        for meant in neighbours:
            for place in pool.by_key[meant]:
                receipt = pool.receipts[place]
                if pool.receipt_free[place] and receipt.pence == pence and pool.usual(line, place):
                    yield place, key, meant, len(neighbours)


def one_slip(key: str, exists: Container[str]) -> tuple[str, ...]:
    """Return the existing references of one swap or one wrong digit; of any one slip for an odd length."""
    found = dict.fromkeys([other for other in swaps(key) if other in exists])
    for place, now in enumerate(key):
        if now.isdigit():
            head, tail = key[:place], key[place + 1 :]
            for other in [head + digit + tail for digit in _DIGITS]:
                if other in exists and other != key:
                    found[other] = None
    if found or check_of(key) is not None:
        return tuple(found)
    return repairs_shaped(key, exists)


def check_of(key: str) -> ReferenceCheck | None:
    """Return the check that references of this length and beginning have, None where none is known."""
    return next((check for size, start, check in _CHECKS if len(key) == size and key.startswith(start)), None)


def _score(
    pool: Pool,
    line: int,
    receipt: int,
    said: str,
    meant: str,
    neighbours: int,
    accounts: Container[str],
) -> int:
    check = check_of(meant) or check_of(said)
    wrong = said if said not in accounts else ""
    mended = check is not None and bool(wrong) and passes(check, said) != passes(check, meant)
    if said in pool.by_key or not wrong:
        return _UNCHECKED
    if mended and neighbours == 1:
        return _CHECKED
    if not mended and neighbours > 1:
        return _UNCHECKED
    return _NAMED if telling_words(pool, pool.lines[line].words, pool.receipts[receipt]) else _NEIGHBOURS


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
