"""Patterns that people write, kept to those that can never take long to try."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST_PATTERN = 60  # characters
_MOST_WAYS = 2**23  # in which 30 characters can be tried: less than a second
_LENGTHS = 31  # that a part of any length can have in 30 characters
_EXACT = re.compile(r"\{\d+\}")
_RANGE = re.compile(r"\{\d*,\d*\}")


@lru_cache(maxsize=256)
def why_unsafe(pattern: str) -> str:
    """Return what is wrong with a pattern, to follow "the pattern ", or "" where it may be tried.

    Trying a pattern on 30 characters takes no more than a moment when it is short, when no group that can
    match in several ways is itself repeated, and when its parts of any length, its optional parts and its
    alternatives leave few enough ways to try.
    """
    if len(pattern) > LONGEST_PATTERN:
        return f"has {len(pattern)} characters, and at most {LONGEST_PATTERN} are tried"
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError, FutureWarning):
        return "cannot be read"
    return _why_slow(pattern)


def _why_slow(pattern: str) -> str:
    """Walk a pattern that compiles, counting what can match in several ways."""
    open_groups: list[bool] = []  # whether each open group can match in several ways
    repeats = options = place = 0
    closed: bool | None = None  # the same of the group that just closed
    while place < len(pattern):
        character, several = pattern[place], False
        taken, kind = _quantifier(pattern, place)
        if taken:
            if closed and kind != "?":
                return "repeats a part that can match in several ways"
            repeats += kind == "*"
            options += kind == "?"
            several, closed = kind != "=", None
        elif character == "(":
            open_groups.append(False)
            taken, closed = 1 + (pattern[place + 1 : place + 2] == "?"), None
        elif character == ")":
            taken, closed = 1, open_groups.pop() if open_groups else False
            several = bool(closed)
        else:
            taken, closed, several = _length_at(pattern, place), None, character == "|"
            options += several
        if several and open_groups:
            open_groups[-1] = True
        place += taken
    if _LENGTHS**repeats * 2**options > _MOST_WAYS:
        return "can match in too many ways to be tried"
    return ""


def _quantifier(pattern: str, place: int) -> tuple[int, str]:
    """Return (length, kind) of the quantifier at a place: * for any number, ? optional, = an exact number."""
    character = pattern[place]
    if character in "*+":
        length, kind = 1, "*"
    elif character == "?":
        length, kind = 1, "?"
    elif found := _EXACT.match(pattern, place):
        length, kind = found.end() - place, "="
    elif found := _RANGE.match(pattern, place):
        length, kind = found.end() - place, "*"
    else:
        return 0, ""
    lazy = pattern[place + length : place + length + 1] in ("?", "+")
    return length + lazy, kind


def _length_at(pattern: str, place: int) -> int:
    """Return how many characters of a pattern stand for one: an escape, a class in brackets, or itself."""
    if pattern[place] == "\\":
        return 2
    if pattern[place] != "[":
        return 1
    end = place + 1 + (pattern[place + 1 : place + 2] == "^")
    end += pattern[end : end + 1] == "]"
    while end < len(pattern) and pattern[end] != "]":
        end += 2 if pattern[end] == "\\" else 1
    return end + 1 - place
