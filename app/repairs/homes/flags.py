"""What to know of a home before anybody is sent: warranty, legal claim, no repairs, whose contractor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.wording import date_year
from models.repairs import Property


class FlagKind(StrEnum):
    """What a flag is about, the most pressing first."""

    STOPPED = "stopped"
    LEGAL = "legal"
    WARRANTY = "warranty"
    CONTRACTOR = "contractor"


@dataclass(frozen=True)
class Flag:
    """One thing to know, as a chip and as a sentence that says what to do."""

    kind: FlagKind
    chip: str
    words: str

    @property
    def pressing(self) -> bool:
        """Whether somebody has to do something before a repair is promised."""
        return self.kind is not FlagKind.CONTRACTOR


def flags_of(home: Property, today: date) -> tuple[Flag, ...]:
    """The flags of a home on a day; a warranty that has ended is none."""
    found = []
    if home.no_repair_reason:
        said = f"No repairs here: {home.no_repair_reason[:1].lower()}{home.no_repair_reason[1:]}."
        found.append(
            Flag(FlagKind.STOPPED, "No repairs", f"{said} Ask the team lead before you promise one.")
        )
    if home.legal_disrepair:
        found.append(
            Flag(
                FlagKind.LEGAL, "Legal claim", "Legal claim open: tell the legal team before anybody is sent."
            )
        )
    under_warranty = home.warranty_until is not None and home.warranty_until >= today
    if under_warranty and home.warranty_until is not None:
        who = home.contractor or "the builder"
        said = f"Under warranty until {date_year(home.warranty_until)}: ring {who} first."
        found.append(Flag(FlagKind.WARRANTY, "Under warranty", said))
    elif home.contractor:
        found.append(
            Flag(FlagKind.CONTRACTOR, home.contractor, f"Repairs here are done by {home.contractor}.")
        )
    return tuple(found)


def home_at(session: Session, property_id: str | None, place_key: str) -> Property | None:
    """The home of the council's list that a repair is at, by its id or else by its place; None for none."""
    home = session.get(Property, property_id) if property_id else None
    if home is not None and not home.deleted:
        return home
    if not place_key:
        return None
    here = select(Property).where(Property.place_key == place_key, Property.deleted.is_(False))
    return session.scalars(here.order_by(Property.id).limit(1)).first()
