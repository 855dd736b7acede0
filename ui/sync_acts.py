"""The ways out of what a sync could not do by itself: giving up an act, trying again, settling a conflict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from models.changes import Changed
from ui.sync_items import Refused

Choice = Literal["keep", "take", "custom"]


@dataclass(frozen=True)
class Way:
    """One way out: the button's words, the act's label for undo and history, and the act."""

    words: str
    label: str
    work: Callable[[Session], Changed]


class Acts:
    """What the sync panel can do about refused acts and open conflicts. It works with no network."""

    def reason(self, item: Refused) -> tuple[str, str]:
        """A title and a sentence for a refusal."""
        from sync.words import refusal

        return refusal(item)

    def ways_out(self, item: Refused) -> list[Way]:
        """What a person can do about a refusal, the likeliest first."""
        return []

    def settle(self, session: Session, conflict_id: str, choice: Choice, text: str | None) -> Changed:
        """Settles a conflict."""
        return Changed()
