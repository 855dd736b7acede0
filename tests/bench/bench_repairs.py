"""Repairs: how often triage is right, how quick lists, dates, photos and imports are, slots raced for.

Each part is a module `repairs_<part>` beside this one with `rows() -> (what, asked, measured)`. Data are made
here; the phrases are those of tests/app/repairs/phrases.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

Figures = dict[str, float | str]
Row = tuple[str, str, str]


def parts() -> list[str]:
    """The names of the parts, in order."""
    return sorted(path.stem for path in Path(__file__).parent.glob("repairs_*.py"))


def run(only: str = "") -> Figures:
    """The figures of every part, or of the one named, as asked and as measured."""
    figures: Figures = {}
    for name in parts():
        if only in ("", name, name.removeprefix("repairs_")):
            figures |= {_words(what, asked): measured for what, asked, measured in _rows(name)}
    return figures


def _rows(name: str) -> Iterator[Row]:
    yield from import_module(f"tests.bench.{name}").rows()


def _words(what: str, asked: str) -> str:
    return f"{what} (asked: {asked})" if asked else what
