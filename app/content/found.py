"""What a check says: the thing found, where it stands, and the words or kind that would put it right."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.content import BlockKind


class Level(StrEnum):
    """How much a finding weighs: an error keeps the page from review."""

    ERROR = "error"
    WARN = "warn"
    HINT = "hint"


@dataclass(frozen=True)
class Place:
    """A stretch of a block's plain text; `block_id` may be "title" or "summary"."""

    block_id: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Fix:
    """Words to put in a place, or another kind for its block; `label` is the word on the button."""

    label: str
    where: Place
    text: str | None = None
    kind: BlockKind | None = None


@dataclass(frozen=True)
class Finding:
    """One thing found. `act` names a part of the screen to open where it is no place in the text:
    "contact" or "news-day"."""

    rule: str
    level: Level
    title: str
    advice: str = ""
    where: Place | None = None
    fix: Fix | None = None
    act: str = ""
