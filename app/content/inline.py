"""Words inside a block: runs of plain, strong, emphasised or linked text, and their one written form.

Written form: `**strong**`, `__emphasis__`, `[words](address)`; a backslash before `*`, `_`, `[`, `]` or `\\`
makes it an ordinary sign. Marks are closed at the end of every sentence and opened again, so that sentences
can be merged one by one and each still says what it looks like.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from models.sentences import SPECIAL, boundaries, signs


@dataclass(frozen=True)
class Run:
    """A stretch of text that looks the same throughout; `href` is empty where it is no link."""

    text: str
    bold: bool = False
    italic: bool = False
    href: str = ""

    def same_look(self, other: Run) -> bool:
        """Whether the two could be one run."""
        return (self.bold, self.italic, self.href) == (other.bold, other.italic, other.href)


Runs = tuple[Run, ...]


def joined(runs: Iterable[Run]) -> Runs:
    """The runs without empty ones, neighbours of the same look made one."""
    out: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if out and out[-1].same_look(run):
            out[-1] = replace(out[-1], text=out[-1].text + run.text)
        else:
            out.append(run)
    return tuple(out)


@lru_cache(maxsize=4096)
def read(written: str) -> Runs:
    """The runs of a written text. Never fails: a mark without its partner ends with the text."""
    looks = groupby(signs(written), key=lambda sign: sign.look)
    return tuple(Run("".join(sign.text for sign in same), *look) for look, same in looks)


def tidy(runs: Sequence[Run]) -> Runs:
    """The runs as they are written: looks end with their sentence, and spaces at their edges have none."""
    flat = joined(runs)
    cuts = boundaries("".join(run.text for run in flat))
    out: list[Run] = []
    place = 0
    for run in flat:
        inner = [cut - place for cut in cuts if place < cut < place + len(run.text)]
        for start, end in zip([0, *inner], [*inner, len(run.text)], strict=True):
            text = run.text[start:end]
            core = text.strip()
            first = text.index(core) if core else len(text)
            out += [Run(text[:first]), replace(run, text=core), Run(text[first + len(core) :])]
        place += len(run.text)
    return joined(out)


def write(runs: Sequence[Run]) -> str:
    """The one written form of runs; `read(write(runs)) == tidy(runs)`."""
    return "".join(_written(run) for run in tidy(runs))


def _written(run: Run) -> str:
    body = "".join(f"\\{sign}" if sign in SPECIAL else sign for sign in run.text)
    if run.italic:
        body = f"__{body}__"
    if run.bold:
        body = f"**{body}**"
    if run.href:
        address = run.href.strip().replace("(", "%28").replace(")", "%29")
        body = f"[{body}]({address})"
    return body


def plain(written: str) -> str:
    """The words alone."""
    if not SPECIAL.intersection(written):
        return written
    return "".join(run.text for run in read(written))


def plainly(text: str) -> str:
    """The written form of text without any marks."""
    return write((Run(text),))


def cut(runs: Sequence[Run], start: int, end: int) -> Runs:
    """The runs between two places of the plain text."""
    out: list[Run] = []
    place = 0
    for run in runs:
        first, last = max(start - place, 0), min(end - place, len(run.text))
        if first < last:
            out.append(replace(run, text=run.text[first:last]))
        place += len(run.text)
    return joined(out)


def put(runs: Sequence[Run], start: int, end: int, text: str) -> Runs:
    """The runs with other words between two places; they look like the first letter they replace."""
    look = next(iter(cut(runs, start, max(end, start + 1))), Run(""))
    size = sum(len(run.text) for run in runs)
    return joined((*cut(runs, 0, start), replace(look, text=text), *cut(runs, end, size)))
