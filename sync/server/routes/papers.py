"""What is asked of the server about a paper: whose key sealed it."""

from __future__ import annotations

from sync import wire
from sync.server import accounts, audit
from sync.server.routing import Call, Route


def _keys(call: Call) -> list[wire.DeviceKey]:
    """The keys; asked for when a paper is verified that a colleague's laptop sealed, which is noted."""
    actor, now = call.person, call.deps.clock()
    with call.deps.store.write(actor.tenant) as connection:
        audit.note(connection, actor.tenant, "keys_read", actor.user_id, actor.device_id, {}, now)
        return accounts.device_keys(connection, actor.tenant)


ROUTES = (
    Route(
        "GET",
        "/v1/devices/keys",
        _keys,
        "The keys of the council's laptops, to tell whose seal a paper bears",
        list[wire.DeviceKey],
        paced=True,
        feature="keys",
    ),
)
