"""Alerts: what to know before anybody goes there, about a person or the place, until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.repairs.records import author_of, now_of
from app.wording import local_date
from models.base import mark_deleted
from models.changes import Changed
from models.repairs import Alert, AlertKind, Kind, Property

LONGEST_MONTHS = 24  # an alert about a person is looked at again by then
LONGEST_WORDS = 200


@dataclass(frozen=True)
class AlertView:
    """An alert that holds: about whom or what, its words, who set it, until when."""

    id: str
    kind: AlertKind
    words: str
    set_by: str
    set_at: datetime
    expires_on: date | None
    of_block: bool = False  # it stands at the shared parts of the block


def alerts_at(
    session: Session, place_key: str, today: date, block: str | None = None
) -> tuple[AlertView, ...]:
    """The alerts that hold at a place on a day, those about people first, and those of its block's shared
    parts; expired ones are none."""
    if not place_key:
        return ()
    places = [place_key]
    if block:
        shared = select(Property.place_key).where(
            Property.block == block, Property.tenure == Kind.COMMUNAL, Property.deleted.is_(False)
        )
        places += [key for key in session.scalars(shared) if key != place_key]
    statement = select(Alert).where(
        Alert.place_key.in_(places),
        Alert.deleted.is_(False),
        or_(Alert.expires_on.is_(None), Alert.expires_on >= today),
    )
    found = session.scalars(statement.order_by(Alert.kind.desc(), Alert.set_at, Alert.id))
    return tuple(
        AlertView(a.id, a.kind, a.words, a.set_by_name, a.set_at, a.expires_on, a.place_key != place_key)
        for a in found
    )


def add_alert(
    session: Session, place_key: str, kind: AlertKind, words: str, expires_on: date | None
) -> Changed:
    """Sets an alert at a place. One about a person needs a day to end, at most two years on.

    Raises HoldallError in a sentence.
    """
    said = " ".join(words.split())
    if not place_key:
        raise HoldallError("An alert needs a home.", "Choose the home first.")
    if not said:
        raise HoldallError("The alert says nothing yet.", "Write what to know before anybody goes there.")
    if len(said) > LONGEST_WORDS:
        raise HoldallError(
            f"The alert has {len(said)} characters; {LONGEST_WORDS} fit.", "Say the one thing to do."
        )
    now = now_of(session)
    today = local_date(now)
    if expires_on is not None and expires_on < today:
        raise HoldallError("The alert would end in the past.", "Give a day from today on.")
    if kind is AlertKind.PERSON:
        if expires_on is None:
            raise HoldallError(
                "An alert about a person needs a day to end.", "Give the day on which it is looked at again."
            )
        if (expires_on - today).days > LONGEST_MONTHS * 31:
            raise HoldallError(
                "An alert about a person may last two years at most.",
                "Give an earlier day; it can be renewed.",
            )
    record = Alert(
        place_key=place_key,
        kind=kind,
        words=said,
        set_by_name=author_of(session).name,
        set_at=now,
        expires_on=expires_on,
    )
    session.add(record)
    return Changed.of(record)


def end_alert(session: Session, alert_id: str) -> Changed:
    """Ends an alert; Undo and the trash bring it back. Raises NotFound."""
    record = session.get(Alert, alert_id)
    if record is None or record.deleted:
        raise NotFound("This alert is not there any more.", "Somebody ended it on another laptop.")
    mark_deleted(record)
    return Changed.of(record)
