"""Sums of several receipts: in how many ways they make an amount, exactly, and which ways these are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence

MOST_COUNTED = 25  # sets of receipts are counted exactly up to here; beyond it chance sums are certain
MOST_IN_A_SLIP = 20  # receipts among which a part that fits is looked for


def count_sets(amounts: Sequence[int], target: int) -> int:
    """Return in how many ways some of the amounts add up to the target, exactly; signs may be mixed.

    Two halves are summed apart, so that 25 amounts take milliseconds; more than 30 go one by one.
    """
    if len(amounts) > 30:
        return _count_one_by_one(amounts, target)
    half = len(amounts) // 2
    one, other = _totals(amounts[:half]), _totals(amounts[half:])
    if set(one).isdisjoint(map(target.__sub__, other)):
        return 0  # as in most searches; the empty sets of both halves make a target of nothing
    left, right = Counter(one), Counter(other)
    ways = sum(count * left[target - total] for total, count in right.items() if target - total in left)
    return ways - (target == 0)


def _totals(amounts: Sequence[int]) -> list[int]:
    """Return the sum of every subset, the empty one first."""
    totals = [0]
    for amount in amounts:
        totals += [total + amount for total in totals]
    return totals


def _count_one_by_one(amounts: Sequence[int], target: int) -> int:
    ways: dict[int, int] = {0: 1}
    for amount in amounts:
        grown = dict(ways)
        for total, count in ways.items():
            grown[total + amount] = grown.get(total + amount, 0) + count
        ways = grown
    return ways.get(target, 0) - (target == 0)


def subsets_adding_up(amounts: Sequence[int], target: int, most: int) -> list[tuple[int, ...]]:
    """Return up to `most` different sets of places whose amounts add up to the target (by two halves)."""
    half = len(amounts) // 2
    left, right = _totals(amounts[:half]), _totals(amounts[half:])
    fitting = set(right).intersection(map(target.__sub__, left))
    if not fitting:
        return []
    rights = _by_total(right, fitting)
    found: list[tuple[int, ...]] = []
    for total, sets in _by_total(left, {target - one for one in fitting}).items():
        for other in rights[target - total]:
            for own in sets:
                if own or other:
                    found.append((*_places(own, 0), *_places(other, half)))
                if len(found) >= most:
                    return found
    return found


def _by_total(totals: Sequence[int], wanted: Container[int]) -> dict[int, list[int]]:
    """Return the subsets, by their place among the totals, that make what is wanted."""
    found: dict[int, list[int]] = {}
    for place, total in enumerate(totals):
        if total in wanted:
            found.setdefault(total, []).append(place)
    return found


def _places(subset: int, offset: int) -> list[int]:
    """Return the places of the amounts in a subset, whose own place among the totals has a bit for each."""
    return [place + offset for place in range(subset.bit_length()) if subset >> place & 1]
