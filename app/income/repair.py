"""Repairs of a mistyped reference: what a person most likely meant, never a guess that is not checked.

One slip is undone: two neighbours that changed places, one wrong character, one left out, one typed twice.
What comes back passes its check and, where it is known which references exist, is one of them.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from functools import lru_cache

from app.income.validators import (
    DIGITS,
    LETTERS,
    ReferenceCheck,
    characters_at,
    passes,
)

MOST_REPAIRS = 50
_SEPARATORS = str.maketrans("", "", " \t\N{NO-BREAK SPACE}-/.")


def repairs(
    validator: ReferenceCheck, reference: str, exists: Container[str] | None = None
) -> tuple[str, ...]:
    """Return the references that one slip may have turned into `reference`, likeliest kind first.

    Swaps come before wrong characters, those before one left out and one typed twice, each by position.
    Every one passes `validator` and is in `exists` where that is given; the reference itself is never one.
    At most MOST_REPAIRS come back.
    """
    found: dict[str, None] = {}
    for candidate in _candidates(validator, reference):
        if candidate == reference or (exists is not None and candidate not in exists):
            continue
        if candidate not in found and passes(validator, candidate):
            found[candidate] = None
            if len(found) == MOST_REPAIRS:
                break
    return tuple(found)


def _candidates(validator: ReferenceCheck, reference: str) -> Iterator[str]:
    """Yield what the slips would have been typed for, of a length that the check allows."""
    text = reference.upper()
    bare = text.translate(_SEPARATORS)
    if bare != reference:  # spaces and dashes are how a reference is printed, not what it is
        yield text
        yield bare
        text = bare if not validator.mask or len(text) > len(validator.mask) else text
    length = len(text)
    least, most = _lengths(validator)
    if length < least - 1 or length > most + 1:
        return
    if least <= length <= most:
        yield from swaps(text)
        for place, character in enumerate(text):
            head, tail = text[:place], text[place + 1 :]
            for other in _allowed(validator, place, character):
                yield head + other + tail
    if least <= length + 1 <= most:
        for place in range(length + 1):
            head, tail = text[:place], text[place:]
            for other in _allowed(validator, place, text[place : place + 1] or text[-1:]):
                yield head + other + tail
    if least <= length - 1:
        yield from undoubled(text)


def _lengths(validator: ReferenceCheck) -> tuple[int, int]:
    """Return the least and the most characters a right reference has; a check digit is never left out."""
    if not validator.mask:
        return validator.min_length, validator.max_length
    least = max(validator.min_length, validator.mask.rfind("@") + 1)
    return least, min(validator.max_length, len(validator.mask))


@lru_cache(maxsize=4096)
def _allowed(validator: ReferenceCheck, place: int, now: str) -> str:
    return characters_at(validator, place, now)


def swaps(text: str) -> Iterator[str]:
    """Yield a text with each pair of different neighbours changed round, from the left."""
    for place in range(len(text) - 1):
        first, second = text[place], text[place + 1]
        if first != second:
            yield f"{text[:place]}{second}{first}{text[place + 2 :]}"


def undoubled(text: str) -> Iterator[str]:
    """Yield a text with one of each pair of equal neighbours taken away, from the left."""
    for place in range(len(text) - 1):
        if text[place] == text[place + 1]:
            yield text[:place] + text[place + 1 :]


def repairs_shaped(text: str, exists: Container[str]) -> tuple[str, ...]:
    """Return the existing references that one slip may have turned into `text`, without any check.

    Digits are tried for digits and letters for letters: swaps, then one wrong character, one left out and
    one typed twice, each by position.
    """
    found: dict[str, None] = {}
    for candidate in swaps(text):
        if candidate in exists:
            found[candidate] = None
    for place, character in enumerate(text):
        head, tail = text[:place], text[place + 1 :]
        for other in _alike(character):
            if (candidate := head + other + tail) in exists:
                found[candidate] = None
    for place in range(len(text) + 1):
        head, tail = text[:place], text[place:]
        for other in _alike(text[place : place + 1] or text[-1:]):
            if (candidate := head + other + tail) in exists:
                found[candidate] = None
    for candidate in undoubled(text):
        if candidate in exists:
            found[candidate] = None
    found.pop(text, None)
    return tuple(found)


def _alike(character: str) -> str:
    """Return the characters that one of this kind may have been."""
    if character in DIGITS:
        return "0123456789"
    return _LETTERS if character.upper() in LETTERS else ""


_LETTERS = "".join(sorted(LETTERS))
