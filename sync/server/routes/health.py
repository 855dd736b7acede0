"""Whether the server is alive and fit for work, and what it counts."""

from __future__ import annotations

import hmac
import shutil
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from sync import wire
from sync.server.denied import Denied
from sync.server.meters import MEDIA
from sync.server.routing import Call, Reply, Route
from sync.server.store import MIGRATIONS, ServerStore

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def _alive(_: Call) -> wire.Health:
    return wire.Health("up")


def _ready(call: Call) -> wire.Health | Reply:
    why = _not_ready(call.deps.store, call.deps.least_free)
    if not why:
        return wire.Health("ready")
    return Reply(wire.Problem("not_ready", why), 503, {"Retry-After": "10"})


def _not_ready(store: ServerStore, least_free: float) -> str:
    """What stands in the way of work, in words; empty when nothing does."""
    try:
        with store.read() as connection:
            at = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        return f"The database does not answer ({type(error.orig).__name__})."
    if at != newest_step():
        return f"The tables are at step {at}, this server wants {newest_step()}: start it anew to upgrade."
    path = None if store.postgres else store.engine.url.database
    if path:
        disk = shutil.disk_usage(Path(path).parent)
        if disk.free < disk.total * least_free:
            return f"The disk of the database is all but full: {disk.free // 1_048_576} MB are left."
    return ""


@lru_cache(maxsize=1)
def newest_step() -> str:
    """The step of the tables that this version of the program works with."""
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def _metrics(call: Call) -> Reply:
    if not _may_count(call):
        raise Denied("forbidden", "Metrics are for this machine, or for a collector with the token.", 403)
    return Reply(call.deps.meters.page(), media=MEDIA)


def _may_count(call: Call) -> bool:
    """Whether the caller is a program on this machine, not behind the proxy, or has the collector's token."""
    given = call.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if call.deps.metrics_token:
        return hmac.compare_digest(given.encode(), call.deps.metrics_token.encode())
    try:
        near = ip_address(call.who).is_loopback
    except ValueError:
        near = False
    return near and not any(name in call.headers for name in FORWARDED)


ROUTES = (
    Route("GET", "/healthz", _alive, "Alive", wire.Health, signed_in=False),
    Route("GET", "/readyz", _ready, "Fit for work: database, tables, disk", wire.Health, signed_in=False),
    Route(
        "GET",
        "/metrics",
        _metrics,
        "Counts, as Prometheus reads them: for this machine, or with the collector's token",
        bytes,
        signed_in=False,
        errors=(403,),
        media=MEDIA,
    ),
)
