"""Keys from a key: HKDF, so that one secret serves several purposes and none gives another away."""

from __future__ import annotations

import hmac


def expand(master: bytes, info: str) -> bytes:
    """A 32-byte key for one purpose: HKDF-SHA256 (RFC 5869) of the master key, no salt."""
    extracted = hmac.digest(bytes(32), master, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")
