"""Words as somebody said or typed them, in one shape, each still knowing where it stands in the text.

Unicode NFC, small letters without marks, contractions taken apart ("can't" is "can not"), common slips and
American words put right from a table, "comin" and "heeelp" read as they are meant, and a word that nobody
knows brought to the nearest key word when one or two letters are wrong. Reasons quote the person's own words
through `Said.quote`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.repairs.text.stem import stem
from app.repairs.text.word_tables import word_tables

LONGEST = 20_000  # characters; a description that is kept has 4,000 at most
_WORD = re.compile(r"[^\W_]+(?:['’‘`´][^\W_]+)*", re.UNICODE)
_HALF = re.compile("[\ud800-\udfff]")  # half a character, as some programs leave behind
_STOP = re.compile(r"[.!?;\n]")
_PAUSE = re.compile(r"[,:()–—…-]")
_WELSH_ENDING = re.compile(r"(?<=\w)['’‘`´][rnuiw]$")  # "gloi'r drws": the article leans on the word before
_APOSTROPHES = str.maketrans("", "", "'’‘`´")
_NO_MARKS = str.maketrans({"ł": "l", "Ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})
_REPEATED = re.compile(r"(.)\1{2,}")
_QUOTED_BETWEEN = 3
_SHORTEST_FIXED = 3  # letters of a word that is brought to a near one
_SHORT_WORD = 5  # up to this many letters the first one counts
_TWO_WRONG = 9  # from this many letters on, two may be wrong


@dataclass(frozen=True)
class Token:
    """One word: as it is compared, its stem, and the stretch of the text that it was read from."""

    word: str
    stem: str
    start: int
    end: int
    sentence: int
    pause: bool  # a comma or dash stands before it


@dataclass(frozen=True)
class Said:
    """A text with its words in order."""

    text: str
    tokens: tuple[Token, ...]

    def quote(self, indexes: Iterable[int]) -> str:
        """The person's own words for some tokens, with up to three words between them; "…" for more."""
        spans: list[tuple[int, int]] = []
        for index in sorted(set(indexes)):
            token = self.tokens[index]
            between = self.text[spans[-1][1] : token.start] if spans else None
            if between is not None and len(_WORD.findall(between)) <= _QUOTED_BETWEEN:
                spans[-1] = (spans[-1][0], max(spans[-1][1], token.end))
            else:
                spans.append((token.start, token.end))
        return " … ".join(" ".join(self.text[start:end].split()) for start, end in spans)


def read_words(text: str) -> Said:
    """The words of a text. Callers refuse a text over LONGEST: what stood behind it would go unread."""
    text = _HALF.sub("\ufffd", unicodedata.normalize("NFC", text))[:LONGEST]
    tokens: list[Token] = []
    sentence, behind = 0, 0
    for found in _WORD.finditer(text):
        between = text[behind : found.start()]
        if tokens and _STOP.search(between):
            sentence += 1
        pause = bool(tokens) and bool(_PAUSE.search(between))
        for number, word in enumerate(_settled(fold(found.group()))):
            tokens.append(
                Token(word, stem(word), found.start(), found.end(), sentence, pause and number == 0)
            )
        behind = found.end()
    return Said(text, tuple(tokens))


def fold(word: str) -> str:
    """A word in small letters without the marks over them and without apostrophes."""
    word = _WELSH_ENDING.sub("", word.lower()).translate(_APOSTROPHES).translate(_NO_MARKS)
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    return "".join(sign for sign in parts if unicodedata.category(sign) != "Mn")


def stems_of(phrase: str) -> tuple[str, ...]:
    """The stems of a phrase of ours, read as people's words are but without putting slips right."""
    tables = word_tables()
    words: list[str] = []
    for found in _WORD.finditer(phrase):
        word = fold(found.group())
        words += tables.contractions.get(word) or (tables.spelling.get(word, word),)
    return tuple(stem(word) for word in words)


@lru_cache(maxsize=20_000)
def _settled(word: str) -> Sequence[str]:
    """A folded word as the one or several that it stands for."""
    tables = word_tables()
    if word in tables.contractions:
        return tables.contractions[word]
    word = tables.spelling.get(word, word)
    if " " in word:
        return tuple(word.split())
    if word.isdigit() or _known(word):
        return (word,)
    meant = _meant(word)
    if meant:
        return _settled(meant) if meant not in tables.known else (meant,)
    if len(word) < _SHORTEST_FIXED or not word.isalpha():
        return (word,)
    return _nearest(word) or _split(word) or (word,)


def _known(word: str) -> bool:
    tables = word_tables()
    return word in tables.known or stem(word) in tables.known_stems or word.startswith(tables.beginnings)


def _meant(word: str) -> str:
    """The word behind one with letters drawn out ("heeelp") or its last one dropped ("comin"), or ""."""
    for signs in (r"\1\1", r"\1"):
        short = _REPEATED.sub(signs, word)
        if short != word and (_known(short) or short in word_tables().spelling):
            return short
    return f"{word}g" if word.endswith("in") and _known(f"{word}g") else ""


def _nearest(word: str) -> Sequence[str]:
    """The key word that this one most likely was meant to be, or nothing."""
    from rapidfuzz import process  # only a slip needs it
    from rapidfuzz.distance import OSA

    tables = word_tables()
    if len(word) <= 4:
        short = [key for key in tables.short_keys if OSA.distance(word, key, score_cutoff=1) <= 1]
        if short:
            return (short[0],)
    if len(word) < 4:
        return ()
    most = 2 if len(word) >= _TWO_WRONG else 1
    found = process.extract(word, tables.keys, scorer=OSA.distance, score_cutoff=most, limit=8)
    near = [
        (distance, word[0] != key[0], -tables.weights.get(key, 0), key)
        for key, distance, _ in found
        if word[0] == key[0] or _swapped(word, key) or len(word) > _SHORT_WORD
    ]
    return (min(near)[3],) if near else ()


def _swapped(word: str, key: str) -> bool:
    return word[:2] == key[1::-1]


def _split(word: str) -> Sequence[str]:
    """Two words that were run together, both of them known."""
    known = word_tables().known
    for at in range(2, len(word) - 2):
        if word[:at] in known and word[at:] in known and max(at, len(word) - at) >= 4:
            return (word[:at], word[at:])
    return ()
