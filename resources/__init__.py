"""What Holdall carries with it: fonts, icons, word lists, rule tables and the sample council, as files."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent


def path(*parts: str) -> Path:
    """The path of one carried file, for example `path("fonts", "SourceSans3-Regular.ttf")`."""
    return HERE.joinpath(*parts)
