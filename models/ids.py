"""Identifiers: UUIDv7 (RFC 9562) as lower-case hyphenated text, so that text order is order of making."""

from __future__ import annotations

import re

import uuid_utils

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_id() -> str:
    """A fresh identifier, 36 characters."""
    return str(uuid_utils.uuid7())


def is_id(text: str) -> bool:
    """Whether the text is a UUIDv7 in the form Holdall writes."""
    return _UUID7.fullmatch(text) is not None
