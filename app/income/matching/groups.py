"""The stage `sum`: several receipts of one method that make a bank line, with no key to say so.

The whole of one day and method is tried first, then any set among at most 25 open receipts of the method.
Chance sums are common, so every set that fits is counted, and only one that is alone, is a whole day's
and is spoken for by the bank's words ("COUNTER CREDIT" for cheques) is certain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.income.matching.pool import Pool
from app.income.matching.shapes import CARD_METHODS, SUM
from app.income.matching.sums import MOST_COUNTED, count_sets, subsets_adding_up

MOST_SEARCHED = 400  # lines for which sets are searched; each costs milliseconds
MOST_IN_A_DAY = 5_000
_WHOLE_DAY, _ONLY_SET, _ONE_OF_MANY = 95, 75, 62
_ALLPAY = frozenset({"15", "16", "17", "18", "19", "20", "21"})
_PAID_IN = frozenset({"1", "2", "24"})
_WORDS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"allpay|paypoint|payzone|post office", re.IGNORECASE), _ALLPAY),
    (re.compile(r"\b(?:cash|cheques?|chqs?|counter|paying|bag|slip|lodg)", re.IGNORECASE), _PAID_IN),
    (
        re.compile(
            r"payout|stripe|adyen|worldpay|smartpay|gov\.?uk ?pay|gocardless|card|merchant", re.IGNORECASE
        ),
        CARD_METHODS,
    ),
)


def sums(pool: Pool) -> None:
    """Propose sets of open receipts that make a line; the lines whose words speak of a batch come first."""
    groups = _groups(pool)
    if not groups:
        return
    totals: dict[int, list[tuple[str, int]]] = {}
    for (method, day), places in groups.items():
        if 1 < len(places) <= MOST_IN_A_DAY:
            totals.setdefault(sum(pool.receipts[p].pence for p in places), []).append((method, day))
    free = pool.free_lines
    for line in free:
        fitting = [
            group for group in totals.get(pool.lines[line].pence, ()) if _fits(pool, line, groups[group])
        ]
        rivals = [x for x in free if x != line and pool.lines[x].pence == pool.lines[line].pence]
        if len(fitting) == 1:
            _whole_day(pool, line, fitting[0], groups, len(rivals))
    rest = [line for line in pool.free_lines if not _long_reference(pool, line)]
    spoken = [line for line in rest if methods_said(pool.lines[line].words)]
    others = [line for line in rest if not methods_said(pool.lines[line].words)]
    wanted = spoken + (others if len(rest) <= MOST_SEARCHED else [])
    pool.exhausted += max(0, len(wanted) - MOST_SEARCHED)
    for line in wanted[:MOST_SEARCHED]:
        _search(pool, line)


def methods_said(words: str) -> frozenset[str]:
    """Return the methods of payment that a bank's words speak of; none when they speak of none."""
    return next((methods for pattern, methods in _WORDS if pattern.search(words)), frozenset())


def _groups(pool: Pool) -> dict[tuple[str, int], list[int]]:
    """Return free receipts by method and day."""
    groups: dict[tuple[str, int], list[int]] = {}
    for place in pool.free_receipts:
        groups.setdefault((pool.receipts[place].mop, pool.receipt_day[place]), []).append(place)
    return groups


def _fits(pool: Pool, line: int, places: Sequence[int]) -> bool:
    return all(pool.receipt_free[p] for p in places) and pool.in_window(line, places[0])


def _whole_day(
    pool: Pool, line: int, group: tuple[str, int], groups: dict[tuple[str, int], list[int]], rivals: int
) -> None:
    """Propose a whole day of a method; other sets are counted among its receipts in the window."""
    places = groups[group]
    said = methods_said(pool.lines[line].words)
    if said and group[0] not in said:
        return
    among = _candidates(pool, line, group[0])
    if len(among) > MOST_COUNTED:
        among = places
    counted = len(among) <= MOST_COUNTED
    others = count_sets([pool.receipts[p].pence for p in among], pool.lines[line].pence) - 1 if counted else 0
    sure = bool(said) and counted and not _long_reference(pool, line)
    pool.take(SUM, line, places, score=_WHOLE_DAY, alternatives=others + rivals, certain=sure)


def _candidates(pool: Pool, line: int, method: str) -> list[int]:
    """Return the free receipts of a method in the line's window."""
    return [
        place
        for place in pool.between(line, -20, 20)
        if pool.receipt_free[place] and pool.receipts[place].mop == method and pool.in_window(line, place)
    ]


def _long_reference(pool: Pool, line: int) -> bool:
    """Whether the bank's words name an account, so that the line is one payment."""
    return any(len(key) >= 9 for key in pool.line_keys[line])


def _search(pool: Pool, line: int) -> None:
    """Propose the smallest set of one method that makes the line, with the count of all sets that do."""
    pence = pool.lines[line].pence
    said = methods_said(pool.lines[line].words)
    window = [p for p in pool.between(line, -20, 20) if pool.receipt_free[p] and pool.in_window(line, p)]
    methods = sorted({pool.receipts[place].mop for place in window})
    best: tuple[int, list[int]] | None = None
    ways = 0
    for method in methods:
        if said and method not in said:
            continue
        places = [p for p in window if pool.receipts[p].mop == method]
        if not 2 <= len(places) <= MOST_COUNTED:
            continue
        amounts = [pool.receipts[place].pence for place in places]
        found = count_sets(amounts, pence)
        if not found:
            continue
        ways += found
        sets = [one for one in subsets_adding_up(amounts, pence, most=200) if len(one) > 1]
        if sets and (best is None or len(sets[0]) < len(best[1])):
            chosen = min(sets, key=lambda one: (len(one), one))
            best = (found, [places[place] for place in chosen])
    if best is not None:
        score = _ONLY_SET if ways == 1 else _ONE_OF_MANY
        pool.take(SUM, line, best[1], score=score, alternatives=ways - 1)
