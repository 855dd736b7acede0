"""Where sentences end: in plain words, and in text that carries Holdall's marks.

Written form: `**strong**`, `__emphasis__`, `[words](address)`; a backslash before `*`, `_`, `[`, `]` or `\\`
makes it an ordinary sign. Text is merged by sentence and checked by sentence, so both read this module.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

SPECIAL = frozenset("*_[]\\")

_END = re.compile(r"[.!?…]+[\"'”’)\]*_]*(?=\s|$)")
_NOT_AN_END = re.compile(r"(?:\b(?:e\.g|i\.e|etc|Mr|Mrs|Ms|Dr|St|Rd|Ave|No|approx|tel|Cllr|Prof)|\b[A-Z])\.$")
_LINE_END = re.compile(r"\s*[\n\u2028]\s*")


class Look(NamedTuple):
    """How a sign looks: strong, emphasised, the address it links to (empty for none)."""

    bold: bool = False
    italic: bool = False
    href: str = ""


class Sign(NamedTuple):
    """One sign that a reader sees, how it looks, and the place after it in the written form."""

    text: str
    look: Look
    end: int


PLAIN = Look()


@lru_cache(maxsize=4096)
def boundaries(text: str) -> tuple[int, ...]:
    """Places of plain text where a new sentence begins after an earlier one (the spaces between belong to
    the earlier)."""
    cuts: list[int] = []
    for found in _END.finditer(text):
        if _NOT_AN_END.search(text, max(0, found.start() - 8), found.start() + 1):
            continue
        after = found.end()
        while after < len(text) and text[after].isspace():
            after += 1
        if after < len(text) and not text[after].islower():
            cuts.append(after)
    return tuple(cuts)


def signs(written: str) -> list[Sign]:
    """Every sign of a written text with its look. Never fails: a mark without its partner ends with the
    text."""
    out: list[Sign] = []
    look, n = PLAIN, 0
    link_end, link_skip = -1, -1
    while n < len(written):
        sign = written[n]
        if n == link_end:
            look, n = look._replace(href=""), link_skip
        elif sign == "\\" and n + 1 < len(written) and written[n + 1] in SPECIAL:
            n += 2
            out.append(Sign(written[n - 1], look, n))
        elif written.startswith("**", n):
            look, n = look._replace(bold=not look.bold), n + 2
        elif written.startswith("__", n):
            look, n = look._replace(italic=not look.italic), n + 2
        elif sign == "[" and not look.href and (found := _link(written, n)) is not None:
            href, link_end, link_skip = found
            look, n = look._replace(href=href), n + 1
        else:
            n += 1
            out.append(Sign(sign, look, n))
    return out


def _link(written: str, start: int) -> tuple[str, int, int] | None:
    """Address, place of the closing bracket and place after the link that opens at `start`, if one does."""
    n = start + 1
    while n < len(written) and written[n] != "]":
        n += 2 if written[n] == "\\" else 1
    if not written.startswith("](", n):
        return None
    close = written.find(")", n + 2)
    if close < 0 or not (address := written[n + 2 : close].strip()):
        return None
    return address.replace("%29", ")").replace("%28", "("), n, close + 1


@lru_cache(maxsize=1024)
def pieces(written: str) -> tuple[str, ...]:
    """A written text cut into sentences and lines, the white space after each with it: joined they are the
    text again. No cut falls inside a mark or a link, so each piece says what it looks like."""
    if SPECIAL.intersection(written):
        seen = signs(written)
        text = "".join(sign.text for sign in seen)
        cuts = [seen[cut - 1].end for cut in _edges(text) if seen[cut - 1].look == PLAIN]
    else:
        cuts = _edges(written)
    return tuple(written[a:b] for a, b in pairwise([0, *cuts, len(written)]) if a < b)


def _edges(text: str) -> list[int]:
    """Where sentences and lines begin in plain text, the first one left out."""
    lines = (found.end() for found in _LINE_END.finditer(text))
    return sorted({cut for cut in (*boundaries(text), *lines) if 0 < cut < len(text)})
