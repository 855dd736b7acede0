"""Whether the server is alive and fit for work."""

from __future__ import annotations

from sqlalchemy import select

from sync.server.routing import Call, Route
from sync.server.tables import tenant


def _alive(_: Call) -> dict[str, str]:
    return {"status": "up"}


def _ready(call: Call) -> dict[str, str]:
    with call.deps.store.read() as connection:
        connection.execute(select(tenant.c.tenant).limit(1)).first()
    return {"status": "ready"}


ROUTES = (
    Route("GET", "/healthz", _alive, "Alive", dict[str, str], signed_in=False),
    Route("GET", "/readyz", _ready, "Database answers", dict[str, str], signed_in=False),
)
