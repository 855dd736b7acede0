"""References one slip of a finger apart: which of the book's a reference that is none may have been meant as.

A swap of neighbours or one wrong digit; of any one slip where nothing checks references of that shape.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import cached_property
from itertools import chain

from app.income.repair import repairs_shaped, swaps
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


class Neighbours:
    """The references of a book, asked for those one slip from another. Numbers are compared as numbers."""

    def __init__(self, exists: Mapping[str, object]) -> None:
        self.exists = exists

    @cached_property
    def _numbers(self) -> set[int]:
        """Every reference of digits alone, with a 1 in front, so that zeros in front count."""
        return {int(f"1{key}") for key in self.exists if key.isdigit() and key.isascii()}

    def of(self, key: str) -> tuple[str, ...]:
        """Return what `one_slip` gives, in a fraction of the time for a reference of digits alone."""
        if not (key.isdigit() and key.isascii() and len(key) <= LONGEST):
            return one_slip(key, self.exists)
        number, last = int(f"1{key}"), len(key) - 1
        steps = chain.from_iterable(
            [_STEPS[last - place][digit] for place, digit in enumerate(map(int, key))]
        )
        wrong = self._numbers.intersection(map(number.__add__, steps))
        found = [other for other in swaps(key) if other in self.exists]
        if wrong:  # by place from the left, then by digit
            ordered = sorted(wrong, key=lambda other: (-len(str(abs(other - number))), other))
            found += [str(other)[1:] for other in ordered]
        return tuple(found) or _of_any_shape(key, self.exists)


def one_slip(key: str, exists: Container[str]) -> tuple[str, ...]:
    """Return the existing references of one swap or one wrong digit; of any one slip for an odd length."""
    found = dict.fromkeys([other for other in swaps(key) if other in exists])
    for place, now in enumerate(key):
        if now.isdigit():
            head, tail = key[:place], key[place + 1 :]
            for other in [head + digit + tail for digit in _DIGITS]:
                if other in exists and other != key:
                    found[other] = None
    return tuple(found) or _of_any_shape(key, exists)


def _of_any_shape(key: str, exists: Container[str]) -> tuple[str, ...]:
    """Return the existing references of any one slip, where no check is known and the shape is usual."""
    if check_of(key) is not None or not (key.isdigit() or key.startswith(_LETTERED)):
        return ()
    return repairs_shaped(key, exists)


def check_of(key: str) -> ReferenceCheck | None:
    """Return the check that references of this length and beginning have, None where none is known."""
    return next((check for size, start, check in _CHECKS if len(key) == size and key.startswith(start)), None)
