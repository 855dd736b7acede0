"""Who lives at a home, as far as they agreed that it is kept; and what goes when they no longer agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.repairs.dated_tables import tables_at
from models.base import mark_deleted
from models.changes import Changed
from models.repairs import OPEN, Household, Repair, State


@dataclass(frozen=True)
class HouseholdView:
    """Who lives there: in words, at risk by what, who asked when, until when it is kept."""

    words: str
    risks: tuple[str, ...]  # labels
    asked_by: str
    asked_at: datetime
    expires_on: date


def household_view(session: Session, place_key: str, today: date) -> HouseholdView | None:
    """Who lives at a place as far as it may still be kept, or None."""
    if not place_key:
        return None
    statement = select(Household).where(
        Household.place_key == place_key, Household.deleted.is_(False), Household.expires_on >= today
    )
    found = session.scalars(statement.order_by(Household.expires_on.desc()).limit(1)).first()
    if found is None:
        return None
    known = tables_at(session).risks
    labels = tuple(known[code].label if code in known else code for code in found.risks)
    return HouseholdView(found.words, labels, found.consent_by, found.consent_at, found.expires_on)


def end_consent(session: Session, place_key: str) -> Changed:
    """Takes away what is kept of who lives at a place, and what its ended repairs hold of it.

    A repair that is still open keeps what its date was promised by, until it is mended.
    """
    here = select(Household).where(Household.place_key == place_key, Household.deleted.is_(False))
    touched: list[Household | Repair] = list(session.scalars(here))
    for household in touched:
        mark_deleted(household)
    ended = select(Repair).where(
        Repair.place_key == place_key, Repair.deleted.is_(False), Repair.state.not_in((*OPEN, State.DRAFT))
    )
    for repair in session.scalars(ended):
        if repair.risks or repair.household_words:
            repair.risks, repair.household_words = [], ""
            touched.append(repair)
    return Changed.of(*touched)
