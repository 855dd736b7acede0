"""What goes on around every request: its number, its line in the log, its counts, the headers for browsers.

A line in the log names the route, never the address with its ids in it; council and laptop by id; counts.
No value, no name of a person, no type of record ever stands in one, so nothing tells who wrote down how
they feel.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.server.meters import Meters

log = logging.getLogger("holdall.access")
KEY = "holdall.trace"
GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BROWSERS = {  # nothing here is a page; should a browser be led to it, it shows and runs nothing
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
GONE = 499  # what a log says of a laptop that went away before its answer
HSTS = "max-age=31536000"


@dataclass
class Trace:
    """What is known of a request while it is worked on."""

    request: str  # its number
    route: str = "none"  # the path as it is declared
    tenant: str = ""
    device: str = ""
    error: str = ""  # the word of the Problem
    counts: Mapping[str, int] = field(default_factory=dict)


class Observed:
    """The application with its observers around it."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self.app, self.meters = app, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, and writes down what became of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        trace = scope[KEY] = Trace(_number(scope))
        laptop = any(name == b"holdall-protocol" for name, _ in scope["headers"])  # which counts every byte
        told = {"status": 0, "in": 0, "out": 0}

        async def listen() -> Message:
            message = await receive()
            told["in"] += len(message.get("body", b""))
            return message

        async def speak(message: Message) -> None:
            if message["type"] == "http.response.start":
                told["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                if not laptop or told["status"] >= 400:
                    headers["X-Request-Id"] = trace.request
                if not laptop:
                    headers.update(BROWSERS)
                    if scope.get("scheme") == "https":
                        headers["Strict-Transport-Security"] = HSTS
            told["out"] += len(message.get("body", b""))
            await send(message)

        self.meters.open.inc()
        try:
            await self.app(scope, listen, speak)
        finally:
            self.meters.open.dec()
            method = scope["method"] if scope["method"] in METHODS else "other"
            told["status"] = told["status"] or GONE
            seconds = time.perf_counter() - started
            self.meters.requests.labels(method, trace.route, str(told["status"])).inc()
            self.meters.latency.labels(trace.route).observe(seconds)
            _write(trace, method, told, seconds)


def _number(scope: Scope) -> str:
    """The number that a proxy gave the request, when it is one; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given: str = value.decode("latin-1")
            if GIVEN.fullmatch(given):
                return given
    return secrets.token_hex(6)


def _write(trace: Trace, method: str, told: Mapping[str, int], seconds: float) -> None:
    level = logging.WARNING if told["status"] >= 500 else logging.INFO
    if not log.isEnabledFor(level):
        return
    line: dict[str, Any] = {"request": trace.request, "method": method, "route": trace.route, **told}
    line["ms"] = round(seconds * 1000, 1)
    for name in ("tenant", "device", "error"):
        if getattr(trace, name):
            line[name] = getattr(trace, name)
    if trace.counts:
        line["operations"] = dict(trace.counts)
    log.log(level, "request", extra={"line": line})


class Words(logging.Formatter):
    """A line of the log in words. A fault names its kind and place; its message may hold values, so not."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = getattr(record, "line", None)
        said = " ".join(f"{name}={value}" for name, value in line.items()) if line else record.getMessage()
        return "\n".join([f"{at} {record.levelname.lower()} {record.name} {said}", *_fault(record)])


class JsonLines(logging.Formatter):
    """A line of the log as one JSON document."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "log": record.name}
        line |= getattr(record, "line", None) or {"words": record.getMessage()}
        if fault := _fault(record):
            line["fault"] = fault
        return json.dumps(line, ensure_ascii=False)


def _fault(record: logging.LogRecord) -> list[str]:
    if not record.exc_info or record.exc_info[0] is None:
        return []
    kind, _, trace = record.exc_info
    frames = traceback.extract_tb(trace)
    return [kind.__name__, *(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)]


def log_to_stderr(form: str) -> None:
    """Sends the log to stderr: `json` with a line for every request, `words` with what went wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else Words())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("holdall").setLevel(logging.INFO if form == "json" else logging.WARNING)
