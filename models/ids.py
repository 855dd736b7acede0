"""Identifiers: UUIDv7 (RFC 9562) as lower-case hyphenated text, so that text order is order of making."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime, time
from functools import lru_cache

import uuid_utils

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_id() -> str:
    """A fresh identifier, 36 characters."""
    return str(uuid_utils.uuid7())


def is_id(text: str) -> bool:
    """Whether the text is a UUIDv7 in the form Holdall writes."""
    return _UUID7.fullmatch(text) is not None


def stable_id(day: date, *parts: str) -> str:
    """An id in the form of a UUIDv7 that two laptops make alike from the same facts.

    Two officers who import the same file with no network thus make the same records, not twins of them.
    Its time part is noon of `day`; the rest is SHA-256 of the parts.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest()
    number = int.from_bytes(digest[:10], "big") & ((1 << 74) - 1)
    whole = _noon(day) << 80 | 0x7 << 76
    whole |= (number >> 62) << 64 | 0x2 << 62 | number & ((1 << 62) - 1)
    text = f"{whole:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@lru_cache(maxsize=4096)
def _noon(day: date) -> int:
    """The milliseconds of noon of a day, in 48 bits."""
    return int(datetime.combine(day, time(12), UTC).timestamp() * 1000) & ((1 << 48) - 1)
