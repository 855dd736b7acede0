"""A home as its page shows it: facts, flags, alerts, who lives there, past repairs and who rang."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.repairs.homes.alerts import AlertView, alerts_at
from app.repairs.homes.contacts import ContactView
from app.repairs.homes.flags import Flag, flags_of
from app.repairs.homes.past import HomePast, past_of_home
from app.repairs.homes.people import HouseholdView, household_view
from app.wording import date_year
from models.changes import Changed
from models.repairs import Contact, ContactKind, Kind, Property

TENURE_WORDS = {
    Kind.TENANT: "Council tenant",
    Kind.LEASEHOLD: "Leaseholder",
    Kind.COMMUNAL: "Shared part of a block",
}
MOST_CONTACTS = 12


@dataclass(frozen=True)
class HomeView:
    """One home with everything around it."""

    id: str
    address: str
    postcode: str
    place_key: str
    tenure: Kind
    tenant: str
    telephone: str
    facts: tuple[tuple[str, str], ...]  # heading, value; only what is known
    flags: tuple[Flag, ...]
    alerts: tuple[AlertView, ...]
    household: HouseholdView | None
    past: HomePast
    contacts: tuple[ContactView, ...]  # newest first
    chases: dict[str, int]  # repair id -> how often it was chased
    legal_disrepair: bool

    @property
    def where(self) -> str:
        """Address and postcode in one line."""
        return f"{self.address} {self.postcode}"


def home_view(session: Session, home_id: str, today: date) -> HomeView:
    """One home of the council's list; raises NotFound."""
    h = home_of(session, home_id)
    past = past_of_home(session, h, today)
    return HomeView(
        h.id,
        h.address,
        h.postcode,
        h.place_key,
        h.tenure,
        h.tenant_name,
        h.telephone,
        _facts(h),
        flags_of(h, today),
        alerts_at(session, h.place_key, today, h.block),
        household_view(session, h.place_key, today),
        past,
        _contacts(session, h.place_key),
        _chases(session, [p.id for p in (*past.here, *past.stack, *past.block)]),
        h.legal_disrepair,
    )


def home_of(session: Session, home_id: str) -> Property:
    """The home with this id; raises NotFound."""
    home = session.get(Property, home_id)
    if home is None or home.deleted:
        raise NotFound("This home is not in the list any more.", "Look for its address.")
    return home


def set_legal_claim(session: Session, home_id: str, is_open: bool) -> Changed:
    """Says that a legal claim about disrepair is open at a home, or that it has ended."""
    home = home_of(session, home_id)
    home.legal_disrepair = is_open
    return Changed.of(home)


def _facts(h: Property) -> tuple[tuple[str, str], ...]:
    gas = {True: "Yes", False: "No", None: ""}[h.gas_supply]
    block = ", ".join(part for part in (h.block or "", f"{h.stack} stack" if h.stack else "") if part)
    pairs = (
        ("Tenure", TENURE_WORDS[h.tenure]),
        ("Name", h.tenant_name),
        ("Telephone", h.telephone),
        ("Reference", h.property_ref),
        ("UPRN", h.uprn or ""),
        ("Ward", h.ward),
        ("Block", block),
        ("Gas", gas),
        ("Built", str(h.build_year or "")),
        ("Contractor", h.contractor),
        ("Warranty until", date_year(h.warranty_until) if h.warranty_until else ""),
    )
    return tuple(pair for pair in pairs if pair[1])


def _contacts(session: Session, place_key: str) -> tuple[ContactView, ...]:
    statement = select(Contact).where(Contact.place_key == place_key, Contact.deleted.is_(False))
    found = session.scalars(statement.order_by(Contact.at.desc(), Contact.id.desc()).limit(MOST_CONTACTS))
    return tuple(ContactView(c.id, c.kind, c.reason, c.at, c.by_name, c.words, c.repair_id) for c in found)


def _chases(session: Session, ids: list[str]) -> dict[str, int]:
    rows = session.execute(
        select(Contact.repair_id, func.count())
        .where(Contact.repair_id.in_(ids), Contact.kind == ContactKind.CHASE, Contact.deleted.is_(False))
        .group_by(Contact.repair_id)
    )
    return {row[0]: row[1] for row in rows}
