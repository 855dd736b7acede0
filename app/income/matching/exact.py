"""The stage `exact`: one line and one receipt with the same reference and the same pence.

A pair that nothing else equals is certain. Equal pairs (a rent paid every week, a posting made twice) are
told apart by how late this bank is in this file; where that leaves two ways, an officer chooses.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence

from app.income.matching.pool import (
    DAYS_AFTER,
    DAYS_BEFORE,
    LAGS_NEEDED,
    LONGEST_SPREAD,
    MANY,
    NOTHING_MORE,
    Pool,
    named,
)
from app.income.matching.shapes import CERTAIN, EXACT, Proposal
from app.income.matching.sums import MOST_COUNTED, count_sets
from app.income.matching.typos import claimed, mistyped

_LATE = 90  # the score of a pair whose days are unusual
_WEAK = 80  # of one whose reference could be chance
_CROWD = 75  # of one that others equal
_PURE = 1_000  # pairs of accounts that paid once, from which they alone tell how late the bank is
_GAP = 5  # days without a pair, over a weekend with its holidays, that do not end the usual
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
    if not pool.learned:  # a book in which everybody pays the same again and again
        _learn_lags(pool, [*plain, *_apart_of_all(pool, crowds, groups)[0]])
    pool.mistyped = mistyped(pool)
    pool.claimed = claimed(pool, pool.mistyped)
    apart, rest = _apart_of_all(pool, crowds, groups)
    _take_alone(pool, plain + apart)
    for pair in rest:
        _leftover(pool, pair[0], *groups[pair])
    # the longest shared key says most, so it is tried first where a line has several
    for pair in sorted(late, key=lambda pair: (-len(pair[0]), pair)):
        lines = [line for line in groups[pair][0] if pool.line_free[line]]
        receipts = [receipt for receipt in groups[pair][1] if pool.receipt_free[receipt]]
        if lines and receipts:
            _crowd(pool, pair[0], lines, receipts)


def _contested(pool: Pool, groups: dict[_Pair, tuple[list[int], list[int]]]) -> set[_Pair]:
    """Return the groups that share a line or a receipt with another group."""
    contested: set[_Pair] = set()
    for places, all_keys, items, free in (
        (pool.lines_with_several, pool.line_keys, pool.lines, pool.line_free),
        (pool.receipts_with_several, pool.receipt_keys, pool.receipts, pool.receipt_free),
    ):
        for place in places:
            pence = items[place].pence
            pairs = [pair for key in all_keys[place] if free[place] and (pair := (key, pence)) in groups]
            if len(pairs) > 1:
                contested.update(pairs)
    return contested


def _groups(pool: Pool) -> dict[_Pair, tuple[list[int], list[int]]]:
    """Return free lines and receipts by the key and pence they share."""
    groups: dict[_Pair, tuple[list[int], list[int]]] = {}
    by_key, book, uniform = pool.by_key, pool.book, pool.uniform
    large: dict[str, dict[int, list[int]]] = {}
    free_line, free = pool.line_free, pool.receipt_free
    amounts = [line.pence for line in pool.lines]
    for line, keys in enumerate(pool.line_keys):
        if not free_line[line]:
            continue
        pence = amounts[line]
        for key in keys:
            places = by_key.get(key)
            if places is None:
                continue
            pair = (key, pence)
            members = groups.get(pair)
            if members is not None:
                members[0].append(line)
                continue
            if len(places) == 1:
                if book[places[0]] == pence and free[places[0]]:
                    groups[pair] = ([line], places)
                continue
            if len(places) > MANY:
                if key not in large:
                    large[key] = _by_amount(places, book)
                places = large[key].get(pence, [])
            same = [place for place in places if book[place] == pence and free[place]]
            if same:
                if len(same) == len(by_key[key]):
                    uniform.add(key)
                groups[pair] = ([line], same)
    return groups


def _by_amount(places: Sequence[int], book: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for place in places:
        found.setdefault(book[place], []).append(place)
    return found


def _learn_lags(pool: Pool, plain: Sequence[tuple[str, int, int]]) -> None:
    """Learn how late this bank is from pairs that nothing else equals; one in 200 may be odd.

    Accounts that paid once say it best: theirs cannot be the line of one payment and the posting of another.
    """
    near = [
        (key, pool.line_day[line] - pool.receipt_day[place]) for key, line, place in plain if len(key) > 5
    ]
    near = [(key, lag) for key, lag in near if -DAYS_AFTER <= lag <= DAYS_AFTER]
    once = [lag for key, lag in near if len(pool.by_key[key]) == 1 == pool.line_key_count[key]]
    counted = Counter(once if len(once) >= _PURE else [lag for _, lag in near])
    total = sum(counted.values())
    often = sorted(lag for lag, count in counted.items() if count >= max(2, total // 2000))
    if total < LAGS_NEEDED or not often:
        return
    lowest = highest = counted.most_common(1)[0][0]
    for lag in often:
        highest = lag if 0 < lag - highest <= _GAP else highest
    for lag in reversed(often):
        lowest = lag if 0 < lowest - lag <= _GAP else lowest
    within = sum(count for lag, count in counted.items() if lowest <= lag <= highest)
    if total - within <= max(1, total // 200) and highest - lowest <= LONGEST_SPREAD:
        pool.lags, pool.learned = (lowest, highest), True
        pool.slack = 0 if lowest == highest and within == total else 1


def _take_alone(pool: Pool, pairs: Sequence[tuple[str, int, int]]) -> None:
    """Propose pairs that nothing else in the files equals; most of a month are such, so it is in a hurry."""
    line_day, receipt_day = pool.line_day, pool.receipt_day
    line_keys, held_keys, by_key = pool.line_keys, pool.receipt_keys, pool.by_key
    said, claimed_ones = pool.line_key_count, pool.claimed
    lowest, highest = pool.lags if pool.learned else (0, -1)
    lines, receipts, limit = pool.lines, pool.receipts, pool.settings.accepts_alone_to
    by_line, line_free, receipt_free = pool.by_line, pool.line_free, pool.receipt_free
    made = certain = 0
    uniform, rejected = pool.uniform, bool(pool.rejected)
    many_said, many_held = pool.lines_with_several, pool.receipts_with_several

    for key, line, receipt in pairs:
        lag = line_day[line] - receipt_day[receipt]
        if not -DAYS_BEFORE <= lag <= DAYS_AFTER:
            continue
        if (
            (lowest <= lag <= highest or pool.usual(line, receipt))
            and len(key) > _PLAIN
            and receipt not in claimed_ones
            and not rejected
            and (line not in many_said or not any(k in by_key and k != key for k in line_keys[line]))
            and (receipt not in many_held or not any(k in said and k != key for k in held_keys[receipt]))
            and (key in uniform or len(by_key[key]) < 3 or not _sets(pool, key, line, receipt))
        ):
            one = lines[line]
            auto = -limit <= one.pence <= limit
            values = (EXACT, one.id, (receipts[receipt].id,), key, 1, CERTAIN, 0, auto, *NOTHING_MORE)
            by_line[line] = named(Proposal, values)
            line_free[line] = receipt_free[receipt] = 0
            made += 1
            certain += auto
        else:
            _take(pool, key, line, receipt, 0)
    pool.made += made
    pool.made_auto += certain


def _take(pool: Pool, key: str, line: int, receipt: int, others: int, alike: int = 1) -> None:
    """Propose a pair; it is certain when nothing equals it, its days are usual and no words speak against."""
    if receipt in pool.claimed:
        others = max(others, 1)
    if len(pool.by_key[key]) > 2:
        others += _sets(pool, key, line, receipt)
    if others or alike > 1:
        score = _CROWD
    elif not pool.strong(key, line, (receipt,)):
        score = _WEAK
    elif not pool.usual(line, receipt):
        score = _LATE
    else:
        score = 100
    certain = (
        score == 100 and not pool.names_another(line, (receipt,)) and not pool.named_by_another(line, receipt)
    )
    pool.take(EXACT, line, (receipt,), key, score=score, alternatives=others, alike=alike, certain=certain)


def _sets(pool: Pool, key: str, line: int, receipt: int) -> int:
    """Return how many sets of receipts with this key and other amounts make the line; 1 for too many."""
    pence, day = pool.book[receipt], pool.line_day[line]
    first, last = day - pool.lags[1] - pool.slack, day - pool.lags[0] + pool.slack
    days, book = pool.receipt_day, pool.book
    others = [
        book[place]
        for place in pool.by_key[key][:1000]
        if book[place] != pence and first <= days[place] <= last
    ]
    if len(others) > MOST_COUNTED:
        return 1
    return count_sets(others, pence) if len(others) > 1 else 0


def _crowd(pool: Pool, key: str, lines: Sequence[int], receipts: Sequence[int]) -> None:
    """Pair lines and receipts that share key and amount with others of them."""
    lines = _dated(pool, lines)
    _take_alone(pool, [(key, line, receipt) for line, receipt in _apart(pool, lines, receipts)])
    _leftover(pool, key, lines, receipts)


def _leftover(pool: Pool, key: str, lines: Sequence[int], receipts: Sequence[int]) -> None:
    """Pair what is left of a crowd: equal numbers in order of date, others by the nearest day."""
    lines = [line for line in _dated(pool, lines) if pool.line_free[line]]
    receipts = [receipt for receipt in receipts if pool.receipt_free[receipt]]
    if not lines or not receipts:
        return
    if len(lines) == len(receipts):
        for line, receipt in zip(lines, receipts, strict=True):
            if pool.near(line, receipt):
                _take(pool, key, line, receipt, len(lines) - 1, len(lines))
        return
    _nearest(pool, key, lines, receipts)


def _apart_of_all(
    pool: Pool, crowds: Sequence[_Pair], groups: dict[_Pair, tuple[list[int], list[int]]]
) -> tuple[list[tuple[str, int, int]], list[_Pair]]:
    """Return the pairs of all crowds that nothing near equals, and the crowds that hold more than those."""
    found: list[tuple[str, int, int]] = []
    rest: list[_Pair] = []
    for pair in crowds:
        lines, receipts = groups[pair]
        apart = _apart(pool, _dated(pool, lines), receipts)
        found += [(pair[0], line, receipt) for line, receipt in apart]
        if len(apart) < len(lines) or len(apart) < len(receipts):
            rest.append(pair)
    return found, rest


def _dated(pool: Pool, lines: Sequence[int]) -> Sequence[int]:
    """Return lines in order of date."""
    if len(lines) < 2 or pool.in_date_order:
        return lines
    day = pool.line_day
    return sorted(lines, key=lambda line: (day[line], line))


def _apart(pool: Pool, lines: Sequence[int], receipts: Sequence[int]) -> list[tuple[int, int]]:
    """Return pairs in which each is the only one that can be meant by the other; both in order of date."""
    lowest, highest = pool.lags[0] - pool.slack, pool.lags[1] + pool.slack
    banked, posted = [pool.line_day[line] for line in lines], [pool.receipt_day[one] for one in receipts]
    pairs: list[tuple[int, int]] = []
    if max(len(lines), len(receipts)) > _MOST_PAIRED:
        return pairs
    if _all_apart(banked, posted, lowest, highest):
        return list(zip(lines, receipts, strict=True))
    for line, day in zip(lines, banked, strict=True):
        first = bisect_left(posted, day - highest)
        if first == len(posted) or posted[first] > day - lowest:
            continue
        if first + 1 < len(posted) and posted[first + 1] <= day - lowest:
            continue
        other = posted[first]
        wanted = bisect_right(banked, other + highest) - bisect_left(banked, other + lowest)
        if wanted == 1:
            pairs.append((line, receipts[first]))
    return pairs


def _all_apart(banked: Sequence[int], posted: Sequence[int], lowest: int, highest: int) -> bool:
    """Whether the first can be meant by the first alone, the second by the second, and so on to the end."""
    if len(banked) != len(posted):
        return False
    last_banked, last_posted = -sys.maxsize, -sys.maxsize
    for day, other in zip(banked, posted, strict=True):
        if (
            not lowest <= day - other <= highest
            or day - last_posted <= highest
            or last_banked - other >= lowest
        ):
            return False
        last_banked, last_posted = day, other
    return True


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
