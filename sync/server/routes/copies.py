"""What laptops ask when a log or a laptop was copied: the chain at numbers, and an id of their own."""

from __future__ import annotations

from sync import wire
from sync.server import accounts, audit
from sync.server.pull import chain_at
from sync.server.routing import Call, Route


def _chain(call: Call) -> wire.ChainAnswer:
    asked = call.read(wire.ChainRequest)
    with call.deps.store.read(call.person.tenant) as connection:
        return chain_at(connection, call.person, asked)


def _device(call: Call) -> wire.Tokens:
    actor, asked, now = call.person, call.read(wire.DeviceRequest), call.deps.clock()
    with call.deps.store.write(actor.tenant) as connection:
        tokens = accounts.go_apart(connection, actor, asked, now)
        detail = {"device": asked.device, "copied_from": actor.device_id}
        audit.note(connection, actor.tenant, "copied", actor.user_id, actor.device_id, detail, now)
    return tokens


ROUTES = (
    Route(
        "POST",
        "/v1/chain",
        _chain,
        "The chain of scopes at numbers, to find what two logs have in common",
        wire.ChainAnswer,
        wire.ChainRequest,
        feature="chain",
        example={"scopes": {"team:team-1": [120, 240]}},
    ),
    Route(
        "POST",
        "/v1/device",
        _device,
        "Go on under another id, as this laptop's disk was copied",
        wire.Tokens,
        wire.DeviceRequest,
        feature="device",
        example={
            "device": "0197d000-0000-7000-8000-00000000000b",
            "key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "old_proof": "",
            "proof": "",
        },
    ),
)
