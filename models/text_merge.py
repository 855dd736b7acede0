"""Running text that two people changed apart, brought together sentence by sentence.

Sentences changed by one side are taken as they are; changed by both, differently, they clash and a person
chooses. Every sentence of the outcome was written by one of the two; neither side's change is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal, NamedTuple

from models.sentences import pieces

ALIKE = 0.5  # share of words from which one sentence counts as a new wording of another
PAIRS = 900  # old times new sentences up to which wordings are paired one by one
Winner = Literal["base", "mine", "theirs"]


class Sentence(NamedTuple):
    """A sentence and the white space after it; None where the text ends with it."""

    core: str
    gap: str | None


@dataclass(frozen=True)
class Clash:
    """A stretch of sentences that both sides changed, differently: before, mine, theirs."""

    base: tuple[Sentence, ...]
    mine: tuple[Sentence, ...]
    theirs: tuple[Sentence, ...]


@dataclass(frozen=True)
class Merged:
    """The outcome of a merge: the sentences in order, clashes in their places, space at both ends."""

    parts: tuple[Sentence | Clash, ...]
    lead: str = ""
    tail: str = ""

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """What a person has to choose about."""
        return tuple(part for part in self.parts if isinstance(part, Clash))

    def text(self, winner: Winner = "theirs") -> str:
        """The whole text, with one side's words wherever the two clash."""
        flat: list[Sentence] = []
        for part in self.parts:
            flat += getattr(part, winner) if isinstance(part, Clash) else (part,)
        return _written(flat, self.lead, self.tail)


def merge_text(base: str | None, mine: str | None, theirs: str | None) -> Merged:
    """Two changes of one text brought together; what clashes stands in `clashes`.

    The same two changes come to the same text whichever of them is called mine, as far as nothing clashes.
    """
    base, mine, theirs = base or "", mine or "", theirs or ""
    if mine in (theirs, base):
        return _whole(theirs)
    if theirs == base:
        return _whole(mine)
    old, one, two = _Side(base), _Side(mine), _Side(theirs)
    parts = tuple(_parts(old.sentences, one.sentences, two.sentences))
    lead, tail = _space(old.lead, one.lead, two.lead), _space(old.tail, one.tail, two.tail)
    made = Merged(parts, lead or "", tail or "")
    winners: tuple[Winner, ...] = ("base", "mine", "theirs") if made.clashes else ("mine",)
    if all(_holds(made, winner) for winner in winners):
        return made
    whole = Clash(tuple(old.sentences), tuple(one.sentences), tuple(two.sentences))
    return Merged((whole,), made.lead, made.tail)


def replayed_text(base: str | None, mine: str | None, theirs: str | None) -> str:
    """What the author of a change sees on top of what others wrote: both, and their own words in a clash."""
    return merge_text(base, mine, theirs).text("mine")


@dataclass(frozen=True)
class Question:
    """What a person chooses between: the sentences in which a text and its two versions differ, and the
    text before and after them that all share."""

    base: str
    one: str
    other: str
    head: str
    foot: str

    def whole(self, words: str) -> str:
        """The whole text with other words in the place of the sentences that differ."""
        return self.head + words.strip() + (" " if words.strip() and self.foot else "") + self.foot


def question(base: str | None, one: str | None, other: str | None) -> Question:
    """What two versions of a text leave to choose."""
    texts = (base or "", one or "", other or "")
    first, tail = shared_ends(*texts)
    cut = [pieces(text) for text in texts]
    asked = ["".join(all_[first : len(all_) - tail]).strip() for all_ in cut]
    return Question(
        asked[0],
        asked[1],
        asked[2],
        "".join(cut[1][:first]),
        "".join(cut[1][len(cut[1]) - tail :]),
    )


def shared_ends(base: str, one: str, other: str) -> tuple[int, int]:
    """How many sentences at the beginning and at the end a text and two versions of it share."""
    old = pieces(base)
    first, last = len(old), 0
    for version in (one, other):
        start, end = _same_ends(old, pieces(version))
        first, last = min(first, start), max(last, len(old) - end)
    return first, len(old) - last


def _same_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    most = min(len(old), len(new))
    start = 0
    while start < most and old[start].strip() == new[start].strip():
        start += 1
    end = 0
    while end < most - start and old[-1 - end].strip() == new[-1 - end].strip():
        end += 1
    return start, end


class _Side:
    """A text taken apart."""

    def __init__(self, text: str) -> None:
        body = text.strip()
        at = text.find(body) if body else len(text)
        self.lead, self.tail = text[:at], text[at + len(body) :]
        self.sentences = _sentences(body)


def _sentences(body: str) -> list[Sentence]:
    found = [(piece.strip(), piece[len(piece.rstrip()) :]) for piece in pieces(body)]
    made = [Sentence(core, gap) for core, gap in found if core]
    return [*made[:-1], Sentence(made[-1].core, None)] if made else []


def _whole(text: str) -> Merged:
    side = _Side(text)
    return Merged(tuple(side.sentences), side.lead, side.tail)


def _written(sentences: Sequence[Sentence], lead: str, tail: str) -> str:
    out, space = [lead], " "
    for core, gap in sentences:
        space = gap or space  # where a side's last sentence is last no more, as the one before it
        out += (core, space)
    return "".join([*(out[:-1] if sentences else out), tail])


def _holds(made: Merged, winner: Winner) -> bool:
    """Whether the sentences are still told apart once they stand side by side."""
    meant: list[str] = []
    for part in made.parts:
        chosen = getattr(part, winner) if isinstance(part, Clash) else (part,)
        meant += [sentence.core for sentence in chosen]
    return [sentence.core for sentence in _Side(made.text(winner)).sentences] == meant


def _space(base: str | None, mine: str | None, theirs: str | None) -> str | None:
    """White space that both may have changed; where they differ the wider one stands. None says nothing."""
    mine, theirs = mine if mine is not None else base, theirs if theirs is not None else base
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    return max(mine or "", theirs or "", key=lambda gap: (gap.count("\n"), gap))


# -- what each side did to the old text --------------------------------------------------------------


@dataclass(eq=False)
class _Hunk:
    """The old sentences `start` to `end` in one side's new wording; an insertion where the two are equal."""

    start: int
    end: int
    new: tuple[Sentence, ...]

    @property
    def removes(self) -> bool:
        """Whether old sentences go without anything in their place."""
        return self.end > self.start and not self.new


def _hunks(old: Sequence[Sentence], new: Sequence[Sentence]) -> list[_Hunk]:
    """What was done, as small as it can be said: sentence by sentence where one is a wording of another."""
    matcher = SequenceMatcher(None, _cores(old), _cores(new), autojunk=False)
    made: list[_Hunk] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        begin_i, begin_j = i1, j1
        for i, j in [*_pairs(old[i1:i2], new[j1:j2]), (i2 - i1, j2 - j1)]:
            made += _between(begin_i, i1 + i, new[begin_j : j1 + j])
            if i1 + i < i2 and j1 + j < j2:
                made.append(_Hunk(i1 + i, i1 + i + 1, (new[j1 + j],)))
            begin_i, begin_j = i1 + i + 1, j1 + j + 1
    return made


def _between(start: int, end: int, new: Sequence[Sentence]) -> list[_Hunk]:
    if end > start and not new:
        return [_Hunk(n, n + 1, ()) for n in range(start, end)]
    return [_Hunk(start, end, tuple(new))] if new else []


def _pairs(old: Sequence[Sentence], new: Sequence[Sentence]) -> list[tuple[int, int]]:
    """Which new sentences are new wordings of which old ones, in order, as alike as can be in all."""
    rows, columns = len(old), len(new)
    if not rows or not columns or rows * columns > PAIRS:
        return []
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    score = [[_alike(a.core, b.core) for b in new] for a in old]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            together = score[i][j] + best[i + 1][j + 1] if score[i][j] >= ALIKE else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < rows and j < columns:
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append((i, j))
            i, j = i + 1, j + 1
    return found


@lru_cache(maxsize=8192)
def _alike(one: str, other: str) -> float:
    """How much of two sentences is the same words in the same order, 0 to 1; the same either way round."""
    first, second = sorted((one, other))
    return SequenceMatcher(None, first.lower().split(), second.lower().split(), autojunk=False).ratio()


# -- bringing both together --------------------------------------------------------------------------


@dataclass
class _Region:
    """Hunks of the two sides that touch each other, over one stretch of the old text."""

    mine: list[_Hunk]
    theirs: list[_Hunk]
    start: int
    end: int


def _parts(
    old: Sequence[Sentence], one: Sequence[Sentence], two: Sequence[Sentence]
) -> Iterable[Sentence | Clash]:
    """The merged sentences in order."""
    sides = (_hunks(old, one), _hunks(old, two))
    gaps = [_gaps(old, side) for side in (one, two)]
    kept = [
        Sentence(core, _space(gap, gaps[0].get(n, gap), gaps[1].get(n, gap)))
        for n, (core, gap) in enumerate(old)
    ]
    inserts: dict[int, _Region] = {}
    ranges: dict[int, _Region] = {}
    for region in _regions(*sides):
        (ranges if region.end > region.start else inserts)[region.start] = region
    place = 0
    while place <= len(old):
        if place in inserts:
            yield from _inserted(inserts[place], bool(old))
        if place in ranges:
            region = ranges[place]
            yield from _settled(region, old, kept)
            place = region.end
            continue
        if place < len(old):
            yield kept[place]
        place += 1


def _gaps(old: Sequence[Sentence], new: Sequence[Sentence]) -> dict[int, str | None]:
    """The white space that a side has after each old sentence it kept."""
    matcher = SequenceMatcher(None, _cores(old), _cores(new), autojunk=False)
    return {a + n: new[b + n].gap for a, b, size in matcher.get_matching_blocks() for n in range(size)}


def _regions(mine: list[_Hunk], theirs: list[_Hunk]) -> list[_Region]:
    """The hunks of both, those that touch together."""
    group: dict[_Hunk, _Hunk] = {hunk: hunk for hunk in (*mine, *theirs)}

    def root(hunk: _Hunk) -> _Hunk:
        while group[hunk] is not hunk:
            group[hunk] = group[group[hunk]]
            hunk = group[hunk]
        return hunk

    for hunk, other in _touching(mine, theirs):
        group[root(hunk)] = root(other)
    found: dict[_Hunk, _Region] = {}
    for side, hunks in (("mine", mine), ("theirs", theirs)):
        for hunk in hunks:
            region = found.setdefault(root(hunk), _Region([], [], hunk.start, hunk.end))
            getattr(region, side).append(hunk)
            region.start, region.end = min(region.start, hunk.start), max(region.end, hunk.end)
    return list(found.values())


def _touching(mine: list[_Hunk], theirs: list[_Hunk]) -> Iterable[tuple[_Hunk, _Hunk]]:
    """Pairs that cannot be looked at apart: the same old sentence or place, and an insertion into what the
    other side rewrote or removed as a whole."""
    covers = [{n: hunk for hunk in side for n in range(hunk.start, hunk.end)} for side in (mine, theirs)]
    inserts = [{hunk.start: hunk for hunk in side if hunk.start == hunk.end} for side in (mine, theirs)]
    for n, hunk in covers[0].items():
        if n in covers[1]:
            yield hunk, covers[1][n]
    for place, hunk in inserts[0].items():
        if place in inserts[1]:
            yield hunk, inserts[1][place]
    for here, there in ((0, 1), (1, 0)):
        for place, hunk in inserts[here].items():
            before, after = covers[there].get(place - 1), covers[there].get(place)
            if before is None or after is None:
                continue
            if before is after or (before.removes and after.removes):
                yield hunk, before
                yield hunk, after


def _settled(
    region: _Region, old: Sequence[Sentence], kept: Sequence[Sentence]
) -> tuple[Sentence | Clash, ...]:
    """What a region comes to."""
    before, now = old[region.end - 1].gap, kept[region.end - 1].gap

    def spaced(made: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
        return (*made[:-1], Sentence(made[-1].core, _space(before, made[-1].gap, now))) if made else made

    mine, theirs = (spaced(_applied(hunks, region, kept)) for hunks in (region.mine, region.theirs))
    if not region.theirs:
        return mine
    if not region.mine:
        return theirs
    if _cores(mine) == _cores(theirs):
        return _same(mine, theirs)
    return (Clash(tuple(kept[region.start : region.end]), mine, theirs),)


def _applied(hunks: list[_Hunk], region: _Region, old: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """A side's words over a region."""
    out: list[Sentence] = []
    place = region.start
    for hunk in sorted(hunks, key=lambda hunk: (hunk.start, hunk.end)):
        out += [*old[place : hunk.start], *hunk.new]
        place = hunk.end
    return (*out, *old[place : region.end])


def _inserted(region: _Region, beside: bool) -> Iterable[Sentence | Clash]:
    """New sentences at one place: those that both wrote once, different ones one after the other in an order
    that does not ask whose they are. New wordings of one another clash, and so does a text begun twice."""
    mine, theirs = ([s for hunk in hunks for s in hunk.new] for hunks in (region.mine, region.theirs))
    turned = _cores(mine) > _cores(theirs)
    first, second = (theirs, mine) if turned else (mine, theirs)
    matcher = SequenceMatcher(None, _cores(first), _cores(second), autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        one, two = tuple(first[i1:i2]), tuple(second[j1:j2])
        if tag == "equal":
            yield from _same(one, two)
        elif not one or not two:
            yield from one or two
        elif not beside or any(_alike(a.core, b.core) >= ALIKE for a in one for b in two):
            yield Clash((), *((two, one) if turned else (one, two)))
        else:
            for part in sorted((one, two), key=lambda part: (not _ends(part[-1].core), _cores(part))):
                yield from part


def _ends(core: str) -> bool:
    """Whether something written after this sentence would be a sentence of its own."""
    return len(pieces(f"{core} X")) > 1


def _same(one: Sequence[Sentence], two: Sequence[Sentence]) -> tuple[Sentence, ...]:
    return tuple(Sentence(a.core, _space(None, a.gap, b.gap)) for a, b in zip(one, two, strict=True))


def _cores(sentences: Iterable[Sentence]) -> list[str]:
    return [sentence.core for sentence in sentences]
