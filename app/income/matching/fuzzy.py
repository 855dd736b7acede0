"""The stage `fuzzy`: within blocks of one amount and near days, what is most alike, if the margin is wide.

Score: reference similarity half, names three tenths, days two tenths; what neither side gives does not
count. It is never certain: people decide what is only alike.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import OSA

from app.income.matching.pool import Pool
from app.income.matching.shapes import FUZZY, OpenLine, OpenReceipt
from app.income.references import names_in

MOST_PAIRS = 2_500  # in one block; larger ones hold too many that look alike
MOST_IN_ALL = 200_000
_LONG = 5  # characters of a reference that is worth comparing
_BEST = 94  # alike is never the same
_REFERENCE, _NAMES, _DAYS = 50, 30, 20
_DAYS_ALONE = 55  # what days say when nothing else is given: too little to be proposed


def fuzzy(pool: Pool) -> None:
    """Propose the most alike receipt of a block to each line, one to one, where the margin allows."""
    lines: dict[int, list[int]] = {}
    for line in pool.free_lines:
        lines.setdefault(pool.bank[line], []).append(line)
    receipts: dict[int, list[int]] = {}
    for place in pool.free_receipts:
        if (pence := pool.book[place]) in lines:
            receipts.setdefault(pence, []).append(place)
    compared = 0
    for pence, places in receipts.items():
        size = len(lines[pence]) * len(places)
        compared += size
        if size > MOST_PAIRS or compared > MOST_IN_ALL:
            pool.exhausted += 1
            continue
        _block(pool, lines[pence], places)


def _block(pool: Pool, lines: Sequence[int], receipts: Sequence[int]) -> None:
    scores = {
        (line, receipt): score
        for line in lines
        for receipt in receipts
        if pool.usual(line, receipt) and (score := alike(pool, line, receipt)) >= pool.settings.propose
    }
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    for (line, receipt), score in best:
        if not pool.line_free[line] or not pool.receipt_free[receipt]:
            continue
        rivals = [
            other
            for (one, two), other in best
            if (one == line) != (two == receipt) and pool.line_free[one] and pool.receipt_free[two]
        ]
        if score - max(rivals, default=0) >= pool.settings.margin:
            pool.take(FUZZY, line, (receipt,), score=score, alternatives=len(rivals))


def alike(pool: Pool, line: int, place: int) -> int:
    """Return how alike a line and a receipt of one amount are, in per cent."""
    total = weight = 0
    found = most_alike(pool.lines[line], pool.receipts[place])
    if found is not None:
        total, weight = total + _REFERENCE * found[0], weight + _REFERENCE
    names, others = names_in(pool.lines.words[line]), names_in(pool.receipts.narratives[place])
    if names and others:
        shared = len(names & others) * 100 // min(len(names), len(others))
        total, weight = total + _NAMES * shared, weight + _NAMES
    if not weight:
        return min(_DAYS_ALONE, pool.settings.propose - 1)
    late = abs(pool.work_lag(line, place))
    total += _DAYS * max(0, 100 - 15 * late)
    return min(total // (weight + _DAYS), _BEST)


def most_alike(line: OpenLine, receipt: OpenReceipt) -> tuple[int, str, str] | None:
    """Return per cent and the two references that are most alike; None where either side has none.

    Less than half alike is not alike at all: 0.
    """
    said = [key for key in line.key_list if len(key) >= _LONG]
    kept = [key for key in receipt.key_list if len(key) >= _LONG]
    if not said or not kept:
        return None
    pairs = [(_similar(one, other), one, other) for one in said for other in kept]
    return max(pairs, key=lambda pair: (pair[0], len(pair[1]), pair))


def _similar(one: str, other: str) -> int:
    return round(OSA.normalized_similarity(one, other, score_cutoff=0.5) * 100)
