"""The OpenAPI document: what each route takes, gives and refuses, made from the routes themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_type_hints

import msgspec

from sync import wire
from sync.server.routing import JSON, Route

STATUSES = {
    400: "The request is malformed",
    401: "The access token is missing, unknown or has run out",
    403: "This laptop or person may not do that",
    404: "There is no such thing here",
    409: "The request does not fit what the server has",
    410: "What was asked for was compacted away",
    413: "The request is too large",
    415: "The packing or type of the body is not one the server reads",
    416: "There is no such range of bytes",
    422: "The contents do not match what was said of them",
    426: "The server speaks another protocol",
    429: "Too many requests; Retry-After says when to try again",
    500: "A fault of the server; nothing was changed",
    503: "The server cannot work now; Retry-After says when to try again",
}
ALWAYS = (400, 413, 415, 426, 500, 503)
SIGNED_IN = (401, 403, 429)
COMMON = {
    "Holdall-Epoch": "The epoch of the council's log, or - where no council is known",
    "Holdall-Server-Time": "The server's clock, milliseconds since 1970 UTC",
}
PROTOCOL = {
    "name": "Holdall-Protocol",
    "in": "header",
    "description": "The protocol that the laptop speaks; another than the server's is answered 426",
    "schema": {"type": "string", "enum": [str(wire.PROTOCOL)]},
}


PROOF = {
    "name": "Holdall-Proof",
    "in": "header",
    "description": "Milliseconds, a number used once, and the laptop's signature of this request",
    "schema": {"type": "string"},
}


def operation(route: Route) -> dict[str, Any]:
    """What FastAPI cannot know of a route: its messages, statuses, parameters and security."""
    described: dict[str, Any] = {"responses": _responses(route), "parameters": _parameters(route)}
    if route.body is not None:
        content = _content(route.body, route.accepts)
        if route.example is not None:
            content[JSON]["example"] = route.example
        described["requestBody"] = {"required": True, "content": content}
    if route.signed_in:
        described["security"] = [{"bearer": []}]
    return described


def document(made: dict[str, Any], routes: Iterable[Route]) -> dict[str, Any]:
    """FastAPI's document with the message types and the way of signing in."""
    kinds = {str(kind): kind for kind in _kinds(routes)}
    _, components = msgspec.json.schema_components(
        list(kinds.values()), ref_template="#/components/schemas/{name}"
    )
    parts = made.setdefault("components", {})
    parts.setdefault("schemas", {}).update(components)
    parts["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The access token from /v1/enrol or /v1/token; it lasts 15 minutes",
        }
    }
    return made


def _kinds(routes: Iterable[Route]) -> Iterable[Any]:
    yield wire.Problem
    for route in routes:
        yield from (kind for kind in (route.body, route.answer) if kind not in (None, bytes))


def _content(kind: Any, media: str) -> dict[str, Any]:
    if kind is bytes:
        return {media: {"schema": {"type": "string", "format": "binary"}}}
    (schema,), _ = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    return {JSON: {"schema": schema}}


def _responses(route: Route) -> dict[str, Any]:
    told = {**COMMON, **route.gives}
    made = {str(route.status): _response(route.summary, route.answer, route.media, told)}
    for status, words in route.also.items():
        made[str(status)] = _response(words, route.answer, route.media, told)
    errors = {*ALWAYS, *(SIGNED_IN if route.signed_in else ()), *route.errors}
    for status in sorted(errors - {route.status, *route.also}):
        headers = dict(COMMON)
        if status in (429, 503):
            headers["Retry-After"] = "Seconds to wait"
        made[str(status)] = _response(STATUSES[status], wire.Problem, route.media, headers)
    return made


def _response(words: str, kind: Any, media: str, headers: Mapping[str, str]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": words,
        "headers": {
            name: {
                "description": text,
                "required": name in COMMON or name == "Retry-After",
                "schema": {"type": "string"},
            }
            for name, text in headers.items()
        },
    }
    if kind is not None:
        described["content"] = _content(kind, media)
    return described


def _parameters(route: Route) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [PROTOCOL, *([PROOF] if route.signed_in else [])]
    made += [
        {"name": name, "in": "header", "description": words, "schema": {"type": "string"}}
        for name, words in route.sends.items()
    ]
    if route.params is None:
        return made
    hints = get_type_hints(route.params, include_extras=True)
    for field in msgspec.structs.fields(route.params):
        in_path = f"{{{field.encode_name}}}" in route.path
        schema = msgspec.json.schema(hints[field.name])
        words = schema.pop("description", "")
        if field.default is not msgspec.NODEFAULT:
            schema["default"] = field.default
        made.append(
            {
                "name": field.encode_name,
                "in": "path" if in_path else "query",
                "required": in_path or field.required,
                "description": words,
                "schema": schema,
            }
        )
    return made
