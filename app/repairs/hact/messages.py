"""Messages to a contractor’s system: RaiseRepair and RequestAppointment of HACT v7, as plain data.

A code of the schedule of rates is an opaque string with its leading zeros; it goes out as the council's own
code, and as one of the national schedule only when it has that schedule's own shape. Nothing here says who
lives at an address. Field names and lists of codes: HACT v7 schemas; what the numbers stand for is a setting
(resources/repairs/hact/codes.json).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from app.errors import HoldallError
from app.repairs.orders import SLOW_TO_THE_DOOR, AlertView, Order
from models.repairs import AlertKind, State

Message = dict[str, Any]
NOT_YET = {
    State.NOT_ELIGIBLE: ("is not ours to mend", "There is nothing to send."),
    State.CONTACT_US: ("left triage without a date", "Ring the tenant first."),
    State.CANCELLED: ("was called off", "There is nothing to send."),
}
MOST_LINES = 7  # of an address
_NATIONAL = re.compile(r"[A-Z][A-Za-z& .]*-[A-Z]{2}[0-9]{6}")
_STREET = re.compile(r"(\d{1,4}[A-Za-z]?) ([^,\d][^,]*)(?:, ([^,]+))?")


@cache
def codes() -> Mapping[str, Any]:
    """The settings that turn the council's words into codes."""
    text = resources.files("resources").joinpath("repairs", "hact", "codes.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def raise_repair(order: Order, council: str) -> Message:
    """The RaiseRepair message of a repair with a date. Raises HoldallError for one without, or called off."""
    target = _target(order)
    settings = codes()
    message: Message = {
        "DescriptionOfWork": _description(order),
        "Priority": {
            "PriorityCode": settings["priority"].get(order.band, settings["other_priority"]),
            "RequiredCompletionDateTime": moment(target),
        },
        "WorkClass": {
            "WorkClassCode": settings["work_class"]["code"],
            "WorkClassDescription": settings["work_class"]["description"],
        },
        "WorkElement": _elements(order, council, settings),
        "LocationOfRepair": order.location,
        "AccessInformation": _access(order),
        "PersonAlert": _alerts(order.alerts, AlertKind.PERSON, settings["person_alert_codes"]),
        "LocationAlert": _alerts(order.alerts, AlertKind.LOCATION, settings["location_alert_codes"]),
        "DateReported": moment(order.reported_at),
        "SitePropertyUnit": [_site(order, council, settings["country"])],
    }
    return {key: value for key, value in message.items() if value}


def request_appointment(order: Order, council: str) -> Message:
    """The RequestAppointment message: the order, and the name its visit goes by. Raises HoldallError.

    A visit that the tenant asked for goes by its own id; one that nobody has chosen a day for by the
    repair's reference.
    """
    _target(order)
    visit = order.visit
    name = visit.id if visit is not None else f"{order.reference}-1"
    told = "No day was asked for yet"
    if visit is not None:
        wishes = "; ".join(f"{c.day.isoformat()}, {c.label.lower()}" for c in visit.choices)
        told = f"Booked: {wishes}" if visit.booked else f"Asked for, not booked: {wishes}"
    return {
        "WorkOrderReference": {
            "ID": order.reference,
            "Description": order.title,
            "AllocatedBy": council,
        },
        "AppointmentReference": {"ID": name, "Description": told, "AllocatedBy": council},
    }


MESSAGES: Mapping[str, Callable[[Order, str], Message]] = {
    "raise-repair": raise_repair,
    "request-appointment": request_appointment,
}


def moment(at: datetime) -> str:
    """A moment as a message writes it: 2027-01-05T23:59:59Z, UTC, whole seconds."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _target(order: Order) -> datetime:
    """By when it is due; raises HoldallError in words where nothing can be asked of a contractor."""
    if order.state in NOT_YET or order.target_at is None:
        why, advice = NOT_YET.get(order.state, ("has no date yet", "Answer its questions first."))
        raise HoldallError(f"Repair {order.reference} {why}.", advice)
    return order.target_at


def _description(order: Order) -> str:
    return f"{order.title}. {order.description}" if order.description else order.title


def _elements(order: Order, council: str, settings: Mapping[str, Any]) -> list[Message]:
    if not order.code:
        return []
    code_field = "M3NHFSORCode" if _NATIONAL.fullmatch(order.code) else "CustomCode"
    item = {code_field: order.code, "CustomName": order.code_name, "Quantity": {"Amount": [1]}}
    element: Message = {
        "Reference": {"ID": f"{order.reference}/1", "AllocatedBy": council},
        "RateScheduleItem": [{key: value for key, value in item.items() if value}],
    }
    if order.trade:
        known = settings["trade"].get(order.trade)
        named = {} if known else {"CustomCode": order.trade, "CustomName": order.trade}
        element["Trade"] = [{"Code": known or settings["other_trade"], **named}]
    return [element]


def _access(order: Order) -> Message:
    parts = [SLOW_TO_THE_DOOR] if order.at_risk and not order.communal else []
    if order.telephone:
        parts.append(f"Ring {order.telephone} first.")
    return {"Description": " ".join(parts)} if parts else {}


def _alerts(alerts: tuple[AlertView, ...], kind: AlertKind, known: list[str]) -> list[Message]:
    """The alerts of one kind that have a code of HACT's list; the others stay in the council's house."""
    return [
        {"Comments": alert.words, "Type": alert.code}
        for alert in alerts
        if alert.kind is kind and alert.code in known
    ]


def _site(order: Order, council: str, country: str) -> Message:
    lines = [part.strip() for part in order.address.split(",") if part.strip()]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], ", ".join(lines[MOST_LINES - 1 :])]
    address: Message = {"AddressLine": lines, "PostalCode": order.postcode, "Country": country}
    found = _STREET.fullmatch(order.address.strip())
    if found is not None:
        number, street, city = found.groups()
        address |= {"BuildingNumber": number, "StreetName": street.strip(), "CityName": city or ""}
    references = [
        {"ID": order.uprn, "Description": "UPRN", "AllocatedBy": "UPRN"} if order.uprn else {},
        {"ID": order.property_ref, "AllocatedBy": council} if order.property_ref else {},
    ]
    site: Message = {"Address": {key: value for key, value in address.items() if value}}
    if any(references):
        site["Reference"] = [each for each in references if each]
    return site
