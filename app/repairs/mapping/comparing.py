"""An edition beside another one, or beside another council's file: what changed, and whose codes."""

from __future__ import annotations

from dataclasses import dataclass

from app.repairs.mapping.config import read_config
from app.repairs.mapping.coverage import Coverage, Leaf, compare, leaves_of, leaves_of_ends
from app.repairs.mapping.diff import Diff, diff
from app.repairs.mapping.ends import ends_of
from app.repairs.mapping.views import EditionView


@dataclass(frozen=True)
class Compared:
    """What came of comparing: differences of the questions where both are editions, and of the codes."""

    here: str
    there: str
    changes: Diff | None  # from there to here
    codes: Coverage


def compare_editions(here: EditionView, there: EditionView) -> Compared:
    """Two editions; the changes lead from the other one to this one."""
    codes = compare(leaves_of_ends(ends_of(here.tree)), leaves_of_ends(ends_of(there.tree)))
    return Compared(here.row.name, there.row.name, diff(there.tree, here.tree), codes)


def compare_file(here: EditionView, data: bytes, name: str) -> Compared:
    """An edition and a mapping as another council publishes it; raises BadFile when it cannot be read.

    Places are compared by their paths where the edition was read from such a file too.
    """
    config = read_config(data, name)
    theirs = leaves_of(config)
    if "" in config.places:
        theirs = [Leaf(f"tenant/{leaf.path}", leaf.code, leaf.words) for leaf in theirs]
    ours = [Leaf(leaf.path.replace("/more/", "/"), leaf.code, leaf.words)
            for leaf in leaves_of_ends(ends_of(here.tree))]  # fmt: skip
    return Compared(here.row.name, f"“{name}”", None, compare(ours, theirs))
