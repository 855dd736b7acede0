"""The simulated line between a laptop and the server: the real client's requests, handed to the real
application one after the other, dropped, repeated, kept back, torn or answered by somebody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

PORTAL = b"<html>Welcome to the venue's Wi-Fi. Please sign in.</html>"

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


class Killed(BaseException):
    """The process was killed here; whatever was not committed is gone."""


class Torn(requests.ConnectionError):
    """The line was torn."""


@dataclass
class Held:
    """A request that the network still carries: its sender has given up waiting for the answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    laptop: str = ""


@dataclass
class Weather:
    """How bad the line is: the chance of each fault for one request."""

    drop_request: float = 0.0
    drop_answer: float = 0.0
    repeat: float = 0.0  # the server hears it twice
    delay: float = 0.0  # it arrives after the sender gave up, perhaps much later and out of order
    tear_answer: float = 0.0  # the answer ends after so many bytes
    portal: float = 0.0

    @classmethod
    def storm(cls, chance: random.Random) -> Weather:
        """Some mixture of faults."""
        level = chance.choice((0.0, 0.05, 0.15, 0.4))
        return cls(*(level * chance.random() for _ in range(6)))


@dataclass
class Line:
    """Carries requests to whatever server answers now. `server` is None while it is down."""

    chance: random.Random
    serve: Callable[[Held], Answer]
    note: Callable[[str], None]
    weather: Weather = field(default_factory=Weather)
    held: list[Held] = field(default_factory=list)
    requests: int = 0
    meanwhile: Callable[[str], None] = lambda laptop: None  # what somebody does before the answer is there

    def carry(self, request: Held) -> Answer:
        """One request and its answer; raises Torn as a real line would."""
        self.requests += 1
        weather, chance = self.weather, self.chance
        if chance.random() < weather.portal:
            self.note(f"portal {request.path}")
            return 200, [(b"content-type", b"text/html")], PORTAL
        if chance.random() < weather.drop_request:
            self.note(f"request lost {request.path}")
            raise Torn("the request was lost")
        if chance.random() < weather.delay:
            self.note(f"request kept back {request.path}")
            self.held.append(request)
            raise Torn("no answer in time")
        if chance.random() < weather.repeat:
            self.note(f"request twice {request.path}")
            self.serve(request)
        status, headers, body = self.serve(request)
        self.meanwhile(request.laptop)
        if chance.random() < weather.drop_answer:
            self.note(f"answer lost {request.path}")
            raise Torn("the answer was lost")
        if chance.random() < weather.tear_answer:
            cut = chance.randrange(len(body)) if body else 0
            self.note(f"answer torn {request.path} at {cut}")
            return status, headers, body[:cut]
        return status, headers, body

    def deliver_one(self) -> None:
        """A request that was kept back arrives at last, in any order; nobody hears its answer."""
        if self.held:
            late = self.held.pop(self.chance.randrange(len(self.held)))
            self.note(f"late {late.path}")
            with contextlib.suppress(Torn):
                self.serve(late)

    def clear(self) -> None:
        """Fine weather, and everything that was kept back arrives."""
        self.weather = Weather()
        while self.held:
            self.deliver_one()


class LineAdapter(BaseAdapter):
    """What requests sends through instead of a socket."""

    def __init__(self, line: Line, laptop: str) -> None:
        super().__init__()
        self.line = line
        self.laptop = laptop

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """One prepared request over the line."""
        parts = urlsplit(request.url or "")
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        body = request.body or b""
        held = Held(
            request.method or "GET",
            path,
            {name: str(value) for name, value in request.headers.items()},
            body.encode() if isinstance(body, str) else bytes(body),
            self.laptop,
        )
        status, headers, data = self.line.carry(held)
        response = requests.Response()
        response.status_code = status
        response.headers = requests.structures.CaseInsensitiveDict(
            {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        )
        response.raw = HTTPResponse(
            body=io.BytesIO(data), headers=response.headers, status=status, preload_content=False
        )
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is open."""


def call(loop: asyncio.AbstractEventLoop, app: Any, request: Held) -> Answer:
    """One request to an ASGI application; raises Torn when the process dies under it."""
    parts = urlsplit(request.path)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in request.headers.items()],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
    }
    sent: list[dict[str, Any]] = []
    parcels = [{"type": "http.request", "body": request.body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return parcels.pop(0) if parcels else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    try:
        loop.run_until_complete(app(scope, receive, send))
    except Killed:
        raise Torn("the server died") from None
    start = next(m for m in sent if m["type"] == "http.response.start")
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return int(start["status"]), list(start["headers"]), body
