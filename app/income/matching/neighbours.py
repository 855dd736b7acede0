"""References one slip of a finger apart: which of the book's a reference that is none may have been meant as.

A swap of neighbours or one wrong digit; of any one slip where nothing checks references of that shape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain

from app.income.repair import repairs_shaped, swaps, undoubled
from app.income.validators import SAMPLE, ReferenceCheck

LONGEST = 16  # characters of a reference whose slips are looked for
_LETTERED = ("BJ", "FP")  # how references with letters begin
_DIGITS = tuple("0123456789")
_CHECKS: tuple[tuple[int, str, ReferenceCheck], ...] = (  # length, how it begins, what checks it
    (9, "7", SAMPLE["council-tax"]),
    (9, "5", SAMPLE["council-tax"]),
    (11, "6", SAMPLE["housing-rents"]),
    (14, "", SAMPLE["library"]),
    (10, "BJ", SAMPLE["parking"]),
    (10, "FP", SAMPLE["fixed-penalty"]),
)
_TAIL = 10_000  # what a number is cut by: one slip leaves its first digits or its last four as they are
# what is added to a number to make one of its digits another, or to change two neighbours round
_SLIPS = frozenset(
    sign * times * digit * 10**place
    for place in range(LONGEST)
    for digit in range(1, 10)
    for times in (1, 9)
    for sign in (1, -1)
)


class _Numbers:
    """The digits of references as numbers, a 1 in front for their zeros, by how they start and end."""

    def __init__(self, all_digits: Iterable[str] = ()) -> None:
        heads, tails = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
        for number in map(int, map("1".__add__, all_digits)):
            heads[number // _TAIL].append(number)
            tails[number % _TAIL].append(number)
        self.by_head: dict[int, list[int]] = heads
        self.by_tail: dict[int, list[int]] = tails

    def near(self, digits: str) -> list[tuple[bool, int, str]]:
        """Return the digits one slip from these: whether one is wrong, or else two are swapped, and where.

        Swaps come first, both by the place from the left, then by the digits.
        """
        number = int(f"1{digits}")
        head, tail = number // _TAIL, number % _TAIL
        close = [other for other in self.by_head.get(head, ()) if other - number in _SLIPS]
        close += [other for other in self.by_tail.get(tail, ()) if other - number in _SLIPS]
        left, right = head % 10, tail * 10 // _TAIL  # the two digits on either side of the cut
        turned = number + 9 * _TAIL // 10 * (right - left)
        if turned != number and turned in self.by_head.get(turned // _TAIL, ()):
            close.append(turned)
        found = []
        for other in [str(one)[1:] for one in close]:
            if len(other) != len(digits):
                continue
            first, *more = [place for place, pair in enumerate(zip(digits, other)) if pair[0] != pair[1]]
            if not more:
                found.append((True, first, other))
            elif more == [first + 1] and digits[first : first + 2] == other[first + 1] + other[first]:
                found.append((False, first, other))
        return sorted(found) if len(found) > 1 else found

    @cached_property
    def all(self) -> set[int]:
        """Every number."""
        return {*chain.from_iterable(self.by_head.values())}


class Neighbours:
    """The references of a book, asked for those one slip from another.

    Those of digits, or of two letters and digits, are kept as numbers, by what stands before the digits.
    """

    def __init__(self, exists: Mapping[str, object]) -> None:
        self.exists = exists

    @cached_property
    def _numbers(self) -> dict[str, _Numbers]:
        """The numbers of all references by the letters before them."""
        known = [*filter(str.isascii, self.exists)]
        digits: dict[str, list[str]] = {"": [*filter(str.isdigit, known)]}
        for key in known if len(digits[""]) < len(known) else ():
            if key[:2].isalpha() and key[2:].isdigit():
                digits.setdefault(key[:2], []).append(key[2:])
        return {letters: _Numbers(some) for letters, some in digits.items()}

    def of(self, key: str) -> tuple[str, ...]:
        """Return what `one_slip` gives, in a fraction of the time for one that is kept as a number."""
        letters = "" if key.isdigit() else key[:2]
        digits = key[len(letters) :]
        if not (
            key.isascii() and digits.isdigit() and len(key) <= LONGEST and (not letters or letters.isalpha())
        ):
            return one_slip(key, self.exists)
        numbers = self._numbers.get(letters) or _NO_NUMBERS
        near = numbers.near(digits)
        if letters:  # which may be what changed places
            found = [other for other in swaps(key) if other in self.exists]
            found += [letters + other for wrong, _, other in near if wrong]
        else:
            found = [other for _, _, other in near]
        if found or not _is_unchecked(key):
            return tuple(found)
        one_more = numbers.all.isdisjoint(chain.from_iterable(_inserted(int(f"1{digits}"), len(digits))))
        if not letters and one_more and not any(other in self.exists for other in undoubled(key)):
            return ()
        return repairs_shaped(key, self.exists)


_NO_NUMBERS = _Numbers()


def _inserted(number: int, length: int) -> Iterator[range]:
    """Yield the numbers that one more digit behind its first makes of a number, by place."""
    for place in range(length + 1):
        power = 10**place
        before, behind = divmod(number, power)
        start = before * power * 10 + behind
        yield range(start, start + 10 * power, power)


def one_slip(key: str, exists: Container[str]) -> tuple[str, ...]:
    """Return the existing references of one swap or one wrong digit; of any one slip for an odd length."""
    found = dict.fromkeys([other for other in swaps(key) if other in exists])
    for place, now in enumerate(key):
        if now.isdigit():
            head, tail = key[:place], key[place + 1 :]
            for other in [head + digit + tail for digit in _DIGITS]:
                if other in exists and other != key:
                    found[other] = None
    if found or not _is_unchecked(key):
        return tuple(found)
    return repairs_shaped(key, exists)


def _is_unchecked(key: str) -> bool:
    """Whether a reference has a usual shape, but none that a check is known for."""
    return check_of(key) is None and (key.isdigit() or key.startswith(_LETTERED))


def check_of(key: str) -> ReferenceCheck | None:
    """Return the check that references of this length and beginning have, None where none is known."""
    return next((check for size, start, check in _CHECKS if len(key) == size and key.startswith(start)), None)
