"""How many things wait for a person in each section of the Repairs tab."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session


def waiting(session: Session, user_id: str, now: datetime) -> dict[str, int]:
    """Counts by section key; a section without one has nothing that waits for this person."""
    return {}
