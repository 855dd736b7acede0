"""The stage `exact`: one line and one receipt with the same reference and the same pence.

A pair that nothing else equals is certain. Equal pairs (a rent paid every week, a posting made twice) are
told apart by how late this bank is in this file; where that leaves two ways, an officer chooses.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, repeat
from operator import mul

from app.income.matching.pool import (
    DAYS_AFTER,
    DAYS_BEFORE,
    LAGS_NEEDED,
    LONGEST_SPREAD,
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
_Groups = dict[_Pair, tuple[list[int], list[int]]]  # lines and receipts


class _Joined:
    """Lines and receipts that were joined, in columns: the key, the line and the receipt of each pair."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.lines: list[int] = []
        self.receipts: list[int] = []

    def add(self, key: str, lines: Sequence[int], receipts: Sequence[int]) -> None:
        """Join lines and receipts of one key, the first with the first and so on."""
        self.keys += repeat(key, len(lines))
        self.lines += lines
        self.receipts += receipts

    def by_line(self, count: int) -> tuple[list[str], list[int]]:
        """Return the key and the receipt of each of so many lines, "" and -1 of those that are in no pair."""
        keys, receipts = [""] * count, [-1] * count
        for key, line, receipt in zip(self.keys, self.lines, self.receipts):
            keys[line] = key
            receipts[line] = receipt
        return keys, receipts


def exact(pool: Pool) -> None:
    """Propose for every line whose reference and amount are those of a receipt."""
    groups = _groups(pool)
    contested = _contested(pool, groups)
    plain = _Joined()
    crowds: list[_Pair] = []
    late: list[_Pair] = []
    for pair, (lines, receipts) in groups.items():
        if pair in contested:
            late.append(pair)
        elif len(lines) == 1 == len(receipts):
            plain.keys.append(pair[0])
            plain.lines += lines
            plain.receipts += receipts
        else:
            crowds.append(pair)
    _learn_lags(pool, _lags(pool, plain))
    if not pool.learned:  # a book in which everybody pays the same again and again
        crowds.sort(key=lambda pair: groups[pair][0][0])
        again, _ = _apart_of_all(pool, crowds, groups)
        _learn_lags(pool, _lags(pool, plain) + _lags(pool, again, sort=False))
    pool.mistyped = mistyped(pool)
    pool.claimed = claimed(pool, pool.mistyped)
    pairs, rest = _apart_of_all(pool, crowds, groups)
    pairs.keys += plain.keys
    pairs.lines += plain.lines
    pairs.receipts += plain.receipts
    _take_alone(pool, pairs)
    for pair in rest:
        _leftover(pool, pair[0], *groups[pair])
    # the longest shared key says most, so it is tried first where a line has several
    for pair in sorted(late, key=lambda pair: (-len(pair[0]), pair)):
        lines = [line for line in groups[pair][0] if pool.line_free[line]]
        receipts = [receipt for receipt in groups[pair][1] if pool.receipt_free[receipt]]
        if lines and receipts:
            _crowd(pool, pair[0], lines, receipts)


def _contested(pool: Pool, groups: _Groups) -> set[_Pair]:
    """Return the groups that share a line or a receipt with another group."""
    contested: set[_Pair] = set()
    for places, all_keys, amounts, free in (
        (pool.lines_with_several, pool.line_keys, pool.bank, pool.line_free),
        (pool.receipts_with_several, pool.receipt_keys, pool.book, pool.receipt_free),
    ):
        for place in places:
            pence = amounts[place]
            pairs = [pair for key in all_keys[place] if free[place] and (pair := (key, pence)) in groups]
            if len(pairs) > 1:
                contested.update(pairs)
    return contested


def _groups(pool: Pool) -> _Groups:
    """Return free lines and receipts by the key and pence they share.

    Nothing in a pool is of no pence, so that is what those count for that are taken.
    """
    bank, book = [*map(mul, pool.bank, pool.line_free)], [*map(mul, pool.book, pool.receipt_free)]
    groups: _Groups = {}
    for key, lines in pool.lines_by_key.items():
        places = pool.by_key.get(key)
        if places is None:
            continue
        paid, posted = [bank[line] for line in lines], [book[place] for place in places]
        pence = paid[0]
        if len(key) <= _PLAIN:
            pool.doubtful.update(lines)
        if paid.count(pence) == len(paid) and posted.count(pence) == len(posted):
            if pence:
                groups[key, pence] = (lines, places)
            continue
        held, total = _by_amount(places, posted), sum([pool.book[place] for place in places])
        for pence, some in _by_amount(lines, paid).items():
            same = held.get(pence) if pence else None
            if same is not None:
                groups[key, pence] = (some, same)
                others = len(places) - len(same)
                if others > 2 or (others == 2 and total == pence * (len(same) + 1)):
                    pool.doubtful.update(some)  # two others can only make the amount together
    return groups


def _by_amount(places: Sequence[int], amounts: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for place, pence in zip(places, amounts):
        if pence in found:
            found[pence].append(place)
        else:
            found[pence] = [place]
    return found


def _lags(pool: Pool, pairs: _Joined, *, sort: bool = True) -> list[tuple[str, int]]:
    """Return the key of each pair and how many days its line is later, in order of the lines."""
    order = sorted(range(len(pairs.lines)), key=pairs.lines.__getitem__) if sort else range(len(pairs.lines))
    keys, lines, receipts = pairs.keys, pairs.lines, pairs.receipts
    banked, posted = pool.line_day, pool.receipt_day
    return [(keys[place], banked[lines[place]] - posted[receipts[place]]) for place in order]


def _learn_lags(pool: Pool, plain: Sequence[tuple[str, int]]) -> None:
    """Learn how late this bank is from pairs that nothing else equals; one in 200 may be odd.

    Accounts that paid once say it best: theirs cannot be the line of one payment and the posting of another.
    """
    near = [(key, lag) for key, lag in plain if len(key) > 5 and -DAYS_AFTER <= lag <= DAYS_AFTER]
    once = [lag for key, lag in near if len(pool.by_key[key]) == 1 == pool.times_said(key)]
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


def _take_alone(pool: Pool, pairs: _Joined) -> None:
    """Propose pairs that nothing else in the files equals; most of a month are such, so it is in a hurry.

    It goes by the lines, whose receipts lie close together: what is read last is then still at hand.
    """
    keys, mates = pairs.by_line(len(pool.lines))
    sure = bytes(len(keys)) if pool.rejected else _sure(pool, keys, mates)
    limit = pool.settings.accepts_alone_to
    lines, receipts = [*compress(range(len(sure)), sure)], [*compress(mates, sure)]
    certain = [-limit <= pence <= limit for pence in compress(pool.bank, sure)]
    values = zip(
        repeat(EXACT),
        compress(pool.lines.ids, sure),
        zip(map(pool.receipts.ids.__getitem__, receipts)),
        compress(keys, sure),
        *(repeat(1), repeat(CERTAIN), repeat(0), certain),
        *map(repeat, NOTHING_MORE),
    )
    by_line, line_free, receipt_free = pool.by_line, pool.line_free, pool.receipt_free
    for line, receipt, proposal in zip(lines, receipts, map(named, repeat(Proposal), values)):
        by_line[line] = proposal
        line_free[line] = receipt_free[receipt] = 0
    pool.made += len(lines)
    pool.made_auto += sum(certain)
    for line in [line for line, kept in enumerate(sure) if not kept]:
        if (receipt := mates[line]) >= 0 and pool.near(line, receipt):
            _take(pool, keys[line], line, receipt, 0)


def _sure(pool: Pool, keys: Sequence[str], mates: Sequence[int]) -> bytearray:
    """Return for each line, with its key and receipt, 1 where `_take` would find the pair certain.

    The days of all are compared first; then those alone are looked at whose keys may say something else.
    """
    lowest, highest = pool.lags if pool.learned else (-DAYS_BEFORE, DAYS_AFTER)
    lowest, highest = max(lowest, -DAYS_BEFORE), min(highest, DAYS_AFTER)
    days, count = pool.receipt_day, len(pool.receipt_keys)
    never = _marks(count + 1, pool.claimed)
    never[-1] = 1  # the mate of a line that has none
    sure = bytearray(
        [not never[mate] and lowest <= day - days[mate] <= highest for mate, day in zip(mates, pool.line_day)]
    )
    many_held = _marks(count + 1, pool.receipts_with_several)
    asked = {*pool.doubtful, *pool.lines_with_several}
    asked.update(compress(range(len(sure)), map(many_held.__getitem__, mates)))
    for line in sorted(asked) if pool.learned else range(len(sure)):
        if sure[line]:
            sure[line] = _says_no_more(pool, keys[line], line, mates[line])
    return sure


def _says_no_more(pool: Pool, key: str, line: int, receipt: int) -> bool:
    """Whether a pair's further keys are nobody else's, its key no chance, and no set of others its amount."""
    said, held = pool.line_keys[line], pool.receipt_keys[receipt]
    return not (
        (not pool.learned and not pool.usual(line, receipt))
        or (len(said) > 1 and any(one in pool.by_key and one != key for one in said))
        or (len(held) > 1 and any(one in pool.lines_by_key and one != key for one in held))
        or (line in pool.doubtful and (len(key) <= _PLAIN or _sets(pool, key, line, receipt)))
    )


def _marks(count: int, places: Iterable[int]) -> bytearray:
    """Return 1 at these places and 0 at the others."""
    marks = bytearray(count)
    for place in places:
        marks[place] = 1
    return marks


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
        if first <= days[place] <= last and book[place] != pence
    ]
    if len(others) > MOST_COUNTED:
        return 1
    return count_sets(others, pence) if len(others) > 1 else 0


def _crowd(pool: Pool, key: str, lines: Sequence[int], receipts: Sequence[int]) -> None:
    """Pair lines and receipts that share key and amount with others of them."""
    lines = _dated(pool, lines)
    for line, receipt in _apart(pool, lines, receipts):
        if pool.near(line, receipt):
            _take(pool, key, line, receipt, 0)
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


def _apart_of_all(pool: Pool, crowds: Sequence[_Pair], groups: _Groups) -> tuple[_Joined, list[_Pair]]:
    """Return the pairs of all crowds that nothing near equals, and the crowds that hold more than those."""
    found, rest = _Joined(), list[_Pair]()
    dated: list[tuple[Sequence[int], list[int]]] = [*map(groups.__getitem__, crowds)]
    if not pool.in_date_order:
        dated = [(_dated(pool, lines), receipts) for lines, receipts in dated]
    for pair, (lines, receipts), wholly in zip(crowds, dated, _wholly_apart(pool, dated)):
        if wholly:
            found.add(pair[0], lines, receipts)
            continue
        apart = _apart(pool, lines, receipts)
        found.add(pair[0], [line for line, _ in apart], [receipt for _, receipt in apart])
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


def _wholly_apart(pool: Pool, crowds: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Iterator[bool]:
    """Say of each crowd whether its first can be meant by the first alone, and so on to the end.

    The days of all crowds stand in two columns, in which each crowd has a stretch of its own.
    """
    lowest, highest = pool.lags[0] - pool.slack, pool.lags[1] + pool.slack
    even = [len(lines) == len(receipts) <= _MOST_PAIRED for lines, receipts in crowds]
    sides = ([crowd[side] for crowd in compress(crowds, even)] for side in (0, 1))
    banked = [*map(pool.line_day.__getitem__, chain.from_iterable(next(sides)))]
    posted = [*map(pool.receipt_day.__getitem__, chain.from_iterable(next(sides)))]
    near = bytes([lowest <= line - receipt <= highest for line, receipt in zip(banked, posted)])
    apart = bytes(
        [
            next_line - receipt > highest and line - next_receipt < lowest
            for line, receipt, next_line, next_receipt in zip(banked, posted, banked[1:], posted[1:])
        ]
    )
    end = 0
    for (lines, _), is_even in zip(crowds, even):
        start, end = end, end + len(lines) * is_even
        yield is_even and near.find(0, start, end) < 0 and apart.find(0, start, end - 1) < 0


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
