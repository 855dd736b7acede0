"""The words that reading goes by, from resources/repairs: slips, spelling, key words, classes, rules.

A word that is in none of the tables nor in the list of ordinary words may be a slip. It is put right towards
the nearest, those that rules, cues and the leaves' own texts are made of first.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from app.repairs.text.stem import stem

_LETTERS = re.compile(r"[^\W\d_]+")
_BEGINNING = re.compile(r"([^\W\d_]+)\*")
_SURE = 5  # letters from which on a beginning says what the word is


@dataclass(frozen=True)
class WordTables:
    """Everything that reads words, from the two files and the texts of the tree."""

    words: dict[str, Any]  # words.json
    tripwires: dict[str, Any]  # tripwires.json
    contractions: dict[str, tuple[str, ...]]
    spelling: dict[str, str]
    known: frozenset[str]
    known_stems: frozenset[str]
    keys: tuple[str, ...]
    short_keys: tuple[str, ...]
    weights: dict[str, int]
    beginnings: tuple[str, ...]  # a word that begins so is known, in whatever form


@cache
def word_tables() -> WordTables:
    """The tables this Holdall came with."""
    words, tripwires, tree = (_json(name) for name in ("words.json", "tripwires.json", "tree.json"))
    counted: Counter[str] = Counter()
    for text in _texts(
        {k: v for k, v in words.items() if k in ("cues", "said", "risks", "classes", "places")}
    ):
        counted.update(_words(text))
    for text in _texts([tripwires["rules"], tripwires["classes"], tripwires["guards"]]):
        counted.update(dict.fromkeys(_words(text), 3))
    for text in _texts([tree["questions"], tree["outcomes"]]):
        counted.update(_words(text))
    contractions = {key: tuple(value.split()) for key, value in words["contractions"].items()}
    spelling = dict(words["spelling"])
    ordinary = {word for line in words["ordinary"] for word in line.split()}
    known = frozenset(counted) | ordinary | {w for v in spelling.values() for w in v.split()}
    known |= {w for v in contractions.values() for w in v}
    keys = tuple(sorted(word for word in {*counted, *ordinary} if len(word) >= 4))
    return WordTables(
        words=words,
        tripwires=tripwires,
        contractions=contractions,
        spelling=spelling,
        known=known,
        known_stems=frozenset(stem(word) for word in known),
        keys=keys,
        short_keys=tuple(words["short_keys"]),
        weights=dict(counted),
        beginnings=_beginnings(tripwires),
    )


def _texts(value: Any) -> Iterator[str]:
    """Every text in a piece of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _beginnings(tripwires: dict[str, Any]) -> tuple[str, ...]:
    """The beginnings of words that rules and classes name, those long enough to tell a word by."""
    found = {b for t in _texts([tripwires["rules"], tripwires["classes"]]) for b in _BEGINNING.findall(t)}
    return tuple(sorted(b for b in found if len(b) >= _SURE))


def _words(text: str) -> list[str]:
    from app.repairs.text.normalise import fold

    text = _BEGINNING.sub(lambda found: found[1] if len(found[1]) > _SURE else " ", text)
    return [fold(word) for word in _LETTERS.findall(text)]


def _json(name: str) -> dict[str, Any]:
    text = resources.files("resources").joinpath("repairs", name).read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
