"""References one slip of a finger apart: which of the book's a reference that is none may have been meant as.

A swap of neighbours or one wrong digit; of any one slip where nothing checks references of that shape.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
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
# by place from the right and by digit: what is added to a number to make the digit there another
_STEPS = [
    [tuple((other - digit) * 10**place for other in range(10) if other != digit) for digit in range(10)]
    for place in range(LONGEST)
]
# by place from the right, by digit and by the digit to its left: what is added to change the two round
_SWAPS = [
    [[9 * (digit - left) * 10**place for left in range(10)] for digit in range(10)]
    for place in range(LONGEST)
]


class Neighbours:
    """The references of a book, asked for those one slip from another.

    Those of digits, or of two letters and digits, are kept as numbers, by what stands before the digits.
    """

    def __init__(self, exists: Mapping[str, object]) -> None:
        self.exists = exists

    @cached_property
    def _numbers(self) -> dict[str, set[int]]:
        """The numbers of all references by the letters before them, each with a 1 in front for its zeros."""
        found: dict[str, set[int]] = {"": set()}
        plain = found[""].add
        for key in self.exists:
            if not key.isascii():
                continue
            if key.isdigit():
                plain(int(f"1{key}"))
            elif key[:2].isalpha() and key[2:].isdigit():
                found.setdefault(key[:2], set()).add(int(f"1{key[2:]}"))
        return found

    def of(self, key: str) -> tuple[str, ...]:
        """Return what `one_slip` gives, in a fraction of the time for one that is kept as a number."""
        letters = "" if key.isdigit() else key[:2]
        digits = key[len(letters) :]
        if not (
            key.isascii() and digits.isdigit() and len(key) <= LONGEST and (not letters or letters.isalpha())
        ):
            return one_slip(key, self.exists)
        numbers = self._numbers.get(letters, _NO_NUMBERS)
        number, figures = int(f"1{digits}"), [*map(int, reversed(digits))]
        wrong = numbers.intersection(map(number.__add__, _wrong_digits(figures)))
        if letters:
            found = [other for other in swaps(key) if other in self.exists]
        else:
            turned = [swap[one][left] for swap, one, left in zip(_SWAPS, figures, figures[1:])]
            swapped = numbers.intersection(map(number.__add__, filter(None, turned)))
            found = [str(one)[1:] for one in sorted(swapped, key=lambda one: -abs(one - number))]
        if wrong:  # by place from the left, then by digit
            ordered = sorted(wrong, key=lambda other: (-len(str(abs(other - number))), other))
            found += [f"{letters}{str(other)[1:]}" for other in ordered]
        if found or not _is_unchecked(key):
            return tuple(found)
        one_more = numbers.isdisjoint(chain.from_iterable(_inserted(number, len(digits))))
        if not letters and one_more and not any(other in self.exists for other in undoubled(key)):
            return ()
        return repairs_shaped(key, self.exists)


_NO_NUMBERS: set[int] = set()


def _wrong_digits(figures: Sequence[int]) -> Iterator[int]:
    """Return what is added to a number, given from its last digit, to make one of its digits another."""
    return chain.from_iterable([steps[digit] for steps, digit in zip(_STEPS, figures)])


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
