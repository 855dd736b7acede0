"""What the people who mend need to know of one repair: read once, for the work order and for HACT messages.

Who lives there and what they are ill with is no business of an order: of people at risk it says only that
somebody may need time at the door, of an alert about a person only that there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.repairs import words
from app.repairs.photos.keeping import PhotoView
from app.repairs.records import repair_of
from app.repairs.rules import Deadline
from app.repairs.tables import Tables
from app.repairs.views import repair_view
from app.repairs.visit_views import VisitView
from app.wording import local_date
from models.repairs import Alert, AlertKind, Property, Repair, State

SLOW_TO_THE_DOOR = "Give people time to come to the door."


@dataclass(frozen=True)
class AlertView:
    """Something to know before a visit: what it is about, the council's own code for it, and its words."""

    kind: AlertKind
    code: str
    words: str


@dataclass(frozen=True)
class Order:
    """One repair as the people who mend see it."""

    id: str
    reference: str
    title: str
    state: State
    description: str
    location: str  # where in the home: "Kitchen, behind the cooker"
    code: str  # schedule of rates, an opaque string
    code_name: str
    trade: str
    band: str  # code of the council's band
    band_label: str
    target_at: datetime | None
    first: Deadline | None  # the promised date with its reasons; None where none runs
    reported_at: datetime
    officer: str
    tenant: str
    telephone: str
    communal: bool
    at_risk: bool
    address: str
    postcode: str
    uprn: str
    property_ref: str
    alerts: tuple[AlertView, ...]
    photos: tuple[PhotoView, ...]
    visit: VisitView | None
    emergency: bool

    @property
    def where(self) -> str:
        """Address and postcode in one line."""
        return f"{self.address} {self.postcode}".strip()


def read_order(session: Session, repair_id: str, today: date) -> Order:
    """The order of one repair; raises NotFound."""
    repair = repair_of(session, repair_id)
    view = repair_view(session, repair_id, today)
    home = session.get(Property, repair.property_id) if repair.property_id else None
    return Order(
        id=repair.id,
        reference=repair.reference,
        title=repair.title,
        state=repair.state,
        description=repair.description.strip(),
        location=_location(repair, words.path_of(view.path.way.given)),
        code=repair.code or "",
        code_name=view.outcome.label if view.outcome else "",
        trade=repair.trade or "",
        band=repair.band or "",
        band_label=_band_label(repair, view.tables),
        target_at=repair.target_at,
        first=view.first,
        reported_at=repair.reported_at,
        officer=repair.officer_name,
        tenant=repair.tenant_name,
        telephone=repair.telephone,
        communal=view.communal,
        at_risk=repair.at_risk,
        address=repair.address,
        postcode=repair.postcode,
        uprn=(home.uprn or "") if home is not None else "",
        property_ref=home.property_ref if home is not None else "",
        alerts=alerts_at(session, repair.place_key, today),
        photos=view.photos,
        visit=view.visit,
        emergency=view.emergency is not None,
    )


def _band_label(repair: Repair, known: Tables) -> str:
    table, code = known.bands_on(local_date(repair.reported_at)), repair.band or ""
    return table.labels.get(code, code)


def _location(repair: Repair, path: list[str]) -> str:
    parts = [*path[:1], repair.location_words.strip()]
    return ", ".join(part for part in parts if part)


def alerts_at(session: Session, place_key: str, today: date) -> tuple[AlertView, ...]:
    """What to know before a visit to a place, as far as it still holds; the place's first, then people's."""
    if not place_key:
        return ()
    statement = select(Alert).where(
        Alert.place_key == place_key,
        Alert.deleted.is_(False),
        or_(Alert.expires_on.is_(None), Alert.expires_on >= today),
    )
    found = session.scalars(statement.order_by(Alert.kind, Alert.set_at, Alert.id))
    return tuple(AlertView(a.kind, a.code, a.words) for a in found)
