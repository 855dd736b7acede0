"""Word patterns: "<smell> + gas", "ceiling > came down|fell /6".

Elements stand in any order with "+" between them and in this order with ">". An element is a class of the
table in angle brackets, or words with "|" between alternatives; "#65-110" is a number. "/6" lets six words
stand between two elements, else four may; a full stop counts as two words. Words are compared by their
stems, a word after "=" as it stands: "=sockets" are several; "zalew*" is every word that begins so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from app.repairs.text.normalise import Said, stems_of
from app.repairs.text.stem import stem

GAP = 4
_STOP_COSTS = 2
_LETTERS = 2
_SPLIT = re.compile(r"\s+([+>])\s+")
_GAP = re.compile(r"\s*/(\d+)\s*$")
_NUMBER = re.compile(r"#(\d+)-(\d+)$")


@dataclass(frozen=True)
class Element:
    """One part of a pattern: phrases by their first stem, or a range of numbers."""

    phrases: Mapping[str, tuple[tuple[str, ...], ...]]
    beginnings: Mapping[str, tuple[tuple[str, ...], ...]]  # by the first two letters of their first word
    numbers: tuple[int, int] | None = None


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern."""

    source: str
    elements: tuple[Element, ...]
    ordered: tuple[bool, ...]  # whether element i+1 stands behind element i
    gap: int


@dataclass(frozen=True)
class Match:
    """Where a pattern was found: the tokens from `start` up to `end`, and those that its elements took."""

    start: int
    end: int
    used: frozenset[int]


def compile_pattern(source: str, classes: Mapping[str, Sequence[str]]) -> Pattern:
    """A pattern from its source; raises KeyError for a class that does not exist."""
    gap = GAP
    if (found := _GAP.search(source)) is not None:
        gap, body = int(found.group(1)), source[: found.start()]
    else:
        body = source
    parts = _SPLIT.split(body)
    elements = tuple(_element(part.strip(), classes) for part in parts[::2])
    return Pattern(source, elements, tuple(sign == ">" for sign in parts[1::2]), gap)


def _element(source: str, classes: Mapping[str, Sequence[str]]) -> Element:
    if (number := _NUMBER.match(source)) is not None:
        return Element({}, {}, (int(number.group(1)), int(number.group(2))))
    phrases: dict[str, list[tuple[str, ...]]] = {}
    beginnings: set[tuple[str, ...]] = set()
    for part in source.split("|"):
        named = classes[part[1:-1]] if part.startswith("<") else (part,)
        for text in named:
            stems = _items(text)
            if stems[0].endswith("*"):
                beginnings.add(stems)
            else:
                phrases.setdefault(_stem_of(stems[0]), []).append(stems)
    kept = tuple(
        (k, tuple(sorted(set(v), key=lambda each: (-len(each), each)))) for k, v in sorted(phrases.items())
    )
    return _one_element(kept, tuple(sorted(beginnings, key=lambda each: (-len(each), each))))


@cache
def _one_element(
    phrases: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...], beginnings: tuple[tuple[str, ...], ...]
) -> Element:
    """One element for the same words, so that where it stands is looked up once for every pattern."""
    by_letters: dict[str, list[tuple[str, ...]]] = {}
    for each in beginnings:
        by_letters.setdefault(each[0][:_LETTERS], []).append(each)
    return Element(dict(phrases), {k: tuple(v) for k, v in by_letters.items()})


def _items(text: str) -> tuple[str, ...]:
    """The words of a phrase as they are compared: stems, "=word", or "beginning*"."""
    if "*" in text:
        return tuple(
            item for word in text.split() for item in ((word,) if word.endswith("*") else stems_of(word))
        )
    if not text.startswith("="):
        return stems_of(text)
    return tuple(f"={word}" for word in text[1:].split())


def _stem_of(item: str) -> str:
    return stem(item[1:]) if item.startswith("=") else item


class Finder:
    """Finds patterns in one text; where an element stands is looked up once."""

    def __init__(self, said: Said, masked: frozenset[int] = frozenset()) -> None:
        self.said, self.masked = said, masked
        self._stems = [token.stem for token in said.tokens]
        self._stem_set = frozenset(self._stems)
        self._starts = frozenset(token.word[:_LETTERS] for token in said.tokens)
        self._found: dict[int, tuple[Element, list[tuple[int, int]]]] = {}

    def matches(self, pattern: Pattern) -> Iterator[Match]:
        """Every place where a pattern stands, at most one for each place of its first element."""
        places: list[list[tuple[int, int]]] = []
        for element in pattern.elements:
            stands = self._places(element)
            if not stands:
                return
            places.append(stands)
        for first in places[0]:
            found = self._extend(pattern, places, 1, (first,))
            if found is not None:
                used = frozenset(i for start, end in found for i in range(start, end))
                yield Match(min(used), max(used) + 1, used)

    def _extend(
        self,
        pattern: Pattern,
        places: Sequence[Sequence[tuple[int, int]]],
        number: int,
        taken: tuple[tuple[int, int], ...],
    ) -> tuple[tuple[int, int], ...] | None:
        if number == len(places):
            return taken
        behind = pattern.ordered[number - 1]
        start, end = min(t[0] for t in taken), max(t[1] for t in taken)
        last = taken[-1]
        near: list[tuple[int, tuple[int, int]]] = []
        for place in places[number]:
            if any(place[0] < t[1] and t[0] < place[1] for t in taken):
                continue
            if behind:
                cost = self._between(last[1], place[0]) if place[0] >= last[1] else None
            elif place[0] >= end:
                cost = self._between(end, place[0])
            elif place[1] <= start:
                cost = self._between(place[1], start)
            else:
                cost = 0
            if cost is not None and cost <= pattern.gap:
                near.append((cost, place))
        for _cost, place in sorted(near):
            found = self._extend(pattern, places, number + 1, (*taken, place))
            if found is not None:
                return found
        return None

    def _between(self, left: int, right: int) -> int:
        """How many words stand between two tokens; a full stop counts too."""
        tokens = self.said.tokens
        stops = tokens[right].sentence - tokens[left - 1].sentence
        return right - left + _STOP_COSTS * stops

    def _places(self, element: Element) -> list[tuple[int, int]]:
        known = self._found.get(id(element))
        if known is not None:
            return known[1]
        places: list[tuple[int, int]] = []
        bare = self._stem_set.isdisjoint(element.phrases) and self._starts.isdisjoint(element.beginnings)
        stems_here = () if bare and element.numbers is None else self._stems
        for at, token_stem in enumerate(stems_here):
            if element.numbers is not None:
                word = self.said.tokens[at].word
                if word.isdigit() and len(word) < 4 and self._in(element.numbers, int(word)):
                    places.append((at, at + 1))
            begun = element.beginnings.get(self.said.tokens[at].word[:_LETTERS], ())
            for stems in (*element.phrases.get(token_stem, ()), *begun):
                end = at + len(stems)
                if self._stands(stems, at) and self.masked.isdisjoint(range(at, end)):
                    places.append((at, end))
                    break
        self._found[id(element)] = (element, places)
        return places

    def _stands(self, items: Sequence[str], at: int) -> bool:
        tokens = self.said.tokens[at : at + len(items)]
        if len(tokens) < len(items):
            return False
        pairs = zip(items, tokens, strict=True)
        return all(
            i == t.stem or (i[0] == "=" and i[1:] == t.word) or (i[-1] == "*" and t.word.startswith(i[:-1]))
            for i, t in pairs
        )

    @staticmethod
    def _in(numbers: tuple[int, int], value: int) -> bool:
        return numbers[0] <= value <= numbers[1]
