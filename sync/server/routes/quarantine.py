"""The door for a laptop that was closed out, and what leads and administrators see of what it left."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sync import wire
from sync.server import quarantine
from sync.server.denied import Denied
from sync.server.routes.doors import asked_at_door
from sync.server.routing import Call, Route

READERS = ("lead", "admin")


class PartId(Struct):
    """Which part."""

    id: Annotated[str, Meta(min_length=8, max_length=36, description="The id of the part")]


def _take(call: Call) -> wire.QuarantineAnswer:
    asked = asked_at_door(call, wire.QuarantineRequest)
    try:
        return quarantine.take(call.deps.store, asked, call.deps.clock())
    except Denied:
        call.deps.tries.spend(call.who)
        raise


def _parts(call: Call) -> list[wire.QuarantineRow]:
    with call.deps.store.read(call.person.tenant) as connection:
        return quarantine.parts(connection, call.person.tenant)


def _items(call: Call) -> wire.QuarantineItems:
    with call.deps.store.write(call.person.tenant) as connection:
        return quarantine.items(connection, call.person, call.params.id, call.deps.clock())


ROUTES = (
    Route(
        "POST",
        "/v1/quarantine",
        _take,
        "Hand over unsent work",
        wire.QuarantineAnswer,
        wire.QuarantineRequest,
        signed_in=False,
        errors=(403, 429),
        feature="quarantine",
    ),
    Route(
        "GET",
        "/v1/admin/quarantine",
        _parts,
        "What lies in quarantine",
        list[wire.QuarantineRow],
        roles=READERS,
    ),
    Route(
        "GET",
        "/v1/admin/quarantine/{id}",
        _items,
        "What a part in quarantine holds",
        wire.QuarantineItems,
        params=PartId,
        roles=READERS,
        errors=(404,),
    ),
)
