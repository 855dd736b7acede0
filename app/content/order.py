"""Order keys: text that sorts between two others, so that moving one block changes one row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def between(before: str, after: str) -> str:
    """A key that sorts after `before` and before `after` (empty: no bound). Never ends in "0".

    Raises ValueError when the bounds are not in order.
    """
    if after and before >= after:
        raise ValueError("the keys are not in order")
    key, n = "", 0
    while True:
        low = DIGITS.index(before[n]) if n < len(before) else 0
        high = DIGITS.index(after[n]) if after and n < len(after) else len(DIGITS)
        if high - low > 1:
            step = 1 if not after and n < len(before) else (high - low) // 2
            return key + DIGITS[low + step]
        key += DIGITS[low]
        if high > low:  # the upper bound is passed: only the lower one counts from here on
            after = ""
        n += 1


def spread(count: int, before: str = "", after: str = "") -> list[str]:
    """`count` keys in order between two bounds, short ones: each half is halved again."""
    if count <= 0:
        return []
    middle = between(before, after)
    left = count // 2
    return [*spread(left, before, middle), middle, *spread(count - left - 1, middle, after)]


def kept(keys: Sequence[str | None]) -> set[int]:
    """The places of a longest rising run of keys: these stay as they are, all others get a new key."""
    tails: list[str] = []
    places: list[int] = []
    previous: dict[int, int | None] = {}
    for n, key in enumerate(keys):
        if key is None:
            continue
        at = bisect_left(tails, key)
        previous[n] = places[at - 1] if at else None
        if at == len(tails):
            tails.append(key)
            places.append(n)
        else:
            tails[at], places[at] = key, n
    out: set[int] = set()
    n_or_none = places[-1] if places else None
    while n_or_none is not None:
        out.add(n_or_none)
        n_or_none = previous[n_or_none]
    return out


def rekeyed(keys: Sequence[str | None]) -> list[str]:
    """Keys in rising order for things that have these now (None: a new thing), changing as few as can be."""
    stay = kept(keys)
    out: list[str] = []
    n = 0
    while n < len(keys):
        if n in stay:
            out.append(str(keys[n]))
            n += 1
            continue
        end = n
        while end < len(keys) and end not in stay:
            end += 1
        after = str(keys[end]) if end < len(keys) else ""
        out += spread(end - n, out[-1] if out else "", after)
        n = end
    return out
