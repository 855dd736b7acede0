"""A hazard case begins: from a repair that names a hazard, or by itself: a sensor, a check, staff."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.repairs.cases import words
from app.repairs.cases.settling import made_alike, open_case, settle
from app.repairs.dated_tables import tables_at
from app.repairs.places import new_reference, place_key, tidy_postcode, tidy_telephone
from app.repairs.records import author_of, now_of, repair_of
from app.repairs.tables import EMERGENCY_HAZARD
from app.repairs.trees import tree_of
from app.wording import clock_time, day_month, local_date
from models.changes import Changed
from models.repairs import HazardReport, Kind, Property, Repair, State, Trigger

ENDING = "-H"  # a case of repair AV-20417 is AV-20417-H, on every laptop


@dataclass(frozen=True)
class Opened:
    """A case that was opened, or was open already."""

    case_id: str
    changed: Changed


@dataclass(frozen=True)
class NewCase:
    """What is known of a hazard that did not come by a repair."""

    hazard: str  # a code of the table of hazards
    trigger: Trigger
    aware_at: datetime
    description: str
    address: str = ""
    postcode: str = ""
    property_id: str | None = None
    tenant_name: str = ""
    telephone: str = ""
    reported_by: str = ""
    location: str = ""
    emergency: bool = False
    at_risk: bool = False


def hazard_of(session: Session, repair: Repair) -> str:
    """The hazard that a repair names: the one with a clock, else the one of its outcome; "" for none."""
    if repair.hazard:
        return repair.hazard
    outcome = tree_of(session, repair).outcomes.get(repair.outcome or "")
    return outcome.hazard if outcome is not None else ""


def case_of_repair(session: Session, repair_id: str) -> str:
    """The id of the case that a repair opened; "" while it has none."""
    statement = select(HazardReport.id).where(
        HazardReport.repair_id == repair_id, HazardReport.deleted.is_(False)
    )
    return session.scalars(statement.order_by(HazardReport.id).limit(1)).first() or ""


def open_from_repair(session: Session, repair_id: str) -> Opened:
    """The hazard case of a repair; opened now if there is none yet. Its clocks run since the repair was told.

    Raises HoldallError for a repair that names no hazard or is not saved.
    """
    if known := case_of_repair(session, repair_id):
        return Opened(known, Changed())
    repair = repair_of(session, repair_id)
    hazard = hazard_of(session, repair)
    if not hazard:
        raise HoldallError(
            f"Repair {repair.reference} names no hazard.",
            "Open a case by itself, or change the answers of the repair.",
        )
    if repair.state is State.DRAFT:
        raise HoldallError(
            f"Repair {repair.reference} is not saved yet.", "Save it first: then its dates run."
        )
    author = author_of(session)
    home = session.get(Property, repair.property_id) if repair.property_id else None
    report = HazardReport(
        id=made_alike(repair.id, "hazard case"),
        reference=f"{repair.reference}{ENDING}",
        title=_title(hazard, repair.address, "Emergency" if hazard == EMERGENCY_HAZARD else ""),
        kind=repair.kind,
        repair_id=repair.id,
        property_id=repair.property_id,
        uprn=home.uprn if home is not None else None,
        tenant_name=repair.tenant_name,
        telephone=repair.telephone,
        address=repair.address,
        postcode=repair.postcode,
        place_key=repair.place_key,
        hazard=hazard,
        emergency=hazard == EMERGENCY_HAZARD,
        trigger=Trigger.TENANT_REPORT,
        reported_at=repair.reported_at,
        aware_at=repair.aware_at,
        reported_by_name=repair.tenant_name,
        officer_id=author.user_id,
        officer_name=author.name,
        description=repair.description or repair.title,
        location_details=repair.location_words,
        at_risk=repair.at_risk,
        unmet={},
    )
    session.add(report)
    return Opened(report.id, settle(session, report))


def open_by_itself(session: Session, new: NewCase) -> Opened:
    """A case without a repair. Raises HoldallError for an unknown hazard, a moment in the future, a case
    without words or address."""
    now, author = now_of(session), author_of(session)
    if new.hazard not in tables_at(session).hazards:
        raise HoldallError("Choose which hazard it may be.", "Take the nearest: a surveyor says what it is.")
    if new.aware_at > now:
        raise HoldallError("Nobody can know of it in the future.", "Write when we first knew.")
    if not new.description.strip():
        raise HoldallError("This case says nothing yet.", "Write what was seen, measured or told.")
    home = session.get(Property, new.property_id) if new.property_id else None
    address = home.address if home else new.address.strip()
    if not address:
        raise HoldallError("This case has no address yet.", "Write the house number and street.")
    postcode = home.postcode if home else tidy_postcode(new.postcode)
    report = HazardReport(
        reference=f"{new_reference(secrets.randbelow)}{ENDING}",
        title=_title(new.hazard, address),
        kind=home.tenure if home else Kind.TENANT,
        property_id=home.id if home else None,
        uprn=home.uprn if home else None,
        tenant_name=new.tenant_name.strip() or (home.tenant_name if home else ""),
        telephone=tidy_telephone(new.telephone) or (home.telephone if home else ""),
        address=address,
        postcode=postcode,
        place_key=home.place_key if home else place_key(address, postcode),
        hazard=new.hazard,
        emergency=new.emergency or new.hazard == EMERGENCY_HAZARD,
        trigger=new.trigger,
        reported_at=new.aware_at,
        aware_at=new.aware_at,
        reported_by_name=new.reported_by.strip(),
        officer_id=author.user_id,
        officer_name=author.name,
        description=new.description.strip(),
        location_details=new.location.strip(),
        at_risk=new.at_risk,
        unmet={},
    )
    session.add(report)
    return Opened(report.id, settle(session, report))


def _title(hazard: str, address: str, told: str = "") -> str:
    return f"{told or words.hazard_title(hazard)}, {address.partition(',')[0]}"[:200]


def knew_earlier(session: Session, case_id: str, aware_at: datetime) -> Changed:
    """Moves the start of the clocks to an earlier moment, as when a colleague was told first."""
    report = open_case(session, case_id)
    if aware_at >= report.aware_at:
        since = f"{day_month(local_date(report.aware_at))}, {clock_time(report.aware_at)}"
        raise HoldallError(
            f"The clocks run since {since} already.", "They can start earlier, and never later."
        )
    report.aware_at = aware_at
    report.reported_at = min(report.reported_at, aware_at)
    return settle(session, report)
