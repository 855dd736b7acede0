"""Words set in lines: runs of text in a font, broken to a width. No markup is read anywhere, so whatever
people type comes out as they typed it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from app.report import fonts

BOX = "\u25a1"  # stands for a letter that the font does not have
_DROPPED = dict.fromkeys(
    (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF)
)
_TOKEN = re.compile(r"\n|[^ \n]*?(?<=[^\W\d_])-(?=[^\W\d_])|[^ \n]+ *| +")
# Postcodes and telephone numbers are read as one; they go to the next line whole.
_TOGETHER = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b0\d{2,4} \d{3,4} \d{3,4}\b")
_SPACES = {ord(letter): " " for letter in "\t\v\f\r"}
_NICE = "/\\-_.?&=@,;:+"  # a word too long for its line is broken behind one of these where it can be


@dataclass(frozen=True)
class Run:
    """Words in one font."""

    text: str
    font: str = fonts.REGULAR


@dataclass(frozen=True)
class Line:
    """One line: its runs, their width in points without the space at the end."""

    runs: tuple[Run, ...]
    width: float

    @property
    def text(self) -> str:
        """Its words, with the space that parts it from the next line."""
        return "".join(run.text for run in self.runs)


@cache
def _face(font: str) -> tuple[dict[int, float], float]:
    from reportlab.pdfbase import pdfmetrics

    fonts.register()
    face: Any = pdfmetrics.getFont(font).face
    return face.charWidths, face.defaultWidth


@lru_cache(maxsize=65_536)
def _thousandths(text: str, font: str) -> float:
    widths, missing = _face(font)
    return sum([widths.get(ord(letter), missing) for letter in text])


def width(text: str, font: str, size: float) -> float:
    """The width of a text in points."""
    return _thousandths(text, font) * size / 1000 if len(text) < 200 else _long(text, font) * size / 1000


def _long(text: str, font: str) -> float:
    widths, missing = _face(font)
    return sum([widths.get(ord(letter), missing) for letter in text])


def drawable(text: str) -> str:
    """The text with a box for each letter that the font does not have; what steers but does not show is left
    out, and every kind of space is one that breaks lines (a no-break space stays). See `differs`."""
    if text.isascii():
        return text.translate(_SPACES)
    known = _face(fonts.REGULAR)[0]
    return "".join(
        letter if letter in "\n\u00a0" or (ord(letter) in known and letter != "\t") else _stand_in(letter)
        for letter in text.translate(_DROPPED)
    )


def _stand_in(letter: str) -> str:
    return " " if letter.isspace() else BOX


def differs(text: str) -> bool:
    """Whether a text cannot be drawn as it is, so that the original must go beside it as ActualText."""
    return not text.isascii() and BOX in drawable(text)


def lines(runs: Iterable[Run], size: float, room: float) -> list[Line]:
    """Breaks runs into lines no wider than `room` points, greedily, at spaces and after hyphens between
    letters; a word wider than a line is broken inside. An empty text is one empty line."""
    made: list[Line] = []
    current: list[Run] = []
    used = 0.0
    for word, font in _tokens(runs):
        if word == "\n":
            made.append(_line(current, size, " "))
            current, used = [], 0.0
            continue
        bare = width(word.rstrip(" "), font, size)
        if current and used + bare > room + 0.01:
            made.append(_line(current, size))
            current, used = [], 0.0
        if bare > room + 0.01:
            pieces = _pieces(word, font, size, room)
            made += [_line([Run(piece, font)], size) for piece in pieces[:-1]]
            word = pieces[-1]
        current.append(Run(word, font))
        used += width(word, font, size)
    if current or not made:
        made.append(_line(current, size))
    return made


def _tokens(runs: Iterable[Run]) -> Iterator[tuple[str, str]]:
    for run in runs:
        for token in _TOKEN.findall(_TOGETHER.sub(_joined, drawable(run.text))):
            if token:
                yield token, run.font


def _joined(found: re.Match[str]) -> str:
    return found[0].replace(" ", "\u00a0")


def _pieces(token: str, font: str, size: float, room: float) -> list[str]:
    """A word in parts that each fit into the room; cut behind a sign where one stands late in a part."""
    widths, missing = _face(font)
    most, left, start = room * 1000 / size, room * 1000 / size, 0
    made: list[str] = []
    place = 0
    while place < len(token):
        left -= widths.get(ord(token[place]), missing)
        if left < -0.01 and place > start and token[place] != " ":
            nice = range(place, start + (place - start) * 6 // 10, -1)
            place = next((p for p in nice if token[p - 1] in _NICE), place)
            made.append(token[start:place])
            start, left = place, most
            continue
        place += 1
    return [*made, token[start:]]


def _line(parts: list[Run], size: float, end: str = "") -> Line:
    """Joins neighbouring runs of one font; `end` keeps lines apart for programs that read them."""
    joined: list[Run] = []
    for run in parts:
        if joined and joined[-1].font == run.font:
            joined[-1] = Run(joined[-1].text + run.text, run.font)
        else:
            joined.append(run)
    wide = 0.0
    for number, run in enumerate(joined):
        shown = run.text.rstrip(" ") if number == len(joined) - 1 else run.text
        wide += width(shown, run.font, size)
    if end and joined:
        joined[-1] = Run(joined[-1].text.rstrip(" ") + end, joined[-1].font)
    return Line(tuple(joined), wide)


def longest_word(text: str, font: str, size: float) -> float:
    """The width in points of the longest word of a text."""
    words = drawable(text).replace("\u00a0", "x").split()
    return max((width(word, font, size) for word in words), default=0.0)
