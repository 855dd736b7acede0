"""A questionnaire as data: its statements, how they are answered, the scales they make, words for them.

The bundled one is `holdall-wc35`. Its statements are our own; its key (which statement belongs to which
scale, and which count the other way round) is that of facts published on assessing work stress in Britain.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import resources
from app.errors import BadFile

BUNDLED = "holdall-wc35"
LOWEST, HIGHEST = 1, 5


class Missing(StrEnum):
    """What becomes of a scale when some of its statements have no answer."""

    COMPLETE = "complete"  # no figure unless every statement is answered
    HALF = "prorate_half"  # the mean of what is answered, when that is at least half


@dataclass(frozen=True)
class Item:
    """One statement: its number, its words, its set of answers, and words to start a talk with."""

    number: int
    text: str
    answers: str
    reversed: bool
    words: str


@dataclass(frozen=True)
class Scale:
    """One area of work: which statements make it, and how a change of it is put, to the person and (of mine)
    by the person."""

    key: str
    label: str
    hint: str
    items: tuple[int, ...]
    better: str
    lower: str
    better_of_mine: str
    lower_of_mine: str


@dataclass(frozen=True)
class Instrument:
    """A whole questionnaire. `answers` are five words each, from code 1 to code 5."""

    id: str
    edition: int
    title: str
    about: str
    ask: str
    skip: str
    missing: Missing
    answers: Mapping[str, tuple[str, ...]]
    scales: tuple[Scale, ...]
    items: tuple[Item, ...]

    def item(self, number: int) -> Item:
        """One statement by its number; KeyError when there is none."""
        return self._by_number[number]

    def scale(self, key: str) -> Scale:
        """One scale by its key; KeyError when there is none."""
        return next(s for s in self.scales if s.key == key)

    def answer_words(self, number: int, code: int) -> str:
        """The words of one answer, for example "seldom" in lower case as a line shows it."""
        words = self.answers[self.item(number).answers][code - LOWEST]
        return words[:1].lower() + words[1:]

    @property
    def _by_number(self) -> dict[int, Item]:
        return {item.number: item for item in self.items}


@cache
def bundled() -> Instrument:
    """The check that comes with Holdall."""
    return load(resources.path("wellbeing", f"{BUNDLED}.json"))


def load(path: Path) -> Instrument:
    """Reads a questionnaire; raises BadFile in words when it is none, or when its key does not add up."""
    advice = "Use the file as it was published, or ask who made it."
    try:
        made = _made(json.loads(path.read_text(encoding="utf-8")))
    except OSError:
        raise BadFile(f"The questionnaire {path.name} cannot be read.", advice) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadFile(f"{path.name} is not a questionnaire that Holdall can read.", advice) from None
    numbers = [item.number for item in made.items]
    used = sorted(number for scale in made.scales for number in scale.items)
    if used != sorted(set(numbers)) or len(set(numbers)) != len(numbers):
        raise BadFile(f"In {path.name} some statement belongs to no scale, or to two.", advice)
    return made


def _made(plain: Any) -> Instrument:
    answers = {str(key): tuple(map(str, words)) for key, words in plain["answers"].items()}
    items = tuple(
        Item(int(i["number"]), str(i["text"]), str(i["answers"]), bool(i["reversed"]), str(i["words"]))
        for i in plain["items"]
    )
    if any(len(words) != HIGHEST for words in answers.values()) or any(
        i.answers not in answers for i in items
    ):
        raise ValueError("five answers to every statement")
    scales = tuple(
        Scale(
            s["key"],
            s["label"],
            s["hint"],
            tuple(map(int, s["items"])),
            *(str(s[name]) for name in ("better", "lower", "better_of_mine", "lower_of_mine")),
        )
        for s in plain["scales"]
    )
    return Instrument(
        id=str(plain["id"]),
        edition=int(plain["edition"]),
        title=str(plain["title"]),
        about=str(plain["about"]),
        ask=str(plain["ask"]),
        skip=str(plain["skip"]),
        missing=Missing(plain["missing"]),
        answers=answers,
        scales=scales,
        items=items,
    )
