"""What the server says to anybody, and the doors: joining with a code, renewing access."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sync import wire
from sync.server import accounts, audit, courier, walls
from sync.server.denied import Denied
from sync.server.routing import Call, Route

SMALL = 65_536  # bytes of a request from somebody who is not known yet


def _hello(call: Call) -> wire.Hello:
    return wire.Hello(
        "holdall",
        [wire.PROTOCOL, wire.PROTOCOL],
        [wire.SCHEMA, wire.SCHEMA],
        wire.MAX_OPS,
        wire.MAX_BODY_BYTES,
        wire.MAX_OP_BYTES,
        call.deps.features,
    )


def asked_at_door(call: Call, kind: type[Any]) -> Any:
    """What is asked at a door, unless this address has failed too often of late."""
    asked = call.read(kind)
    wait = call.deps.tries.wait(call.who)
    if wait:
        raise Denied(f"slow_down {wait}", "Too many tries; wait a little.", 429)
    return asked


def through_door(call: Call, work: Callable[[Any, Any, datetime], Any], kind: type[Any]) -> Any:
    """Runs a try at a door; failed ones are counted in the database and by address, and audited."""
    asked = asked_at_door(call, kind)
    denied: Denied | None = None
    answer = None
    with call.deps.store.write() as connection:
        now = call.deps.clock()
        try:
            answer = work(connection, asked, now)
        except Denied as error:
            denied = error  # what it counted is committed
            note_failure(call, connection, error, now)
    if denied is not None:
        call.deps.tries.spend(call.who)
        raise denied
    return answer


def note_failure(call: Call, connection: Any, error: Denied, now: datetime) -> None:
    """Audits a failed try where the council is known, a few an hour; the next line says how many were not."""
    if not error.tenant:
        return
    walls.enter(connection, error.tenant)
    missed = call.deps.quiet.let(f"{error.tenant} {error.act}")
    if missed is not None:
        detail = {"why": error.code, **({"missed": missed} if missed else {})}
        audit.note(connection, error.tenant, error.act, error.actor, error.device, detail, now)


def _redeem(connection: Any, asked: wire.EnrolRequest, now: datetime) -> wire.EnrolAnswer:
    answer = accounts.redeem(connection, asked, now)
    detail = {"roles": answer.standing.roles, "shared": answer.shared}
    audit.note(connection, answer.tenant, "enrolled", answer.standing.user, answer.device, detail, now)
    return answer


def _enrol(call: Call) -> wire.EnrolAnswer:
    answer: wire.EnrolAnswer = through_door(call, _redeem, wire.EnrolRequest)
    courier.prepare(call.deps.store, answer.tenant, call.deps.clock())
    return answer


def _token(call: Call) -> wire.Tokens:
    answer: wire.Tokens = through_door(call, accounts.renew, wire.TokenRequest)
    return answer


ROUTES = (
    Route("GET", "/v1/hello", _hello, "What this server speaks", wire.Hello, signed_in=False),
    Route(
        "POST",
        "/v1/enrol",
        _enrol,
        "Join with a code",
        wire.EnrolAnswer,
        wire.EnrolRequest,
        signed_in=False,
        limit=SMALL,
        errors=(403, 429),
        feature="enrol",
    ),
    Route(
        "POST",
        "/v1/token",
        _token,
        "Renew access",
        wire.Tokens,
        wire.TokenRequest,
        signed_in=False,
        limit=SMALL,
        errors=(401, 403, 429),
    ),
)
