"""What a mapping covers: leaves with and without a code, exits, and what two councils share or contradict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.repairs.mapping.config import Config, Node
from app.repairs.mapping.ends import End


@dataclass(frozen=True)
class Leaf:
    """One end of a mapping that carries a code, or should: blank codes are "" ."""

    path: str
    code: str
    words: str = ""  # the path as a person reads it


@dataclass(frozen=True)
class Conflict:
    """The same path with another code."""

    path: str
    a: str
    b: str


@dataclass(frozen=True)
class Coverage:
    """How two lists of leaves stand to each other; codes are compared letter by letter."""

    blank_a: tuple[str, ...]  # paths without a code
    blank_b: tuple[str, ...]
    shared: tuple[str, ...]  # codes that both use
    only_a: tuple[str, ...]  # orphans: codes that the other has not
    only_b: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    shared_figures: tuple[str, ...]  # codes that are equal once their leading letters are taken away

    @property
    def per_cent(self) -> int:
        """Of all codes in either, how many per cent both use (Jaccard), to the nearest whole."""
        union = len(self.shared) + len(self.only_a) + len(self.only_b)
        return round(100 * len(self.shared) / union) if union else 0


def leaves_of(config: Config, beside: Config | None = None) -> list[Leaf]:
    """The leaves of a mapping as it was read. Beside one that names kinds of home, a file that names none
    speaks of tenants."""
    first = "tenant/" if "" in config.places and beside is not None and "" not in beside.places else ""
    words: dict[str, str] = {}
    found = []
    for node in config.nodes():
        above = node.path[: -len(node.value) - 1] if "/" in node.path else ""
        words[node.path] = f"{words[above]}, {node.display.lower()}" if above in words else node.display
        if _is_leaf(node):
            found.append(Leaf(first + node.path, node.code or "", words[node.path]))
    return found


def _is_leaf(node: Node) -> bool:
    return node.ends and not (node.exit and not node.code)


def leaves_of_ends(ends: Iterable[End]) -> list[Leaf]:
    """The leaves of an edition: where its ways end with a schedule of rates code."""
    return [Leaf("/".join(e.path), e.code, e.words) for e in ends if not e.exit]


def compare(a: Sequence[Leaf], b: Sequence[Leaf]) -> Coverage:
    """Blank, orphan, shared and conflicting codes of two councils."""
    codes_a, codes_b = {x.code for x in a if x.code}, {x.code for x in b if x.code}
    by_path = {leaf.path: leaf.code for leaf in b if leaf.code}
    conflicts = [
        Conflict(leaf.path, leaf.code, by_path[leaf.path])
        for leaf in a
        if leaf.code and leaf.path in by_path and by_path[leaf.path] != leaf.code
    ]
    figures = {_figures(code) for code in codes_a} & {_figures(code) for code in codes_b}
    return Coverage(
        blank_a=tuple(x.path for x in a if not x.code),
        blank_b=tuple(x.path for x in b if not x.code),
        shared=tuple(sorted(codes_a & codes_b)),
        only_a=tuple(sorted(codes_a - codes_b)),
        only_b=tuple(sorted(codes_b - codes_a)),
        conflicts=tuple(conflicts),
        shared_figures=tuple(sorted(f for f in figures if f)),
    )


def _figures(code: str) -> str:
    """A code without its leading letters: councils put letters of their own before one national number."""
    return code.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
