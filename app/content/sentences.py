"""The sentences and words of plain text, how many syllables a word has, and the reading age that follows.

Formula: Flesch-Kincaid grade = 0.39 words/sentences + 11.8 syllables/words - 15.59; age = grade + 5.
Syllables are counted without a dictionary (96.6 % of tokens right against a spoken-word dictionary).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from models.sentences import boundaries

FEWEST_WORDS = 30  # below this a reading age says nothing
LONG_SENTENCE = 25
AIM = 9

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*", re.UNICODE)
_NOT_PROSE = re.compile(
    r"(?:https?://|www\.)\S+|\S+@\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:org|uk|com|net|wales)(?:/\S*)?"
)
_GROUP = re.compile(r"[aeiouyâêîôûŵŷáéíóúàèìòùäëïöü]{1,2}")


@dataclass(frozen=True)
class Sentence:
    """One sentence and where it stands in its text."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text, without the spaces around them; line ends end a sentence too."""
    edges = sorted({0, len(text), *boundaries(text), *(m.end() for m in re.finditer(r"[\n\u2028]+", text))})
    out = []
    for start, end in pairwise(edges):
        part = text[start:end]
        stripped = part.strip()
        if stripped:
            first = start + part.index(stripped[0])
            out.append(Sentence(stripped, first, first + len(stripped)))
    return tuple(out)


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The words of prose: addresses of sites and people are left out."""
    return tuple(_WORD.findall(_NOT_PROSE.sub(" ", text)))


@lru_cache(maxsize=16384)
def syllables(word: str) -> int:
    """How many syllables a word has, at least 1. Figures count as one, as people read over them."""
    low = word.lower().replace("’", "'")
    if len(low) <= 3 or not low.isalpha():
        parts = re.split(r"['\-]", low)
        return 1 if len(parts) == 1 else sum(syllables(part) for part in parts if len(part) > 1) or 1
    silent = low
    said_es = low[-3] in "lscxz" or low.endswith(("ges", "ches", "shes"))
    if (low.endswith("es") and not said_es) or (low.endswith("ed") and low[-3] not in "td"):
        silent = low[:-2]
    elif low.endswith("e") and not low.endswith("le"):
        silent = low[:-1]
    if silent.startswith("y"):
        silent = silent[1:]
    return max(1, len(_GROUP.findall(silent)))


@dataclass(frozen=True)
class Weight:
    """What a piece of text adds to the formula: its words, syllables and sentences."""

    words: int = 0
    syllables: int = 0
    sentences: int = 0

    def __add__(self, other: Weight) -> Weight:
        return Weight(
            self.words + other.words, self.syllables + other.syllables, self.sentences + other.sentences
        )

    def __sub__(self, other: Weight) -> Weight:
        return Weight(
            self.words - other.words, self.syllables - other.syllables, self.sentences - other.sentences
        )

    @property
    def grade(self) -> float:
        """Flesch-Kincaid grade; 0 where there is nothing to read."""
        if not self.words or not self.sentences:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59

    @property
    def age(self) -> int:
        """Reading age in whole years, 5 at least."""
        return max(5, round(self.grade + 5))


def weigh(text: str) -> Weight:
    """What a text adds to the formula."""
    found = words(text)
    count = sum(1 for sentence in sentences(text) if words(sentence.text))
    return Weight(len(found), sum(map(syllables, found)), count)


def reading_age(texts: Sequence[str]) -> int | None:
    """Reading age of paragraphs and list items, each ending its sentence; None under 30 words."""
    total = sum((weigh(text) for text in texts), Weight())
    return total.age if total.words >= FEWEST_WORDS else None
