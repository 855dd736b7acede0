"""The stage `exact`: one line and one receipt with the same reference and the same pence.

A pair that nothing else equals is certain. Equal pairs (a rent paid every week, a posting made twice) are
told apart by how late this bank is in this file; where that leaves two ways, an officer chooses.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from app.income.matching.pool import LAGS_NEEDED, MANY, Pool
from app.income.matching.shapes import EXACT
from app.income.matching.sums import MOST_COUNTED, count_sets

_LATE = 90  # the score of a pair whose days are unusual
_WEAK = 80  # of one whose reference could be chance
_CROWD = 75  # of one that others equal
_PLAIN = 8  # characters beyond which a key is no day
_MOST_PAIRED = 200  # lines or receipts with one reference and amount, beyond which they pair by date alone

_Pair = tuple[str, int]  # key, pence


def exact(pool: Pool) -> None:
    """Propose for every line whose reference and amount are those of a receipt."""
    groups = _groups(pool)
    contested = _contested(pool, groups)
    plain: list[tuple[str, int, int]] = []
    crowds: list[_Pair] = []
    late: list[_Pair] = []
    for pair, (lines, receipts) in groups.items():
        if pair in contested:
            late.append(pair)
        elif len(lines) == 1 == len(receipts):
            plain.append((pair[0], lines[0], receipts[0]))
        else:
            crowds.append(pair)
    _learn_lags(pool, plain)
    for key, line, receipt in plain:
        if pool.near(line, receipt):
            _take(pool, key, line, receipt, 0)
    for pair in crowds:
        _crowd(pool, pair[0], *groups[pair])
    # the longest shared key says most, so it is tried first where a line has several
    for pair in sorted(late, key=lambda pair: (-len(pair[0]), pair)):
        lines = [line for line in groups[pair][0] if pool.line_free[line]]
        receipts = [receipt for receipt in groups[pair][1] if pool.receipt_free[receipt]]
        if lines and receipts:
            _crowd(pool, pair[0], lines, receipts)


def _contested(pool: Pool, groups: dict[_Pair, tuple[list[int], list[int]]]) -> set[_Pair]:
    """Return the groups that share a line or a receipt with another group."""
    seen_lines: dict[int, _Pair] = {}
    seen_receipts: dict[int, _Pair] = {}
    contested: set[_Pair] = set()
    for pair, members in groups.items():
        for seen, places, keys in (
            (seen_lines, members[0], pool.line_keys),
            (seen_receipts, members[1], pool.receipt_keys),
        ):
            for place in places:
                if len(keys[place]) > 1 and seen.setdefault(place, pair) != pair:
                    contested.update((pair, seen[place]))
    return contested


def _groups(pool: Pool) -> dict[_Pair, tuple[list[int], list[int]]]:
    """Return free lines and receipts by the key and pence they share."""
    groups: dict[_Pair, tuple[list[int], list[int]]] = {}
    by_key, book = pool.by_key, pool.book
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
            pair = (key, pence)
            if pair in groups:
                groups[pair][0].append(line)
                continue
            if len(places) > MANY:
                if key not in large:
                    large[key] = _by_amount(places, book)
                places = large[key].get(pence, [])
            same = [place for place in places if book[place] == pence and free[place]]
            if same:
                groups[pair] = ([line], same)
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
        pool.lags, pool.learned = (lowest, highest), True


def _take(pool: Pool, key: str, line: int, receipt: int, others: int, alike: int = 1) -> None:
    """Propose a pair; it is certain when nothing equals it, its days are usual and no words speak against."""
    alone = len(pool.line_keys[line]) == 1 == len(pool.receipt_keys[receipt])
    if alone and not others and alike == 1 and len(key) > _PLAIN and not pool.rejected:
        if pool.usual(line, receipt) and (len(pool.by_key[key]) < 3 or not _sets(pool, key, line, receipt)):
            pool.pair(EXACT, line, receipt, key)
            return
    if others or alike > 1:
        score = _CROWD
    elif not pool.strong(key, line, (receipt,)):
        score = _WEAK
    elif not pool.usual(line, receipt):
        score = _LATE
    else:
        score = 100
    certain = (
        score == 100
        and (alone or not pool.names_another(line, (receipt,)))
        and (alone or not pool.named_by_another(line, receipt))
        and (len(pool.by_key[key]) < 3 or not _sets(pool, key, line, receipt))
    )
    pool.take(EXACT, line, (receipt,), key, score=score, alternatives=others, alike=alike, certain=certain)


def _sets(pool: Pool, key: str, line: int, chosen: int) -> bool:
    """Say whether several other receipts with this key add up to the line just as well."""
    pence, day = pool.lines[line].pence, pool.line_day[line]
    first, last = day - pool.lags[1] - 1, day - pool.lags[0] + 1
    days, book = pool.receipt_day, pool.book
    others = [
        book[place]
        for place in pool.by_key[key][:1000]
        if first <= days[place] <= last and book[place] != pence and place != chosen
    ]
    return len(others) > MOST_COUNTED or (len(others) > 1 and bool(count_sets(others, pence)))


def _crowd(pool: Pool, key: str, lines: Sequence[int], receipts: Sequence[int]) -> None:
    """Pair lines and receipts that share key and amount with others of them."""
    day = pool.line_day
    lines = sorted(lines, key=lambda line: (day[line], line)) if len(lines) > 1 else lines
    if max(len(lines), len(receipts)) <= _MOST_PAIRED:
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
    """Return pairs in which each is the only one that can be meant by the other; both in order of date."""
    lowest, highest = pool.lags[0] - 1, pool.lags[1] + 1
    banked, posted = [pool.line_day[line] for line in lines], [pool.receipt_day[one] for one in receipts]
    pairs = []
    for line, day in zip(lines, banked, strict=True):
        first = bisect_left(posted, day - highest)
        if first == len(posted) or posted[first] > day - lowest:
            continue
        if first + 1 < len(posted) and posted[first + 1] <= day - lowest:
            continue
        other = posted[first]
        wanted = bisect_right(banked, other + highest) - bisect_left(banked, other + lowest)
        if wanted == 1 and pool.usual(line, receipts[first]):
            pairs.append((line, receipts[first]))
    return pairs


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
