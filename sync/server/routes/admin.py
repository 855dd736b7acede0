"""What administrators do: codes, laptops, and what the audit has to say."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from models.errors import HoldallError
from models.roles import checked_roles
from sync import wire
from sync.server import accounts, audit
from sync.server.denied import Denied
from sync.server.routing import Call, Route
from sync.server.store import stamp

ADMIN = ("admin",)


class AuditAfter(Struct):
    """Where to read on in the audit."""

    after: Annotated[int, Meta(ge=0, le=wire.INT_LIMIT, description="The last line already read")] = 0
    limit: Annotated[int, Meta(ge=1, le=audit.PAGE)] = audit.PAGE


def _code(call: Call) -> wire.CodeAnswer:
    actor, asked, now = call.person, call.read(wire.CodeRequest), call.deps.clock()
    try:
        checked_roles(asked.roles)
    except HoldallError as error:
        raise Denied("bad_role", str(error), 400) from None
    with call.deps.store.write(actor.tenant) as connection:
        accounts.put_account(connection, actor.tenant, asked.user, asked.name, asked.roles, asked.teams)
        code, expires = accounts.make_code(connection, actor.tenant, asked.user, now, asked.shared)
        detail = {
            "user": asked.user,
            "roles": sorted(asked.roles),
            "teams": asked.teams,
            "shared": asked.shared,
        }
        audit.note(connection, actor.tenant, "code_made", actor.user_id, actor.device_id, detail, now)
    return wire.CodeAnswer(code, stamp(expires))


def _devices(call: Call) -> list[wire.DeviceRow]:
    with call.deps.store.read(call.person.tenant) as connection:
        return accounts.devices(connection, call.person.tenant)


def _revoke(call: Call) -> list[wire.DeviceRow]:
    actor, asked = call.person, call.read(wire.RevokeRequest)
    with call.deps.store.write(actor.tenant) as connection:
        if accounts.revoke(connection, actor.tenant, asked.device):
            detail = {"device": asked.device}
            audit.note(
                connection,
                actor.tenant,
                "revoked",
                actor.user_id,
                actor.device_id,
                detail,
                call.deps.clock(),
            )
        return accounts.devices(connection, actor.tenant)


def _audit(call: Call) -> wire.AuditPage:
    with call.deps.store.read(call.person.tenant) as connection:
        return audit.page(connection, call.person.tenant, call.params.after, call.params.limit)


ROUTES = (
    Route(
        "POST",
        "/v1/admin/codes",
        _code,
        "Make an enrolment code",
        wire.CodeAnswer,
        wire.CodeRequest,
        roles=ADMIN,
    ),
    Route("GET", "/v1/admin/devices", _devices, "Every laptop", list[wire.DeviceRow], roles=ADMIN),
    Route(
        "POST",
        "/v1/admin/revoke",
        _revoke,
        "Close a laptop out",
        list[wire.DeviceRow],
        wire.RevokeRequest,
        roles=ADMIN,
    ),
    Route(
        "GET",
        "/v1/admin/audit",
        _audit,
        "Lines of the audit",
        wire.AuditPage,
        params=AuditAfter,
        roles=("auditor", "admin"),
    ),
)
