"""The HTTP face of the server: it unpacks and admits each request, runs its route, and answers in JSON.

Routes read and write msgspec types on raw bodies, as a typed pydantic route costs five times as much for
a push of thousands of operations. Logs carry ids and counts, never a value.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import DataError, DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from sync import wire
from sync.server import accounts
from sync.server.denied import Denied
from sync.server.describe import document, operation
from sync.server.observe import KEY, Observed, Trace
from sync.server.push import Malformed
from sync.server.routes import ROUTES
from sync.server.routing import JSON, Call, Deps, Reply, Route
from sync.server.store import ServerStore, epoch_of
from sync.server.throttle import TRIES, Pace, Throttle

log = logging.getLogger("holdall.server")
SMALL = 600  # bytes below which packing an answer costs more than it saves


@dataclass(frozen=True)
class Sent:
    """A request as it travelled: packed, if it was, and when it arrived."""

    request: Request
    body: bytes
    arrived: datetime


class _App(FastAPI):
    """FastAPI whose document is that of the routes."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if not self.openapi_schema:
            self.openapi_schema = document(super().openapi(), ROUTES)
        return self.openapi_schema


def create_app(
    store: ServerStore,
    clock: Callable[[], datetime] | None = None,
    tries: Throttle | None = None,
    pace: Pace | None = None,
) -> FastAPI:
    """The application over an open store."""
    deps = Deps(store, clock or (lambda: datetime.now(UTC)), tries or Throttle(TRIES), pace or Pace())
    deps.features = [route.feature for route in ROUTES if route.feature]
    deps.last_request = time.monotonic()
    app = _App(
        title="Holdall sync",
        version=str(wire.PROTOCOL),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.deps = deps
    for route in ROUTES:
        app.add_api_route(
            route.path,
            _endpoint(deps, route),
            methods=[route.method],
            summary=route.summary,
            status_code=route.status,
            response_class=Response,
            openapi_extra=operation(route),
        )

    async def no_such(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  it is registered for no other
        word = {404: "no_such_address", 405: "no_such_method"}.get(error.status_code, "refused")
        problem = wire.Problem(word, "There is nothing at this address, or not by this method.")
        return _response(deps, error.status_code, problem, {**_headers(), **(error.headers or {})})

    app.add_exception_handler(HTTPException, no_such)
    app.add_middleware(Observed, meters=deps.meters)
    return app


def _headers() -> dict[str, str]:
    """What every answer carries; the epoch is that of the council, once it is known."""
    return {
        "Holdall-Epoch": "-",
        "Cache-Control": "no-store",
    }


def _endpoint(deps: Deps, route: Route) -> Callable[[Request], Awaitable[Response]]:
    waits = inspect.iscoroutinefunction(route.work)

    async def endpoint(request: Request) -> Response:
        deps.last_request = time.monotonic()
        headers = _headers()
        arrived = deps.clock()
        trace: Trace = request.scope[KEY]
        trace.route = route.path
        try:
            if route.limit > wire.MAX_BODY_BYTES:  # only a laptop that is known may take so much memory
                await run_in_threadpool(_signed_in, deps, request, headers)
            sent = Sent(request, await _body(request, route.limit), arrived)
            if waits:
                call = await run_in_threadpool(_admit, deps, route, sent, headers)
                status, answer = _taken(route, await route.work(call), headers)
            else:
                status, answer = await run_in_threadpool(_run, deps, route, sent, headers)
        except Exception as error:
            status, answer = _problem(error, route, headers)
            trace.error = answer.error
        if isinstance(answer, bytes):
            return _response(deps, status, answer, headers)
        data = wire.encode(answer)
        if len(data) > SMALL and "gzip" in request.headers.get("accept-encoding", ""):
            data = await run_in_threadpool(wire.pack, data)
            headers["Content-Encoding"] = "gzip"
        return _response(deps, status, data, headers)

    return endpoint


def _response(deps: Deps, status: int, answer: Any, headers: dict[str, str]) -> Response:
    headers["Holdall-Server-Time"] = str(int(deps.clock().timestamp() * 1000))
    media = headers.pop("Content-Type", JSON)
    data = answer if isinstance(answer, bytes) else wire.encode(answer)
    return Response(data, status, headers, media_type=media)


def _run(deps: Deps, route: Route, sent: Sent, headers: dict[str, str]) -> tuple[int, Any]:
    return _taken(route, route.work(_admit(deps, route, sent, headers)), headers)


def _taken(route: Route, made: Any, headers: dict[str, str]) -> tuple[int, Any]:
    """The status and message or bytes of what a route's work gave."""
    reply = made if isinstance(made, Reply) else None
    answer = reply.message if reply is not None else made
    if reply is not None:
        headers.update(reply.headers)
    if answer is None:
        answer = b""
    if isinstance(answer, bytes):
        headers["Content-Type"] = reply.media if reply is not None and reply.media != JSON else route.media
    return (reply.status if reply is not None else None) or route.status, answer


def _admit(deps: Deps, route: Route, sent: Sent, headers: dict[str, str]) -> Call:
    """The request as the route's work sees it: signed in, with the role and the parameters it asks for."""
    request = sent.request
    _check_protocol(request)
    actor = None
    if route.signed_in:
        actor, bearer = _signed_in(deps, request, headers)
        _check_proof(deps, sent, actor.key, bearer)
        trace: Trace = request.scope[KEY]
        trace.tenant, trace.device = actor.tenant, actor.device_id
        wait = deps.pace.wait(actor.tenant, actor.device_id) if route.paced else 0
        if wait:
            raise Denied(f"slow_down {wait}", "Too many pushes; wait a little.", 429)
        if route.roles and not actor.roles.intersection(route.roles):
            raise Denied("forbidden", f"This needs the role {' or '.join(route.roles)}.", 403)
    params = None
    if route.params is not None:
        given = {**request.query_params, **request.path_params}
        try:
            params = msgspec.convert(given, type=route.params, strict=False)
        except msgspec.ValidationError as error:
            raise Malformed("malformed", str(error)[:300]) from None
    who = request.client.host if request.client is not None else ""
    return Call(deps, _unpacked(sent, route.limit), actor, who, params, request.headers, request.scope[KEY])


def _signed_in(deps: Deps, request: Request, headers: dict[str, str]) -> tuple[accounts.Actor, str]:
    """Whom the access token of a request stands for, and the token; raises Denied."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    with deps.store.read(bearer.partition(".")[0]) as connection:
        actor = accounts.authenticate(connection, bearer, deps.clock())
        headers["Holdall-Epoch"] = epoch_of(connection, actor.tenant)
    return actor, bearer


def _problem(error: Exception, route: Route, headers: dict[str, str]) -> tuple[int, wire.Problem]:
    """The status and Problem for a failure of any kind."""
    if isinstance(error, Malformed):
        return error.status, wire.Problem(error.error, error.message, error.expected)
    if isinstance(error, Denied):
        code, _, wait = error.code.partition(" ")
        if wait:
            headers["Retry-After"] = wait
        if error.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return error.status, wire.Problem(code, error.message)
    if isinstance(error, ClientDisconnect):  # nobody hears the answer: the line broke under the request
        return 400, wire.Problem("cut_short", "The request did not come whole.")
    if isinstance(error, DataError):  # a value that no column holds: a character NUL, most often
        return 400, wire.Problem("malformed", "A value in the request cannot be kept.")
    if isinstance(error, DBAPIError):
        log.warning("database: %s", type(error.orig).__name__)
        headers["Retry-After"] = "2"
        return 503, wire.Problem("busy", "The database is busy; try again.")
    log.error("fault in %s", route.path, exc_info=error)
    return 500, wire.Problem("fault", "The server met a fault of its own; nothing was changed.")


def _check_protocol(request: Request) -> None:
    spoken = request.headers.get("holdall-protocol")
    if spoken is not None and spoken != str(wire.PROTOCOL):
        raise Malformed("protocol", f"This server speaks protocol {wire.PROTOCOL}.", 426)


def _check_proof(deps: Deps, sent: Sent, key: str, bearer: str) -> None:
    """Raises Denied unless the laptop with this key signed this request. What counts is when it arrived:
    a large body may take minutes on a venue's Wi-Fi."""
    scope = sent.request.scope
    target = (scope.get("raw_path") or sent.request.url.path.encode()).decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    header = sent.request.headers.get("holdall-proof", "")
    target = f"{target}?{query}" if query else target
    deps.proofs.check(header, key, sent.request.method, target, sent.body, bearer, sent.arrived)


async def _body(request: Request, limit: int) -> bytes:
    """The request's body as it travelled, never more than the limit in memory."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise Malformed("too_large", "The request is too large.", 413)
        parts.append(part)
    return b"".join(parts)


def _unpacked(sent: Sent, limit: int) -> bytes:
    packing = sent.request.headers.get("content-encoding", "identity")
    if packing == "identity":
        return sent.body
    if packing != "gzip":
        raise Malformed("packing", "Bodies are plain or gzip.", 415)
    try:
        return wire.unpack(sent.body, limit)
    except OverflowError:
        raise Malformed("too_large", "The request is too large.", 413) from None
    except ValueError as error:
        raise Malformed("malformed", str(error)) from None
