"""The stage `exact`: one line and one receipt with the same reference and the same pence.

A pair that nothing else equals is certain. Equal pairs (a rent paid every week, a posting made twice) are
told apart by how late this bank is in this file; where that leaves two ways, an officer chooses.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.income.matching.pool import LAGS_NEEDED, MANY, Pool
from app.income.matching.shapes import EXACT
from app.income.matching.sums import MOST_COUNTED, count_sets

_LATE = 90  # the score of a pair whose days are unusual
_WEAK = 80  # of one whose reference could be chance
_CROWD = 75  # of one that others equal
_MOST_PAIRED = 200  # lines or receipts with one reference and amount, beyond which they pair by date alone

_Pair = tuple[str, int]  # key, pence


def exact(pool: Pool) -> None:
    """Propose for every line whose reference and amount are those of a receipt."""
    groups = _groups(pool)
    hits_of_line = [0] * len(pool.lines)
    hits_of_receipt = [0] * len(pool.receipts)
    for lines, receipts in groups.values():
        for line in lines:
            hits_of_line[line] += 1
        for receipt in receipts:
            hits_of_receipt[receipt] += 1
    plain: list[tuple[str, int, int]] = []
    rest: list[_Pair] = []
    for pair, (lines, receipts) in groups.items():
        if len(lines) == 1 == len(receipts) and hits_of_line[lines[0]] == 1 == hits_of_receipt[receipts[0]]:
            plain.append((pair[0], lines[0], receipts[0]))
        else:
            rest.append(pair)
    _learn_lags(pool, plain)
    for key, line, receipt in plain:
        if pool.near(line, receipt):
            _take(pool, key, line, receipt, 0)
    # the longest shared key says most, so it is tried first
    for pair in sorted(rest, key=lambda pair: (-len(pair[0]), pair)):
        _crowd(pool, pair[0], *groups[pair])


def _groups(pool: Pool) -> dict[_Pair, tuple[list[int], list[int]]]:
    """Return lines and receipts by the key and pence they share."""
    groups: dict[_Pair, tuple[list[int], list[int]]] = {}
    by_key, book = pool.by_key, [receipt.pence for receipt in pool.receipts]
    large: dict[str, dict[int, list[int]]] = {}
    free_line, free = pool.line_free, pool.receipt_free
    for line, keys in enumerate(pool.line_keys):
        if not keys or not free_line[line]:
            continue
        pence = pool.lines[line].pence
        for key in keys:
            places = by_key.get(key)
            if places is None:
                continue
            group = groups.get((key, pence))
            if group is not None:
                group[0].append(line)
                continue
            if len(places) > MANY:
                if key not in large:
                    large[key] = _by_amount(places, book)
                places = large[key].get(pence, [])
            same = [place for place in places if book[place] == pence and free[place]]
            if same:
                groups[key, pence] = ([line], same)
    return groups


def _by_amount(places: Sequence[int], book: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for place in places:
        found.setdefault(book[place], []).append(place)
    return found


def _learn_lags(pool: Pool, plain: Sequence[tuple[str, int, int]]) -> None:
    """Learn how late this bank is from pairs that nothing else equals; one in a thousand may be odd."""
    lags = sorted(
        lag for key, line, receipt in plain if len(key) > 5 and -31 <= (lag := pool.lag(line, receipt)) <= 45
    )
    if len(lags) < LAGS_NEEDED:
        return
    odd = len(lags) // 1000
    lowest, highest = lags[odd], lags[-1 - odd]
    if highest - lowest <= 21:
        pool.lags = (lowest, highest)


def _take(pool: Pool, key: str, line: int, receipt: int, others: int, alike: int = 1) -> None:
    """Propose a pair; it is certain when nothing equals it, its days are usual and no words speak against."""
    chosen = (receipt,)
    if others or alike > 1:
        score = _CROWD
    elif not pool.strong(key, line, chosen):
        score = _WEAK
    elif not pool.usual(line, receipt):
        score = _LATE
    else:
        score = 100
    certain = score == 100 and not pool.names_another(line, chosen) and not _sets(pool, key, line, receipt)
    pool.take(EXACT, line, chosen, key, score=score, alternatives=others, alike=alike, certain=certain)


def _sets(pool: Pool, key: str, line: int, chosen: int) -> bool:
    """Say whether several other receipts with this key add up to the line just as well."""
    places = pool.by_key[key]
    if len(places) < 3:
        return False
    pence = pool.lines[line].pence
    others = [
        amount
        for place in places[:1000]
        if place != chosen and pool.rivals(line, place) and (amount := pool.receipts[place].pence) != pence
    ]
    return len(others) > MOST_COUNTED or (len(others) > 1 and bool(count_sets(others, pence)))


def _crowd(pool: Pool, key: str, lines: Sequence[int], receipts: Sequence[int]) -> None:
    """Pair lines and receipts that share key and amount with others of them."""
    lines = [line for line in lines if pool.line_free[line]]
    receipts = [receipt for receipt in receipts if pool.receipt_free[receipt]]
    lines.sort(key=lambda line: (pool.line_day[line], line))
    if lines and receipts and max(len(lines), len(receipts)) <= _MOST_PAIRED:
        for line, receipt in _apart(pool, lines, receipts):
            if pool.near(line, receipt):
                _take(pool, key, line, receipt, 0)
        lines = [line for line in lines if pool.line_free[line]]
        receipts = [receipt for receipt in receipts if pool.receipt_free[receipt]]
    if not lines or not receipts:
        return
    if len(lines) == len(receipts):
        for line, receipt in zip(lines, receipts, strict=True):
            if pool.near(line, receipt):
                _take(pool, key, line, receipt, len(lines) - 1, len(lines))
        return
    _nearest(pool, key, lines, receipts)


def _apart(pool: Pool, lines: Sequence[int], receipts: Sequence[int]) -> list[tuple[int, int]]:
    """Return pairs in which each is the only one that can be meant by the other."""
    of_line = {line: [r for r in receipts if pool.rivals(line, r)] for line in lines}
    wanted: dict[int, int] = {}
    for places in of_line.values():
        for place in places:
            wanted[place] = wanted.get(place, 0) + 1
    return [
        (line, places[0])
        for line, places in of_line.items()
        if len(places) == 1 and wanted[places[0]] == 1 and pool.usual(line, places[0])
    ]


def _nearest(pool: Pool, key: str, lines: Sequence[int], receipts: Sequence[int]) -> None:
    """Pair unequal crowds by the nearest days; what is over stays open."""
    if len(lines) * len(receipts) > _MOST_PAIRED * _MOST_PAIRED:
        pool.exhausted += 1
        return
    pairs = sorted(
        (not pool.in_window(line, receipt), abs(pool.lag(line, receipt)), line, receipt)
        for line in lines
        for receipt in receipts
        if pool.near(line, receipt)
    )
    others = max(len(lines), len(receipts)) - 1
    for _, _, line, receipt in pairs:
        if pool.line_free[line] and pool.receipt_free[receipt]:
            _take(pool, key, line, receipt, others)
