"""Two versions of one text, told apart by sentence and by word, for the person who has to choose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from app.content import inline
from models.sentences import pieces
from models.text_merge import shared_ends


@dataclass(frozen=True)
class Version:
    """One side of a conflict: whose, when, its changed sentences, and the stretches of them that differ."""

    who: str
    at: datetime | None
    text: str  # the changed sentences, plain
    marks: tuple[tuple[int, int], ...]  # stretches of `text` that the version before does not have
    whole: str  # the whole field in written form, as it would stand


@dataclass(frozen=True)
class ToSettle:
    """One conflict on a page: the block (or "title", "summary"), what was, and the two versions.

    `mine_kept` says whether my version is the one that the record holds.
    """

    conflict_id: str
    block_id: str
    field: str
    before: str
    mine: Version
    theirs: Version
    mine_kept: bool
    same_before: int = 0  # sentences at the beginning and at the end that all versions share
    same_after: int = 0
    am_one: bool = True  # False for somebody who settles what two others wrote

    def with_words(self, text: str) -> str:
        """My whole version with other words in the place of the sentences that differ."""
        parts = pieces(self.mine.whole)
        last = len(parts) - self.same_after
        middle = inline.plainly(text.strip())
        if self.same_after:
            middle += " "
        return "".join([*parts[: self.same_before], middle, *parts[last:]])

    @property
    def both(self) -> str:
        """The whole field with both versions of the sentence, mine first."""
        return join(self.mine.whole, self.theirs.whole)


def shown(base: str, one: str, other: str) -> tuple[str, str, str]:
    """The sentences to show of a text and its two versions, plain: those that either version changed."""
    first, tail = shared_ends(base, one, other)
    cut = [pieces(text) for text in (base, one, other)]
    parts = [inline.plain("".join(all_[first : len(all_) - tail]).strip()) for all_ in cut]
    return parts[0], parts[1], parts[2]


def new_words(base: str, version: str) -> tuple[tuple[int, int], ...]:
    """The stretches of `version` whose words `base` does not have there, neighbours joined."""
    old, new = _tokens(base), _tokens(version)
    matcher = SequenceMatcher(None, [text for text, _ in old], [text for text, _ in new], autojunk=False)
    out: list[tuple[int, int]] = []
    for tag, _, _, start, end in matcher.get_opcodes():
        if tag == "equal" or start == end:
            continue
        first, last = new[start][1], new[end - 1][1] + len(new[end - 1][0])
        if out and not version[out[-1][1] : first].strip():
            out[-1] = (out[-1][0], last)
        else:
            out.append((first, last))
    return tuple(out)


def _tokens(text: str) -> list[tuple[str, int]]:
    """Words and signs with their places; spaces are left out."""
    return [(found.group(), found.start()) for found in re.finditer(r"\w+|[^\w\s]", text)]


def join(one: str, other: str) -> str:
    """A text that holds the sentences of both, those of `one` first where they differ."""
    a, b = pieces(one), pieces(other)
    matcher = SequenceMatcher(None, [s.strip() for s in a], [s.strip() for s in b], autojunk=False)
    out: list[str] = []
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        out += a[a1:a2]
        if tag != "equal":
            out += b[b1:b2]
    spaced = [part if part[-1:].isspace() else f"{part} " for part in out if part.strip()]
    return "".join(spaced).rstrip()
