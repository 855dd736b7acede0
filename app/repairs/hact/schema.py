"""HACT's schema files made into JSON Schema, so that a common checker can read them.

They are not JSON Schema as they come: the message stands under a key of its own beside `definitions`, a
reference is written `"type": "#/definitions/X"`, and `date-time` and `date` are used as if they were types.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.errors import BadFile

DRAFT = "http://json-schema.org/draft-07/schema#"
MOST_BYTES = 5_000_000
DEEPEST = 100
_FORMATS = {"date-time": "date-time", "date": "date", "time": "time"}
_MAPS = frozenset({"properties", "definitions", "patternProperties", "$defs"})  # names to schemas
_SCHEMAS = frozenset({"items", "additionalProperties", "additionalItems", "not", "contains", "if", "then"})
_LISTS = frozenset({"anyOf", "allOf", "oneOf"})


def read_schema(data: bytes, message: str) -> dict[str, Any]:
    """The JSON Schema of one message in the bytes of a HACT schema file. Raises BadFile in words."""
    if len(data) > MOST_BYTES:
        raise BadFile("The schema is larger than 5 MB.", "Choose the schema of one message.")
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadFile("The schema is not JSON.", "Choose the .json file as HACT gives it.") from error
    return json_schema(raw, message)


def json_schema(raw: Mapping[str, Any], message: str) -> dict[str, Any]:
    """A draft-07 schema of the bare message from a HACT schema file that was read.

    Raises BadFile when the file has no such message or is nested beyond reason.
    """
    body = raw.get(message) if isinstance(raw, Mapping) else None
    if not isinstance(body, Mapping):
        raise BadFile(f"The schema has no message “{message}”.", "Choose the schema of that message.")
    definitions = raw.get("definitions", {})
    named = definitions if isinstance(definitions, Mapping) else {}
    return {
        "$schema": DRAFT,
        "title": message,
        "definitions": {name: _schema(value, 0) for name, value in named.items()},
        **_schema(body, 0),
    }


def _schema(node: Any, depth: int) -> Any:
    """One schema rewritten, and every schema inside it; what is no schema (an enum, a default) stays."""
    if depth > DEEPEST:
        raise BadFile("The schema is nested deeper than 100 levels.", "Choose the file as HACT gives it.")
    if not isinstance(node, Mapping):
        return node
    made = {key: _part(key, value, depth + 1) for key, value in node.items() if key != "type"}
    kind = node.get("type")
    if isinstance(kind, str) and kind.startswith("#"):
        made["$ref"] = kind
    elif isinstance(kind, str) and kind in _FORMATS:
        made |= {"type": "string", "format": _FORMATS[kind]}
    elif kind is not None:
        made["type"] = kind
    return made


def _part(key: str, value: Any, depth: int) -> Any:
    if key in _MAPS and isinstance(value, Mapping):
        return {name: _schema(inner, depth) for name, inner in value.items()}
    if key == "items" and isinstance(value, list):
        return [_schema(inner, depth) for inner in value]
    if key in _SCHEMAS:
        return _schema(value, depth)
    if key in _LISTS and isinstance(value, list):
        return [_schema(inner, depth) for inner in value]
    return value
