"""How many things wait for a person in each section of the Repairs tab."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.repairs.cases.views import waiting_cases
from app.repairs.dated_tables import tables_at
from app.repairs.rules import soon_until
from app.repairs.visit_views import visits_to_ring


def waiting(session: Session, user_id: str, now: datetime) -> dict[str, int]:
    """Counts by section key; a section without one has nothing that waits for this person."""
    return {
        "visits": visits_to_ring(session),
        "cases": waiting_cases(session, soon_until(now, tables_at(session).calendar)),
    }
