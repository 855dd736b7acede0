"""Slots, holds and appointments for a council's own systems, which join as laptops do."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from sync.server.push import Malformed
from sync.server.routing import Call, Reply, Route
from sync.server.scheduling.contract import (
    Appointment,
    AppointmentPage,
    Desk,
    Hold,
    HoldRequest,
    MoveRequest,
    SlotList,
    check_writer,
)

PLANNERS = ("lead",)
KEY = "A name for this request, used once: the same again gets the same answer and no second place"


class SlotQuery(Struct, rename={"begins": "from"}):
    """Which slots."""

    trade: Annotated[str, Meta(max_length=60, description="Those of a trade, and those for any")] = ""
    begins: Annotated[date | None, Meta(description="The first day; today when not given")] = None
    days: Annotated[int, Meta(ge=1, le=120, description="How many days from there")] = 14


class AppointmentId(Struct):
    """Which appointment; the id of its hold."""

    id: Annotated[str, Meta(min_length=8, max_length=36, description="The id of the appointment")]


class Since(Struct):
    """How far one has read."""

    since: Annotated[str, Meta(max_length=4_000, description="The last cursor; empty for all")] = ""


def _desk(call: Call) -> Desk:
    check_writer(call.person)
    return Desk(call.deps.store, call.person, call.deps.clock())


def _wake(call: Call) -> None:
    call.deps.watchers.pushed(call.person.tenant)
    call.deps.pushed.set()


def _slots(call: Call) -> SlotList:
    asked: SlotQuery = call.params
    return _desk(call).slots(asked.trade, asked.begins, asked.days)


def _hold(call: Call) -> Reply:
    key = call.headers.get("idempotency-key", "")
    if not 8 <= len(key) <= 64:
        raise Malformed("key_needed", "The header Idempotency-Key names the request, in 8 to 64 characters.")
    made = _desk(call).hold(call.read(HoldRequest), key)
    if made.outcome == "gone":
        return Reply(made, 409)
    _wake(call)
    return Reply(made)


def _confirm(call: Call) -> Appointment:
    made = _desk(call).confirm(call.params.id)
    _wake(call)
    return made


def _move(call: Call) -> Appointment:
    asked: MoveRequest = call.read(MoveRequest)
    made = _desk(call).move(call.params.id, asked.slot_id)
    _wake(call)
    return made


def _cancel(call: Call) -> None:
    _desk(call).cancel(call.params.id)
    _wake(call)


def _since(call: Call) -> AppointmentPage:
    return _desk(call).since(call.params.since)


ROUTES = (
    Route("GET", "/v1/slots", _slots, "Slots with room, as last listed", SlotList, params=SlotQuery),
    Route(
        "POST",
        "/v1/holds",
        _hold,
        "Take a place of one of up to three slots",
        Hold,
        HoldRequest,
        status=201,
        also={409: "None of the choices has a place left: these have"},
        errors=(404, 422),
        sends={"Idempotency-Key": KEY},
        paced=True,
        example={"repair_id": "0197d000-0000-7000-8000-00000000000a", "choices": ["0197d000"]},
    ),
    Route(
        "POST",
        "/v1/holds/{id}/confirm",
        _confirm,
        "Make a held place a booking",
        Appointment,
        params=AppointmentId,
        roles=PLANNERS,
        errors=(404, 409),
        paced=True,
    ),
    Route(
        "PATCH",
        "/v1/appointments/{id}",
        _move,
        "Bring an appointment to another slot",
        Appointment,
        MoveRequest,
        params=AppointmentId,
        roles=PLANNERS,
        errors=(404, 409),
        paced=True,
        example={"slot_id": "0197d000-0000-7000-8000-00000000000b"},
    ),
    Route(
        "DELETE",
        "/v1/appointments/{id}",
        _cancel,
        "Withdraw an appointment",
        None,
        params=AppointmentId,
        status=204,
        errors=(404, 409),
        paced=True,
    ),
    Route(
        "GET",
        "/v1/appointments",
        _since,
        "Appointments that changed since a cursor",
        AppointmentPage,
        params=Since,
    ),
)
