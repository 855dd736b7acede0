"""Plain words: which longer words a text uses, and what to write in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import resources
from app.content.sentences import LONG_SENTENCE, words

_JOINTS = re.compile(r"(?:; (?:and |but )?|, (?:and|but|so) (?=(?:we|you|it|they|this|there|he|she)\b))")


@dataclass(frozen=True)
class Plainer:
    """One longer word found in a text, and the plain one; `write` is empty where only `reason` helps."""

    start: int
    end: int
    found: str
    write: str
    reason: str


@cache
def table() -> Mapping[str, tuple[str, str]]:
    """The word list of resources/content: phrase in lower case -> (what to write, why)."""
    out: dict[str, tuple[str, str]] = {}
    text = resources.path("content", "plain_words.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            phrase, write, reason = (*line.split("\t"), "", "")[:3]
            out[phrase.strip().lower()] = (write.strip(), reason.strip())
    return out


@cache
def _pattern() -> re.Pattern[str]:
    phrases = sorted(table(), key=len, reverse=True)
    return re.compile(rf"(?<![\w’'-])({'|'.join(map(re.escape, phrases))})(?![\w’'-])", re.IGNORECASE)


def find(text: str) -> list[Plainer]:
    """The longer words of a text, in order; the longest phrase wins where two begin together."""
    out = []
    for match in _pattern().finditer(text):
        write, reason = table()[match.group().lower()]
        if write and match.group()[0].isupper():
            write = write[0].upper() + write[1:]
        out.append(Plainer(match.start(), match.end(), match.group(), write, reason))
    return out


def rewrite(sentence: str) -> str:
    """The sentence in plainer words, cut in two at a joint where it is still longer than 25 words.

    The same text comes back where the list knows nothing better.
    """
    out, place = [], 0
    for plainer in find(sentence):
        if plainer.write:
            out += [sentence[place : plainer.start], plainer.write]
            place = plainer.end
    text = "".join([*out, sentence[place:]])
    return _cut_in_two(text) if len(words(text)) > LONG_SENTENCE else text


def _cut_in_two(text: str) -> str:
    """The text cut at the joint nearest to its middle; unchanged where there is none with words around."""
    middle = len(text) / 2
    joints = sorted(_JOINTS.finditer(text), key=lambda m: abs(m.start() - middle))
    for joint in joints:
        first, second = text[: joint.start()], text[joint.end() :]
        if len(words(first)) >= 4 and len(words(second)) >= 4:
            return f"{first.rstrip(',;')}. {second[0].upper()}{second[1:]}"
    return text
