"""What a route is made of: its work, its messages, what it asks for, and the request as the work sees it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from sync import wire
from sync.server.accounts import Actor
from sync.server.denied import Denied
from sync.server.jwks import KeyStore
from sync.server.meters import Meters
from sync.server.observe import Trace
from sync.server.proofs import Proofs
from sync.server.push import Malformed
from sync.server.store import ServerStore
from sync.server.throttle import FILES, Pace, Quiet, Throttle
from sync.server.watch import Watchers

JSON = "application/json"


@dataclass
class Deps:
    """What every route works with."""

    store: ServerStore
    clock: Callable[[], datetime]
    tries: Throttle
    pace: Pace = field(default_factory=Pace)
    files: Throttle = field(default_factory=lambda: Throttle(FILES))
    meters: Meters = field(default_factory=Meters)
    metrics_token: str = ""  # of the collector; without one, /metrics is for programs on this machine
    least_free: float = 0.05  # of the disk, for /readyz
    quiet: Quiet = field(default_factory=Quiet)
    features: list[str] = field(default_factory=list)
    proofs: Proofs = field(default_factory=Proofs)
    keys: KeyStore = field(default_factory=KeyStore)
    last_request: float = 0.0
    pushed: threading.Event = field(default_factory=threading.Event)  # set by each push: wakes the worker
    watchers: Watchers = field(init=False)

    def __post_init__(self) -> None:
        self.watchers = Watchers(self.store)


@dataclass(frozen=True)
class Call:
    """One request, unpacked and signed in where the route asks for it."""

    deps: Deps
    body: bytes
    actor: Actor | None
    who: str  # the address it came from
    params: Any = None  # the route's `params`, filled from path and query
    headers: Mapping[str, str] = field(default_factory=dict)
    trace: Trace = field(default_factory=lambda: Trace(""))  # for its line in the log

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
class Reply:
    """An answer that is more than a message with the route's own status: bytes, headers, another status."""

    message: Any = None  # a wire message, or bytes that go out as they are
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = JSON


@dataclass(frozen=True)
class Route:
    """One address. `work` gives a wire message, bytes or a Reply; where it is a coroutine function it runs
    in the event loop and must not touch the database there."""

    method: str
    path: str  # with {names} that `params` has
    work: Callable[[Call], Any]
    summary: str
    answer: Any  # the type of a wire message; bytes for a raw body; None for an empty one
    body: Any = None  # the type of a wire message; bytes for a raw body; None for no body
    params: type[msgspec.Struct] | None = None  # path and query parameters, described by its annotations
    signed_in: bool = True
    paced: bool = False  # counts against the pace of laptop and council
    roles: tuple[str, ...] = ()  # one of them is needed; empty: anybody who is signed in
    status: int = 200
    also: Mapping[int, str] = field(default_factory=dict)  # further statuses of success, and what they say
    errors: tuple[int, ...] = ()  # statuses of a Problem beside those every route has
    sends: Mapping[str, str] = field(default_factory=dict)  # headers of the request that matter, described
    gives: Mapping[str, str] = field(default_factory=dict)  # headers of the answer that matter, described
    accepts: str = "application/octet-stream"  # of a raw body
    media: str = "application/octet-stream"  # of a raw answer
    limit: int = wire.MAX_BODY_BYTES  # bytes of a body, unpacked
    feature: str = ""  # its name in /v1/hello, where laptops ask for it
    example: Any = None  # a body, as JSON would have it
