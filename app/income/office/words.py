"""Words an officer gives with an act: notes and reasons, trimmed, weighed and fit to keep."""

from __future__ import annotations

from app.errors import HoldallError
from models.types import clean_text

LONGEST_NOTE = 4_000


def kept(text: str, what: str) -> str:
    """Return text ready to keep. Raises BadText for odd characters, HoldallError beyond 4,000 of them."""
    if len(text) > LONGEST_NOTE:
        raise HoldallError(
            f"{what} is {len(text):,} characters long; {LONGEST_NOTE:,} fit.",
            "Keep the part a colleague needs.",
        )
    return clean_text(text.strip(), LONGEST_NOTE)


def needed(text: str, what: str, title: str, advice: str) -> str:
    """Return text ready to keep that may not be empty; raises HoldallError(title, advice) when it is."""
    words = kept(text, what)
    if not words:
        raise HoldallError(title, advice)
    return words
