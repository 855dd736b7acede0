"""The HTTP face of the server: a few JSON routes, each with its message types, and the OpenAPI document.

Routes read and write msgspec types on raw bodies, as a typed pydantic route costs five times as much for
a push of thousands of operations. Logs carry ids and counts, never a value.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from sync import wire
from sync.server import accounts
from sync.server.accounts import Actor
from sync.server.denied import Denied
from sync.server.proofs import Proofs
from sync.server.pull import pull
from sync.server.push import Malformed, push
from sync.server.store import ServerStore, epoch_of, stamp
from sync.server.tables import tenant

log = logging.getLogger("holdall.server")
FEATURES = ["push", "pull", "enrol"]
SMALL = 600  # bytes below which packing an answer costs more than it saves


class Bucket:
    """Counts failed tries by address: `size` at once, one more every `seconds`."""

    def __init__(self, size: int, seconds: float) -> None:
        self.size, self.seconds = size, seconds
        self._spent: dict[str, tuple[float, float]] = {}

    def wait(self, who: str) -> int:
        """Seconds until another try is let through; 0 when one is now."""
        over = self._level(who) - (self.size - 1)
        return 0 if over <= 0 else int(over * self.seconds) + 1

    def spend(self, who: str) -> None:
        """Counts a failed try."""
        if len(self._spent) > 10_000:
            self._spent.clear()
        self._spent[who] = (self._level(who) + 1, time.monotonic())

    def _level(self, who: str) -> float:
        spent, at = self._spent.get(who, (0.0, 0.0))
        return max(0.0, spent - (time.monotonic() - at) / self.seconds)


@dataclass
class Deps:
    """What every route works with."""

    store: ServerStore
    clock: Callable[[], datetime]
    tries: Bucket
    last_request: float = 0.0
    proofs: Proofs = field(default_factory=Proofs)


@dataclass(frozen=True)
class Call:
    """One request, unpacked and signed in where the route asks for it."""

    deps: Deps
    body: bytes
    actor: Actor | None
    who: str  # the address it came from

    @property
    def person(self) -> Actor:
        """The person; only routes that ask for a signature use it."""
        if self.actor is None:
            raise Denied("token_expired", "Sign in first.")
        return self.actor

    def read(self, kind: Any) -> Any:
        """The body as a message; raises Malformed."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Malformed("malformed", str(error)[:300]) from None


@dataclass(frozen=True)
class Route:
    """One address: its work, its messages, and whether it wants a signed-in laptop."""

    method: str
    path: str
    work: Callable[[Call], Any]
    summary: str
    answer: type[Any]
    body: type[Any] | None = None
    signed_in: bool = True


def _hello(call: Call) -> wire.Hello:
    return wire.Hello(
        "holdall",
        [wire.PROTOCOL, wire.PROTOCOL],
        [wire.SCHEMA, wire.SCHEMA],
        wire.MAX_OPS,
        wire.MAX_BODY_BYTES,
        wire.MAX_OP_BYTES,
        FEATURES,
    )


def _push(call: Call) -> wire.PushAnswer:
    answer = push(call.deps.store, call.person, call.body, call.deps.clock())
    counts: dict[str, int] = {}
    for result in answer.results:
        counts[result.status] = counts.get(result.status, 0) + 1
    log.info("push tenant=%s device=%s %s", call.person.tenant, call.person.device_id, counts)
    return answer


def _pull(call: Call) -> wire.PullAnswer:
    with call.deps.store.read(call.person.tenant) as connection:
        return pull(connection, call.person, call.read(wire.PullRequest))


def _door(call: Call, work: Callable[[Any, Any, datetime], Any], kind: type[Any]) -> Any:
    """Runs a try at a door; failed ones are counted in the database and by address."""
    asked = call.read(kind)
    wait = call.deps.tries.wait(call.who)
    if wait:
        raise Denied(f"slow_down {wait}", "Too many tries; wait a little.", 429)
    denied: Denied | None = None
    answer = None
    with call.deps.store.write() as connection:
        try:
            answer = work(connection, asked, call.deps.clock())
        except Denied as error:
            denied = error  # what it counted is committed
    if denied is not None:
        call.deps.tries.spend(call.who)
        raise denied
    return answer


def _enrol(call: Call) -> wire.EnrolAnswer:
    answer: wire.EnrolAnswer = _door(call, accounts.redeem, wire.EnrolRequest)
    return answer


def _token(call: Call) -> wire.Tokens:
    answer: wire.Tokens = _door(call, accounts.renew, wire.TokenRequest)
    return answer


def _admin(call: Call) -> Actor:
    if "admin" not in call.person.roles:
        raise Denied("forbidden", "This needs the role admin.", 403)
    return call.person


def _code(call: Call) -> wire.CodeAnswer:
    actor, asked = _admin(call), call.read(wire.CodeRequest)
    with call.deps.store.write(actor.tenant) as connection:
        accounts.put_account(connection, actor.tenant, asked.user, asked.name, asked.roles, asked.teams)
        code, expires = accounts.make_code(
            connection, actor.tenant, asked.user, call.deps.clock(), asked.shared
        )
    return wire.CodeAnswer(code, stamp(expires))


def _devices(call: Call) -> list[wire.DeviceRow]:
    actor = _admin(call)
    with call.deps.store.read(actor.tenant) as connection:
        return accounts.devices(connection, actor.tenant)


def _revoke(call: Call) -> list[wire.DeviceRow]:
    actor, asked = _admin(call), call.read(wire.RevokeRequest)
    with call.deps.store.write(actor.tenant) as connection:
        accounts.revoke(connection, actor.tenant, asked.device)
        return accounts.devices(connection, actor.tenant)


def _ready(call: Call) -> dict[str, str]:
    with call.deps.store.read() as connection:
        connection.execute(select(tenant.c.tenant).limit(1)).first()
    return {"status": "ready"}


ROUTES = (
    Route("GET", "/v1/hello", _hello, "What this server speaks", wire.Hello, signed_in=False),
    Route(
        "POST", "/v1/enrol", _enrol, "Join with a code", wire.EnrolAnswer, wire.EnrolRequest, signed_in=False
    ),
    Route("POST", "/v1/token", _token, "Renew access", wire.Tokens, wire.TokenRequest, signed_in=False),
    Route("POST", "/v1/push", _push, "Hand over operations", wire.PushAnswer, wire.PushRequest),
    Route("POST", "/v1/pull", _pull, "Read on in scopes", wire.PullAnswer, wire.PullRequest),
    Route("POST", "/v1/admin/codes", _code, "Make an enrolment code", wire.CodeAnswer, wire.CodeRequest),
    Route("GET", "/v1/admin/devices", _devices, "Every laptop", list[wire.DeviceRow]),
    Route(
        "POST", "/v1/admin/revoke", _revoke, "Close a laptop out", list[wire.DeviceRow], wire.RevokeRequest
    ),
    Route("GET", "/healthz", lambda call: {"status": "up"}, "Alive", dict[str, str], signed_in=False),
    Route("GET", "/readyz", _ready, "Database answers", dict[str, str], signed_in=False),
)


class _App(FastAPI):
    """FastAPI whose document also knows the message types of the raw routes."""

    components: dict[str, Any]

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = super().openapi()
        document.setdefault("components", {}).setdefault("schemas", {}).update(self.components)
        return document


def create_app(
    store: ServerStore,
    clock: Callable[[], datetime] | None = None,
    tries: Bucket | None = None,
) -> FastAPI:
    """The application over an open store."""
    deps = Deps(store, clock or (lambda: datetime.now(UTC)), tries or Bucket(5, 12.0), time.monotonic())
    schemas, components = _schemas()
    app = _App(title="Holdall sync", version=str(wire.PROTOCOL), docs_url="/docs", redoc_url=None)
    app.state.deps = deps
    app.components = components
    for route in ROUTES:
        app.add_api_route(
            route.path,
            _endpoint(deps, route),
            methods=[route.method],
            summary=route.summary,
            response_class=Response,
            openapi_extra=_described(route, schemas),
        )
    return app


def _endpoint(deps: Deps, route: Route) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        deps.last_request = time.monotonic()
        arrived = deps.clock()
        headers = {
            "Holdall-Epoch": "-",
            "Holdall-Min-Protocol": str(wire.PROTOCOL),
            "Cache-Control": "no-store",
        }
        try:
            sent = await _body(request)
            status, answer = await run_in_threadpool(_handle, deps, route, request, sent, arrived, headers)
        except Malformed as error:
            status, answer = error.status, wire.Problem(error.error, error.message, error.expected)
        headers["Holdall-Server-Time"] = str(int(deps.clock().timestamp() * 1000))
        data = wire.encode(answer)
        if len(data) > SMALL and "gzip" in request.headers.get("accept-encoding", ""):
            data = await run_in_threadpool(wire.pack, data)
            headers["Content-Encoding"] = "gzip"
        return Response(data, status, headers, media_type="application/json")

    return endpoint


def _handle(
    deps: Deps, route: Route, request: Request, sent: bytes, arrived: datetime, headers: dict[str, str]
) -> tuple[int, Any]:
    """The status and message for one request; every failure is a Problem."""
    try:
        _check_protocol(request)
        actor = None
        if route.signed_in:
            bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
            with deps.store.read(bearer.partition(".")[0]) as connection:
                actor = accounts.authenticate(connection, bearer, deps.clock())
                headers["Holdall-Epoch"] = epoch_of(connection, actor.tenant)
            _check_proof(deps, request, actor.key, sent, bearer, arrived)
        body = _unpacked(request, sent)
        who = request.client.host if request.client is not None else ""
        return 200, route.work(Call(deps, body, actor, who))
    except Malformed as error:
        return error.status, wire.Problem(error.error, error.message, error.expected)
    except Denied as error:
        code, _, wait = error.code.partition(" ")
        if wait:
            headers["Retry-After"] = wait
        return error.status, wire.Problem(code, error.message)
    except DBAPIError as error:
        log.warning("database: %s", type(error.orig).__name__)
        headers["Retry-After"] = "2"
        return 503, wire.Problem("busy", "The database is busy; try again.")
    except Exception:
        log.exception("fault in %s", route.path)
        return 500, wire.Problem("fault", "The server met a fault of its own; nothing was changed.")


def _check_protocol(request: Request) -> None:
    spoken = request.headers.get("holdall-protocol")
    if spoken is not None and spoken != str(wire.PROTOCOL):
        raise Malformed("protocol", f"This server speaks protocol {wire.PROTOCOL}.", 426)


def _check_proof(deps: Deps, request: Request, key: str, sent: bytes, bearer: str, arrived: datetime) -> None:
    """Raises Denied unless the laptop with this key signed this request. What counts is when it arrived:
    a large body may take minutes on a venue's Wi-Fi."""
    target = (request.scope.get("raw_path") or request.url.path.encode()).decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    header = request.headers.get("holdall-proof", "")
    target = f"{target}?{query}" if query else target
    deps.proofs.check(header, key, request.method, target, sent, bearer, arrived)


async def _body(request: Request) -> bytes:
    """The request's body as it travelled, never more than the limit in memory."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > wire.MAX_BODY_BYTES:
            raise Malformed("too_large", "The request is too large.", 413)
        parts.append(part)
    return b"".join(parts)


def _unpacked(request: Request, sent: bytes) -> bytes:
    packing = request.headers.get("content-encoding", "identity")
    if packing == "identity":
        return sent
    if packing != "gzip":
        raise Malformed("packing", "Bodies are plain or gzip.", 415)
    try:
        return wire.unpack(sent)
    except OverflowError:
        raise Malformed("too_large", "The request is too large.", 413) from None
    except ValueError as error:
        raise Malformed("malformed", str(error)) from None


def _schemas() -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    kinds = [kind for route in ROUTES for kind in (route.body, route.answer) if kind is not None]
    kinds.append(wire.Problem)
    found, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    return dict(zip(map(str, kinds), found, strict=True)), components


def _described(route: Route, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    def content(kind: Any) -> dict[str, Any]:
        return {"application/json": {"schema": schemas[str(kind)]}}

    described: dict[str, Any] = {
        "responses": {
            "200": {"description": route.summary, "content": content(route.answer)},
            "default": {"description": "No answer, and why", "content": content(wire.Problem)},
        }
    }
    if route.body is not None:
        described["requestBody"] = {"required": True, "content": content(route.body)}
    if route.signed_in:
        described["security"] = [{"bearer": []}]
    return described
